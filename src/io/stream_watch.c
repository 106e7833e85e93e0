/*
 * stream_watch.c - what comes while nobody reads
 *
 * The read that will come anyway is asked for early: `hearing` is the
 * stream's, stays in flight whoever has stopped watching, and what it brings
 * is the next read's, which waits for it in place of an operation of its own.
 * Nobody is looked after within a turn: what ends before its turn does was
 * watched for nothing, and has cost nothing.
 *
 * Invariant: nothing is asked for while a task reads; and while `hears` no
 * other read of the stream is in flight.
 */
#include "io/stream_record.h"

#include <errno.h>
#include <string.h>

#define STREAM_LOOKS 16 /* answers that are there at once */

struct stream_hearer {
    struct fm__waiter waiter;
    fm_stream *stream;
};

void fm__stream_forget_heard(fm_stream *stream)
{
    if (stream->hearing.result > 0)
        fm__buffer_give(&stream->loop->buffers, stream->hearing.buffer);
    stream->hears = false;
    stream->heard = false;
}

/* ---- Who reads ----------------------------------------------------------- */

/* A lent buffer's bytes, behind those that are there: 0 or -ENOMEM. */
static int stream_append(fm_stream *stream, struct fm__buffer *buffer)
{
    size_t held = fm__stream_held(stream), count = fm__buffer_count(buffer);
    int rc = 0;
    if (stream->in != NULL || stream->store_size - stream->store_end < count)
        rc = fm__stream_reserve(stream, held + count, 0);
    if (rc < 0)
        return rc;
    memcpy(stream->store + stream->store_end, buffer->bytes + buffer->start,
           count);
    stream->store_end += count;
    return 0;
}

/* The result, which is there, into the stream; without memory it stays. */
static ssize_t stream_take_heard(fm_stream *stream)
{
    struct fm__op *op = &stream->hearing;
    ssize_t rc = op->result;
    if (rc > 0 && fm__stream_held(stream) == 0) {
        stream->in = op->buffer;
        op->result = 0;
    } else if (rc > 0 && stream_append(stream, op->buffer) < 0) {
        return -ENOMEM;
    }
    stream->bulk = rc == FM__BUFFER_SIZE;
    fm__stream_forget_heard(stream);
    return rc;
}

static void stream_hearer_cut(struct fm__waiter *waiter, int reason)
{
    FM__CONTAINER(waiter, struct stream_hearer, waiter)->stream->hearer = NULL;
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind stream_hearer_kind = {
    .cut = stream_hearer_cut,
    .name = "receive",
    .what = FM__WAIT_DESCRIPTOR,
    .at = FM__WAIT_AT(struct stream_hearer, waiter, stream),
    .first = offsetof(fm_stream, fd),
};

/* Cut, it leaves the operation alone. */
static int stream_await_heard(fm_stream *stream)
{
    struct fm__task *self = fm__current;
    struct stream_hearer hearer = {.waiter = {.kind = &stream_hearer_kind},
                                   .stream = stream};
    int rc = self->cut ? fm__cut_reason(self) : 0;
    if (rc < 0)
        return rc;
    stream->hearer = &hearer.waiter;
    return fm__park(&hearer.waiter);
}

ssize_t fm__stream_overhear(fm_stream *stream)
{
    int cut = stream->heard ? 0 : stream_await_heard(stream);
    return cut < 0 ? cut : stream_take_heard(stream);
}

/* ---- Who watches --------------------------------------------------------- */

static void stream_hearing_done(struct fm__op *op)
{
    fm_stream *stream = FM__CONTAINER(op, struct fm_stream, hearing);
    struct fm__waiter *hearer = stream->hearer;
    stream->heard = true;
    stream->hearer = NULL;
    if (hearer != NULL)
        fm__wake(hearer, 0);
    else
        fm__loop_cork(stream->loop, &stream->look);
}

/* Whether the end, or more than is there, is still to be heard of. A filter's
 * plaintext has its place only where none is. */
static bool stream_may_hear(const fm_stream *stream)
{
    const struct fm__filter *filter = stream->filter;
    size_t held = fm__stream_held(stream);
    bool room =
        filter == NULL ? held < stream->read_limit : held == 0 && filter->begun;
    return room && (!stream->carried || stream->transport->hears);
}

/* Asks, as long as it may: whether there is an answer already. What waits for
 * long lies in no lent buffer. */
static bool stream_listen(fm_stream *stream)
{
    if (!stream_may_hear(stream))
        return false;
    if (stream->in != NULL)
        fm__stream_stash(stream);
    if (stream->in != NULL)
        return false;
    if (stream->filter == NULL)
        stream->bulk = false;
    stream->hearing = (struct fm__op){
        .kind = FM__OP_RECEIVE, .fd = stream->fd, .done = stream_hearing_done};
    stream->hears = true;
    stream->heard = fm__stream_submit(stream, &stream->hearing);
    return stream->heard;
}

/* Bytes of the wire are the filter's, as soon as it has no others; what they
 * say is heard of next. */
static ssize_t stream_bring(fm_stream *stream)
{
    struct fm__filter *filter = stream->filter;
    struct fm__op *op = &stream->hearing;
    ssize_t rc = op->result;
    if (filter->in != NULL || filter->store != NULL)
        return -EAGAIN;
    if (rc >= 0) {
        fm__filter_bring(filter, op->buffer, rc);
        op->result = 0;
    }
    fm__stream_forget_heard(stream);
    return rc < 0 ? rc : -EAGAIN;
}

/* What is there to be told: as fm__watch.heard; -EAGAIN: nothing so far. */
static ssize_t stream_hear(fm_stream *stream)
{
    ssize_t rc = -EAGAIN;
    if (stream->heard)
        rc = stream->filter != NULL ? stream_bring(stream)
                                    : stream_take_heard(stream);
    else if (stream->ended || stream->read_error < 0)
        return stream->read_error;
    if (rc == -EAGAIN && stream->filter != NULL && stream->filter->begun &&
        fm__stream_held(stream) == 0)
        rc = fm__filter_receive_now(stream);
    return rc != -EAGAIN ? fm__stream_outcome(stream, rc) : rc;
}

static void stream_tell(fm_stream *stream, ssize_t rc)
{
    struct fm__watch *watch = stream->watch;
    if (watch == NULL)
        return;
    if (rc <= 0)
        fm__stream_unwatch(stream);
    watch->heard(watch, rc);
}

/* A peer that sends without end holds nobody up: then no more is heard. */
static void stream_look_again(fm_stream *stream)
{
    for (int i = 0; i < STREAM_LOOKS; i++) {
        ssize_t rc = -EAGAIN;
        if (stream->heard || (stream->watch != NULL && !stream->hears))
            rc = stream_hear(stream);
        if (rc == -ENOMEM)
            return;
        if (rc != -EAGAIN)
            stream_tell(stream, rc);
        if (stream->watch == NULL || stream->hears || !stream_listen(stream))
            return;
    }
}

void fm__stream_look(struct fm__cork *cork)
{
    fm_stream *stream = FM__CONTAINER(cork, fm_stream, look);
    if (stream->reading || stream->closing)
        return;
    stream_look_again(stream);
    fm__stream_ease(stream);
}
