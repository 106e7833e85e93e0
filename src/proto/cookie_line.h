/*
 * cookie_line.h - a line of a file of cookies, as curl and browsers of old have
 * it: seven words with tabs between them
 */
#ifndef FM_PROTO_COOKIE_LINE_H
#define FM_PROTO_COOKIE_LINE_H

#include "proto/slice.h"

struct fm__cookie_line {
    struct fm__slice domain; /* without a dot in front */
    struct fm__slice path;
    struct fm__slice name; /* may be empty */
    struct fm__slice value;
    int64_t expires; /* seconds since 1970; 0: with the jar */
    bool subdomains;
    bool secure;
    bool http_only;
};

/* Takes the next line of a file that is one; others are passed over, such as
 * comments. False: there is no more. */
bool fm__cookie_line_next(struct fm__slice *file, struct fm__cookie_line *line);

/* The line with its end; nothing, and false, for one with a tab or a line end
 * in a word, or a domain that is none, which there is no place for. */
bool fm__cookie_line_write(const struct fm__cookie_line *line,
                           struct fm__pen *pen);

#endif
