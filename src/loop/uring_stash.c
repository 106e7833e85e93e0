/*
 * uring_stash.c - a block that is just as large as it has to be
 */
#include "loop/uring_stash.h"

#include "base/memory.h"

#include <string.h>

bool fm__uring_stash_put(struct fm__uring_stash **stash, const void *bytes,
                         size_t count)
{
    size_t end = *stash != NULL ? (*stash)->end : 0;
    struct fm__uring_stash *larger =
        fm__memory_resize(*stash, sizeof *larger + end + count);
    if (larger == NULL)
        return false;
    if (*stash == NULL)
        larger->start = 0;
    memcpy(larger->bytes + end, bytes, count);
    larger->end = end + count;
    *stash = larger;
    return true;
}

size_t fm__uring_stash_take(struct fm__uring_stash **stash, void *buf,
                            size_t size)
{
    struct fm__uring_stash *self = *stash;
    size_t count = self->end - self->start;
    if (size < count)
        count = size;
    memcpy(buf, self->bytes + self->start, count);
    self->start += count;
    if (self->start == self->end) {
        fm__memory_free(self);
        *stash = NULL;
    }
    return count;
}
