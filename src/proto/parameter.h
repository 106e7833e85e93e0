/*
 * parameter.h - what stands behind a value: "; name=word; name=\"a text\""
 * (RFC 9110, 5.6.6)
 *
 * Of Content-Type and Content-Disposition. In quotes, a backslash stands for
 * itself unless a quote or another one follows: browsers do not escape it, and
 * old ones send whole paths (C:\notes.txt).
 */
#ifndef FM_PROTO_PARAMETER_H
#define FM_PROTO_PARAMETER_H

#include "proto/slice.h"

struct fm__parameter {
    struct fm__slice name;
    struct fm__slice value; /* in quotes: what is between them, as it came */
    bool quoted;
};

/* The next parameter of the text, which begins behind the value: 1; 0: there is
 * no more; -1: what stands there is none. */
int fm__parameter_next(struct fm__slice *text, struct fm__parameter *parameter);

/* The only parameter of a name, in whatever case: 1; 0: there is none; -1: one
 * of the text is none, or there are two. */
int fm__parameter_find(struct fm__slice text, struct fm__slice name,
                       struct fm__parameter *parameter);

/* The value without what escapes. Never longer than it was. */
void fm__parameter_write(struct fm__pen *pen,
                         const struct fm__parameter *parameter);

/* The same of a name of a form, in which %22, %0D and %0A are a quote and a
 * line's end (the fetch standard, 6.2; RFC 7578, 2). */
void fm__parameter_write_name(struct fm__pen *pen,
                              const struct fm__parameter *parameter);

/* The value of a name with an asterisk: "UTF-8'en'%e2%82%ac" (RFC 8187). False
 * for one that is none, in another alphabet, no UTF-8, or with a NUL in it. */
bool fm__parameter_write_extended(struct fm__pen *pen, struct fm__slice value);

#endif
