/*
 * unix_stream.c - who calls, and descriptors that go with bytes
 *
 * A stream that takes descriptors reads by recvmsg(2), which gives each with
 * the bytes that it came with; all else goes by the loop's descriptor as ever.
 * Invariant: `held` is at most `limit`; what more comes is refused by the
 * system, which tells, and then nothing of that message is kept.
 */
#include <fermata/unix.h>

#include "base/fault.h"
#include "base/memory.h"
#include "base/sys.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

struct unix_taker {
    size_t limit;
    size_t held;
    int fds[]; /* the oldest first */
};

static int unix_wait(const fm_stream *stream, uint32_t events)
{
    struct fm__operation poll = {
        .op = {.kind = FM__OP_POLL, .fd = stream->fd, .events = events}};
    ssize_t ready = fm__operate(&poll);
    return ready < 0 ? (int)ready : 0;
}

static void unix_refuse(const struct fm__sys_parcel *parcel)
{
    for (size_t i = 0; i < parcel->count; i++)
        fm__sys_close(parcel->fds[i]);
}

static ssize_t unix_read(fm_stream *stream, char *buf, size_t size)
{
    struct unix_taker *taker = stream->carrier;
    struct fm__sys_parcel parcel;
    ssize_t count;
    for (;;) {
        parcel = (struct fm__sys_parcel){buf, size, taker->fds + taker->held,
                                         taker->limit - taker->held, false};
        count = fm__sys_receive_parcel(stream->fd, &parcel);
        int rc = count == -EAGAIN ? unix_wait(stream, EPOLLIN) : 0;
        if (rc < 0)
            return rc;
        if (count != -EAGAIN)
            break;
    }
    if (count >= 0 && parcel.cut) {
        unix_refuse(&parcel);
        return -EBADMSG;
    }
    taker->held += parcel.count;
    return count;
}

/* Into memory that becomes the stream's store. */
static ssize_t unix_receive(fm_stream *stream)
{
    char *store = fm__memory_resize(NULL, FM__BUFFER_SIZE);
    if (store == NULL)
        return -ENOMEM;
    ssize_t count = unix_read(stream, store, FM__BUFFER_SIZE);
    if (count <= 0) {
        fm__memory_free(store);
        return count;
    }
    stream->store = store;
    stream->store_size = FM__BUFFER_SIZE;
    stream->store_end = (size_t)count;
    return count;
}

static ssize_t unix_operate(fm_stream *stream, struct fm__operation *operation)
{
    struct fm__op *op = &operation->op;
    if (op->kind == FM__OP_RECEIVE)
        return unix_receive(stream);
    if (op->kind == FM__OP_READ)
        return unix_read(stream, op->buf, op->size);
    return fm__operate(operation);
}

static bool unix_submit(fm_stream *stream, struct fm__op *op)
{
    return fm__op_submit(stream->loop, op);
}

static void unix_cancel(fm_stream *stream, struct fm__op *op)
{
    fm__op_cancel(stream->loop, op);
}

static int unix_shutdown(fm_stream *stream)
{
    return stream->loop->backend->shutdown(stream->loop, stream->fd);
}

static void unix_linger(fm_stream *stream)
{
    stream->loop->backend->linger(stream->loop, stream->fd);
}

static void unix_close(fm_stream *stream)
{
    struct unix_taker *taker = stream->carrier;
    fm__loop_close_fd(stream->loop, stream->fd);
    for (size_t i = 0; i < taker->held; i++)
        fm__sys_close(taker->fds[i]);
    fm__memory_free(taker);
}

static const struct fm__transport unix_transport = {
    .operate = unix_operate,
    .submit = unix_submit,
    .cancel = unix_cancel,
    .shutdown = unix_shutdown,
    .linger = unix_linger,
    .close = unix_close,
};

/* 0 where it is a local socket of the system's, or -EOPNOTSUPP, -errno. */
static int unix_local(const fm_stream *stream)
{
    const struct fm__backend *backend = stream->loop->backend;
    struct ucred who;
    if (!backend->files || stream->fd < 0)
        return -EOPNOTSUPP;
    return backend->credentials(stream->loop, stream->fd, &who);
}

int fm__stream_take_descriptors(fm_stream *stream, unsigned count)
{
    int rc = unix_local(stream);
    if (rc < 0)
        return rc == -EOPNOTSUPP ? 0 : rc;
    struct unix_taker *taker =
        fm__memory_new(sizeof *taker + count * sizeof(int));
    if (taker == NULL)
        return -ENOMEM;
    taker->limit = count;
    stream->transport = &unix_transport;
    stream->carrier = taker;
    stream->carried = true;
    return 0;
}

int fm_stream_credentials(const fm_stream *stream, fm_credentials *who)
{
    struct ucred found;
    fm__task_self("fm_stream_credentials");
    fm__stream_check(stream, "fm_stream_credentials");
    struct fm__loop *loop = stream->loop;
    int rc = stream->fd < 0
                 ? -EOPNOTSUPP
                 : loop->backend->credentials(loop, stream->fd, &found);
    if (rc == 0)
        *who = (fm_credentials){found.pid, found.uid, found.gid};
    return rc;
}

/* ---- Sending ------------------------------------------------------------ */

/* A filter's bytes are its own, and none go around it. Or the stream may send
 * as soon as what was written before has left. */
static int unix_may_send(fm_stream *stream)
{
    if (stream->filter != NULL)
        return -EOPNOTSUPP;
    return stream->shut ? -EPIPE : fm__stream_drain(stream, 0);
}

/* The caller holds the stream; what was written before has left. */
static ssize_t unix_send(fm_stream *stream, const struct fm__sys_parcel *parcel)
{
    ssize_t count;
    while ((count = fm__sys_send_parcel(stream->fd, parcel)) == -EAGAIN) {
        int rc = unix_wait(stream, EPOLLOUT);
        if (rc < 0)
            return rc;
    }
    if (count < 0 || (size_t)count == parcel->size)
        return count;
    ssize_t rest =
        fm__stream_write_held(stream, (const char *)parcel->buf + count,
                              parcel->size - (size_t)count);
    if (rest < 0)
        return stream->write_error < 0 ? rest : count;
    return count + rest;
}

static ssize_t unix_send_in_turn(fm_stream *stream,
                                 const struct fm__sys_parcel *parcel)
{
    ssize_t rc = fm__stream_hold(stream);
    if (rc < 0)
        return rc;
    rc = unix_may_send(stream);
    if (rc == 0)
        rc = unix_send(stream, parcel);
    fm__stream_release(stream);
    return rc;
}

ssize_t fm_send_descriptors(fm_stream *stream, const fm_descriptors *with,
                            const void *buf, size_t size)
{
    int rc = fm__checkpoint(fm__current, "fm_send_descriptors");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check(stream, "fm_send_descriptors");
    if (size == 0 || with->count == 0 || with->count > FM_DESCRIPTORS_LIMIT)
        return -EINVAL;
    if (stream->shut)
        return -EPIPE;
    rc = unix_local(stream);
    if (rc < 0)
        return rc;
    const struct fm__sys_parcel parcel = {(void *)(uintptr_t)buf, size,
                                          (int *)(uintptr_t)with->fds,
                                          with->count, false};
    return unix_send_in_turn(stream, &parcel);
}

ssize_t fm_send_descriptor(fm_stream *stream, int fd, const void *buf,
                           size_t size)
{
    return fm_send_descriptors(stream, &(fm_descriptors){&fd, 1}, buf, size);
}

/* ---- Receiving ---------------------------------------------------------- */

/* From now on it is the program's. */
static int unix_take(fm_stream *stream, int *fd)
{
    struct unix_taker *taker = stream->carrier;
    if (stream->transport != &unix_transport)
        return -EOPNOTSUPP;
    if (taker->held == 0)
        return -EAGAIN;
    *fd = taker->fds[0];
    taker->held--;
    memmove(taker->fds, taker->fds + 1, taker->held * sizeof(int));
    fm__release(FM__HELD_DESCRIPTORS, 1);
    return 0;
}

int fm_receive_descriptor_try(fm_stream *stream, int *fd)
{
    fm__task_self("fm_receive_descriptor_try");
    fm__stream_check_unread(stream, "fm_receive_descriptor_try");
    return unix_take(stream, fd);
}

int fm_receive_descriptor(fm_stream *stream, int *fd)
{
    const void *bytes;
    int rc = fm__checkpoint(fm__current, "fm_receive_descriptor");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check_unread(stream, "fm_receive_descriptor");
    while ((rc = unix_take(stream, fd)) == -EAGAIN) {
        size_t held = fm__stream_held(stream);
        ssize_t now = fm_peek(stream, held + 1, &bytes);
        if (now <= (ssize_t)held)
            return now < 0 ? (int)now : -FM_EEOF;
    }
    return rc;
}
