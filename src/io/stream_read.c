/*
 * stream_read.c - some bytes, or exactly so many
 *
 * Bytes arrive in a lent buffer, from which they are copied: a read that
 * stops short tells the backend that nothing more is there. Only where a
 * whole buffer was filled and the caller has room for another, the next read
 * goes straight into the caller's memory.
 */
#include "base/die.h"
#include "base/memory.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

void fm__stream_misused(const fm_stream *stream, const char *caller)
{
    if (stream->loop != &fm__current->home->loop)
        fm__die("%s: the stream belongs to another loop", caller);
    if (stream->closing)
        fm__die("%s: another task is closing this stream", caller);
    fm__die("%s: another task is reading this stream", caller);
}

int fm__stream_read_begin(fm_stream *stream, const char *caller)
{
    int rc = fm__checkpoint(fm__current, caller);
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check_unread(stream, caller);
    stream->reading = true;
    return 0;
}

void fm__stream_skip_all(fm_stream *stream)
{
    struct fm__buffer *in = stream->in;
    stream->in = NULL;
    if (in != NULL)
        fm__buffer_give(&stream->loop->buffers, in);
    fm__memory_free(stream->store);
    stream->store = NULL;
    stream->store_start = 0;
    stream->store_end = 0;
}

void fm__stream_stash(fm_stream *stream)
{
    size_t count = fm__buffer_count(stream->in);
    char *store = fm__memory_resize(NULL, count);
    if (store == NULL)
        return;
    memcpy(store, fm__stream_bytes(stream), count);
    fm__stream_skip(stream, count);
    stream->store = store;
    stream->store_size = count;
    stream->store_end = count;
}

void fm__stream_ease(fm_stream *stream)
{
    if (!fm__buffers_scarce(&stream->loop->buffers))
        return;
    if (stream->in != NULL)
        fm__stream_stash(stream);
    if (stream->filter != NULL)
        fm__filter_stash(stream->filter);
}

void fm__stream_read_end(fm_stream *stream)
{
    stream->reading = false;
    if (FM__UNLIKELY(stream->watch != NULL))
        fm__loop_cork(stream->loop, &stream->look);
    fm__stream_ease(stream);
}

ssize_t fm__stream_outcome(fm_stream *stream, ssize_t rc)
{
    if (rc == 0)
        stream->ended = true;
    else if (rc < 0 && rc != -ECANCELED && rc != -ETIMEDOUT && rc != -ENOMEM)
        stream->read_error = (int)rc;
    return rc;
}

ssize_t fm__stream_receive_wire(fm_stream *stream)
{
    struct fm__operation receive = {
        .op = {.kind = FM__OP_RECEIVE, .fd = stream->fd}};
    ssize_t rc = -EAGAIN;
    if (FM__UNLIKELY(stream->hears))
        rc = fm__stream_overhear(stream);
    if (rc != -EAGAIN)
        return rc;
    rc = fm__stream_operate(stream, &receive);
    if (rc > 0) {
        stream->in = receive.op.buffer;
        stream->bulk = rc == FM__BUFFER_SIZE;
    }
    return rc;
}

ssize_t fm__stream_receive(fm_stream *stream)
{
    if (stream->ended || stream->read_error < 0)
        return stream->read_error;
    bool filtered = stream->filter != NULL;
    return fm__stream_outcome(stream, filtered
                                          ? fm__filter_receive(stream)
                                          : fm__stream_receive_wire(stream));
}

ssize_t fm__stream_receive_into(fm_stream *stream, void *buf, size_t size)
{
    if (stream->ended || stream->read_error < 0)
        return stream->read_error;
    if (stream->filter != NULL)
        return fm__stream_outcome(stream,
                                  fm__filter_receive_into(stream, buf, size));
    struct fm__operation receive = {
        .op = {
            .kind = FM__OP_READ, .fd = stream->fd, .buf = buf, .size = size}};
    ssize_t rc = fm__stream_operate(stream, &receive);
    stream->bulk = rc >= FM__BUFFER_SIZE || rc == (ssize_t)size;
    return fm__stream_outcome(stream, rc);
}

size_t fm__stream_take(fm_stream *stream, void *buf, size_t size)
{
    size_t held = fm__stream_held(stream);
    size_t count = held < size ? held : size;
    if (count > 0) {
        memcpy(buf, fm__stream_bytes(stream), count);
        fm__stream_skip(stream, count);
    }
    return count;
}

ssize_t fm__stream_some(fm_stream *stream, void *buf, size_t size)
{
    size_t taken = fm__stream_take(stream, buf, size);
    if (taken > 0 || size == 0)
        return (ssize_t)taken;
    if (stream->bulk && size >= FM__BUFFER_SIZE)
        return fm__stream_receive_into(stream, buf, size);
    ssize_t rc = fm__stream_receive(stream);
    return rc > 0 ? (ssize_t)fm__stream_take(stream, buf, size) : rc;
}

ssize_t fm_read(fm_stream *stream, void *buf, size_t size)
{
    ssize_t rc = fm__stream_read_begin(stream, "fm_read");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    rc = fm__stream_some(stream, buf, size);
    fm__stream_read_end(stream);
    return rc;
}

/* Adds to the `filled` bytes of buf until it is full: 0, or why it is not. */
static ssize_t stream_fill(fm_stream *stream, struct iovec buf, size_t *filled)
{
    while (*filled < buf.iov_len) {
        ssize_t rc = fm__stream_some(stream, (char *)buf.iov_base + *filled,
                                     buf.iov_len - *filled);
        if (rc <= 0)
            return rc < 0 ? rc : -FM_EEOF;
        *filled += (size_t)rc;
        if (*filled == buf.iov_len)
            return 0;
        rc = fm__checkpoint(fm__current, "fm_read_exactly");
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Nothing else is there: a read that was not satisfied has taken it all. */
static void stream_put_back(fm_stream *stream, char *spare, size_t count)
{
    char *store = fm__memory_resize(spare, count);
    stream->store = store != NULL ? store : spare;
    stream->store_size = count;
    stream->store_end = count;
}

/* Bytes that were taken must fit somewhere when the rest does not come, so
 * memory is asked for before any is taken. */
static ssize_t stream_all(fm_stream *stream, void *buf, size_t size)
{
    size_t filled = 0;
    char *spare = fm__memory_resize(NULL, size);
    if (spare == NULL)
        return -ENOMEM;
    ssize_t rc = stream_fill(stream, (struct iovec){buf, size}, &filled);
    if (rc == 0 || filled == 0) {
        fm__memory_free(spare);
        return rc == 0 ? (ssize_t)size : rc;
    }
    memcpy(spare, buf, filled);
    stream_put_back(stream, spare, filled);
    return rc;
}

static ssize_t stream_exactly(fm_stream *stream, void *buf, size_t size)
{
    bool direct = stream->bulk && size >= FM__BUFFER_SIZE;
    if (fm__stream_held(stream) == 0 && size > 0 && !direct) {
        ssize_t rc = fm__stream_receive(stream);
        if (rc <= 0)
            return rc < 0 ? rc : -FM_EEOF;
    }
    if (fm__stream_held(stream) >= size)
        return (ssize_t)fm__stream_take(stream, buf, size);
    return stream_all(stream, buf, size);
}

ssize_t fm_read_exactly(fm_stream *stream, void *buf, size_t size)
{
    ssize_t rc = fm__stream_read_begin(stream, "fm_read_exactly");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    rc = stream_exactly(stream, buf, size);
    fm__stream_read_end(stream);
    return rc;
}
