/*
 * pipeline_table.h - what pipeline.c has counted, for who looks at it
 */
#ifndef EXAMPLES_PIPELINE_TABLE_H
#define EXAMPLES_PIPELINE_TABLE_H

#include "pipeline_store.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROWS 12  /* of a table on a terminal */
#define BAR 20   /* columns */
#define JSON 192 /* bytes of a window's */

/* From the newest, 0, to SLOTS - 1. */
static inline struct slot *slot_back(struct moment *now, int i)
{
    return slot_of(now, now->figures.newest.start + (SLOTS - i) * now->span);
}

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

/* ---- JSON ---------------------------------------------------------------- */

static size_t table_json(const struct slot *slot, int64_t span, char text[JSON])
{
    const struct pipeline_window *window = &slot->window;
    int size = snprintf(
        text, JSON,
        "{\"start\":%lld,\"seconds\":%lld,\"requests\":%u,\"errors\":%u,"
        "\"bytes\":%llu,\"closed\":%s}",
        (long long)window->start, (long long)span, window->requests,
        window->errors, (unsigned long long)window->bytes,
        slot->open ? "false" : "true");
    return (size_t)size;
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
    char when[24], size[24];
    const struct pipeline_window *window = &slot->window;
    if (window->requests == 0) {
        fputs("\033[K\n", table);
        return;
    }
    int bar = (int)((uint64_t)window->requests * BAR / most);
    fprintf(table, "%s%s%s%8u%8u%10sB  \033[%sm%*s\033[0m\033[K\n",
            slot->open ? "\033[1m" : "", table_time(window->start, when),
            slot->open ? "\033[0m" : "", window->requests, window->errors,
            table_size(window->bytes, size), slot->open ? "42" : "7", bar, "");
}

static void table_screen(FILE *table, struct moment *now)
{
    const struct pipeline_figures *figures = &now->figures;
    unsigned most = 1;
    for (int i = 0; i < ROWS; i++)
        if (slot_back(now, i)->window.requests > most)
            most = slot_back(now, i)->window.requests;
    fputs(
        "\033[2mwindow             requests  errors      bytes\033[0m\033[K\n",
        table);
    for (int i = ROWS; i-- > 0;)
        table_row(table, slot_back(now, i), most);
    fprintf(table,
            "\033[2m%llu lines, %llu unreadable, %llu late, %llu windows"
            " closed\033[0m\033[K\n",
            (unsigned long long)figures->lines,
            (unsigned long long)figures->unreadable,
            (unsigned long long)figures->late,
            (unsigned long long)figures->windows);
}

/* On a terminal the last windows, in place; else those that were just closed,
 * a line each. */
static void table_show(FILE *table, struct moment *now)
{
    static bool shown;
    if (isatty(fileno(table))) {
        if (shown)
            fprintf(table, "\033[%dA", ROWS + 2);
        shown = true;
        table_screen(table, now);
    } else {
        for (int i = SLOTS; i-- > 0;)
            if (slot_back(now, i)->changed && !slot_back(now, i)->open)
                table_line(table, slot_back(now, i));
    }
    fflush(table);
}

#endif
