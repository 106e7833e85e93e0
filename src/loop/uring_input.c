/*
 * uring_input.c - readers: from what has arrived, or by a request
 *
 * A RECEIVE arms a multishot receive, which goes on for those after it: bytes
 * that nobody waits for lie in the slot, up to the credit of a connection;
 * then what is armed is disarmed. A READ has a request of its own, straight
 * into its buffer; but where a receive is armed it takes what that brings, and
 * only a large one disarms it first. An ACCEPT arms likewise. Datagrams are
 * taken by system calls, and only waited for by a request.
 *
 * Invariants: readers wait only while nothing lies in the slot. A request of
 * the first reader and an armed one do not exist together, or the order of
 * bytes would be nobody's.
 */
#include "base/fault.h"
#include "base/sys.h"
#include "loop/kernel.h"
#include "loop/uring_stash.h"
#include "loop/uring_world.h"

#include <errno.h>
#include <string.h>

/* ---- What has arrived ---------------------------------------------------- */

/* -ENOBUFS: the bytes are there, and no buffer to lend them in. */
static ssize_t uring_lend_stash(struct fm__loop *loop,
                                struct fm__uring_slot *slot, struct fm__op *op)
{
    struct fm__buffer *buffer = fm__buffer_take(&loop->buffers);
    if (buffer == NULL)
        return -ENOBUFS;
    buffer->end = (uint32_t)fm__uring_stash_take(&slot->stash, buffer->bytes,
                                                 sizeof buffer->bytes);
    op->buffer = buffer;
    return buffer->end;
}

static ssize_t uring_claim_stash(struct fm__loop *loop,
                                 struct fm__uring_slot *slot, struct fm__op *op)
{
    if (op->kind == FM__OP_RECEIVE)
        return uring_lend_stash(loop, slot, op);
    return (ssize_t)fm__uring_stash_take(&slot->stash, op->buf, op->size);
}

static ssize_t uring_lend(struct fm__uring_slot *slot, struct fm__op *op)
{
    struct fm__buffer *buffer = slot->first;
    slot->first = buffer->next;
    slot->unclaimed--;
    buffer->next = NULL;
    op->buffer = buffer;
    return fm__buffer_count(buffer);
}

static ssize_t uring_copy(struct fm__loop *loop, struct fm__uring_slot *slot,
                          struct fm__op *op)
{
    struct fm__buffer *buffer = slot->first;
    uint32_t count = fm__buffer_count(buffer);
    if (op->size < count)
        count = (uint32_t)op->size;
    memcpy(op->buf, buffer->bytes + buffer->start, count);
    buffer->start += count;
    if (fm__buffer_count(buffer) == 0) {
        slot->first = buffer->next;
        slot->unclaimed--;
        fm__buffer_give(&loop->buffers, buffer);
    }
    return count;
}

static int uring_take_accepted(struct fm__uring_world *world,
                               struct fm__uring_slot *slot)
{
    int fd = slot->accepted;
    slot->accepted = fm__uring_slot_find(&world->slots, fd)->accepted_next;
    slot->unclaimed--;
    return fd;
}

static ssize_t uring_claim_datagrams(const struct fm__op *op)
{
    ssize_t rc = fm__kernel_receive_many(op);
    return rc == -ENOBUFS ? -ENOMEM : rc;
}

/* For an operation that is the first: the result; -EAGAIN, where nothing has
 * arrived; -ENOBUFS. */
static ssize_t uring_claim(struct fm__loop *loop, struct fm__uring_slot *slot,
                           struct fm__op *op)
{
    if (op->kind == FM__OP_RECEIVE_MANY)
        return uring_claim_datagrams(op);
    if (op->kind == FM__OP_ACCEPT && slot->accepted != FM__URING_NOBODY)
        return uring_take_accepted(loop->world, slot);
    if (op->kind != FM__OP_ACCEPT && slot->stash != NULL)
        return uring_claim_stash(loop, slot, op);
    if (op->kind != FM__OP_ACCEPT && slot->first != NULL)
        return op->kind == FM__OP_RECEIVE ? uring_lend(slot, op)
                                          : uring_copy(loop, slot, op);
    int error = slot->error;
    slot->error = 0;
    return error != 0 ? error : -EAGAIN;
}

/* ---- Requests ------------------------------------------------------------ */

static struct io_uring_sqe *uring_input_request(struct fm__uring_world *world,
                                                int fd)
{
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    if (sqe == NULL)
        fm__uring_want(world, fd, FM__URING_WANTS_INPUT);
    return sqe;
}

/* One that can wait for readability needs no more. */
static void uring_ask_read(struct fm__uring_world *world,
                           struct fm__uring_slot *slot, struct fm__op *op)
{
    struct io_uring_sqe *sqe = uring_input_request(world, op->fd);
    if (sqe == NULL)
        return;
    *sqe = (struct io_uring_sqe){
        .opcode = slot->plain ? IORING_OP_READ : IORING_OP_RECV,
        .fd = op->fd,
        .off = slot->plain ? UINT64_MAX : 0, /* at the file's own place */
        .addr = (uint64_t)(uintptr_t)op->buf,
        .len = op->size < INT32_MAX ? (uint32_t)op->size : INT32_MAX,
        .user_data = fm__uring_data(slot, op->fd, FM__URING_READ),
    };
    slot->reading = true;
}

static void uring_ask_readable(struct fm__uring_world *world,
                               struct fm__uring_slot *slot, int fd)
{
    struct io_uring_sqe *sqe = uring_input_request(world, fd);
    if (sqe == NULL)
        return;
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_POLL_ADD,
        .fd = fd,
        .poll32_events = fm__uring_poll_events(EPOLLIN),
        .user_data = fm__uring_data(slot, fd, FM__URING_READ),
    };
    slot->reading = true;
    slot->read_polls = true;
}

static void uring_armed(struct fm__uring_world *world,
                        struct fm__uring_slot *slot, bool listens)
{
    slot->arm = FM__URING_ARMED;
    slot->listens = listens;
    world->armed++;
}

/* Of what is no socket one read at a time, into a buffer that is chosen when
 * there are bytes. */
static void uring_arm_receive(struct fm__uring_world *world,
                              struct fm__uring_slot *slot, int fd)
{
    if (world->pool.level == 0)
        world->pool.level = FM__URING_BUFFERS_FIRST;
    struct io_uring_sqe *sqe = uring_input_request(world, fd);
    if (sqe == NULL)
        return;
    *sqe = (struct io_uring_sqe){
        .opcode = slot->plain ? IORING_OP_READ : IORING_OP_RECV,
        .flags = IOSQE_BUFFER_SELECT,
        .ioprio = slot->plain ? 0 : IORING_RECV_MULTISHOT,
        .fd = fd,
        .off = slot->plain ? UINT64_MAX : 0,
        .len = slot->plain ? 0 : world->receive_cap,
        .user_data = fm__uring_data(slot, fd, FM__URING_INPUT),
    };
    uring_armed(world, slot, false);
}

static void uring_arm_accept(struct fm__uring_world *world,
                             struct fm__uring_slot *slot, int fd)
{
    struct io_uring_sqe *sqe = uring_input_request(world, fd);
    if (sqe == NULL)
        return;
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_ACCEPT,
        .ioprio = world->ring.offer.accept_many ? IORING_ACCEPT_MULTISHOT : 0,
        .fd = fd,
        .accept_flags = SOCK_CLOEXEC | SOCK_NONBLOCK,
        .user_data = fm__uring_data(slot, fd, FM__URING_ACCEPT),
    };
    uring_armed(world, slot, true);
}

void fm__uring_disarm(struct fm__uring_world *world, int fd)
{
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    enum fm__uring_tag tag = slot->listens ? FM__URING_ACCEPT : FM__URING_INPUT;
    if (slot->arm != FM__URING_ARMED)
        return;
    if (fm__uring_ask_end(world, fm__uring_data(slot, fd, tag)))
        slot->arm = FM__URING_DISARMING;
    else
        fm__uring_want(world, fd, FM__URING_WANTS_DISARM);
}

/* For the first reader, with nothing there for it. */
static void uring_input_ask(struct fm__uring_world *world,
                            struct fm__uring_slot *slot, struct fm__op *op)
{
    bool large = op->kind == FM__OP_READ && op->size >= FM__BUFFER_SIZE;
    if (slot->arm == FM__URING_ARMED && large)
        fm__uring_disarm(world, op->fd);
    if (slot->arm != FM__URING_UNARMED)
        return;
    if (op->kind == FM__OP_RECEIVE)
        uring_arm_receive(world, slot, op->fd);
    else if (op->kind == FM__OP_ACCEPT)
        uring_arm_accept(world, slot, op->fd);
    else if (op->kind == FM__OP_RECEIVE_MANY)
        uring_ask_readable(world, slot, op->fd);
    else
        uring_ask_read(world, slot, op);
}

bool fm__uring_read(struct fm__loop *loop, struct fm__uring_slot *slot,
                    struct fm__op *op)
{
    bool first = fm__list_empty(&slot->readers);
    ssize_t rc = first ? uring_claim(loop, slot, op) : 0;
    if (first && rc != -EAGAIN && rc != -ENOBUFS) {
        op->result = rc;
        return true;
    }
    fm__list_push(&slot->readers, &op->link);
    slot->operations++;
    if (rc == -EAGAIN)
        uring_input_ask(loop->world, slot, op);
    else if (rc == -ENOBUFS)
        fm__uring_want(loop->world, op->fd, FM__URING_WANTS_BUFFER);
    return false;
}

void fm__uring_serve_input(struct fm__loop *loop, int fd)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    while (!fm__list_empty(&slot->readers) && !slot->reading) {
        struct fm__op *op = fm__uring_first(&slot->readers);
        ssize_t rc = uring_claim(loop, slot, op);
        if (rc == -EAGAIN)
            uring_input_ask(world, slot, op);
        else if (rc == -ENOBUFS)
            fm__uring_want(world, fd, FM__URING_WANTS_BUFFER);
        if (rc == -EAGAIN || rc == -ENOBUFS)
            return;
        fm__uring_complete(loop, slot, op, rc);
    }
}

/* ---- Completions --------------------------------------------------------- */

/* To the first reader; with none an error waits to be heard of, and an end
 * will be told again. What was cancelled or interrupted is asked again. */
static void uring_tell(struct fm__loop *loop, struct fm__uring_slot *slot,
                       int res)
{
    if (res == -ECANCELED || res == -EINTR)
        return;
    ssize_t result = res < 0 ? fm__sys_ring_error(res) : 0;
    if (!fm__list_empty(&slot->readers))
        fm__uring_complete(loop, slot, fm__uring_first(&slot->readers), result);
    else if (!slot->listens)
        slot->error = (int)result;
}

/* While buffers are scarce, all that lies in the slot gives its buffer back. */
static void uring_stash(struct fm__loop *loop, struct fm__uring_slot *slot)
{
    while (slot->first != NULL) {
        struct fm__buffer *buffer = slot->first;
        if (!fm__uring_stash_put(&slot->stash, buffer->bytes + buffer->start,
                                 fm__buffer_count(buffer)))
            return;
        slot->first = buffer->next;
        slot->unclaimed--;
        fm__buffer_give(&loop->buffers, buffer);
    }
}

/* For whoever reads next; where the close has come first, nobody will. */
static void uring_keep(struct fm__loop *loop, struct fm__uring_slot *slot,
                       struct fm__buffer *buffer)
{
    if (slot->closing) {
        slot->unread = true;
        fm__buffer_give(&loop->buffers, buffer);
        return;
    }
    if (slot->first == NULL)
        slot->first = buffer;
    else
        slot->last->next = buffer;
    slot->last = buffer;
    slot->unclaimed++;
}

/* A receive that brought no bytes: the first reader's answer, or a reason to
 * ask in another way. */
static void uring_input_failed(struct fm__loop *loop,
                               struct fm__uring_slot *slot, int fd, int res)
{
    struct fm__uring_world *world = loop->world;
    if (res == -ENOTSOCK && !slot->plain)
        slot->plain = true;
    else if (res == -EINVAL && world->receive_cap > 0)
        world->receive_cap = 0; /* before Linux 6.17 */
    else if (res == -EAGAIN && !fm__list_empty(&slot->readers))
        uring_ask_readable(world, slot, fd);
    else
        uring_tell(loop, slot, res);
}

/* A receive found no buffer: the next one when there are some. */
static void uring_starved(struct fm__uring_world *world,
                          struct fm__uring_slot *slot, int fd)
{
    if (slot->unclaimed < FM__URING_CREDIT)
        fm__uring_buffers_ran_out(world);
    if (!fm__list_empty(&slot->readers))
        fm__uring_want(world, fd, FM__URING_WANTS_BUFFER);
}

/* The slot of a completion of what is armed, which may have ended by it;
 * NULL: of an earlier life of the number. */
static struct fm__uring_slot *uring_armed_told(struct fm__uring_world *world,
                                               const struct io_uring_cqe *cqe)
{
    bool ended = (cqe->flags & IORING_CQE_F_MORE) == 0;
    struct fm__uring_slot *slot =
        fm__uring_slot_find(&world->slots, fm__uring_fd(cqe));
    if (ended)
        world->armed--;
    if (!fm__uring_is_of(slot, cqe->user_data))
        return NULL;
    if (ended)
        slot->arm = FM__URING_UNARMED;
    return slot;
}

/* What follows a completion of what is armed. */
static void uring_go_on(struct fm__loop *loop, struct fm__uring_slot *slot,
                        int fd, uint32_t credit)
{
    if (slot->closing) {
        if (slot->arm == FM__URING_UNARMED)
            fm__uring_bury(loop, fd);
        return;
    }
    if (!fm__list_empty(&slot->readers))
        fm__uring_serve_input(loop, fd);
    if (slot->first != NULL && fm__buffers_scarce(&loop->buffers))
        uring_stash(loop, slot);
    if (slot->unclaimed >= credit || slot->stash != NULL)
        fm__uring_disarm(loop->world, fd);
}

void fm__uring_input_told(struct fm__loop *loop, const struct io_uring_cqe *cqe)
{
    struct fm__uring_world *world = loop->world;
    int fd = fm__uring_fd(cqe);
    struct fm__buffer *buffer = NULL;
    if (cqe->flags & IORING_CQE_F_BUFFER)
        buffer = fm__uring_buffer(world, cqe);
    struct fm__uring_slot *slot = uring_armed_told(world, cqe);
    if (slot != NULL && buffer != NULL && cqe->res > 0) {
        buffer->end = (uint32_t)cqe->res;
        uring_keep(loop, slot, buffer);
    } else if (buffer != NULL) {
        fm__buffer_give(&loop->buffers, buffer);
    }
    if (slot == NULL)
        return;
    if (cqe->res == -ENOBUFS && !slot->closing) {
        uring_starved(world, slot, fd);
        return;
    }
    if (cqe->res <= 0 && !slot->closing)
        uring_input_failed(loop, slot, fd, cqe->res);
    uring_go_on(loop, slot, fd, FM__URING_CREDIT);
}

/* For whoever accepts next; a listener that is going away takes it along. */
static void uring_keep_accepted(struct fm__uring_world *world,
                                struct fm__uring_slot *listener, int fd)
{
    fm__uring_slot_find(&world->slots, fd)->accepted_next = FM__URING_NOBODY;
    if (listener->accepted == FM__URING_NOBODY)
        listener->accepted = fd;
    else
        fm__uring_slot_find(&world->slots, listener->accepted_last)
            ->accepted_next = fd;
    listener->accepted_last = fd;
    listener->unclaimed++;
}

/* A new descriptor, or why there is none. */
static void uring_accepted(struct fm__loop *loop,
                           struct fm__uring_slot *listener, int fd)
{
    bool gone = listener == NULL || listener->closing;
    if (!gone && !fm__list_empty(&listener->readers))
        fm__uring_complete(loop, listener, fm__uring_first(&listener->readers),
                           fd);
    else if (!gone && fd >= 0)
        uring_keep_accepted(loop->world, listener, fd);
    else if (fd >= 0)
        fm__uring_close_fd(loop, fd);
}

void fm__uring_accept_told(struct fm__loop *loop,
                           const struct io_uring_cqe *cqe)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = uring_armed_told(world, cqe);
    if (cqe->res >= 0) {
        fm__hold(FM__HELD_DESCRIPTORS, 1);
        uring_accepted(loop, slot, fm__uring_born(world, cqe->res, false));
    }
    if (slot == NULL)
        return;
    if (cqe->res < 0 && !slot->closing)
        uring_tell(loop, slot, cqe->res);
    uring_go_on(loop, slot, fm__uring_fd(cqe), FM__URING_BACKLOG);
}

void fm__uring_read_told(struct fm__loop *loop, const struct io_uring_cqe *cqe)
{
    struct fm__uring_world *world = loop->world;
    int fd = fm__uring_fd(cqe), res = cqe->res;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    if (!fm__uring_is_of(slot, cqe->user_data))
        return;
    struct fm__op *op = fm__uring_first(&slot->readers);
    bool polled = slot->read_polls;
    slot->reading = false;
    slot->read_polls = false;
    if (res == -EAGAIN && op->state == FM__OP_PENDING) {
        uring_ask_readable(world, slot, fd);
        return;
    }
    if (res > 0 && !polled)
        fm__sys_ring_wrote(op->buf, (size_t)res);
    if (!fm__uring_asks_again(slot, op, &res, polled))
        fm__uring_complete(loop, slot, op, res);
    fm__uring_serve_input(loop, fd);
}
