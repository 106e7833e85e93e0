/*
 * stream_write.c - copied, corked, and sent together at the turn's end
 *
 * What does not fit into one buffer is sent from where it lies, behind what
 * was queued before, by the one operation that sends at a time.
 */
#include "base/die.h"
#include "io/stream_record.h"

#include <errno.h>
#include <string.h>

/* Records of one long write leave together, that many bytes above the high
 * water: two buffers, which leaves half of the room that a filter has for
 * its replies. */
#define STREAM_BATCH ((size_t)2 * FM__BUFFER_SIZE)

int fm__stream_write_error(fm_stream *stream)
{
    if (stream->write_error < 0)
        stream->told = true;
    return stream->write_error;
}

static bool stream_sending(const fm_stream *stream)
{
    return stream->sending.state == FM__OP_PENDING;
}

/* Of the chain that the kernel gets. */
static struct fm__buffer *stream_leaving(const fm_stream *stream)
{
    return stream->filter != NULL ? stream->filter->first : stream->first;
}

/* The first of that chain has left. */
static void stream_left(fm_stream *stream, struct fm__buffer *first)
{
    struct fm__filter *filter = stream->filter;
    if (filter != NULL) {
        filter->first = first->next;
        fm__filter_give(filter, first);
    } else {
        stream->first = first->next;
        fm__buffer_give(&stream->loop->buffers, first);
    }
}

void fm__stream_drop_chain(fm_stream *stream)
{
    while (stream_leaving(stream) != NULL)
        stream_left(stream, stream_leaving(stream));
    while (stream->first != NULL) {
        struct fm__buffer *first = stream->first;
        stream->first = first->next;
        fm__buffer_give(&stream->loop->buffers, first);
    }
    stream->queued = 0;
}

/* The kernel has taken so many of the chain. */
static void stream_shorten(fm_stream *stream, size_t count)
{
    stream->queued -= count;
    struct fm__buffer *first;
    while ((first = stream_leaving(stream)) != NULL) {
        size_t held = fm__buffer_count(first);
        size_t taken = count < held ? count : held;
        first->start += (uint32_t)taken;
        count -= taken;
        if (first->start < first->end)
            return;
        stream_left(stream, first);
    }
}

static void stream_fail(fm_stream *stream, int error)
{
    if (stream->write_error == 0)
        stream->write_error = error;
    fm__stream_drop_chain(stream);
}

static void stream_sent(fm_stream *stream, ssize_t rc)
{
    if (rc < 0)
        stream_fail(stream, (int)rc);
    else
        stream_shorten(stream, (size_t)rc);
}

/* What the filter could not take is lost; what it has made still leaves, for
 * it may tell the peer why. Returns the error. */
static int stream_spoil(fm_stream *stream, int error)
{
    struct fm__buffer *first;
    while ((first = stream->first) != NULL) {
        stream->first = first->next;
        stream->queued -= fm__buffer_count(first);
        fm__buffer_give(&stream->loop->buffers, first);
    }
    if (stream->write_error == 0)
        stream->write_error = error;
    return error;
}

static void stream_encode(fm_stream *stream)
{
    int rc = fm__filter_encode_chain(stream);
    if (rc < 0 && rc != -EAGAIN)
        (void)stream_spoil(stream, rc);
}

/* The holder may go on: something has changed since it looked. */
void fm__stream_wake_holder(fm_stream *stream)
{
    struct fm__room *room = stream->room;
    if (room == NULL)
        return;
    if (stream->write_error == 0 &&
        (stream_sending(stream) || stream->queued > room->most))
        return;
    stream->room = NULL;
    fm__wake(&room->waiter, 0);
}

static void stream_done(struct fm__op *op)
{
    fm_stream *stream = FM__CONTAINER(op, struct fm_stream, sending);
    stream_sent(stream, op->result);
    if (stream->queued > 0)
        fm__loop_cork(stream->loop, &stream->cork);
    fm__stream_wake_holder(stream);
}

/* As much of the chain as leaves at once; how many buffers. */
static size_t stream_vector(const fm_stream *stream, struct iovec *vector,
                            size_t size)
{
    size_t count = 0;
    for (struct fm__buffer *buffer = stream_leaving(stream);
         buffer != NULL && count < size; buffer = buffer->next) {
        vector[count].iov_base = buffer->bytes + buffer->start;
        vector[count].iov_len = fm__buffer_count(buffer);
        count++;
    }
    return count;
}

/* True: it is done already. */
static bool stream_send(fm_stream *stream)
{
    struct fm__op *op = &stream->sending;
    struct fm__buffer *first = stream_leaving(stream);
    op->fd = stream->fd;
    op->done = stream_done;
    if (FM__LIKELY(first->next == NULL)) {
        op->kind = FM__OP_WRITE;
        op->buf = first->bytes + first->start;
        op->size = fm__buffer_count(first);
    } else {
        op->kind = FM__OP_WRITEV;
        op->buf = stream->vector;
        op->size = stream_vector(stream, stream->vector, FM__STREAM_VECTOR);
    }
    return fm__stream_submit(stream, op);
}

void fm__stream_push(fm_stream *stream)
{
    if (stream->direct || stream_sending(stream))
        return;
    if (stream->filter != NULL)
        stream_encode(stream);
    while (stream_leaving(stream) != NULL && stream_send(stream))
        stream_sent(stream, stream->sending.result);
}

static void stream_room_cut(struct fm__waiter *waiter, int reason)
{
    struct fm__room *room = FM__CONTAINER(waiter, struct fm__room, waiter);
    room->stream->room = NULL;
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind stream_room_kind = {
    .cut = stream_room_cut,
    .name = "write",
    .what = FM__WAIT_DESCRIPTOR,
    .at = FM__WAIT_AT(struct fm__room, waiter, stream),
    .first = offsetof(fm_stream, fd),
};

int fm__stream_drain(fm_stream *stream, size_t most)
{
    fm__stream_push(stream);
    struct fm__room room = {
        .waiter = {.kind = &stream_room_kind}, .stream = stream, .most = most};
    int rc = 0;
    /* Of what has failed nothing more is awaited. */
    if (stream->write_error == 0 &&
        (stream_sending(stream) || stream->queued > most)) {
        /* A cut may have come while the caller waited for the hold. */
        rc = fm__current->cut ? fm__cut_reason(fm__current) : 0;
        if (rc < 0)
            return rc;
        stream->room = &room;
        rc = fm__park(&room.waiter);
    }
    return rc < 0 ? rc : fm__stream_write_error(stream);
}

struct fm__buffer *fm__stream_fresh(const fm_stream *stream)
{
    struct fm__buffers *buffers = &stream->loop->buffers;
    return fm__buffers_scarce(buffers) ? NULL : fm__buffer_take(buffers);
}

void fm__stream_append(fm_stream *stream, struct fm__buffer *fresh)
{
    if (stream->first == NULL)
        stream->first = fresh;
    else
        stream->last->next = fresh;
    stream->last = fresh;
}

void fm__stream_grow(fm_stream *stream, size_t count)
{
    stream->last->end += (uint32_t)count;
    stream->queued += count;
    fm__loop_cork(stream->loop, &stream->cork);
}

/* How many bytes were copied: fewer where buffers are wanting. */
static size_t stream_copy(fm_stream *stream, const char *bytes, size_t size)
{
    size_t copied = 0;
    while (copied < size) {
        struct fm__buffer *last = stream->last;
        if (stream->first == NULL || last->end == FM__BUFFER_SIZE) {
            last = fm__stream_fresh(stream);
            if (last == NULL)
                break;
            fm__stream_append(stream, last);
        }
        size_t room = FM__BUFFER_SIZE - last->end;
        size_t count = size - copied < room ? size - copied : room;
        memcpy(last->bytes + last->end, bytes + copied, count);
        fm__stream_grow(stream, count);
        copied += count;
    }
    return copied;
}

/* What is sent at once: the chain, and behind it the caller's own bytes; a
 * chain too long for one vector goes first, alone. */
static void stream_join(fm_stream *stream, struct iovec *own,
                        struct fm__operation *send)
{
    struct iovec *vector = send->op.buf;
    size_t count = stream_vector(stream, vector, FM__STREAM_VECTOR - 1);
    if (count == 0) {
        send->op.kind = FM__OP_WRITE;
        send->op.buf = own->iov_base;
        send->op.size = own->iov_len;
        return;
    }
    send->op.size = count;
    const char *end = stream->last->bytes + stream->last->end;
    const struct iovec *last = &vector[count - 1];
    if ((const char *)last->iov_base + last->iov_len == end)
        vector[send->op.size++] = *own;
}

/* One operation: how many of the caller's own bytes were taken. */
static ssize_t stream_send_with(fm_stream *stream, struct iovec own)
{
    struct iovec vector[FM__STREAM_VECTOR];
    struct fm__operation send = {
        .op = {.kind = FM__OP_WRITEV, .fd = stream->fd, .buf = vector}};
    stream_join(stream, &own, &send);
    stream->direct = true;
    ssize_t rc = fm__stream_operate(stream, &send);
    stream->direct = false;
    if (rc == -ECANCELED || rc == -ETIMEDOUT)
        return rc;
    size_t queued = stream->queued;
    size_t chain = rc > 0 && (size_t)rc < queued ? (size_t)rc : queued;
    stream_sent(stream, rc < 0 ? rc : (ssize_t)chain);
    return rc < 0 ? rc : rc - (ssize_t)chain;
}

/* The filter takes none now: the chain takes them, as far as it can. */
static ssize_t stream_postpone(fm_stream *stream, const char *bytes,
                               size_t size)
{
    size_t copied = stream_copy(stream, bytes, size);
    return copied > 0 ? (ssize_t)copied : stream_spoil(stream, -ENOMEM);
}

/* A record of the caller's bytes: how many, or -errno. */
static ssize_t stream_write_record(fm_stream *stream, const char *bytes,
                                   size_t size)
{
    size_t count = size < FM__BUFFER_SIZE ? size : FM__BUFFER_SIZE;
    int rc = fm__filter_encode_chain(stream);
    if (rc == 0)
        rc = fm__filter_encode(stream, bytes, count);
    if (rc == -EAGAIN)
        return stream_postpone(stream, bytes, count);
    return rc < 0 ? stream_spoil(stream, rc) : (ssize_t)count;
}

/* The caller holds the stream, which has a filter. */
static ssize_t stream_write_filtered(fm_stream *stream, const char *bytes,
                                     size_t size)
{
    size_t done = 0;
    ssize_t rc = 0;
    while (rc >= 0 && done < size) {
        rc = stream_write_record(stream, bytes + done, size - done);
        done += rc > 0 ? (size_t)rc : 0;
        fm__loop_cork(stream->loop, &stream->cork);
        size_t most = stream->high + (done < size ? STREAM_BATCH : 0);
        if (rc >= 0 && stream->queued > most)
            rc = fm__stream_drain(stream, stream->low);
        if (rc >= 0 && done < size)
            rc = fm__checkpoint(fm__current, "fm_write");
    }
    if (stream->write_error < 0)
        return fm__stream_write_error(stream);
    return done > 0 || rc >= 0 ? (ssize_t)done : rc;
}

/* The caller holds the stream. */
static ssize_t stream_write_here(fm_stream *stream, const char *bytes,
                                 size_t size)
{
    size_t sent = 0;
    int rc = 0;
    if (stream->filter != NULL)
        return stream_write_filtered(stream, bytes, size);
    while (rc == 0 && stream_sending(stream))
        rc = fm__stream_drain(stream, SIZE_MAX);
    while (rc == 0 && sent < size) {
        void *rest = (void *)(uintptr_t)(bytes + sent);
        ssize_t count =
            stream_send_with(stream, (struct iovec){rest, size - sent});
        sent += count > 0 ? (size_t)count : 0;
        rc = count < 0 ? (int)count : 0;
        if (rc == 0 && sent < size)
            rc = fm__checkpoint(fm__current, "fm_write");
    }
    if (stream->first != NULL)
        fm__loop_cork(stream->loop, &stream->cork);
    if (stream->write_error < 0)
        return fm__stream_write_error(stream);
    return sent > 0 || rc == 0 ? (ssize_t)sent : rc;
}

ssize_t fm__stream_write_held(fm_stream *stream, const char *bytes, size_t size)
{
    int rc = fm__stream_write_error(stream);
    if (rc < 0)
        return rc;
    if (size > FM__BUFFER_SIZE)
        return stream_write_here(stream, bytes, size);
    if (stream->queued + size > stream->high)
        rc = fm__stream_drain(stream, stream->low);
    if (rc < 0)
        return rc;
    size_t copied = stream_copy(stream, bytes, size);
    if (copied == size)
        return (ssize_t)size;
    ssize_t rest = stream_write_here(stream, bytes + copied, size - copied);
    if (rest < 0 && (stream->write_error < 0 || copied == 0))
        return rest;
    return (ssize_t)copied + (rest > 0 ? rest : 0);
}

ssize_t fm__stream_write_in_turn(fm_stream *stream, const char *bytes,
                                 size_t size)
{
    int rc = fm__stream_hold(stream);
    if (rc < 0)
        return rc;
    ssize_t written =
        stream->shut ? -EPIPE : fm__stream_write_held(stream, bytes, size);
    fm__stream_release(stream);
    return written;
}

/* The last of the chain, where a write need not wait and has room in it; NULL:
 * it must take its turn. */
static struct fm__buffer *stream_room(fm_stream *stream, size_t size)
{
    if (stream->held || stream->shut || stream->queued + size > stream->high)
        return NULL;
    if (stream->first != NULL)
        return size <= FM__BUFFER_SIZE - stream->last->end ? stream->last
                                                           : NULL;
    if (size > FM__BUFFER_SIZE || stream->write_error < 0)
        return NULL;
    struct fm__buffer *fresh = fm__stream_fresh(stream);
    if (fresh != NULL)
        fm__stream_append(stream, fresh);
    return fresh;
}

bool fm__stream_put(fm_stream *stream, const struct iovec *parts, size_t count,
                    size_t size)
{
    struct fm__buffer *last = stream_room(stream, size);
    if (last == NULL)
        return false;
    char *at = last->bytes + last->end;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].iov_len > 0)
            memcpy(at, parts[i].iov_base, parts[i].iov_len);
        at += parts[i].iov_len;
    }
    fm__stream_grow(stream, size);
    return true;
}

ssize_t fm_write(fm_stream *stream, const void *buf, size_t size)
{
    int rc = fm__checkpoint(fm__current, "fm_write");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check(stream, "fm_write");
    if (size == 0)
        return 0;
    struct fm__buffer *last = stream_room(stream, size);
    if (last == NULL)
        return fm__stream_write_in_turn(stream, buf, size);
    memcpy(last->bytes + last->end, buf, size);
    fm__stream_grow(stream, size);
    return (ssize_t)size;
}

int fm__stream_finish(fm_stream *stream)
{
    int rc = fm__filter_finish(stream);
    if (rc < 0)
        (void)stream_spoil(stream, rc);
    return fm__stream_drain(stream, 0);
}

int fm_flush(fm_stream *stream)
{
    int rc = fm__checkpoint(fm__current, "fm_flush");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check(stream, "fm_flush");
    rc = fm__stream_hold(stream);
    if (rc < 0)
        return rc;
    rc = fm__stream_drain(stream, 0);
    fm__stream_release(stream);
    return rc;
}

int fm_write_eof(fm_stream *stream)
{
    int rc = fm__checkpoint(fm__current, "fm_write_eof");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check(stream, "fm_write_eof");
    rc = fm__stream_hold(stream);
    if (rc < 0)
        return rc;
    rc = stream->halved ? 0 : fm__stream_finish(stream);
    if (rc == 0 && !stream->halved)
        rc = fm__stream_shutdown(stream);
    if (rc == -ENOTCONN) /* it was reset, which no write has told yet */
        rc = -EPIPE;
    stream->halved = stream->halved || rc == 0;
    stream->shut = stream->shut || stream->halved;
    fm__stream_release(stream);
    return rc;
}
