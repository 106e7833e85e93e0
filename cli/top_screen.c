/*
 * top_screen.c - the terminal, by ncurses: lines go there, keys come from it
 */
#include "top.h"
#include "verbs.h"

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOP_ESCAPE_MS 50 /* that the rest of a key's bytes may take */

struct top_terminal {
    struct top_canvas canvas;
    attr_t attributes[TOP_STYLES];
    short colours[TOP_STYLES];
};

static double top_moment(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Colours have meanings, but nothing is said by them alone. */
static void top_paint(struct top_terminal *self)
{
    static const attr_t attributes[TOP_STYLES] = {
        [TOP_FAINT] = A_DIM,
        [TOP_STRONG] = A_BOLD,
        [TOP_RED] = A_BOLD,
        [TOP_BAR] = A_REVERSE,
        [TOP_SORTED] = A_REVERSE | A_BOLD,
        [TOP_MARKED] = A_REVERSE,
    };
    static const short colours[TOP_STYLES] = {
        [TOP_GREEN] = COLOR_GREEN, [TOP_YELLOW] = COLOR_YELLOW,
        [TOP_RED] = COLOR_RED,     [TOP_BLUE] = COLOR_CYAN,
        [TOP_BAR] = COLOR_CYAN,    [TOP_SORTED] = COLOR_YELLOW,
    };
    const char *none = getenv("NO_COLOR");
    memcpy(self->attributes, attributes, sizeof attributes);
    if ((none != NULL && none[0] != '\0') || !has_colors())
        return;
    start_color();
    use_default_colors();
    memcpy(self->colours, colours, sizeof colours);
    for (short i = COLOR_RED; i <= COLOR_CYAN; i++)
        init_pair(i, i, -1);
}

static void top_show_line(const struct top_terminal *self, int row,
                          const struct top_line *line)
{
    size_t end;
    move(row, 0);
    for (size_t i = 0; i < line->size; i = end) {
        unsigned char style = line->styles[i];
        for (end = i; end < line->size && line->styles[end] == style;)
            end++;
        attr_set(self->attributes[style], self->colours[style], NULL);
        addnstr(line->text + i, (int)(end - i));
    }
}

static int top_show(struct top_terminal *self, struct top *top)
{
    int rows = LINES, columns = COLS;
    if (rows < 1 || columns < 1)
        return 0;
    if (top_canvas_resize(&self->canvas, (size_t)rows, (size_t)columns) < 0)
        return -ENOMEM;
    top_draw(top, &self->canvas);
    erase();
    for (size_t i = 0; i < self->canvas.count; i++)
        top_show_line(self, (int)i, &self->canvas.lines[i]);
    refresh();
    return 0;
}

static unsigned top_translate(int kind, wint_t key)
{
    static const struct {
        wint_t key;
        unsigned means;
    } keys[] = {
        {KEY_UP, TOP_KEY_UP},
        {KEY_DOWN, TOP_KEY_DOWN},
        {KEY_PPAGE, TOP_KEY_PAGE_UP},
        {KEY_NPAGE, TOP_KEY_PAGE_DOWN},
        {KEY_HOME, TOP_KEY_HOME},
        {KEY_END, TOP_KEY_END},
        {KEY_ENTER, TOP_KEY_ENTER},
        {KEY_BACKSPACE, TOP_KEY_ERASE},
        {KEY_DC, TOP_KEY_ERASE},
        {KEY_LEFT, '<'},
        {KEY_RIGHT, '>'},
    };
    if (kind == KEY_CODE_YES) {
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            if (keys[i].key == key)
                return keys[i].means;
        return 0;
    }
    if (key == '\r' || key == '\n')
        return TOP_KEY_ENTER;
    if (key == '\b' || key == 127)
        return TOP_KEY_ERASE;
    return key == 27 ? TOP_KEY_ESCAPE : key;
}

/* Waits for a key until the next look is due, and does what it asks for. */
static int top_serve_key(struct top *top, double due)
{
    bool still = top->view.paused || top->ended == -ESRCH;
    double left = due - top_moment();
    wint_t key = 0;
    timeout(still ? -1 : left > 0 ? (int)(left * 1000) + 1 : 0);
    int kind = get_wch(&key);
    if (kind == ERR) {
        /* Nothing came, or nothing can come any more. */
        top->quits = top->quits || isatty(STDIN_FILENO) == 0;
        return 0;
    }
    if (kind == KEY_CODE_YES && key == KEY_RESIZE)
        return 0;
    unsigned means = top_translate(kind, key);
    return means == 0 ? 0 : top_key(top, means);
}

static int top_serve(struct top *top)
{
    struct top_terminal terminal = {.canvas = {NULL, 0, 0, 0}};
    double seen = top_moment();
    int rc = 0;
    top_paint(&terminal);
    while (rc == 0 && !top->quits) {
        rc = top_show(&terminal, top);
        if (rc == 0)
            rc = top_serve_key(top, seen + top->view.interval);
        if (rc < 0 || top->view.paused || top->ended == -ESRCH ||
            top_moment() < seen + top->view.interval)
            continue;
        if (top_see(top) == -ENOMEM)
            rc = -ENOMEM;
        seen = top_moment();
    }
    top_canvas_fini(&terminal.canvas);
    return rc;
}

/* NULL, and what is wrong was told. */
static SCREEN *top_screen_open(void)
{
    const char *term = getenv("TERM"), *why = NULL;
    bool there = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
    SCREEN *screen =
        there && term != NULL ? newterm(NULL, stdout, stdin) : NULL;
    if (!there)
        why = "there is no terminal";
    else if (screen == NULL)
        why = "the terminal is not known: see TERM";
    else if (tigetstr("cup") == NULL) {
        endwin();
        delscreen(screen);
        screen = NULL;
        why = "this terminal cannot be drawn on";
    }
    if (why != NULL)
        fprintf(stderr, "fermata: top: %s; --once prints one look\n", why);
    return screen;
}

int top_screen(struct top *top)
{
    SCREEN *screen = top_screen_open();
    if (screen == NULL)
        return -ENOTTY;
    set_escdelay(TOP_ESCAPE_MS);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    curs_set(0);
    int rc = top_serve(top);
    endwin();
    delscreen(screen);
    return tell_failure("top", rc);
}
