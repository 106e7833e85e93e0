/*
 * stream_vector.c - several buffers in one call
 */
#include "io/stream_record.h"
#include "io/vector.h"

#include <errno.h>
#include <string.h>

/* Waits for the first of them only. */
static ssize_t stream_vector_read(fm_stream *stream, const struct iovec *parts,
                                  size_t count)
{
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = parts[i].iov_len;
        if (size == 0)
            continue;
        ssize_t rc =
            filled == 0
                ? fm__stream_some(stream, parts[i].iov_base, size)
                : (ssize_t)fm__stream_take(stream, parts[i].iov_base, size);
        if (rc < 0)
            return rc;
        filled += (size_t)rc;
        if ((size_t)rc < size)
            break;
    }
    return (ssize_t)filled;
}

ssize_t fm_read_vector(fm_stream *stream, const struct iovec *parts,
                       size_t count)
{
    ssize_t rc = fm__stream_read_begin(stream, "fm_read_vector");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    rc = fm__vector_size(parts, count);
    if (rc > 0)
        rc = stream_vector_read(stream, parts, count);
    fm__stream_read_end(stream);
    return rc;
}

/* The caller holds the stream, so that all of them are one write. */
static ssize_t stream_vector_write(fm_stream *stream, const struct iovec *parts,
                                   size_t count)
{
    size_t written = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = parts[i].iov_len;
        if (size == 0)
            continue;
        ssize_t rc = fm__stream_write_held(stream, parts[i].iov_base, size);
        if (rc < 0)
            return written > 0 && stream->write_error == 0 ? (ssize_t)written
                                                           : rc;
        written += (size_t)rc;
        if ((size_t)rc < size)
            break;
    }
    return (ssize_t)written;
}

ssize_t fm_write_vector(fm_stream *stream, const struct iovec *parts,
                        size_t count)
{
    ssize_t rc = fm__checkpoint(fm__current, "fm_write_vector");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check(stream, "fm_write_vector");
    rc = fm__vector_size(parts, count);
    if (rc <= 0 || fm__stream_put(stream, parts, count, (size_t)rc))
        return rc;
    rc = fm__stream_hold(stream);
    if (rc < 0)
        return rc;
    rc = stream->shut ? -EPIPE : stream_vector_write(stream, parts, count);
    fm__stream_release(stream);
    return rc;
}

/* A buffer of the chain that has room, where nobody has to wait for it. */
static struct fm__buffer *stream_some_room(fm_stream *stream)
{
    if (stream->held || stream->shut || stream->write_error < 0 ||
        stream->queued >= stream->high)
        return NULL;
    if (stream->first != NULL && stream->last->end < FM__BUFFER_SIZE)
        return stream->last;
    struct fm__buffer *fresh = fm__stream_fresh(stream);
    if (fresh != NULL)
        fm__stream_append(stream, fresh);
    return fresh;
}

size_t fm__stream_put_some(fm_stream *stream, const char *bytes, size_t size)
{
    size_t put = 0;
    struct fm__buffer *last;
    while (put < size && (last = stream_some_room(stream)) != NULL) {
        size_t room = FM__BUFFER_SIZE - last->end, some = size - put;
        some = some < room ? some : room;
        memcpy(last->bytes + last->end, bytes + put, some);
        fm__stream_grow(stream, some);
        put += some;
    }
    return put;
}
