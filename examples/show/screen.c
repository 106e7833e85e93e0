/*
 * screen.c - a grid of cells on a terminal, by the sequences that all know
 */
#include "screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A cell of four bytes, and its style. */
#define SCREEN_BYTES (SCREEN_ROWS_MOST * SCREEN_WIDTH_MOST * 16)

static bool says_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return strcasestr(value, "utf-8") != NULL ||
                   strcasestr(value, "utf8") != NULL;
    }
    return false;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0';
}

static void measure(struct screen *screen)
{
    struct winsize size = {0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    int columns = size.ws_col > 0 ? size.ws_col : 80;
    screen->torn |= screen->drawn && columns != screen->columns;
    screen->columns = columns;
    screen->width = columns < SCREEN_WIDTH_MOST ? columns : SCREEN_WIDTH_MOST;
    screen->height = size.ws_row > 0 ? size.ws_row : 24;
}

/* With a row for the cursor. */
static bool fits(const struct screen *screen)
{
    return screen->width >= SCREEN_WIDTH_LEAST && screen->height > screen->rows;
}

/* ---- open and close ----------------------------------------------------- */

/* [open] */
bool screen_open(struct screen *screen, int rows)
{
    const char *term = getenv("TERM");
    if (!isatty(STDOUT_FILENO) || term == NULL || strcmp(term, "dumb") == 0 ||
        tcgetpgrp(STDOUT_FILENO) != getpgrp() ||
        tcgetattr(STDOUT_FILENO, &screen->before) < 0)
        return false;
    measure(screen);
    screen->rows = rows;
    screen->colours = !is_set("NO_COLOR");
    screen->utf8 = says_utf8();
    if (!fits(screen) || fm_stdout(&screen->out) < 0)
        return false;

    struct termios quiet = screen->before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE; /* it would be left like this */
    tcsetattr(STDOUT_FILENO, TCSADRAIN, &quiet);
    screen->open = true;
    return true;
}

void screen_close(struct screen *screen)
{
    if (!screen->open)
        return;
    screen->open = false;
    FM_SHIELD(1) {
        fm_printf(screen->out, "\033[?7h\033[?25h");
        fm_close(screen->out);
    }
    tcsetattr(STDOUT_FILENO, TCSAFLUSH, &screen->before);
}
/* [/open] */

/* ---- the picture -------------------------------------------------------- */

void screen_begin(struct screen *screen)
{
    measure(screen);
    for (int row = 0; row < screen->rows; row++)
        for (int column = 0; column < SCREEN_WIDTH_MOST; column++)
            screen->cells[row][column] = (struct screen_cell){.glyph = " "};
    screen_at(screen, 0, 0);
}

void screen_at(struct screen *screen, int row, int column)
{
    screen->row = row;
    screen->column = column < 0 ? screen->width + column : column;
}

/* Bytes of the glyph that a text begins with. */
static size_t glyph_size(const char *text)
{
    size_t size = 1;
    while (size < 4 && ((unsigned char)text[size] & 0xC0) == 0x80)
        size++;
    return size;
}

int screen_columns(const char *text)
{
    int columns = 0;
    for (; *text != '\0'; text += glyph_size(text))
        columns++;
    return columns;
}

static void put(struct screen *screen, enum screen_style style,
                const char *glyph)
{
    int column = screen->column++;
    if (column < 0 || column >= screen->width || screen->row >= screen->rows)
        return;
    struct screen_cell *cell = &screen->cells[screen->row][column];
    *cell = (struct screen_cell){.style = style};
    memcpy(cell->glyph, glyph, glyph_size(glyph));
}

void screen_say(struct screen *screen, enum screen_style style,
                const char *format, ...)
{
    char text[4 * SCREEN_WIDTH_MOST + 1];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    for (const char *at = text; *at != '\0'; at += glyph_size(at))
        put(screen, style, (unsigned char)*at < ' ' ? "?" : at);
}

void screen_say_right(struct screen *screen, int from_right,
                      enum screen_style style, const char *text)
{
    screen->column = screen->width - from_right - screen_columns(text);
    screen_say(screen, style, "%s", text);
}

void screen_bar(struct screen *screen, int columns, enum screen_style style,
                double share)
{
    int halves = (int)(2 * columns * (share < 1 ? share : 1));
    for (int i = 0; i < columns; i++) {
        int here = halves - 2 * i;
        if (here >= 2)
            put(screen, style, screen->utf8 ? "━" : "=");
        else if (here == 1)
            put(screen, style, screen->utf8 ? "╸" : "-");
        else
            put(screen, SCREEN_FAINT, screen->utf8 ? "─" : ".");
    }
}

void screen_height(struct screen *screen, enum screen_style style, double share)
{
    static const char *const parts[] = {"▁", "▁", "▂", "▃", "▄",
                                        "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {"_", ".", ".", ":", ":",
                                        "-", "=", "+", "#"};
    int part = (int)(share * 8 + 0.5);
    put(screen, part == 0 ? SCREEN_FAINT : style,
        screen->utf8 ? parts[part] : ascii[part]);
}

/* ---- on the terminal ---------------------------------------------------- */

static char *append(char *end, const char *text, size_t most)
{
    size_t size = strnlen(text, most);
    memcpy(end, text, size);
    return end + size;
}

static char *append_row(const struct screen *screen, int row, char *end)
{
    static const char *const styles[] = {
        "\033[0m",    "\033[0;2m",  "\033[0;1m",  "\033[0;31m",
        "\033[0;32m", "\033[0;33m", "\033[0;36m",
    };
    enum screen_style style = SCREEN_PLAIN;
    for (int column = 0; column < screen->width; column++) {
        const struct screen_cell *cell = &screen->cells[row][column];
        if (screen->colours && cell->style != style) {
            style = cell->style;
            end = append(end, styles[style], 16);
        }
        end = append(end, cell->glyph, sizeof cell->glyph);
    }
    return style == SCREEN_PLAIN ? end : append(end, styles[0], 16);
}

/* Where its width has changed the terminal has broken the lines anew. */
int screen_draw(struct screen *screen)
{
    static char bytes[SCREEN_BYTES];
    char up[32] = "";
    if (!fits(screen)) {
        screen->torn = screen->drawn;
        return 0;
    }
    if (screen->torn)
        snprintf(up, sizeof up, "\033[H\033[2J");
    else if (screen->drawn)
        snprintf(up, sizeof up, "\033[%dA\r", screen->rows);
    char *end = append(bytes, "\033[?25l\033[?7l", 16);
    end = append(end, up, sizeof up);
    for (int row = 0; row < screen->rows; row++) {
        end = append_row(screen, row, end);
        if (screen->width < screen->columns)
            end = append(end, "\033[K", 8);
        end = append(end, "\r\n", 8);
    }
    screen->drawn = true;
    screen->torn = false;
    ssize_t rc = fm_write(screen->out, bytes, (size_t)(end - bytes));
    return rc < 0 ? (int)rc : 0;
}
