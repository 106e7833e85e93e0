/*
 * uring_wants.c - what could not be asked of the kernel, and is asked again
 *
 * The queue of requests is full and the kernel takes none, or a receive has no
 * buffer to fill: the descriptor is chained to others that want something, in
 * order. That needs no memory, so it cannot fail.
 */
#include "loop/uring_world.h"

#include <errno.h>

bool fm__uring_ask_end(struct fm__uring_world *world, uint64_t data)
{
    bool late = fm__fault(FM__DOOR_CANCEL);
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    if (sqe == NULL)
        return false;
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_ASYNC_CANCEL,
        .flags = IOSQE_CQE_SKIP_SUCCESS,
        .addr = data,
        .user_data = FM__URING_CANCEL,
    };
    if (FM__UNLIKELY(late))
        sqe->addr = UINT64_MAX; /* is nobody's: answered with an error */
    return !late;
}

void fm__uring_want(struct fm__uring_world *world, int fd, unsigned what)
{
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    slot->wants |= (uint8_t)what;
    if (what != FM__URING_WANTS_BUFFER)
        world->behind = true;
    if (slot->chained)
        return;
    slot->chained = true;
    slot->next = FM__URING_NOBODY;
    if (world->wants_first == FM__URING_NOBODY)
        world->wants_first = fd;
    else
        fm__uring_slot_find(&world->slots, world->wants_last)->next = fd;
    world->wants_last = fd;
}

/* Where nobody holds a buffer none will come back: the reader is told so. */
static void uring_feed(struct fm__loop *loop, struct fm__uring_slot *slot,
                       int fd)
{
    struct fm__uring_world *world = loop->world;
    if (fm__list_empty(&slot->readers))
        return;
    struct fm__op *op = fm__uring_first(&slot->readers);
    if (op->kind != FM__OP_RECEIVE || world->pool.there > 0) {
        fm__uring_serve_input(loop, fd);
    } else if (loop->buffers.lent > 0) {
        fm__uring_want(world, fd, FM__URING_WANTS_BUFFER);
    } else {
        fm__uring_complete(loop, slot, op, -ENOMEM);
        fm__uring_serve_input(loop, fd);
    }
}

/* Meanwhile it may have ended, and the first be another. */
void fm__uring_end_first(struct fm__uring_world *world, int fd, bool reader)
{
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
    const struct fm__list *queue = reader ? &slot->readers : &slot->writers;
    if (!(reader ? slot->reading : slot->writing) ||
        fm__uring_first(queue)->state != FM__OP_CANCELLING)
        return;
    enum fm__uring_tag tag = reader ? FM__URING_READ : FM__URING_WRITE;
    if (!fm__uring_ask_end(world, fm__uring_data(slot, fd, tag)))
        fm__uring_want(world, fd,
                       reader ? FM__URING_WANTS_UNREAD
                              : FM__URING_WANTS_UNWRITE);
}

static void uring_satisfy(struct fm__loop *loop, int fd, unsigned wants)
{
    struct fm__uring_world *world = loop->world;
    if (wants & FM__URING_WANTS_DISARM)
        fm__uring_disarm(world, fd);
    if (wants & FM__URING_WANTS_UNREAD)
        fm__uring_end_first(world, fd, true);
    if (wants & FM__URING_WANTS_UNWRITE)
        fm__uring_end_first(world, fd, false);
    if (wants & FM__URING_WANTS_INPUT)
        fm__uring_serve_input(loop, fd);
    if (wants & FM__URING_WANTS_BUFFER)
        uring_feed(loop, fm__uring_slot_find(&world->slots, fd), fd);
    if (wants & FM__URING_WANTS_OUTPUT)
        fm__uring_serve_output(loop, fd);
}

void fm__uring_ask_again(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    int fd = world->wants_first;
    world->wants_first = FM__URING_NOBODY;
    world->behind = false;
    while (fd != FM__URING_NOBODY) {
        struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, fd);
        unsigned wants = slot->wants;
        int next = slot->next;
        slot->wants = 0;
        slot->chained = false;
        uring_satisfy(loop, fd, wants);
        fd = next;
    }
    fm__uring_polls_send(world);
}

bool fm__uring_asks_again(struct fm__uring_slot *slot, const struct fm__op *op,
                          int *res, bool polled)
{
    bool cancelled = op->state == FM__OP_CANCELLING;
    if (*res >= 0 && !polled)
        return false;
    if (*res == -ENOTSOCK && !slot->plain && op->kind != FM__OP_CONNECT)
        slot->plain = true;
    else if (*res < 0 && *res != -EINTR && *res != -EAGAIN &&
             !(cancelled && *res == -ECANCELED)) {
        *res = fm__sys_ring_error(*res);
        return false;
    }
    *res = -ECANCELED;
    return !cancelled;
}
