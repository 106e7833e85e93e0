/*
 * stream_life.c - how a stream begins and ends
 *
 * Invariant: the descriptor is closed, and the record freed, only when no
 * operation of the stream is in flight; what still sends when a stream ends
 * is asked to stop, and its completion does the rest.
 */
#include "base/die.h"
#include "base/memory.h"
#include "io/stream_record.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static const fm_stream_options stream_defaults;

/* Who writes has the stream to itself; the others are in line. */
static const struct fm__wait_kind stream_turn_kind = {
    .cut = fm__park_cut,
    .name = "write turn",
    .what = FM__WAIT_LISTED | FM__WAIT_DESCRIPTOR,
    .at = FM__WAIT_BACK(fm_stream, writers),
    .first = offsetof(fm_stream, fd),
};

int fm__stream_hold(fm_stream *stream)
{
    if (!stream->held) {
        stream->held = true;
        return 0;
    }
    struct fm__queued queued;
    return fm__park_in(&stream->writers, &queued, &stream_turn_kind);
}

void fm__stream_release(fm_stream *stream)
{
    stream->held = fm__wake_first(&stream->writers, 0);
}

/* A pipe has no half-close: where nothing can be read, the whole is one. */
static int stream_close_early(fm_stream *stream)
{
    fm__loop_close_fd(stream->loop, stream->fd);
    stream->fd = -1;
    stream->read_error = -EBADF;
    return 0;
}

int fm__stream_shutdown(fm_stream *stream)
{
    struct fm__loop *loop = stream->loop;
    if (stream->carried)
        return stream->transport->shutdown(stream);
    int rc = loop->backend->shutdown(loop, stream->fd);
    if (rc != -ENOTSOCK)
        return rc;
    int sink = loop->backend->sink(loop, stream->fd);
    if (sink > 0)
        return stream_close_early(stream);
    return sink < 0 ? sink : rc;
}

void fm__stream_linger(fm_stream *stream)
{
    struct fm__loop *loop = stream->loop;
    if (stream->carried)
        stream->transport->linger(stream);
    else if (stream->fd >= 0)
        loop->backend->linger(loop, stream->fd);
}

static void stream_free(fm_stream *stream)
{
    struct fm__filter *filter = stream->filter;
    fm__stream_drop_chain(stream);
    if (filter != NULL)
        filter->kind->free(filter);
    if (stream->carried)
        stream->transport->close(stream);
    else if (stream->fd >= 0)
        fm__loop_close_fd(stream->loop, stream->fd);
    fm__memory_free(stream);
}

static void stream_part(fm_stream *stream)
{
    if (--stream->parting == 0)
        stream_free(stream);
}

static void stream_sent_last(struct fm__op *op)
{
    stream_part(FM__CONTAINER(op, struct fm_stream, sending));
}

static void stream_heard_last(struct fm__op *op)
{
    fm_stream *stream = FM__CONTAINER(op, struct fm_stream, hearing);
    fm__stream_forget_heard(stream);
    stream_part(stream);
}

static void stream_stop(fm_stream *stream, struct fm__op *op,
                        void (*done)(struct fm__op *op))
{
    if (op->state != FM__OP_PENDING)
        return;
    stream->parting++;
    op->done = done;
    if (stream->carried)
        stream->transport->cancel(stream, op);
    else
        fm__op_cancel(stream->loop, op);
}

static void stream_end(fm_stream *stream)
{
    fm__list_remove(&stream->cork.link);
    fm__list_remove(&stream->look.link);
    fm__list_remove(&stream->guest.link);
    fm__stream_skip(stream, fm__stream_held(stream));
    if (stream->heard)
        fm__stream_forget_heard(stream);
    if (stream->filter != NULL)
        fm__filter_forget(stream->filter);
    stream->parting = 1;
    stream_stop(stream, &stream->hearing, stream_heard_last);
    stream_stop(stream, &stream->sending, stream_sent_last);
    stream_part(stream);
}

/* The loop ends before the stream. */
static void stream_leave(struct fm__guest *guest)
{
    fm_stream *stream = FM__CONTAINER(guest, struct fm_stream, guest);
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a stream (descriptor %d) was still open when its loop ended",
               stream->fd);
    fm__stream_linger(stream);
    stream_end(stream);
}

static void stream_uncork(struct fm__cork *cork)
{
    fm_stream *stream = FM__CONTAINER(cork, struct fm_stream, cork);
    fm__stream_push(stream);
    fm__stream_wake_holder(stream);
}

static int stream_set(struct fm__loop *loop, int fd, int level, int name)
{
    const struct fm__socket_option option = {level, name, 1};
    int rc = loop->backend->option(loop, fd, &option);
    bool none = rc == -ENOPROTOOPT || rc == -EOPNOTSUPP || rc == -ENOTSOCK;
    return none ? 0 : rc; /* not TCP */
}

static int stream_size(struct fm__loop *loop, int fd, int name, int size)
{
    const struct fm__socket_option option = {SOL_SOCKET, name, size};
    int rc = size > 0 ? loop->backend->option(loop, fd, &option) : 0;
    return rc == -ENOTSOCK ? 0 : rc;
}

int fm__stream_configure(struct fm__loop *loop, int fd,
                         const fm_stream_options *options)
{
    int rc = 0;
    if (options == NULL)
        options = &stream_defaults;
    if (!options->nagle)
        rc = stream_set(loop, fd, IPPROTO_TCP, TCP_NODELAY);
    if (rc == 0 && options->keepalive)
        rc = stream_set(loop, fd, SOL_SOCKET, SO_KEEPALIVE);
    if (rc == 0)
        rc = stream_size(loop, fd, SO_RCVBUF, options->receive_buffer);
    if (rc == 0)
        rc = stream_size(loop, fd, SO_SNDBUF, options->send_buffer);
    return rc;
}

static void stream_init(fm_stream *stream, const fm_stream_options *options)
{
    size_t limit = options->read_limit, high = options->high_water;
    stream->read_limit = limit > 0 ? limit : FM__STREAM_READ_LIMIT;
    stream->high = high > 0 ? high : FM__STREAM_HIGH_WATER;
    stream->low =
        options->low_water > 0 ? options->low_water : stream->high / 4;
    if (stream->low > stream->high)
        stream->low = stream->high;
    fm__list_init(&stream->writers);
    fm__list_init(&stream->cork.link);
    stream->cork.flush = stream_uncork;
    fm__list_init(&stream->look.link);
    stream->look.flush = fm__stream_look;
    stream->guest.leave = stream_leave;
}

int fm__stream_new(struct fm__loop *loop, int fd,
                   const fm_stream_options *options, fm_stream **out)
{
    fm_stream *stream = fm__memory_new_line(sizeof *stream);
    if (stream == NULL)
        return -ENOMEM;
    stream->loop = loop;
    stream->fd = fd;
    if (options == NULL)
        options = &stream_defaults;
    stream_init(stream, options);
    int rc = options->descriptors == 0
                 ? 0
                 : fm__stream_take_descriptors(stream, options->descriptors);
    if (rc < 0) {
        fm__memory_free(stream);
        return rc;
    }
    fm__loop_guest(loop, &stream->guest);
    *out = stream;
    return 0;
}

static void stream_alone(const fm_stream *stream, const char *caller)
{
    fm__stream_check(stream, caller);
    if (stream->reading)
        fm__die("%s: another task is reading this stream", caller);
    if (stream->held)
        fm__die("%s: another task is writing this stream", caller);
}

/* Where a filter's reading has failed it says so to the peer, who may have
 * gone: that is no error of a write either. */
static bool stream_reader_knows(const fm_stream *stream)
{
    return stream->filter != NULL && stream->read_error < 0;
}

/* Who has gone already need not be told; that is no error of a write. */
static int stream_bid_farewell(fm_stream *stream)
{
    bool kept = fm__filter_unfinished(stream) && stream->filter->keeps;
    bool written = (stream->queued > 0 || kept) && !stream_reader_knows(stream);
    int rc = fm__stream_finish(stream);
    if (rc == 0)
        fm__filter_clear(stream);
    if (!written && stream->write_error < 0) {
        stream->told = true;
        return 0;
    }
    return rc;
}

int fm_close(fm_stream *stream)
{
    struct fm__task *self = fm__current;
    fm__charge(self, "fm_close");
    if (stream == NULL)
        return 0;
    stream_alone(stream, "fm_close");
    int rc = 0;
    if (stream->queued > 0 || fm__filter_unfinished(stream)) {
        stream->closing = true;
        rc = self->cut ? fm__cut_reason(self) : 0;
        rc = rc == 0 ? stream_bid_farewell(stream) : rc;
    } else if (stream->filter != NULL && !self->cut) {
        stream->closing = true;
        fm__filter_clear(stream);
    }
    if (rc == 0 && !stream->told && !stream_reader_knows(stream))
        rc = stream->write_error;
    /* Without it the peer would take what has come for all there was. */
    if (stream->queued > 0 || stream->write_error < 0)
        fm__stream_linger(stream);
    stream_end(stream);
    return rc;
}

void fm_abort(fm_stream *stream)
{
    if (stream == NULL)
        return;
    fm__task_self("fm_abort");
    stream_alone(stream, "fm_abort");
    fm__stream_linger(stream);
    stream_end(stream);
}
