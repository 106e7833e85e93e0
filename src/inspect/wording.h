/*
 * wording.h - what people read of a picture is made of: words, and lines
 */
#ifndef FM_INSPECT_WORDING_H
#define FM_INSPECT_WORDING_H

#include "base/compiler.h"

#include <fermata/inspect.h>

enum {
    FM__WORDS_NUMBER = 32, /* bytes of a number in words */
    FM__WORDS_SIZE = 320   /* and of all that is said of a task's wait */
};

/* A text that grows; what does not fit is left out. */
struct fm__words {
    char *text;
    size_t size;
    size_t used;
};

void fm__words_add(struct fm__words *words, const char *format, ...)
    FM__FORMAT(2, 3);

/* "99,998"; "1.8 s", "5 min 3 s"; "12K". Return text. */
const char *fm__words_count(uint64_t count, char text[FM__WORDS_NUMBER]);
const char *fm__words_span(double seconds, char text[FM__WORDS_NUMBER]);
const char *fm__words_bytes(size_t size, char text[FM__WORDS_NUMBER]);

/* "waiting", or for machines and people alike what kind of wait it is. */
const char *fm__words_state(fm_task_state state);
const char *fm__words_kind(fm_wait_kind kind);

/* "[circle 1] [cancelled] ", or nothing. */
void fm__words_marks(struct fm__words *words, const fm_picture_task *task);

/* How a line looks. */
enum fm__style {
    FM__STYLE_PLAIN,
    FM__STYLE_STRONG,
    FM__STYLE_FAINT,
    FM__STYLE_ALARM
};

/* A line that ends where the terminal does. */
struct fm__line {
    FILE *out;
    bool colours;
    bool utf8;
    size_t width;  /* columns; SIZE_MAX: any */
    size_t left;   /* of these */
    size_t blanks; /* that the next text has before it */
    size_t size;   /* of text */
    char text[512];
};

void fm__line_init(struct fm__line *line, FILE *out,
                   const fm_picture_options *options);
/* What is no text becomes '?'. */
void fm__line_put(struct fm__line *line, enum fm__style style,
                  const char *text);
/* In so many columns: cut, or with blanks behind it. */
void fm__line_cell(struct fm__line *line, enum fm__style style,
                   const char *text, size_t columns);
/* Blanks, where something comes behind them. */
void fm__line_pad(struct fm__line *line, size_t columns);
void fm__line_end(struct fm__line *line);

/* Columns that a text takes, and the character that it begins with, which is
 * one where the locale that the program has set does not know it. */
size_t fm__line_columns(const char *text);
size_t fm__line_width(const char *text);
/* Bytes of the character that a text begins with, in UTF-8; 0: of none, or of
 * one that controls a terminal. */
size_t fm__line_glyph(const char *text);
/* The same, of what stands for one in a line: never 0. */
size_t fm__line_step(const char *text);
/* Bytes of a text that was cut, without half a character at its end. */
size_t fm__line_whole(const char *text, size_t size);

/* Above a picture: whose it is, and its loops. */
void fm__words_head(const fm_picture *picture, struct fm__line *line);
/* A line that is no part of the table. */
void fm__words_note(struct fm__line *line, const char *text);
/* Below it: the circles, and what may be wrong about it. */
void fm__words_tail(const fm_picture *picture, struct fm__line *line);

/* The tasks of a circle, each waiting for the next and the last for the first:
 * how many of them are in path, of FM__CIRCLE_PATH at most. It is looked for
 * from a place on, as of one in the circle before. */
enum {
    FM__CIRCLE_PATH = 16
};
size_t fm__words_circle(const fm_picture *picture, unsigned circle, size_t from,
                        size_t path[FM__CIRCLE_PATH]);

/* Whether no loop has run while it was taken. */
bool fm__words_whole(const fm_picture *picture);

/* What the writers return. */
int fm__words_done(FILE *out);

#endif
