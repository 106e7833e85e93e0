/*
 * filter.c - a stream through an engine
 *
 * Where buffers are scarce, bytes that may stay for long lie in memory of
 * their own, as in the stream itself.
 */
#include "io/filter.h"

#include "base/memory.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    FILTER_CLEAR = 4,      /* buffers that a close looks at */
    FILTER_AT_ONCE = 65536 /* bytes that a reader gets */
};

static struct fm__buffers *filter_buffers(const struct fm__filter *filter)
{
    return &filter->stream->loop->buffers;
}

/* ---- The wire's bytes, in ----------------------------------------------- */

static size_t filter_take_store(struct fm__filter *filter, void *buf,
                                size_t size)
{
    size_t held = filter->store_end - filter->store_start;
    size_t count = held < size ? held : size;
    memcpy(buf, filter->store + filter->store_start, count);
    filter->store_start += count;
    if (filter->store_start == filter->store_end) {
        fm__memory_free(filter->store);
        filter->store = NULL;
    }
    return count;
}

size_t fm__filter_take(struct fm__filter *filter, void *buf, size_t size)
{
    struct fm__buffer *in = filter->in;
    if (filter->store != NULL)
        return filter_take_store(filter, buf, size);
    if (in == NULL)
        return 0;
    size_t held = fm__buffer_count(in);
    size_t count = held < size ? held : size;
    memcpy(buf, in->bytes + in->start, count);
    in->start += (uint32_t)count;
    if (in->start == in->end) {
        filter->in = NULL;
        fm__buffer_give(filter_buffers(filter), in);
    }
    return count;
}

void fm__filter_forget(struct fm__filter *filter)
{
    fm__memory_free(filter->store);
    filter->store = NULL;
    if (filter->in != NULL)
        fm__buffer_give(filter_buffers(filter), filter->in);
    filter->in = NULL;
}

/* Without memory they stay where they are. */
void fm__filter_stash(struct fm__filter *filter)
{
    struct fm__buffer *in = filter->in;
    if (in == NULL || filter->store != NULL)
        return;
    size_t count = fm__buffer_count(in);
    char *store = fm__memory_resize(NULL, count);
    if (store == NULL)
        return;
    memcpy(store, in->bytes + in->start, count);
    filter->store = store;
    filter->store_start = 0;
    filter->store_end = count;
    filter->in = NULL;
    fm__buffer_give(filter_buffers(filter), in);
}

/* What lies in the stream to be read is of the wire. */
static void filter_adopt(fm_stream *stream, struct fm__filter *filter)
{
    filter->in = stream->in;
    filter->store = stream->store;
    filter->store_start = stream->store_start;
    filter->store_end = stream->store_end;
    stream->in = NULL;
    stream->store = NULL;
    stream->store_start = 0;
    stream->store_end = 0;
    stream->store_size = 0;
}

/* Into the filter. The stream's store may hold what was decoded before, and
 * is out of the way meanwhile. */
static ssize_t filter_receive_wire(fm_stream *stream)
{
    struct fm__filter *filter = stream->filter;
    char *store = stream->store;
    size_t start = stream->store_start, end = stream->store_end;
    size_t size = stream->store_size;
    stream->store = NULL;
    ssize_t rc = fm__stream_receive_wire(stream);
    if (rc > 0)
        filter_adopt(stream, filter);
    filter->ended = rc == 0;
    stream->bulk = true;
    stream->store = store;
    stream->store_start = start;
    stream->store_end = end;
    stream->store_size = size;
    return rc;
}

/* The engine has taken all: waits for more. 0, also at the end. */
static int filter_fill(struct fm__filter *filter, const char *caller)
{
    if (filter->ended)
        return -FM_ETRUNCATED;
    ssize_t rc = filter_receive_wire(filter->stream);
    return rc < 0 ? (int)rc : fm__checkpoint(fm__current, caller);
}

int64_t fm__filter_now(const struct fm__filter *filter)
{
    return fm__loop_now(filter->stream->loop);
}

/* ---- Plaintext ---------------------------------------------------------- */

/* What the engine has, as long as there is room for a whole record, and not
 * too much of it. */
static ssize_t filter_decode(struct fm__filter *filter, char *buf, size_t size)
{
    fm_stream *stream = filter->stream;
    size_t count = 0;
    ssize_t rc;
    do {
        rc = filter->kind->decode(filter, buf + count, size - count);
        count += rc > 0 ? (size_t)rc : 0;
    } while (rc > 0 && size - count >= FM__BUFFER_SIZE &&
             count < FILTER_AT_ONCE);
    if (stream->first != NULL) /* it may have waited for that */
        fm__loop_cork(stream->loop, &stream->cork);
    return count > 0 ? (ssize_t)count : rc;
}

/* Into a lent buffer; -ENOBUFS: into memory of its own, please. */
static ssize_t filter_decode_lent(fm_stream *stream)
{
    struct fm__buffers *buffers = &stream->loop->buffers;
    struct fm__buffer *in =
        fm__buffers_scarce(buffers) ? NULL : fm__buffer_take(buffers);
    if (in == NULL)
        return -ENOBUFS;
    ssize_t rc = filter_decode(stream->filter, in->bytes, FM__BUFFER_SIZE);
    if (rc <= 0) {
        fm__buffer_give(buffers, in);
        return rc;
    }
    in->end = (uint32_t)rc;
    stream->in = in;
    return rc;
}

static ssize_t filter_decode_store(fm_stream *stream)
{
    char *store = fm__memory_resize(NULL, FM__BUFFER_SIZE);
    if (store == NULL)
        return -ENOMEM;
    ssize_t rc = filter_decode(stream->filter, store, FM__BUFFER_SIZE);
    if (rc <= 0) {
        fm__memory_free(store);
        return rc;
    }
    stream->store = store;
    stream->store_size = FM__BUFFER_SIZE;
    stream->store_start = 0;
    stream->store_end = (size_t)rc;
    return rc;
}

static ssize_t filter_decode_some(fm_stream *stream)
{
    ssize_t rc = filter_decode_lent(stream);
    return rc == -ENOBUFS ? filter_decode_store(stream) : rc;
}

ssize_t fm__filter_receive_now(fm_stream *stream)
{
    ssize_t rc = filter_decode_some(stream);
    return rc == -EAGAIN && stream->filter->ended ? -FM_ETRUNCATED : rc;
}

void fm__filter_bring(struct fm__filter *filter, struct fm__buffer *in,
                      ssize_t rc)
{
    if (rc > 0)
        filter->in = in;
    filter->ended = rc == 0;
}

ssize_t fm__filter_receive(fm_stream *stream)
{
    for (;;) {
        ssize_t rc = filter_decode_some(stream);
        if (rc != -EAGAIN)
            return rc;
        rc = filter_fill(stream->filter, "fm_read");
        if (rc < 0)
            return rc;
    }
}

ssize_t fm__filter_receive_into(fm_stream *stream, void *buf, size_t size)
{
    for (;;) {
        ssize_t rc = filter_decode(stream->filter, buf, size);
        if (rc != -EAGAIN)
            return rc;
        rc = filter_fill(stream->filter, "fm_read");
        if (rc < 0)
            return rc;
    }
}

/* ---- The wire's bytes, out ---------------------------------------------- */

void fm__filter_give(struct fm__filter *filter, struct fm__buffer *buffer)
{
    if (buffer->own)
        fm__memory_free(buffer);
    else
        fm__buffer_give(filter_buffers(filter), buffer);
}

static struct fm__buffer *filter_fresh(const struct fm__filter *filter)
{
    struct fm__buffers *buffers = filter_buffers(filter);
    struct fm__buffer *fresh =
        fm__buffers_scarce(buffers) ? NULL : fm__buffer_take(buffers);
    if (fresh != NULL)
        return fresh;
    fresh = fm__memory_new(sizeof *fresh);
    if (fresh != NULL)
        fresh->own = true;
    return fresh;
}

/* The last of the chain, with room; or NULL without memory. */
static struct fm__buffer *filter_room(struct fm__filter *filter)
{
    struct fm__buffer *last = filter->first != NULL ? filter->last : NULL;
    if (last != NULL && last->end < FM__BUFFER_SIZE)
        return last;
    struct fm__buffer *fresh = filter_fresh(filter);
    if (fresh == NULL)
        return NULL;
    if (last == NULL)
        filter->first = fresh;
    else
        last->next = fresh;
    filter->last = fresh;
    return fresh;
}

int fm__filter_put(struct fm__filter *filter, const void *bytes, size_t size)
{
    fm_stream *stream = filter->stream;
    const char *from = bytes;
    if (filter->finished || stream->write_error < 0)
        return 0;
    if (!filter->encoding && stream->queued > stream->high + FM__FILTER_REPLIES)
        return -ENOBUFS;
    while (size > 0) {
        struct fm__buffer *last = filter_room(filter);
        if (last == NULL)
            return -ENOMEM;
        size_t room = FM__BUFFER_SIZE - last->end;
        size_t count = size < room ? size : room;
        memcpy(last->bytes + last->end, from, count);
        last->end += (uint32_t)count;
        stream->queued += count;
        from += count;
        size -= count;
    }
    if (!filter->encoding)
        fm__loop_cork(stream->loop, &stream->cork);
    return 0;
}

int fm__filter_encode(fm_stream *stream, const void *bytes, size_t size)
{
    struct fm__filter *filter = stream->filter;
    filter->encoding = true;
    int rc = filter->kind->encode(filter, bytes, size);
    filter->encoding = false;
    return rc;
}

int fm__filter_encode_chain(fm_stream *stream)
{
    while (stream->first != NULL) {
        struct fm__buffer *first = stream->first;
        size_t count = fm__buffer_count(first);
        int rc = fm__filter_encode(stream, first->bytes + first->start, count);
        if (rc < 0)
            return rc;
        stream->first = first->next;
        stream->queued -= count;
        fm__buffer_give(&stream->loop->buffers, first);
    }
    return 0;
}

/* ---- Begin and end ------------------------------------------------------ */

bool fm__filter_unfinished(const fm_stream *stream)
{
    const struct fm__filter *filter = stream->filter;
    return filter != NULL && filter->begun && !filter->finished &&
           stream->write_error == 0;
}

int fm__filter_finish(fm_stream *stream)
{
    struct fm__filter *filter = stream->filter;
    if (!fm__filter_unfinished(stream))
        return 0;
    int rc = fm__filter_encode_chain(stream);
    if (rc == -EAGAIN) /* nobody may be there to decode */
        rc = -FM_ETLS;
    if (rc == 0)
        rc = filter->kind->finish(filter);
    filter->finished = true;
    stream->shut = true;
    return rc;
}

static bool filter_readable(const fm_stream *stream)
{
    struct fm__loop *loop = stream->loop;
    return !stream->carried &&
           loop->backend->events(loop, stream->fd, EPOLLIN) > 0;
}

void fm__filter_clear(fm_stream *stream)
{
    struct fm__filter *filter = stream->filter;
    char byte;
    if (filter == NULL || !filter->begun || stream->read_error < 0)
        return;
    for (int i = 0; i < FILTER_CLEAR && !stream->ended; i++) {
        if (fm__stream_held(stream) > 0 ||
            filter->kind->decode(filter, &byte, 1) != -EAGAIN)
            return;
        if (filter->ended || !filter_readable(stream) ||
            filter_receive_wire(stream) < 0)
            return;
    }
}

struct fm__filter *fm__stream_filter(const fm_stream *stream)
{
    struct fm__filter *filter = stream->filter;
    return filter != NULL && filter->begun ? filter : NULL;
}

/* What came and was not read is of the wire, and what was written and has not
 * left. */
static void filter_attach(fm_stream *stream, struct fm__filter *filter)
{
    filter->stream = stream;
    filter_adopt(stream, filter);
    filter->first = stream->first;
    filter->last = stream->last;
    filter->ended = stream->ended;
    stream->first = NULL;
    stream->ended = false;
    stream->bulk = true;
    stream->filter = filter;
}

/* Its own words have to be out before it waits for an answer: who waits for
 * that would not hear that they are lost. */
static int filter_begin(struct fm__filter *filter, const char *caller)
{
    for (;;) {
        int rc = filter->kind->begin(filter);
        if (rc == 0)
            filter->begun = true;
        if (rc != -EAGAIN)
            return rc;
        rc = fm__stream_drain(filter->stream, 0);
        if (rc == 0)
            rc = filter_fill(filter, caller);
        if (rc < 0)
            return rc;
    }
}

/* The stream is half way between two protocols: it speaks none. */
static void filter_fail(fm_stream *stream, int rc)
{
    bool cut = rc == -ECANCELED || rc == -ETIMEDOUT;
    stream->read_error = cut ? -FM_ETRUNCATED : rc;
    stream->shut = true;
    stream->halved = true;
}

/* The caller reads and holds the stream. */
static int filter_start(fm_stream *stream, struct fm__filter *filter,
                        const char *caller)
{
    if (stream->filter != NULL)
        return -EALREADY;
    if (stream->read_error < 0)
        return stream->read_error;
    if (stream->write_error < 0)
        return fm__stream_write_error(stream);
    if (stream->shut)
        return -EPIPE;
    filter_attach(stream, filter);
    int rc = filter_begin(filter, caller);
    if (rc < 0)
        filter_fail(stream, rc);
    return rc;
}

int fm__filter_check(const fm_stream *stream, const char *caller)
{
    int rc = fm__checkpoint(fm__current, caller);
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check_unread(stream, caller);
    return stream->filter != NULL ? -EALREADY : 0;
}

int fm__filter_start(fm_stream *stream, struct fm__filter *filter,
                     const char *caller)
{
    int rc = (int)fm__stream_read_begin(stream, caller);
    if (rc < 0)
        return rc;
    rc = fm__stream_hold(stream);
    if (rc == 0) {
        rc = filter_start(stream, filter, caller);
        fm__stream_release(stream);
    }
    fm__stream_read_end(stream);
    return rc;
}
