/*
 * uring_output.c - writers: one request at a time, for the order of bytes
 *
 * A send is tried by the kernel when it is submitted and nearly always ends
 * there; where the socket is full the kernel waits for room. MSG_WAITALL is
 * not asked for: a write is done when one byte was taken. Datagrams are sent
 * by system calls, and only room for them is waited for by a request.
 */
#include "base/sys.h"
#include "loop/kernel.h"
#include "loop/uring_world.h"

#include <errno.h>
#include <limits.h>

/* The message has to be there until the request was submitted. */
static void uring_fill_message(struct fm__uring_world *world,
                               struct io_uring_sqe *sqe, struct fm__op *op)
{
    size_t index = (size_t)(sqe - world->ring.sqes);
    world->messages[index] = (struct msghdr){
        .msg_iov = op->buf,
        .msg_iovlen = op->size < IOV_MAX ? op->size : IOV_MAX,
    };
    sqe->opcode = IORING_OP_SENDMSG;
    sqe->addr = (uint64_t)(uintptr_t)&world->messages[index];
    sqe->len = 1;
}

static void uring_fill_plain(struct io_uring_sqe *sqe, const struct fm__op *op)
{
    bool parts = op->kind == FM__OP_WRITEV;
    sqe->opcode = parts ? IORING_OP_WRITEV : IORING_OP_WRITE;
    sqe->msg_flags = 0;
    sqe->off = UINT64_MAX; /* at the file's own place */
    if (parts && sqe->len > IOV_MAX)
        sqe->len = IOV_MAX;
}

/* Is a send of bytes, and becomes what else it has to be. */
static void uring_fill_write(struct fm__uring_world *world,
                             struct io_uring_sqe *sqe,
                             const struct fm__uring_slot *slot,
                             struct fm__op *op)
{
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_SEND,
        .fd = op->fd,
        .addr = (uint64_t)(uintptr_t)op->buf,
        .len = op->size < INT32_MAX ? (uint32_t)op->size : INT32_MAX,
        .msg_flags = MSG_NOSIGNAL,
        .user_data = fm__uring_data(slot, op->fd, FM__URING_WRITE),
    };
    if (op->kind == FM__OP_CONNECT) {
        sqe->opcode = IORING_OP_CONNECT;
        sqe->msg_flags = 0;
        sqe->len = 0;
        sqe->off = op->size;
    } else if (slot->plain) {
        uring_fill_plain(sqe, op);
    } else if (op->kind == FM__OP_WRITEV) {
        uring_fill_message(world, sqe, op);
    }
}

static void uring_ask_write(struct fm__uring_world *world,
                            struct fm__uring_slot *slot, struct fm__op *op)
{
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    if (FM__UNLIKELY(sqe == NULL)) {
        fm__uring_want(world, op->fd, FM__URING_WANTS_OUTPUT);
        return;
    }
    uring_fill_write(world, sqe, slot, op);
    slot->writing = true;
    world->writes++;
}

static void uring_ask_writable(struct fm__uring_world *world,
                               struct fm__uring_slot *slot, int fd)
{
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    if (sqe == NULL) {
        fm__uring_want(world, fd, FM__URING_WANTS_OUTPUT);
        return;
    }
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_POLL_ADD,
        .fd = fd,
        .poll32_events = fm__uring_poll_events(EPOLLOUT),
        .user_data = fm__uring_data(slot, fd, FM__URING_WRITE),
    };
    slot->writing = true;
    slot->write_polls = true;
}

/* A local socket connects at once or never: there EAGAIN is an answer, which
 * the kernel would wait on (unix(7)). */
static bool uring_connects_locally(struct fm__op *op)
{
    const struct sockaddr *addr = op->buf;
    if (op->kind != FM__OP_CONNECT || op->size < sizeof addr->sa_family ||
        addr->sa_family != AF_UNIX)
        return false;
    op->result = fm__sys_connect(op->fd, addr, (socklen_t)op->size);
    return true;
}

/* For the first writer. Datagrams: true, and op->result, if the kernel has
 * taken some. */
static bool uring_sends(struct fm__op *op)
{
    if (op->kind != FM__OP_SEND_MANY)
        return false;
    op->result = fm__kernel_send_many(op);
    return op->result != -EAGAIN || op->events != 0;
}

static void uring_output_ask(struct fm__uring_world *world,
                             struct fm__uring_slot *slot, struct fm__op *op)
{
    if (op->kind == FM__OP_SEND_MANY)
        uring_ask_writable(world, slot, op->fd);
    else
        uring_ask_write(world, slot, op);
}

bool fm__uring_write(struct fm__loop *loop, struct fm__uring_slot *slot,
                     struct fm__op *op)
{
    bool first = fm__list_empty(&slot->writers);
    if (op->kind == FM__OP_CONNECT && uring_connects_locally(op))
        return true;
    if (first && uring_sends(op))
        return true;
    fm__list_push(&slot->writers, &op->link);
    slot->operations++;
    if (first)
        uring_output_ask(loop->world, slot, op);
    return false;
}

void fm__uring_serve_output(struct fm__loop *loop, int fd)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    while (!slot->writing && !fm__list_empty(&slot->writers)) {
        struct fm__op *op = fm__uring_first(&slot->writers);
        if (!uring_sends(op)) {
            uring_output_ask(world, slot, op);
            return;
        }
        fm__uring_complete(loop, slot, op, op->result);
    }
}

void fm__uring_write_told(struct fm__loop *loop, const struct io_uring_cqe *cqe)
{
    struct fm__uring_world *world = loop->world;
    int fd = fm__uring_fd(cqe), res = cqe->res;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    if (!fm__uring_is_of(slot, cqe->user_data))
        return;
    struct fm__op *op = fm__uring_first(&slot->writers);
    bool polled = slot->write_polls;
    slot->writing = false;
    slot->write_polls = false;
    if (res == -EAGAIN && op->state == FM__OP_PENDING) {
        uring_ask_writable(world, slot, fd);
        return;
    }
    if (!fm__uring_asks_again(slot, op, &res, polled))
        fm__uring_complete(loop, slot, op, res);
    fm__uring_serve_output(loop, fd);
}
