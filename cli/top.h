/*
 * top.h - fermata top: the tasks of a program that runs, again and again
 *
 * A source gives pictures; of two of them come rates; tasks become rows, which
 * are filtered, folded and sorted; rows become lines of text. Only top_screen.c
 * knows a terminal, and only top_source.c and top_proc.c a program.
 */
#ifndef CLI_TOP_H
#define CLI_TOP_H

#include <fermata.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TOP_LOOPS 64   /* of which more is known than the picture says */
#define TOP_FILTER 128 /* bytes, at most */
#define TOP_WORDS 256  /* bytes of what a task waits for, at most */

/* What was seen at one moment. */
struct top_look {
    const fm_picture *picture;
    double moment;              /* s, by a clock that only goes forward */
    double cost;                /* s that it took to see it */
    int64_t memory;             /* bytes; this and the next three: negative */
    int64_t descriptors;        /* where it is not known */
    int64_t cpu;                /* ns that all threads ran */
    int64_t threads[TOP_LOOPS]; /* ns that the thread of each loop ran */
};

/* Where pictures come from. */
struct top_source {
    /* As fm_inspect_look; -ENODATA: the tasks that were there have ended. What
     * it gave stays until the look after the next one that succeeds. */
    int (*look)(struct top_source *self, struct top_look *look);
    /* As fm_picture_wait_text. */
    const char *(*wait)(const fm_picture *picture, const fm_picture_task *task,
                        char *text, size_t size);
    /* Writes the frames of a task, innermost first, a line each. Returns 0, or
     * what says why not; may be NULL. */
    int (*stack)(struct top_source *self, const fm_picture_task *task,
                 FILE *out);
};

/* A second, each; negative: not known. */
struct top_loop_rates {
    double started;
    double turns;
    double polls;
    double cpu; /* per cent of one processor, here and below */
};

struct top_rates {
    double *turns; /* by place in the picture */
    double *cpu;
    double program; /* per cent */
    bool measured;  /* there is a task whose cpu is known */
    struct top_loop_rates loops[TOP_LOOPS];
};

enum top_mode {
    TOP_TASKS,
    TOP_GROUPS,
    TOP_TREE,
    TOP_MODES
};

enum top_column {
    TOP_START, /* the handle: the order in which tasks were started */
    TOP_NAME,
    TOP_MANY, /* how many a group has */
    TOP_STATE,
    TOP_WAIT,
    TOP_SPAN, /* that the wait has lasted */
    TOP_TURNS,
    TOP_CPU,
    TOP_STACK,
    TOP_SITE,
    TOP_COLUMNS
};

/* What tasks are shown: numbers from FM_TASK_RUNNING to FM_TASK_ENDED, and
 * these. */
enum {
    TOP_ALL = 0,
    TOP_STUCK = FM_TASK_ENDED + 1,
    TOP_CANCELLED = FM_TASK_ENDED + 2,
    TOP_STATES = FM_TASK_ENDED + 3
};

/* A task, or all that were started at one place. */
struct top_row {
    size_t task; /* its place; of a group: of who waits for the longest time */
    size_t count;
    size_t common; /* bytes of the name that all of a group begin with; more
                    * than it has: all have the same */
    int state;     /* as above; TOP_STUCK also, TOP_ALL: they differ */
    double span;   /* s; the longest; negative: none waits */
    double turns;  /* of all together, a second; negative: not known */
    double cpu;
    size_t stack;    /* the most */
    unsigned depth;  /* in the tree */
    uint64_t beside; /* bit n: at depth n others follow */
    bool faint;      /* stands here only for those below it */
    double number;   /* what it is sorted by: this, or text */
    const char *text;
};

struct top_rows {
    struct top_row *rows;
    size_t count;
    size_t *chain; /* room for a number per task and one more, twice */
};

enum top_page {
    TOP_LIST,
    TOP_DETAIL,
    TOP_HELP
};

struct top_order {
    enum top_column column;
    bool down;
};

/* What the user has asked for. */
struct top_view {
    enum top_page page;
    enum top_mode mode;
    struct top_order orders[TOP_MODES];
    int state;               /* see TOP_ALL */
    char filter[TOP_FILTER]; /* "": none */
    char before[TOP_FILTER]; /* what it was when the typing began */
    char site[TOP_WORDS];    /* "": of every place */
    bool typing;             /* the filter */
    bool paused;
    double interval;  /* s */
    size_t cursor;    /* the row that is marked */
    size_t first;     /* that is shown */
    uint64_t marked;  /* what the cursor stays at: see top_row_id; 0: nothing */
    uint64_t subject; /* the task of TOP_DETAIL */
    char name[TOP_WORDS]; /* that it has */
    size_t scroll;        /* lines of TOP_DETAIL and TOP_HELP */
    size_t page_rows;     /* rows that one page has room for */
};

struct top {
    struct top_source *source;
    struct top_look looks[2];
    unsigned now; /* which of them is the last one */
    size_t count; /* of looks */
    double began; /* the moment of the first */
    int ended;    /* what the last look said instead; 0 */
    bool quits;   /* it is to end */
    struct top_rates rates;
    struct top_rows rows;
    struct top_view view;
};

/* --- what is seen ------------------------------------------------------- */

void top_init(struct top *top, struct top_source *source);
void top_fini(struct top *top);

/* Takes a look, and makes the rows anew. Returns 0; -ESRCH and others: the last
 * look is shown still; -ENOMEM. */
int top_see(struct top *top);

/* What changes between two looks, of the second one; `before` may be NULL.
 * Returns 0 or -ENOMEM. */
int top_rates_make(struct top_rates *rates, const struct top_look *before,
                   const struct top_look *now);
void top_rates_fini(struct top_rates *rates);

/* The rows of the last look: those that are asked for, in that order. The
 * cursor finds the row that it was at. Returns 0 or -ENOMEM. */
int top_rows_make(struct top *top);
void top_rows_fini(struct top_rows *rows);

/* What a row is known by in every look; never 0. */
uint64_t top_row_id(const struct top *top, const struct top_row *row);

/* Folds rows to one for each place of start; returns how many are left. */
size_t top_groups_fold(const fm_picture *picture, struct top_rows *rows);
/* Puts each row below the one that has its parent. Returns 0 or -ENOMEM. */
int top_tree_order(const fm_picture *picture, struct top_rows *rows);
void top_rows_sort(const fm_picture *picture, struct top_rows *rows,
                   struct top_order order);

const fm_picture *top_picture(const struct top *top);
const struct top_look *top_last(const struct top *top);
/* The place of the task of TOP_DETAIL; SIZE_MAX: it is not there. */
size_t top_subject(const struct top *top);
const char *top_wait(const struct top *top, const fm_picture_task *task,
                     char *text, size_t size);

/* --- lines of text ------------------------------------------------------ */

enum top_style {
    TOP_PLAIN,
    TOP_FAINT,
    TOP_STRONG,
    TOP_GREEN,
    TOP_YELLOW,
    TOP_RED,
    TOP_BLUE,
    TOP_BAR,    /* the heads of columns, and the last line */
    TOP_SORTED, /* the one that rows are sorted by */
    TOP_MARKED, /* the row of the cursor */
    TOP_STYLES
};

#define TOP_WIDTH 400 /* columns, at most */
#define TOP_BYTES (4 * TOP_WIDTH)

struct top_line {
    size_t limit; /* columns that there are */
    size_t width; /* and that are taken */
    size_t size;
    char text[TOP_BYTES + 1];
    unsigned char styles[TOP_BYTES + 1]; /* of each byte */
};

/* What is drawn: lines from the top, as many as there are. */
struct top_canvas {
    struct top_line *lines;
    size_t rows;
    size_t columns;
    size_t count; /* of lines that are begun */
};

/* Returns 0 or -ENOMEM; takes one that is all zero, or was made. */
int top_canvas_resize(struct top_canvas *canvas, size_t rows, size_t columns);
void top_canvas_fini(struct top_canvas *canvas);
/* The next line, which is empty; never more than there are. */
struct top_line *top_canvas_next(struct top_canvas *canvas);

/* Texts are cut where the line ends; what cannot be shown is '?'. */
void top_put(struct top_line *line, enum top_style style, const char *text);
void top_format(struct top_line *line, enum top_style style, const char *format,
                ...) __attribute__((format(printf, 3, 4)));
/* In so many columns; to the right of them where that is negative. */
void top_field(struct top_line *line, enum top_style style, const char *text,
               int columns);
/* Spaces up to a column. */
void top_pad(struct top_line *line, enum top_style style, size_t column);
/* Columns that a text takes. */
size_t top_width(const char *text);

/* Numbers as few can be read fast; return text. */
#define TOP_NUMBER 24
const char *top_rate(double rate, char text[TOP_NUMBER]);
const char *top_percent(double percent, char text[TOP_NUMBER]);
const char *top_span(double seconds, char text[TOP_NUMBER]);
const char *top_size(double bytes, char text[TOP_NUMBER]);
const char *top_state(int state);

/* A page that is longer than the screen: lines above and below it are lost. */
struct top_sheet {
    struct top_canvas *canvas;
    size_t rows;  /* of the canvas, for this */
    size_t skip;  /* lines */
    size_t total; /* so far */
    struct top_line lost;
};

struct top_line *top_sheet_next(struct top_sheet *sheet);

/* --- pages -------------------------------------------------------------- */

/* Draws all of it, for a canvas of that size. */
void top_draw(struct top *top, struct top_canvas *canvas);
/* The same without a screen: the head, and every row. */
int top_write(struct top *top, FILE *out, size_t columns);

/* Their parts: some lines each. */
void top_head_draw(const struct top *top, struct top_canvas *canvas,
                   size_t rows);
/* How wide each column is; 0: it is not shown. */
struct top_widths {
    size_t of[TOP_COLUMNS];
};
void top_table_plan(const struct top *top, size_t columns,
                    struct top_widths *widths);
void top_table_heads(const struct top *top, const struct top_widths *widths,
                     struct top_line *line);
void top_table_row(const struct top *top, const struct top_widths *widths,
                   size_t row, struct top_line *line);
void top_detail_draw(const struct top *top, struct top_sheet *sheet);
void top_help_draw(struct top_sheet *sheet);

/* --- keys --------------------------------------------------------------- */

/* Besides characters. */
enum top_key {
    TOP_KEY_UP = 0x200000,
    TOP_KEY_DOWN,
    TOP_KEY_PAGE_UP,
    TOP_KEY_PAGE_DOWN,
    TOP_KEY_HOME,
    TOP_KEY_END,
    TOP_KEY_ENTER,
    TOP_KEY_ESCAPE,
    TOP_KEY_ERASE
};

/* Does what a key asks for. Returns 0 or -ENOMEM. */
int top_key(struct top *top, unsigned key);

/* Sorts by a column; by one that it is sorted by, the other way round. */
void top_sort_by(struct top_view *view, enum top_column column);

/* The column that a letter, or a word, sorts by; TOP_COLUMNS: none. */
enum top_column top_column_of(unsigned letter);
enum top_column top_column_called(const char *word);
/* Whether it is of numbers, of which the largest are looked for. */
bool top_column_counts(enum top_column column);
/* What stands above it. */
const char *top_column_name(enum top_column column);

/* --- the world ---------------------------------------------------------- */

/* A program that runs; returns 0, or as fm_inspect_open. */
int top_source_open(struct top_source **source, int pid);
void top_source_close(struct top_source *source);

/* What the system says of it. */
void top_proc_read(struct top_look *look);

/* Shows what was seen, and what comes, on the terminal until it is to end.
 * Returns 0, or a failure that it has told. */
int top_screen(struct top *top);

#endif
