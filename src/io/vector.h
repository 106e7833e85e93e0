/*
 * vector.h - several buffers as one, whose sizes may be anything
 */
#ifndef FM_IO_VECTOR_H
#define FM_IO_VECTOR_H

#include "base/compiler.h"

#include <errno.h>
#include <fermata/stream.h>
#include <limits.h>

/* The bytes of all parts; -EINVAL for more parts than FM_VECTOR_MOST or more
 * bytes than a result can tell. */
FM__INLINE ssize_t fm__vector_size(const struct iovec *parts, size_t count)
{
    size_t size = 0;
    if (count > FM_VECTOR_MOST)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].iov_len > (size_t)SSIZE_MAX - size)
            return -EINVAL;
        size += parts[i].iov_len;
    }
    return (ssize_t)size;
}

#endif
