/*
 * access_line.h - a line about a request and its reply, in a log of them
 *
 * Most of what it says comes from the client. It is a line whatever that has
 * sent, nothing in it controls a terminal, and no client can make two of it.
 */
#ifndef FM_PROTO_ACCESS_LINE_H
#define FM_PROTO_ACCESS_LINE_H

#include "proto/slice.h"

#include <stdint.h>

enum {
    FM__ACCESS_TEXT = 1024, /* bytes of each text; "..." stands for the rest */
    FM__ACCESS_LINE = 49152 /* bytes that a line has at most */
};

/* A text that is not known is empty. */
struct fm__access_line {
    const char *date;      /* FM__DATE_SIZE bytes, as fm__date_write has them */
    struct fm__slice peer; /* without a port */
    struct fm__slice method;
    struct fm__slice target;
    struct fm__slice protocol;
    struct fm__slice host;
    struct fm__slice referer;
    struct fm__slice agent;
    int status;
    uint64_t size; /* bytes of the body that was replied */
    int64_t time;  /* ns from the first byte to the last */
};

/* The "combined" format of Apache's and others: what is not printable ASCII is
 * \xNN, a quote and a backslash have a backslash in front. */
void fm__access_line_combined(struct fm__pen *pen,
                              const struct fm__access_line *line);

/* An object of JSON. */
void fm__access_line_json(struct fm__pen *pen,
                          const struct fm__access_line *line);

#endif
