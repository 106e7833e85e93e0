/*
 * epoll_try.c - one attempt of each kind of operation
 *
 * Sockets first, for the sake of MSG_NOSIGNAL; the slot remembers what is none.
 */
#include "base/sys.h"
#include "loop/epoll_world.h"
#include "loop/kernel.h"

#include <errno.h>
#include <limits.h>

/* As many as the kernel takes at once; nobody asks for all in one go. */
static size_t epoll_parts(const struct fm__op *op)
{
    return op->size < IOV_MAX ? op->size : IOV_MAX;
}

static ssize_t epoll_read(struct fm__epoll_slot *slot, int fd, void *buf,
                          size_t size)
{
    if (slot->kind == FM__EPOLL_LOCAL) {
        bool early = false;
        ssize_t rc = fm__sys_recv_local(fd, (struct iovec){buf, size}, &early);
        slot->early = early;
        return rc;
    }
    if (!slot->plain) {
        ssize_t rc = fm__sys_recv(fd, buf, size);
        if (FM__LIKELY(rc != -ENOTSOCK))
            return rc;
        slot->plain = true;
    }
    return fm__sys_read(fd, buf, size);
}

static ssize_t epoll_receive(struct fm__loop *loop, struct fm__epoll_slot *slot,
                             struct fm__op *op)
{
    struct fm__buffer *buffer = fm__buffer_take(&loop->buffers);
    if (FM__UNLIKELY(buffer == NULL))
        return loop->buffers.lent > 0 ? FM__EPOLL_HUNGRY : -ENOMEM;
    ssize_t rc = epoll_read(slot, op->fd, buffer->bytes, sizeof buffer->bytes);
    if (rc > 0) {
        buffer->end = (uint32_t)rc;
        op->buffer = buffer;
    } else {
        fm__buffer_give(&loop->buffers, buffer);
    }
    return rc;
}

static ssize_t epoll_write(struct fm__epoll_slot *slot, const struct fm__op *op)
{
    if (!slot->plain) {
        ssize_t rc = fm__sys_send(op->fd, op->buf, op->size);
        if (FM__LIKELY(rc != -ENOTSOCK))
            return rc;
        slot->plain = true;
    }
    return fm__sys_write(op->fd, op->buf, op->size);
}

static ssize_t epoll_writev(struct fm__epoll_slot *slot,
                            const struct fm__op *op)
{
    if (!slot->plain) {
        ssize_t rc = fm__sys_sendv(op->fd, op->buf, epoll_parts(op));
        if (FM__LIKELY(rc != -ENOTSOCK))
            return rc;
        slot->plain = true;
    }
    return fm__sys_writev(op->fd, op->buf, epoll_parts(op));
}

static size_t epoll_sum(const struct fm__op *op)
{
    const struct iovec *parts = op->buf;
    size_t sum = 0, count = epoll_parts(op);
    for (size_t i = 0; i < count; i++)
        sum += parts[i].iov_len;
    return sum;
}

static ssize_t epoll_accept(struct fm__epoll_world *world,
                            struct fm__epoll_slot *slot, struct fm__op *op)
{
    enum fm__epoll_kind kind = slot->kind;
    int fd = fm__sys_accept(op->fd);
    slot->dry[FM__EPOLL_READING] = fd == -EAGAIN;
    if (fd == -EAGAIN)
        return -EINPROGRESS;
    return fm__epoll_born(world, fd, kind);
}

/* Only one that is on its way is ever queued: its outcome is SO_ERROR. EAGAIN
 * is an answer here: unix(7). */
static ssize_t epoll_connect(const struct fm__op *op, bool queued)
{
    return queued ? fm__sys_socket_error(op->fd)
                  : fm__sys_connect(op->fd, op->buf, (socklen_t)op->size);
}

static ssize_t epoll_try_poll(const struct fm__op *op)
{
    int rc = fm__sys_poll(op->fd, (int)op->events, 0);
    return rc == 0 ? -EINPROGRESS : rc;
}

static bool epoll_is_whole(const struct fm__epoll_slot *slot,
                           enum fm__epoll_side side)
{
    return slot->kind == FM__EPOLL_STREAM ||
           (slot->kind == FM__EPOLL_LOCAL && side == FM__EPOLL_READING &&
            !slot->early);
}

/* Of a call that was to move so many bytes, and answered. */
static ssize_t epoll_moved(struct fm__epoll_slot *slot,
                           enum fm__epoll_side side, size_t wish, ssize_t rc)
{
    slot->dry[side] =
        rc == -EAGAIN || (rc > 0 && (size_t)rc < wish && slot->added &&
                          !slot->behind && epoll_is_whole(slot, side));
    return rc == -EAGAIN ? -EINPROGRESS : rc;
}

/* Whether it may wait is in `events`. */
static ssize_t epoll_send_many(struct fm__epoll_slot *slot,
                               const struct fm__op *op)
{
    ssize_t rc = fm__kernel_send_many(op);
    return op->events == 0 ? epoll_moved(slot, FM__EPOLL_WRITING, 0, rc) : rc;
}

ssize_t fm__epoll_try(struct fm__loop *loop, struct fm__epoll_slot *slot,
                      struct fm__op *op, bool queued)
{
    switch (op->kind) {
    case FM__OP_READ:
        return epoll_moved(slot, FM__EPOLL_READING, op->size,
                           epoll_read(slot, op->fd, op->buf, op->size));
    case FM__OP_RECEIVE:
        return epoll_moved(slot, FM__EPOLL_READING, FM__BUFFER_SIZE,
                           epoll_receive(loop, slot, op));
    case FM__OP_WRITE:
        return epoll_moved(slot, FM__EPOLL_WRITING, op->size,
                           epoll_write(slot, op));
    case FM__OP_WRITEV:
        return epoll_moved(slot, FM__EPOLL_WRITING, epoll_sum(op),
                           epoll_writev(slot, op));
    case FM__OP_ACCEPT:
        return epoll_accept(loop->world, slot, op);
    case FM__OP_CONNECT:
        return epoll_connect(op, queued);
    case FM__OP_SEND_MANY:
        return epoll_send_many(slot, op);
    case FM__OP_RECEIVE_MANY:
        return epoll_moved(slot, FM__EPOLL_READING, 0,
                           fm__kernel_receive_many(op));
    case FM__OP_READ_AT:
        return -EOPNOTSUPP;
    case FM__OP_POLL:
        return epoll_try_poll(op);
    }
    return -EINVAL;
}
