/*
 * uring_stash.h - bytes that nobody reads, held without a buffer of the loop's
 *
 * Where buffers are scarce, what has arrived for somebody who is busy must not
 * keep one: he may wait for bytes that now have no buffer to arrive in.
 */
#ifndef FM_LOOP_URING_STASH_H
#define FM_LOOP_URING_STASH_H

#include "base/compiler.h"

/* NULL is an empty one. */
struct fm__uring_stash {
    size_t start;
    size_t end;
    char bytes[];
};

/* Appends; false: there is no memory, and nothing has changed. */
bool fm__uring_stash_put(struct fm__uring_stash **stash, const void *bytes,
                         size_t count);

/* Takes as many as there are, at most `size`; the last one ends it. */
size_t fm__uring_stash_take(struct fm__uring_stash **stash, void *buf,
                            size_t size);

#endif
