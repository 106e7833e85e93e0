/*
 * access_line.c - a line about a request and its reply, in a log of them
 */
#include "proto/access_line.h"

#include "proto/json_text.h"

#include <inttypes.h>
#include <stdio.h>

#define ACCESS_SECOND INT64_C(1000000000) /* ns */

enum {
    ACCESS_DAY = 5, /* where these are in a date */
    ACCESS_MONTH = 8,
    ACCESS_YEAR = 12,
    ACCESS_CLOCK = 17
};

_Static_assert(8 * FM__JSON_GROWTH * FM__ACCESS_TEXT <= FM__ACCESS_LINE,
               "seven texts and what is around them have room");

static struct fm__slice access_part(const char *date, size_t at, size_t size)
{
    return (struct fm__slice){date + at, size};
}

/* ---- combined ----------------------------------------------------------- */

static void access_escape(struct fm__pen *pen, char byte)
{
    static const char digits[] = "0123456789abcdef";
    fm__pen_write(pen, FM__SLICE("\\x"));
    fm__pen_put(pen, digits[(unsigned char)byte >> 4]);
    fm__pen_put(pen, digits[(unsigned char)byte & 15]);
}

static void access_text(struct fm__pen *pen, struct fm__slice text)
{
    size_t size = text.size < FM__ACCESS_TEXT ? text.size : FM__ACCESS_TEXT;
    for (size_t i = 0; i < size; i++) {
        char byte = text.at[i];
        if (byte < ' ' || byte > '~') {
            access_escape(pen, byte);
            continue;
        }
        if (byte == '"' || byte == '\\')
            fm__pen_put(pen, '\\');
        fm__pen_put(pen, byte);
    }
    if (size < text.size)
        fm__pen_write(pen, FM__SLICE("..."));
    else if (size == 0)
        fm__pen_put(pen, '-');
}

/* "[06/Nov/1994:08:49:37 +0000]" */
static void access_moment(struct fm__pen *pen, const char *date)
{
    fm__pen_write(pen, FM__SLICE(" - - ["));
    fm__pen_write(pen, access_part(date, ACCESS_DAY, 2));
    fm__pen_put(pen, '/');
    fm__pen_write(pen, access_part(date, ACCESS_MONTH, 3));
    fm__pen_put(pen, '/');
    fm__pen_write(pen, access_part(date, ACCESS_YEAR, 4));
    fm__pen_put(pen, ':');
    fm__pen_write(pen, access_part(date, ACCESS_CLOCK, 8));
    fm__pen_write(pen, FM__SLICE(" +0000] "));
}

void fm__access_line_combined(struct fm__pen *pen,
                              const struct fm__access_line *line)
{
    char numbers[48];
    snprintf(numbers, sizeof numbers, "\" %d %" PRIu64 " \"", line->status,
             line->size);
    access_text(pen, line->peer);
    access_moment(pen, line->date);
    fm__pen_put(pen, '"');
    access_text(pen, line->method);
    fm__pen_put(pen, ' ');
    access_text(pen, line->target);
    fm__pen_put(pen, ' ');
    access_text(pen, line->protocol);
    fm__pen_write(pen, fm__slice_of(numbers));
    access_text(pen, line->referer);
    fm__pen_write(pen, FM__SLICE("\" \""));
    access_text(pen, line->agent);
    fm__pen_write(pen, FM__SLICE("\"\n"));
}

/* ---- JSON --------------------------------------------------------------- */

static int access_month(const char *date)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (memcmp(names + 3 * i, date + ACCESS_MONTH, 3) == 0)
            return i + 1;
    return 0;
}

/* "1994-11-06T08:49:37Z" (RFC 3339) */
static void access_time(struct fm__pen *pen, const char *date)
{
    char month[16];
    snprintf(month, sizeof month, "-%02d-", access_month(date));
    fm__pen_write(pen, FM__SLICE("{\"time\":\""));
    fm__pen_write(pen, access_part(date, ACCESS_YEAR, 4));
    fm__pen_write(pen, fm__slice_of(month));
    fm__pen_write(pen, access_part(date, ACCESS_DAY, 2));
    fm__pen_put(pen, 'T');
    fm__pen_write(pen, access_part(date, ACCESS_CLOCK, 8));
    fm__pen_write(pen, FM__SLICE("Z\""));
}

static void access_member(struct fm__pen *pen, const char *name,
                          struct fm__slice text)
{
    if (text.size == 0)
        return;
    fm__pen_write(pen, fm__slice_of(name));
    fm__json_text(pen, fm__slice_until(text, FM__ACCESS_TEXT));
    if (text.size <= FM__ACCESS_TEXT || pen->full)
        return;
    pen->at--;
    fm__pen_write(pen, FM__SLICE("...\""));
}

void fm__access_line_json(struct fm__pen *pen,
                          const struct fm__access_line *line)
{
    char numbers[128];
    snprintf(numbers, sizeof numbers,
             ",\"status\":%d,\"bytes\":%" PRIu64 ",\"seconds\":%" PRId64
             ".%06" PRId64,
             line->status, line->size, line->time / ACCESS_SECOND,
             line->time % ACCESS_SECOND / 1000);
    access_time(pen, line->date);
    access_member(pen, ",\"peer\":", line->peer);
    access_member(pen, ",\"method\":", line->method);
    access_member(pen, ",\"target\":", line->target);
    access_member(pen, ",\"protocol\":", line->protocol);
    fm__pen_write(pen, fm__slice_of(numbers));
    access_member(pen, ",\"host\":", line->host);
    access_member(pen, ",\"referer\":", line->referer);
    access_member(pen, ",\"agent\":", line->agent);
    fm__pen_write(pen, FM__SLICE("}\n"));
}
