/*
 * pipeline_table.c - what pipeline.c has counted, for who looks at it
 */
#include "pipeline_table.h"

#include <time.h>
#include <unistd.h>

#define ROWS 12 /* of a table on a terminal */
#define BAR 20  /* columns of the longest bar */
#define GLYPH 3 /* bytes of one */

static const char *table_time(int64_t start, char text[24])
{
    struct tm utc;
    time_t seconds = (time_t)start;
    strftime(text, 24, "%F %T", gmtime_r(&seconds, &utc));
    return text;
}

/* "12.3 M" */
static const char *table_size(uint64_t bytes, char text[24])
{
    static const char units[] = " kMGTPE";
    double size = (double)bytes;
    int unit = 0;
    for (; size >= 999.5; unit++)
        size /= 1000;
    snprintf(text, 24, unit > 0 && size < 99.95 ? "%.1f %c" : "%.0f %c", size,
             units[unit]);
    return text;
}

/* ---- lines --------------------------------------------------------------- */

static void table_line(FILE *table, const struct slot *slot)
{
    char text[24];
    fprintf(table, "%s %9u requests %7u errors %13llu bytes\n",
            table_time(slot->window.start, text), slot->window.requests,
            slot->window.errors, (unsigned long long)slot->window.bytes);
}

/* ---- a terminal ---------------------------------------------------------- */

static void table_row(FILE *table, const struct slot *slot, unsigned most)
{
    static const char bars[] = "▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇";
    char when[24], size[24];
    const struct pipeline_window *window = &slot->window;
    int bar = (int)((uint64_t)window->requests * BAR / most);
    fprintf(table, "%s%s\033[0m%10u%8u%10sB  \033[%sm%.*s\033[0m\033[K\n",
            slot->open ? "\033[1m" : "", table_time(window->start, when),
            window->requests, window->errors, table_size(window->bytes, size),
            slot->open ? "32" : "36", bar * GLYPH, bars);
}

/* The last ones; the cursor is below them. */
static int table_rows(FILE *table, struct moment *now)
{
    struct slot *slot, *rows[SLOTS];
    unsigned most = 1;
    int count = 0;
    for (int64_t at = -1; (slot = slot_after(now, at)) != NULL;) {
        at = slot->window.start;
        rows[count++] = slot;
    }
    int first = count > ROWS ? count - ROWS : 0;
    for (int i = first; i < count; i++)
        most =
            rows[i]->window.requests > most ? rows[i]->window.requests : most;
    for (int i = first; i < count; i++)
        table_row(table, rows[i], most);
    return count - first;
}

static void table_screen(FILE *table, struct moment *now)
{
    static int lines; /* that are there */
    const struct pipeline_figures *figures = &now->figures;
    if (lines > 0)
        fprintf(table, "\033[%dA", lines);
    fputs("\033[2mwindow               requests  errors      "
          "bytes\033[0m\033[K\n",
          table);
    lines = 2 + table_rows(table, now);
    fprintf(table,
            "\033[2m%llu lines, %llu unreadable, %llu late, %llu windows"
            " closed\033[0m\033[K\n",
            (unsigned long long)figures->lines,
            (unsigned long long)figures->unreadable,
            (unsigned long long)figures->late,
            (unsigned long long)figures->windows);
}

static void table_closed(FILE *table, struct moment *now)
{
    struct slot *slot;
    for (int64_t at = -1; (slot = slot_after(now, at)) != NULL;) {
        at = slot->window.start;
        if (slot->changed && !slot->open)
            table_line(table, slot);
    }
}

void table_show(FILE *table, struct moment *now)
{
    if (isatty(fileno(table)))
        table_screen(table, now);
    else
        table_closed(table, now);
    fflush(table);
}
