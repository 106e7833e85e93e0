/*
 * record_parse.c - a line of a server's log, read where it lies
 *
 * Texts are ended and their escapes undone in place, which makes none longer.
 */
#include "proto/http_date.h"

#include <errno.h>
#include <fermata/access_log.h>
#include <stdio.h>

enum {
    RECORD_STAMP = 27, /* bytes of "06/Nov/1994:08:49:37 +0000]" */
    RECORD_ZONE = 21,  /* where its zone is */
    RECORD_STATUS = 999
};

/* ---- Texts --------------------------------------------------------------- */

static int record_digit(char byte)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *found = byte != '\0' ? strchr(digits, byte) : NULL;
    if (found == NULL)
        return -1;
    int value = (int)(found - digits);
    return value < 16 ? value : value - 6;
}

/* What follows a backslash: its byte, and how many stand for it; or 0, where
 * it stands for itself. */
static size_t record_escape(const char *at, char *byte)
{
    static const char names[] = "\"\\nrtbv", bytes[] = "\"\\\n\r\t\b\v";
    const char *found = *at != '\0' ? strchr(names, *at) : NULL;
    if (found != NULL) {
        *byte = bytes[found - names];
        return 1;
    }
    int high = at[0] == 'x' ? record_digit(at[1]) : -1;
    int low = high >= 0 ? record_digit(at[2]) : -1;
    if (low < 0 || high + low == 0)
        return 0;
    *byte = (char)(high * 16 + low);
    return 3;
}

static const char *record_text(char *text)
{
    char *to = text;
    if (strcmp(text, "-") == 0)
        return "";
    for (const char *from = text; *from != '\0';) {
        char byte = *from++;
        if (byte == '\\')
            from += record_escape(from, &byte);
        *to++ = byte;
    }
    *to = '\0';
    return text;
}

/* Ends a text there and goes on behind it. */
static char *record_cut(char **at, char *end, size_t gap)
{
    char *text = *at;
    *end = '\0';
    *at = end + gap;
    return text;
}

/* Up to a space; NULL: there is none. */
static char *record_word(char **at)
{
    char *end = strchr(*at, ' ');
    return end != NULL ? record_cut(at, end, 1) : NULL;
}

/* In quotes; NULL: it is not. */
static char *record_quoted(char **at)
{
    if (**at != '"')
        return NULL;
    char *end = ++*at;
    while (*end != '"') {
        end += *end == '\\';
        if (*end == '\0')
            return NULL;
        end++;
    }
    return record_cut(at, end, 1);
}

static bool record_skip(char **at, char byte)
{
    if (**at != byte)
        return false;
    ++*at;
    return true;
}

/* ---- Numbers and moments ------------------------------------------------- */

/* "-" is 0. */
static bool record_number(char **at, uint64_t most, uint64_t *number)
{
    uint64_t sum = 0;
    char *start = *at;
    if (record_skip(at, '-')) {
        *number = 0;
        return true;
    }
    for (; **at >= '0' && **at <= '9'; ++*at) {
        unsigned digit = (unsigned)(**at - '0');
        if (sum > (most - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return *at > start;
}

/* "+0130", in seconds */
static bool record_zone(const char *text, int64_t *seconds)
{
    int part[4];
    for (int i = 0; i < 4; i++) {
        part[i] = record_digit(text[1 + i]);
        if (part[i] < 0 || part[i] > 9)
            return false;
    }
    int hours = part[0] * 10 + part[1], minutes = part[2] * 10 + part[3];
    *seconds = (text[0] == '-' ? -60 : 60) * (hours * 60 + minutes);
    return (text[0] == '+' || text[0] == '-') && hours < 24 && minutes < 60;
}

static bool record_time(char **at, int64_t *time)
{
    const char *text = *at;
    char date[FM__DATE_SIZE + 1];
    int64_t zone;
    if (strnlen(text, RECORD_STAMP) < RECORD_STAMP || text[2] != '/' ||
        text[6] != '/' || text[11] != ':' || text[20] != ' ' || text[26] != ']')
        return false;
    snprintf(date, sizeof date, "Xxx, %.2s %.3s %.4s %.8s GMT", text, text + 3,
             text + 7, text + 12);
    if (!fm__date_read(fm__slice_of(date), 0, time) ||
        !record_zone(text + RECORD_ZONE, &zone))
        return false;
    *time -= zone;
    *at += RECORD_STAMP;
    return true;
}

/* ---- Parts of a line ----------------------------------------------------- */

/* "192.0.2.1 - frank [06/Nov/1994:08:49:37 +0000] " */
static bool record_who(char **at, fm_access_record *record)
{
    char *peer = record_word(at), *identity = record_word(at);
    char *user = *at, *end = strstr(user, " [");
    if (peer == NULL || identity == NULL || end == NULL)
        return false;
    record_cut(at, end, 2);
    record->peer = record_text(peer);
    record->user = record_text(user);
    return record_time(at, &record->time) && record_skip(at, ' ');
}

/* "GET /a?b HTTP/1.1" without its quotes */
static void record_request(char *text, fm_access_record *record)
{
    char *first = strchr(text, ' '), *last = strrchr(text, ' ');
    record->method = record->protocol = "";
    if (first != NULL && first < last) {
        record->method = record_text(record_cut(&text, first, 1));
        record->protocol = record_text(last + 1);
        *last = '\0';
    }
    record->target = record_text(text);
}

/* "200 6" */
static bool record_reply(char **at, fm_access_record *record)
{
    uint64_t status;
    if (!record_skip(at, ' ') || !record_number(at, RECORD_STATUS, &status) ||
        !record_skip(at, ' ') || !record_number(at, UINT64_MAX, &record->bytes))
        return false;
    record->status = (int)status;
    return true;
}

/* " "http://example.org/" "curl/8"", or nothing */
static bool record_more(char **at, fm_access_record *record)
{
    record->referer = record->agent = "";
    if (**at == '\0')
        return true;
    char *referer = record_skip(at, ' ') ? record_quoted(at) : NULL;
    if (referer == NULL || !record_skip(at, ' '))
        return false;
    char *agent = record_quoted(at);
    if (agent == NULL || (**at != '\0' && **at != ' '))
        return false;
    record->referer = record_text(referer);
    record->agent = record_text(agent);
    return true;
}

int fm_access_record_parse(char *line, fm_access_record *record)
{
    fm_access_record read = {0};
    if (!record_who(&line, &read))
        return -EBADMSG;
    char *request = record_quoted(&line);
    if (request == NULL || !record_reply(&line, &read) ||
        !record_more(&line, &read))
        return -EBADMSG;
    record_request(request, &read);
    *record = read;
    return 0;
}
