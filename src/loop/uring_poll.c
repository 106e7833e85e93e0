/*
 * uring_poll.c - waiting for a descriptor to be ready, ours or a stranger's
 *
 * A poll is one request that lasts as long as the wait. The kernel answers to
 * a peer's half-close also where nobody asked for that; then it is asked for
 * every change, and the first that matters is the answer.
 *
 * The kernel holds the file while it is polled, so the number of a foreign
 * descriptor may come back as one of ours while its wait goes on: such a wait
 * is an orphan, and is ended.
 */
#include "base/sys.h"
#include "loop/uring_world.h"

#include <errno.h>

/* A poll has no size: what has become of it lies there. */
enum {
    URING_POLL_ASKED = 1, /* the kernel has it, so a completion will follow */
    URING_POLL_MANY = 2,  /* it tells of every change */
    URING_POLL_ORPHAN = 4 /* its number is another descriptor's */
};

static uint64_t uring_poll_data(const struct fm__op *op)
{
    return (uint64_t)(uintptr_t)op | FM__URING_POLL;
}

/* Asks for it, or where that was done asks it to end; else later. */
static void uring_poll_ask(struct fm__uring_world *world, struct fm__op *op)
{
    fm__list_remove(&op->link);
    if (op->size & URING_POLL_ASKED) {
        bool asked = fm__uring_ask_end(world, uring_poll_data(op));
        fm__list_push(asked ? &world->polls : &world->unsent, &op->link);
        world->behind |= !asked;
        return;
    }
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    if (sqe == NULL) {
        fm__list_push(&world->unsent, &op->link);
        world->behind = true;
        return;
    }
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_POLL_ADD,
        .fd = op->fd,
        .len = op->size & URING_POLL_MANY ? IORING_POLL_ADD_MULTI : 0,
        .poll32_events = fm__uring_poll_events(op->events),
        .user_data = uring_poll_data(op),
    };
    op->size |= URING_POLL_ASKED;
    fm__list_push(&world->polls, &op->link);
}

bool fm__uring_poll(struct fm__loop *loop, struct fm__uring_slot *slot,
                    struct fm__op *op)
{
    op->size = 0;
    slot->operations++;
    uring_poll_ask(loop->world, op);
    return false;
}

void fm__uring_poll_cancel(struct fm__uring_world *world, struct fm__op *op)
{
    if (op->size & URING_POLL_ASKED) {
        uring_poll_ask(world, op);
        return;
    }
    fm__list_remove(&op->link);
    fm__list_push(&world->ended, &op->link);
}

void fm__uring_polls_send(struct fm__uring_world *world)
{
    struct fm__list unsent;
    fm__list_init(&unsent);
    fm__list_move(&world->unsent, &unsent);
    while (!fm__list_empty(&unsent))
        uring_poll_ask(world, fm__uring_first(&unsent));
}

void fm__uring_poll_complete(struct fm__loop *loop, struct fm__op *op,
                             ssize_t result)
{
    struct fm__uring_world *world = loop->world;
    if (op->size & URING_POLL_ORPHAN)
        result = result == -ECANCELED && op->state == FM__OP_PENDING ? -EBADF
                                                                     : result;
    else
        fm__uring_slot_find(&world->slots, op->fd)->operations--;
    fm__op_complete(loop, op, result);
}

/* The answer that has come first stays, while the request is asked to end. */
void fm__uring_poll_told(struct fm__loop *loop, const struct io_uring_cqe *cqe)
{
    struct fm__op *op =
        (void *)(uintptr_t)(cqe->user_data & ~(uint64_t)FM__URING_TAG_MASK);
    bool cut =
        op->state == FM__OP_CANCELLING || (op->size & URING_POLL_ORPHAN) != 0;
    if (op->result == 0 && cqe->res > 0)
        op->result = cqe->res & (int)(op->events | EPOLLERR | EPOLLHUP);
    if (cqe->flags & IORING_CQE_F_MORE) {
        if (op->result > 0 && !cut)
            uring_poll_ask(loop->world, op);
        return;
    }
    op->size &= ~(size_t)URING_POLL_ASKED;
    if (op->result > 0) {
        fm__uring_poll_complete(loop, op, op->result);
    } else if (cut && (cqe->res >= 0 || cqe->res == -ECANCELED)) {
        fm__uring_poll_complete(loop, op, -ECANCELED);
    } else if (cqe->res < 0) {
        fm__uring_poll_complete(loop, op, fm__sys_ring_error(cqe->res));
    } else {
        op->size |= URING_POLL_MANY;
        uring_poll_ask(loop->world, op);
    }
}

static void uring_orphan_in(struct fm__uring_world *world,
                            struct fm__list *list, int fd)
{
    struct fm__list *item = list->next, *next;
    for (; item != list; item = next) {
        struct fm__op *op = FM__CONTAINER(item, struct fm__op, link);
        next = item->next;
        if (op->fd != fd || op->kind != FM__OP_POLL ||
            (op->size & URING_POLL_ORPHAN) != 0)
            continue;
        op->size |= URING_POLL_ORPHAN;
        fm__uring_slot_find(&world->slots, fd)->operations--;
        if (list != &world->ended)
            fm__uring_poll_cancel(world, op);
    }
}

void fm__uring_orphan(struct fm__uring_world *world, int fd)
{
    uring_orphan_in(world, &world->polls, fd);
    uring_orphan_in(world, &world->unsent, fd);
    uring_orphan_in(world, &world->ended, fd);
}
