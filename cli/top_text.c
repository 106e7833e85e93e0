/*
 * top_text.c - lines of a known width, and numbers that can be read fast
 *
 * Widths are those of a terminal, in the locale that was set; what cannot be
 * shown there, as in names that somebody chose, is '?'.
 */
#include "glyphs.h"
#include "top.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void top_append(struct top_line *line, enum top_style style,
                       const char *bytes, size_t size)
{
    memcpy(line->text + line->size, bytes, size);
    memset(line->styles + line->size, (int)style, size);
    line->size += size;
    line->text[line->size] = '\0';
}

void top_put(struct top_line *line, enum top_style style, const char *text)
{
    while (*text != '\0') {
        size_t size, columns;
        bool shown = glyphs_take(text, &size, &columns);
        size_t written = shown ? size : 1;
        if (line->width + columns > line->limit ||
            line->size + written > TOP_BYTES)
            return;
        top_append(line, style, shown ? text : "?", written);
        line->width += columns;
        text += size;
    }
}

void top_format(struct top_line *line, enum top_style style, const char *format,
                ...)
{
    char text[TOP_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    top_put(line, style, text);
}

size_t top_width(const char *text)
{
    size_t width = 0;
    while (*text != '\0') {
        size_t size, columns;
        glyphs_take(text, &size, &columns);
        width += columns;
        text += size;
    }
    return width;
}

void top_pad(struct top_line *line, enum top_style style, size_t column)
{
    while (line->width < column && line->width < line->limit &&
           line->size < TOP_BYTES) {
        top_append(line, style, " ", 1);
        line->width++;
    }
}

void top_field(struct top_line *line, enum top_style style, const char *text,
               int columns)
{
    size_t room = (size_t)abs(columns), limit = line->limit;
    size_t end = line->width + room, width = columns < 0 ? top_width(text) : 0;
    if (columns < 0 && width < room)
        top_pad(line, style, end - width);
    if (end < limit)
        line->limit = end;
    top_put(line, style, text);
    line->limit = limit;
    top_pad(line, style, end);
}

int top_canvas_resize(struct top_canvas *canvas, size_t rows, size_t columns)
{
    struct top_line *lines = realloc(canvas->lines, rows * sizeof *lines);
    if (lines == NULL)
        return -ENOMEM;
    canvas->lines = lines;
    canvas->rows = rows;
    canvas->columns = columns < TOP_WIDTH ? columns : TOP_WIDTH;
    canvas->count = 0;
    return 0;
}

void top_canvas_fini(struct top_canvas *canvas)
{
    free(canvas->lines);
    *canvas = (struct top_canvas){NULL, 0, 0, 0};
}

struct top_line *top_canvas_next(struct top_canvas *canvas)
{
    if (canvas->count < canvas->rows)
        canvas->count++;
    struct top_line *line = &canvas->lines[canvas->count - 1];
    line->limit = canvas->columns;
    line->width = line->size = 0;
    line->text[0] = '\0';
    return line;
}

/* Three digits, and a letter for thousands of them. */
static const char *top_short(double number, double step, const char *const *of,
                             char text[TOP_NUMBER])
{
    while (number >= 999.5 && (*of)[0] != '\0' && of[1] != NULL) {
        number /= step;
        of++;
    }
    int digits = number >= 99.95 || number == (double)(int64_t)number ? 0 : 1;
    snprintf(text, TOP_NUMBER, "%.*f%s", digits, number, *of);
    return text;
}

const char *top_rate(double rate, char text[TOP_NUMBER])
{
    static const char *const of[] = {" ", "k", "M", "G", NULL};
    if (rate < 0)
        return "- ";
    return top_short(rate, 1000, of, text);
}

const char *top_percent(double percent, char text[TOP_NUMBER])
{
    if (percent < 0)
        return "-";
    snprintf(text, TOP_NUMBER, "%.*f", percent < 99.95 ? 1 : 0, percent);
    return text;
}

const char *top_size(double bytes, char text[TOP_NUMBER])
{
    static const char *const of[] = {"K", "M", "G", "T", NULL};
    return top_short(bytes / 1024, 1024, of, text);
}

const char *top_span(double seconds, char text[TOP_NUMBER])
{
    if (seconds < 0)
        return "";
    uint64_t whole = seconds < 1e15 ? (uint64_t)seconds : 0;
    if (seconds < 0.9995)
        snprintf(text, TOP_NUMBER, "%.0fms", seconds * 1000);
    else if (seconds < 9.995)
        snprintf(text, TOP_NUMBER, "%.2fs", seconds);
    else if (seconds < 60)
        snprintf(text, TOP_NUMBER, "%.1fs", seconds);
    else if (whole < 3600)
        snprintf(text, TOP_NUMBER, "%um%02us", (unsigned)(whole / 60),
                 (unsigned)(whole % 60));
    else if (whole < 86400)
        snprintf(text, TOP_NUMBER, "%uh%02um", (unsigned)(whole / 3600),
                 (unsigned)(whole / 60 % 60));
    else
        snprintf(text, TOP_NUMBER, "%lud%02uh", (unsigned long)(whole / 86400),
                 (unsigned)(whole / 3600 % 24));
    return text;
}

const char *top_state(int state)
{
    static const char *const names[TOP_STATES] = {
        "all", "running", "ready", "waiting", "ended", "deadlock", "cancelled"};
    return state >= 0 && state < TOP_STATES ? names[state] : "?";
}

struct top_line *top_sheet_next(struct top_sheet *sheet)
{
    sheet->total++;
    if (sheet->total > sheet->skip && sheet->canvas->count < sheet->rows)
        return top_canvas_next(sheet->canvas);
    struct top_line *line = &sheet->lost;
    line->limit = sheet->canvas->columns;
    line->width = line->size = 0;
    return line;
}
