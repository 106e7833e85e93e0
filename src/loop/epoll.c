/*
 * epoll.c - the real world: try first, wait for an edge where that fails
 *
 * A descriptor enters the epoll set once in its life, for reading and for
 * writing, when a call on it first has to wait; close(2) takes it out. Its
 * slot remembers for each side whether it ran dry, and a dry side is not
 * asked again before the next edge.
 *
 * Invariant: while operations wait in a queue, the first of them was refused
 * by the kernel, or the side was dry, after the last edge that was handled:
 * so the next edge is all they need. Slots have generations, so an event of
 * an earlier life of the number finds nobody.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "loop/epoll_slot.h"
#include "loop/loop_core.h"

#include <errno.h>

#define EPOLL_BATCH 256
#define EPOLL_EDGES                                                            \
    (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | (uint32_t)EPOLLET)
/* What may lie behind the last byte: an end, or urgent data, at which a read
 * stops short (tcp(7)). */
#define EPOLL_BEHIND (EPOLLRDHUP | EPOLLPRI | EPOLLHUP | EPOLLERR)
#define EPOLL_BELL UINT64_MAX /* a generation and a number no slot has */

struct epoll_world {
    int epoll;
    struct fm__epoll_slots slots;
    struct fm__list cancelled; /* complete in the next poll */
    struct epoll_event events[EPOLL_BATCH];
};

/* A new descriptor, or an error, passes through. Without memory for a slot
 * the descriptor is as good as one that somebody else has made. */
static int epoll_born(struct epoll_world *world, int fd, bool stream)
{
    struct fm__epoll_slot *slot =
        fd >= 0 ? fm__epoll_slot_get(&world->slots, fd) : NULL;
    if (slot != NULL) {
        fm__epoll_slot_end(slot, fd);
        slot->stream = stream;
    }
    return fd;
}

/* Sockets first, for the sake of MSG_NOSIGNAL. */
static ssize_t epoll_transfer(struct epoll_world *world, struct fm__op *op)
{
    bool reading = op->kind == FM__OP_READ;
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, op->fd);
    if (slot == NULL || !slot->plain) {
        ssize_t rc = reading ? fm__sys_recv(op->fd, op->buf, op->size)
                             : fm__sys_send(op->fd, op->buf, op->size);
        if (rc != -ENOTSOCK)
            return rc;
        slot = fm__epoll_slot_get(&world->slots, op->fd);
        if (slot != NULL)
            slot->plain = true;
    }
    return reading ? fm__sys_read(op->fd, op->buf, op->size)
                   : fm__sys_write(op->fd, op->buf, op->size);
}

static ssize_t epoll_accept(struct epoll_world *world, struct fm__op *op)
{
    int fd = fm__sys_accept(op->fd);
    struct fm__epoll_slot *listener =
        fm__epoll_slot_find(&world->slots, op->fd);
    return epoll_born(world, fd, listener != NULL && listener->stream);
}

/* Only one that is on its way is ever queued: its outcome is SO_ERROR. */
static ssize_t epoll_connect(struct fm__op *op, bool queued)
{
    return queued ? fm__sys_socket_error(op->fd)
                  : fm__sys_connect(op->fd, op->buf, (socklen_t)op->size);
}

/* The result; -EINPROGRESS: it has to wait. */
static ssize_t epoll_call(struct epoll_world *world, struct fm__op *op,
                          bool queued)
{
    ssize_t rc = 0;
    switch (op->kind) {
    case FM__OP_READ:
    case FM__OP_WRITE:
        rc = epoll_transfer(world, op);
        break;
    case FM__OP_ACCEPT:
        rc = epoll_accept(world, op);
        break;
    case FM__OP_CONNECT: /* EAGAIN is an answer here: unix(7) */
        return epoll_connect(op, queued);
    case FM__OP_POLL:
        rc = fm__sys_poll(op->fd, (int)op->events, 0);
        return rc == 0 ? -EINPROGRESS : rc;
    }
    return rc == -EAGAIN ? -EINPROGRESS : rc;
}

static enum fm__epoll_side epoll_side(const struct fm__op *op)
{
    static const enum fm__epoll_side sides[] = {
        [FM__OP_READ] = FM__EPOLL_READING,
        [FM__OP_WRITE] = FM__EPOLL_WRITING,
        [FM__OP_ACCEPT] = FM__EPOLL_READING,
        [FM__OP_CONNECT] = FM__EPOLL_WRITING,
        [FM__OP_POLL] = FM__EPOLL_POLLING,
    };
    return sides[op->kind];
}

/* Whether the call's answer says that the side is dry. */
static bool epoll_says_dry(const struct fm__epoll_slot *slot,
                           const struct fm__op *op, ssize_t rc)
{
    if (rc == -EINPROGRESS)
        return true;
    bool bytes = op->kind == FM__OP_READ || op->kind == FM__OP_WRITE;
    return bytes && rc > 0 && (size_t)rc < op->size && slot->stream &&
           slot->added && !slot->behind;
}

static ssize_t epoll_try(struct epoll_world *world, struct fm__op *op,
                         bool queued)
{
    ssize_t rc = epoll_call(world, op, queued);
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, op->fd);
    enum fm__epoll_side side = epoll_side(op);
    if (slot != NULL && side != FM__EPOLL_POLLING)
        slot->dry[side] = epoll_says_dry(slot, op, rc);
    return rc;
}

static int epoll_wait_for_edge(struct epoll_world *world, struct fm__op *op)
{
    struct fm__epoll_slot *slot = fm__epoll_slot_get(&world->slots, op->fd);
    if (slot == NULL)
        return -ENOMEM;
    if (!slot->added) {
        uint64_t data = (uint64_t)slot->generation << 32 | (uint32_t)op->fd;
        int rc = fm__sys_epoll_add(world->epoll, op->fd, EPOLL_EDGES, data);
        if (rc < 0)
            return rc;
        slot->added = true;
    }
    slot->operations++;
    fm__list_push(&slot->queues[epoll_side(op)], &op->link);
    return 0;
}

/* Whether it has to wait without being tried: others do, or the side is dry. */
static bool epoll_must_wait(struct epoll_world *world, const struct fm__op *op)
{
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, op->fd);
    enum fm__epoll_side side = epoll_side(op);
    if (slot == NULL || !slot->added || op->kind == FM__OP_CONNECT)
        return false;
    return slot->dry[side] ||
           (side != FM__EPOLL_POLLING && !fm__list_empty(&slot->queues[side]));
}

static bool epoll_submit(struct fm__loop *loop, struct fm__op *op)
{
    struct epoll_world *world = loop->world;
    ssize_t rc =
        epoll_must_wait(world, op) ? -EINPROGRESS : epoll_try(world, op, false);
    if (rc == -EINPROGRESS) {
        rc = epoll_wait_for_edge(world, op);
        if (rc == 0)
            return false;
    }
    op->result = rc;
    return true;
}

static void epoll_cancel(struct fm__loop *loop, struct fm__op *op)
{
    struct epoll_world *world = loop->world;
    fm__list_remove(&op->link);
    fm__list_push(&world->cancelled, &op->link);
}

static void epoll_complete(struct fm__loop *loop, struct fm__op *op,
                           ssize_t result)
{
    struct epoll_world *world = loop->world;
    world->slots.array[op->fd].operations--;
    fm__op_complete(loop, op, result);
}

static bool epoll_complete_cancelled(struct fm__loop *loop)
{
    struct epoll_world *world = loop->world;
    bool any = !fm__list_empty(&world->cancelled);
    while (!fm__list_empty(&world->cancelled)) {
        struct fm__list *item = world->cancelled.next;
        epoll_complete(loop, FM__CONTAINER(item, struct fm__op, link),
                       -ECANCELED);
    }
    return any;
}

/* In order, until the kernel refuses. An accept may move the table. */
static void epoll_retry(struct fm__loop *loop, int fd, enum fm__epoll_side side)
{
    struct epoll_world *world = loop->world;
    world->slots.array[fd].dry[side] = false;
    for (;;) {
        struct fm__list *queue = &world->slots.array[fd].queues[side];
        if (fm__list_empty(queue))
            return;
        struct fm__op *op = FM__CONTAINER(queue->next, struct fm__op, link);
        ssize_t rc = epoll_try(world, op, true);
        if (rc == -EINPROGRESS)
            return;
        epoll_complete(loop, op, rc);
    }
}

/* Each for itself: they wait for different events. */
static void epoll_retry_polls(struct fm__loop *loop, struct fm__list *queue)
{
    struct fm__list left;
    fm__list_init(&left);
    fm__list_move(queue, &left);
    while (!fm__list_empty(&left)) {
        struct fm__op *op = FM__CONTAINER(left.next, struct fm__op, link);
        ssize_t rc = epoll_try(loop->world, op, true);
        if (rc != -EINPROGRESS) {
            epoll_complete(loop, op, rc);
            continue;
        }
        fm__list_remove(&op->link);
        fm__list_push(queue, &op->link);
    }
}

static void epoll_edge(struct fm__loop *loop, uint64_t data, uint32_t events)
{
    struct epoll_world *world = loop->world;
    int fd = (int)(uint32_t)data;
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, fd);
    if (slot == NULL || slot->generation != data >> 32)
        return;
    if (events & EPOLL_BEHIND)
        slot->behind = true;
    if (events & (EPOLLIN | EPOLL_BEHIND))
        epoll_retry(loop, fd, FM__EPOLL_READING);
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        epoll_retry(loop, fd, FM__EPOLL_WRITING);
    epoll_retry_polls(loop, &world->slots.array[fd].queues[FM__EPOLL_POLLING]);
}

/* How long to wait, in epoll's terms; by the clock of this moment, because
 * the turn may have taken its time. */
static int64_t epoll_span(int64_t deadline)
{
    if (deadline == FM__NEVER)
        return -1;
    int64_t span = deadline - fm__sys_clock();
    return span > 0 ? span : 0;
}

static int epoll_poll(struct fm__loop *loop, int64_t deadline)
{
    struct epoll_world *world = loop->world;
    bool sleep = !epoll_complete_cancelled(loop) && deadline > loop->now &&
                 fm__loop_may_sleep(loop);
    if (!sleep && loop->operations == 0)
        return 0;
    int n = fm__sys_epoll_wait(world->epoll, world->events, EPOLL_BATCH,
                               sleep ? epoll_span(deadline) : 0);
    if (sleep)
        fm__loop_awake(loop);
    for (int i = 0; i < n; i++)
        epoll_edge(loop, world->events[i].data.u64, world->events[i].events);
    return n < 0 ? n : 0;
}

static int64_t epoll_now(struct fm__loop *loop)
{
    (void)loop;
    return fm__sys_clock();
}

static int epoll_pair(struct fm__loop *loop, enum fm__pair_kind kind,
                      int fds[2])
{
    bool pipe = kind == FM__PAIR_PIPE;
    int rc = pipe ? fm__sys_pipe(fds) : fm__sys_socketpair(fds);
    for (int i = 0; rc == 0 && i < 2; i++)
        epoll_born(loop->world, fds[i], pipe);
    return rc;
}

/* A local socket may end a read early where descriptors were sent along. */
static int epoll_socket(struct fm__loop *loop, int family)
{
    bool stream = family == AF_INET || family == AF_INET6;
    return epoll_born(loop->world, fm__sys_socket(family), stream);
}

static int epoll_listen(struct fm__loop *loop, int fd,
                        const struct sockaddr *addr, socklen_t size)
{
    (void)loop;
    return fm__sys_listen(fd, addr, size);
}

static int epoll_address(struct fm__loop *loop, int fd, struct sockaddr *addr,
                         socklen_t *size)
{
    (void)loop;
    return fm__sys_socket_name(fd, addr, size);
}

static int epoll_close_fd(struct fm__loop *loop, int fd)
{
    struct epoll_world *world = loop->world;
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, fd);
    if (slot != NULL)
        fm__epoll_slot_end(slot, fd);
    return fm__sys_close(fd);
}

static void epoll_close(struct fm__loop *loop)
{
    struct epoll_world *world = loop->world;
    fm__sys_close(world->epoll);
    fm__epoll_slots_free(&world->slots);
    fm__memory_free(world);
}

/* The bell is never read: edge-triggered, each ring is an edge. */
static int epoll_open(struct fm__loop *loop, uint64_t seed)
{
    (void)seed;
    struct epoll_world *world = fm__memory_new(sizeof *world);
    if (world == NULL)
        return -ENOMEM;
    fm__list_init(&world->cancelled);
    int rc = world->epoll = fm__sys_epoll_open();
    if (rc < 0)
        goto free_world;
    rc = fm__sys_epoll_add(world->epoll, loop->bell,
                           EPOLLIN | (uint32_t)EPOLLET, EPOLL_BELL);
    if (rc < 0)
        goto close_epoll;
    loop->world = world;
    return 0;

close_epoll:
    fm__sys_close(world->epoll);
free_world:
    fm__memory_free(world);
    return rc;
}

const struct fm__backend fm__epoll = {
    .name = "epoll",
    .open = epoll_open,
    .close = epoll_close,
    .now = epoll_now,
    .submit = epoll_submit,
    .cancel = epoll_cancel,
    .poll = epoll_poll,
    .pair = epoll_pair,
    .socket = epoll_socket,
    .listen = epoll_listen,
    .address = epoll_address,
    .close_fd = epoll_close_fd,
};
