/*
 * slice.h - some bytes of somebody's text, and where more of them are written
 *
 * A slice borrows; it has no NUL at its end. A pen writes into memory of a
 * fixed size: what does not fit is left out, and `full` tells.
 */
#ifndef FM_PROTO_SLICE_H
#define FM_PROTO_SLICE_H

#include "base/compiler.h"

#include <string.h>

struct fm__slice {
    const char *at; /* not NULL, also when it is empty */
    size_t size;
};

struct fm__pen {
    char *at;
    char *end;
    bool full;
};

#define FM__SLICE(literal) ((struct fm__slice){literal "", sizeof(literal) - 1})

FM__INLINE struct fm__slice fm__slice_of(const char *text)
{
    return (struct fm__slice){text, strlen(text)};
}

FM__INLINE bool fm__slice_is(struct fm__slice slice, struct fm__slice other)
{
    return slice.size == other.size &&
           memcmp(slice.at, other.at, other.size) == 0;
}

/* The byte at an index, or 0 past the end. */
FM__INLINE char fm__slice_at(struct fm__slice slice, size_t index)
{
    if (index >= slice.size)
        return '\0';
    return slice.at[index];
}

/* All but the first bytes; as many as there are. */
FM__INLINE struct fm__slice fm__slice_after(struct fm__slice slice, size_t size)
{
    size = size < slice.size ? size : slice.size;
    return (struct fm__slice){slice.at + size, slice.size - size};
}

FM__INLINE struct fm__slice fm__slice_until(struct fm__slice slice, size_t size)
{
    slice.size = size < slice.size ? size : slice.size;
    return slice;
}

/* Where the byte is first, or the size. */
FM__INLINE size_t fm__slice_find(struct fm__slice slice, char byte)
{
    const char *found = memchr(slice.at, byte, slice.size);
    return found != NULL ? (size_t)(found - slice.at) : slice.size;
}

FM__INLINE void fm__pen_put(struct fm__pen *pen, char byte)
{
    if (pen->at < pen->end)
        *pen->at++ = byte;
    else
        pen->full = true;
}

FM__INLINE void fm__pen_write(struct fm__pen *pen, struct fm__slice slice)
{
    if (slice.size > (size_t)(pen->end - pen->at)) {
        pen->full = true;
        return;
    }
    memcpy(pen->at, slice.at, slice.size);
    pen->at += slice.size;
}

/* In decimal. */
FM__INLINE void fm__pen_number(struct fm__pen *pen, uint64_t number)
{
    size_t digits = 1;
    for (uint64_t rest = number; rest >= 10; rest /= 10)
        digits++;
    pen->full = pen->full || digits > (size_t)(pen->end - pen->at);
    if (pen->full)
        return;
    for (char *at = pen->at += digits; digits > 0; digits--, number /= 10)
        *--at = (char)('0' + number % 10);
}

/* What was written since the pen stood at `start`. */
FM__INLINE struct fm__slice fm__pen_since(const struct fm__pen *pen,
                                          const char *start)
{
    return (struct fm__slice){start, (size_t)(pen->at - start)};
}

#endif
