/*
 * range.h - which bytes of a thing are asked for (RFC 9110, 14)
 */
#ifndef FM_PROTO_RANGE_H
#define FM_PROTO_RANGE_H

#include "proto/slice.h"

enum {
    FM__RANGES = 8 /* of a request */
};

struct fm__range {
    int64_t at;
    int64_t size; /* at least 1 */
};

struct fm__ranges {
    unsigned count;
    struct fm__range each[FM__RANGES];
};

/*
 * Of a thing of so many bytes, what a Range asks for: in the order of asking,
 * with those that overlap or touch each other as one. How many; 0: all of it is
 * to be sent, because the field is none, of another unit, or has more than
 * FM__RANGES; -1: there is nothing of what is asked for.
 */
int fm__ranges_read(struct fm__ranges *ranges, struct fm__slice field,
                    int64_t size);

#endif
