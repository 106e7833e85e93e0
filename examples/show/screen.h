/*
 * screen.h - a part of a terminal that is drawn again and again in its place
 *
 * A grid of cells, filled anew for each picture and written as a whole. What
 * does not fit is not there, so that no line is longer than the terminal.
 */
#ifndef EXAMPLES_SHOW_SCREEN_H
#define EXAMPLES_SHOW_SCREEN_H

#include <fermata.h>
#include <stdbool.h>
#include <termios.h>

#define SCREEN_WIDTH_LEAST 40
#define SCREEN_WIDTH_MOST 100
#define SCREEN_ROWS_MOST 16

enum screen_style {
    SCREEN_PLAIN,
    SCREEN_FAINT,
    SCREEN_STRONG,
    SCREEN_RED,
    SCREEN_GREEN,
    SCREEN_YELLOW,
    SCREEN_CYAN
};

struct screen_cell {
    char glyph[4]; /* UTF-8, not ended where it is 4 bytes long */
    enum screen_style style;
};

struct screen {
    int width;  /* of the picture */
    int rows;   /* the same */
    int height; /* of the terminal */
    bool open;
    bool colours;
    bool utf8;
    fm_stream *out;
    /* private */
    int row, column; /* of the pen */
    int columns;     /* of the terminal under the picture that is there */
    bool drawn;      /* there is one, */
    bool torn;       /* of another width */
    struct termios before;
    struct screen_cell cells[SCREEN_ROWS_MOST][SCREEN_WIDTH_MOST];
};

/* Takes the terminal: what is typed is not shown, and the cursor hidden.
 * Returns false where there is none that can do this, or no room for so many
 * rows. */
bool screen_open(struct screen *screen, int rows);

/* Gives the terminal back as it was, below the picture, which stays. Nothing
 * where it is not open. A cut does not stop it. */
void screen_close(struct screen *screen);

/* Begins a picture, all blank. */
void screen_begin(struct screen *screen);

/* Writes the picture over the one before; nothing where the terminal has become
 * too small for it. Returns 0 or a negative code. */
int screen_draw(struct screen *screen);

/* Moves the pen; a column below 0 is counted from the right edge. */
void screen_at(struct screen *screen, int row, int column);

/* Writes where the pen is, and moves it. */
void screen_say(struct screen *screen, enum screen_style style,
                const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, ending at a column that is counted from the right edge. */
void screen_say_right(struct screen *screen, int from_right,
                      enum screen_style style, const char *text);

/* A bar of so many columns, of which a share is full. */
void screen_bar(struct screen *screen, int columns, enum screen_style style,
                double share);

/* A column as high as a share of its row. */
void screen_height(struct screen *screen, enum screen_style style,
                   double share);

/* How many columns a text takes. */
int screen_columns(const char *text);

#endif
