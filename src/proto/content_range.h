/*
 * content_range.h - which bytes a part of a thing is (RFC 9110, 14.4)
 */
#ifndef FM_PROTO_CONTENT_RANGE_H
#define FM_PROTO_CONTENT_RANGE_H

#include "proto/slice.h"

/* All of them below 10^18. */
struct fm__content_range {
    int64_t first;
    int64_t last;  /* not below first */
    int64_t total; /* above last; -1: not known */
};

/* "bytes 0-499/1234", or an asterisk for the total. False for everything else,
 * as for a thing that has no such bytes. */
bool fm__content_range_read(struct fm__slice text,
                            struct fm__content_range *range);

#endif
