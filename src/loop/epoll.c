/*
 * epoll.c - the real world: try first, wait for an edge where that fails
 *
 * A descriptor of ours enters the epoll set once in its life, for reading and
 * for writing, when a call on it first has to wait; close(2) takes it out. Its
 * slot remembers for each side whether it ran dry, and a dry side is not
 * asked again before the next edge. A foreign descriptor is in the set only
 * while somebody waits for it, because its owner may close it, and open
 * another of its number, without a word.
 *
 * Invariant: while operations wait in a queue, the first of them was refused
 * by the kernel, or the side was dry, after the last edge that was handled:
 * so the next edge is all they need. Or the descriptor is among the hungry,
 * and is tried again once there are buffers. Slots have generations, so an
 * event of an earlier life of the number finds nobody.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "loop/epoll_world.h"
#include "loop/kernel.h"

#include <errno.h>
#include <string.h>

#define EPOLL_EDGES                                                            \
    (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | (uint32_t)EPOLLET)
/* What may lie behind the last byte: an end, or urgent data, at which a read
 * stops short (tcp(7)). */
#define EPOLL_BEHIND (EPOLLRDHUP | EPOLLPRI | EPOLLHUP | EPOLLERR)
#define EPOLL_READ (EPOLLIN | EPOLL_BEHIND)
#define EPOLL_WRITE (EPOLLOUT | EPOLLHUP | EPOLLERR)
#define EPOLL_BELL UINT64_MAX /* a generation and a number no slot has */

/* A foreign number may be in the set with a file or a generation of old. */
static int epoll_add(struct fm__epoll_world *world, int fd,
                     struct fm__epoll_slot *slot)
{
    uint64_t data = (uint64_t)slot->generation << 32 | (uint32_t)fd;
    int rc = fm__sys_epoll_add(world->epoll, fd, EPOLL_EDGES, data);
    if (rc == -EEXIST)
        rc = fm__sys_epoll_change(world->epoll, fd, EPOLL_EDGES, data);
    if (rc == 0)
        slot->added = true;
    return rc;
}

/* Of the hungry, the one that came first eats first. */
static void epoll_starve(struct fm__epoll_world *world, int fd)
{
    struct fm__epoll_slot *array = world->slots.array;
    if (array[fd].hungry)
        return;
    array[fd].hungry = true;
    array[fd].hungry_next = FM__EPOLL_NOBODY;
    if (world->hungry_first == FM__EPOLL_NOBODY)
        world->hungry_first = fd;
    else
        array[world->hungry_last].hungry_next = fd;
    world->hungry_last = fd;
}

/* In a slot that nobody has yet, where there was none. */
static int epoll_enqueue(struct fm__epoll_world *world,
                         struct fm__epoll_slot *slot, struct fm__op *op)
{
    if (FM__UNLIKELY(!slot->own || !slot->added)) {
        slot = fm__epoll_slot_get(&world->slots, op->fd);
        if (slot == NULL)
            return -ENOMEM;
        int rc = epoll_add(world, op->fd, slot);
        if (rc < 0)
            return rc;
    }
    slot->operations++;
    fm__list_push(&slot->queues[fm__epoll_side(op)], &op->link);
    return 0;
}

/* Whether it has to wait without being tried: others do, or the side is dry. */
static bool epoll_must_wait(const struct fm__epoll_slot *slot,
                            const struct fm__op *op)
{
    enum fm__epoll_side side = fm__epoll_side(op);
    if (!slot->added || side == FM__EPOLL_POLLING || op->kind == FM__OP_CONNECT)
        return false;
    return slot->dry[side] || !fm__list_empty(&slot->queues[side]);
}

static bool epoll_submit(struct fm__loop *loop, struct fm__op *op)
{
    struct fm__epoll_world *world = loop->world;
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, op->fd);
    if (FM__UNLIKELY(slot == NULL)) {
        slot = &world->stranger;
        memset(slot, 0, sizeof *slot);
    }
    ssize_t rc = -EINPROGRESS;
    if (!epoll_must_wait(slot, op))
        rc = fm__epoll_try(loop, slot, op, false);
    bool hungry = rc == FM__EPOLL_HUNGRY;
    if (hungry || rc == -EINPROGRESS) {
        rc = epoll_enqueue(world, slot, op);
        if (rc == 0 && hungry)
            epoll_starve(world, op->fd);
        if (rc == 0)
            return false;
        if (rc == -EPERM && op->kind == FM__OP_POLL)
            rc = (ssize_t)op->events; /* a file, which is always ready */
    }
    op->result = rc;
    return true;
}

static void epoll_cancel(struct fm__loop *loop, struct fm__op *op)
{
    struct fm__epoll_world *world = loop->world;
    if (op->fd == FM__EPOLL_NOBODY)
        return;
    fm__list_remove(&op->link);
    fm__list_push(&world->ended, &op->link);
}

/* The registration of a foreign descriptor ends with the last wait. */
static void epoll_complete(struct fm__loop *loop, struct fm__op *op,
                           ssize_t result)
{
    struct fm__epoll_world *world = loop->world;
    struct fm__epoll_slot *slot = &world->slots.array[op->fd];
    if (--slot->operations == 0 && !slot->own) {
        fm__sys_epoll_remove(world->epoll, op->fd);
        fm__list_remove(&op->link);
        fm__epoll_slot_end(slot, op->fd);
    }
    fm__op_complete(loop, op, result);
}

/* Something has changed on this side: those who wait go on in order, until one
 * has to wait again. An accept may move the table. */
static void epoll_retry(struct fm__loop *loop, int fd, enum fm__epoll_side side)
{
    struct fm__epoll_world *world = loop->world;
    struct fm__epoll_slot *slot = &world->slots.array[fd];
    while (!fm__list_empty(&slot->queues[side])) {
        struct fm__list *first = slot->queues[side].next;
        struct fm__op *op = FM__CONTAINER(first, struct fm__op, link);
        ssize_t rc = fm__epoll_try(loop, slot, op, true);
        if (rc == FM__EPOLL_HUNGRY)
            epoll_starve(world, fd);
        if (rc == FM__EPOLL_HUNGRY || rc == -EINPROGRESS)
            return;
        epoll_complete(loop, op, rc);
        slot = &world->slots.array[fd];
    }
}

/* Each for itself: they wait for different events. */
static void epoll_retry_polls(struct fm__loop *loop,
                              struct fm__epoll_slot *slot)
{
    struct fm__list *queue = &slot->queues[FM__EPOLL_POLLING], left;
    fm__list_init(&left);
    fm__list_move(queue, &left);
    while (!fm__list_empty(&left)) {
        struct fm__op *op = FM__CONTAINER(left.next, struct fm__op, link);
        ssize_t rc = fm__epoll_try(loop, slot, op, true);
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
    struct fm__epoll_world *world = loop->world;
    int fd = (int)(uint32_t)data;
    struct fm__epoll_slot *slot = fm__epoll_slot_find(&world->slots, fd);
    if (slot == NULL || slot->generation != data >> 32)
        return;
    if (events & EPOLL_BEHIND)
        slot->behind = true;
    if (events & EPOLL_READ) {
        slot->dry[FM__EPOLL_READING] = false;
        epoll_retry(loop, fd, FM__EPOLL_READING);
        slot = &world->slots.array[fd];
    }
    if (events & EPOLL_WRITE) {
        slot->dry[FM__EPOLL_WRITING] = false;
        if (!fm__list_empty(&slot->queues[FM__EPOLL_WRITING]))
            epoll_retry(loop, fd, FM__EPOLL_WRITING);
    }
    if (!fm__list_empty(&slot->queues[FM__EPOLL_POLLING]))
        epoll_retry_polls(loop, slot);
}

static void epoll_complete_orphan(struct fm__loop *loop, struct fm__op *op)
{
    bool cancelled = op->state == FM__OP_CANCELLING;
    fm__op_complete(loop, op, cancelled ? -ECANCELED : -EBADF);
}

/* What reads behind a cancelled one may not need the buffer that it lacked. */
static void epoll_complete_ended(struct fm__loop *loop)
{
    struct fm__epoll_world *world = loop->world;
    while (!fm__list_empty(&world->ended)) {
        struct fm__list *item = world->ended.next;
        struct fm__op *op = FM__CONTAINER(item, struct fm__op, link);
        int fd = op->fd;
        if (fd == FM__EPOLL_NOBODY) {
            epoll_complete_orphan(loop, op);
            continue;
        }
        epoll_complete(loop, op, -ECANCELED);
        if (world->slots.array[fd].hungry)
            epoll_retry(loop, fd, FM__EPOLL_READING);
    }
}

/* Where no buffer is lent none will come back: each is told so. */
static void epoll_feed(struct fm__loop *loop)
{
    struct fm__epoll_world *world = loop->world;
    int fd = world->hungry_first;
    if (fd == FM__EPOLL_NOBODY ||
        (!fm__buffers_ready(&loop->buffers) && loop->buffers.lent > 0))
        return;
    world->hungry_first = FM__EPOLL_NOBODY;
    while (fd != FM__EPOLL_NOBODY) {
        int next = world->slots.array[fd].hungry_next;
        world->slots.array[fd].hungry = false;
        epoll_retry(loop, fd, FM__EPOLL_READING);
        fd = next;
    }
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

/* Whom an event is for; NULL: nobody, or there is no such event. */
static struct fm__epoll_slot *epoll_slot_at(struct fm__epoll_world *world,
                                            int i, int count)
{
    if (i >= count)
        return NULL;
    int fd = (int)(uint32_t)world->events[i].data.u64;
    return fm__epoll_slot_find(&world->slots, fd);
}

/* Of many connections each has left the cache until it is its turn: the next
 * one's operation, and the slot of the one after it, are on their way while
 * this one is seen to. */
static void epoll_prefetch(struct fm__epoll_world *world, int i, int count)
{
    const struct fm__epoll_slot *next = epoll_slot_at(world, i + 1, count);
    FM__PREFETCH(epoll_slot_at(world, i + 2, count));
    if (next == NULL)
        return;
    const char *op = (const char *)next->queues[FM__EPOLL_READING].next;
    FM__PREFETCH(op);
    FM__PREFETCH(op + 64);
}

static int epoll_poll(struct fm__loop *loop, int64_t deadline)
{
    struct fm__epoll_world *world = loop->world;
    size_t before = loop->operations;
    epoll_complete_ended(loop);
    epoll_feed(loop);
    bool sleep = loop->operations == before && deadline > loop->now &&
                 fm__loop_may_sleep(loop);
    if (!sleep && loop->operations == 0)
        return 0;
    int n = fm__sys_epoll_wait(world->epoll, world->events, FM__EPOLL_BATCH,
                               sleep ? epoll_span(deadline) : 0);
    if (sleep)
        fm__loop_awake(loop);
    for (int i = 0; i < n; i++) {
        epoll_prefetch(world, i, n);
        epoll_edge(loop, world->events[i].data.u64, world->events[i].events);
    }
    return n < 0 ? n : 0;
}

static bool epoll_restless(struct fm__loop *loop)
{
    const struct fm__epoll_world *world = loop->world;
    return !fm__list_empty(&world->ended) ||
           (world->hungry_first != FM__EPOLL_NOBODY &&
            fm__buffers_ready(&loop->buffers));
}

static int epoll_descriptor(struct fm__loop *loop)
{
    const struct fm__epoll_world *world = loop->world;
    return world->epoll;
}

static void epoll_close(struct fm__loop *loop)
{
    struct fm__epoll_world *world = loop->world;
    fm__sys_close(world->epoll);
    fm__epoll_slots_free(&world->slots);
    fm__memory_free(world);
}

/* The bell is never read: edge-triggered, each ring is an edge. */
static int epoll_open(struct fm__loop *loop, uint64_t seed)
{
    (void)seed;
    struct fm__epoll_world *world = fm__memory_new(sizeof *world);
    if (world == NULL)
        return -ENOMEM;
    fm__list_init(&world->ended);
    world->hungry_first = FM__EPOLL_NOBODY;
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
    .files = true,
    .open = epoll_open,
    .close = epoll_close,
    .now = fm__kernel_now,
    .submit = epoll_submit,
    .cancel = epoll_cancel,
    .poll = epoll_poll,
    .pair = fm__epoll_pair,
    .socket = fm__epoll_socket,
    .bind = fm__kernel_bind,
    .aim = fm__kernel_aim,
    .multicast = fm__kernel_multicast,
    .listen = fm__kernel_listen,
    .backlog = fm__kernel_backlog,
    .address = fm__kernel_address,
    .peer = fm__kernel_peer,
    .credentials = fm__kernel_credentials,
    .option = fm__kernel_option,
    .asked = fm__kernel_asked,
    .shutdown = fm__kernel_shutdown,
    .sink = fm__kernel_sink,
    .linger = fm__kernel_linger,
    .close_fd = fm__epoll_close_fd,
    .adopt = fm__epoll_adopt,
    .forget = fm__epoll_forget,
    .events = fm__kernel_events,
    .descriptor = epoll_descriptor,
    .restless = epoll_restless,
};
