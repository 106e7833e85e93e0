/*
 * uring.c - the real world by io_uring: requests in, completions out, and one
 * system call for both
 *
 * A turn's requests are submitted, its completions made and, where nothing is
 * ready, waited for by the same entry. Under load it waits for most of what
 * the last waits have brought, but not for long: the kernel wakes the loop
 * once for all of them.
 *
 * Invariant: an operation is complete only after the last completion of its
 * request, whoever has cancelled it. Requests that the kernel does not take
 * now are asked for in the next poll; nobody above hears of it.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "loop/kernel.h"
#include "loop/uring_world.h"

#include <errno.h>

#define URING_LOAD 16       /* arrivals of a wait: then it is for most of it */
#define URING_CROWD 32      /* then for all: what is late costs little of it */
#define URING_MIN_WAIT 50   /* us, after which one will do */
#define URING_BATCH_MAX 64  /* completions waited for at once */
#define URING_BATCH_UNIT 16 /* world->batch is in parts of one */
#define URING_ROUNDS 64     /* to make room for completions */
#define URING_RECEIVE_CAP (FM__URING_CREDIT * FM__BUFFER_SIZE)

/* What is not ours may be polled, or read as a file, and nothing else. */
static bool uring_submit_foreign(struct fm__loop *loop, struct fm__op *op)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = NULL;
    if (op->kind == FM__OP_READ_AT)
        return fm__uring_read_file(world, op);
    op->result = -EBADF;
    if (op->kind != FM__OP_POLL || op->fd < 0)
        return true;
    slot = fm__uring_slot_find(&world->slots, op->fd);
    if (slot == NULL && fm__sys_protocol(op->fd) == -EBADF)
        return true; /* before the table grows to such a number */
    slot = fm__uring_slot_get(&world->slots, op->fd);
    op->result = slot == NULL ? -ENOMEM : slot->closing ? -EBADF : 0;
    return op->result < 0 || fm__uring_poll(loop, slot, op);
}

static bool uring_submit(struct fm__loop *loop, struct fm__op *op)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, op->fd);
    if (FM__UNLIKELY(slot == NULL || !slot->own || slot->closing))
        return uring_submit_foreign(loop, op);
    switch (op->kind) {
    case FM__OP_READ:
    case FM__OP_RECEIVE:
    case FM__OP_ACCEPT:
    case FM__OP_RECEIVE_MANY:
        return fm__uring_read(loop, slot, op);
    case FM__OP_WRITE:
    case FM__OP_WRITEV:
    case FM__OP_CONNECT:
    case FM__OP_SEND_MANY:
        return fm__uring_write(loop, slot, op);
    case FM__OP_READ_AT:
        op->result = -EOPNOTSUPP;
        return true;
    case FM__OP_POLL:
        break;
    }
    return fm__uring_poll(loop, slot, op);
}

static bool uring_reads(const struct fm__op *op)
{
    return op->kind == FM__OP_READ || op->kind == FM__OP_RECEIVE ||
           op->kind == FM__OP_ACCEPT || op->kind == FM__OP_RECEIVE_MANY;
}

/* One without a request of its own ends without the kernel. */
static void uring_cancel(struct fm__loop *loop, struct fm__op *op)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot = fm__uring_slot_find(&world->slots, op->fd);
    if (op->kind == FM__OP_POLL) {
        fm__uring_poll_cancel(world, op);
        return;
    }
    if (op->kind == FM__OP_READ_AT) {
        fm__uring_read_file_cancel(world, op);
        return;
    }
    bool reads = uring_reads(op);
    if ((reads ? slot->reading : slot->writing) &&
        fm__uring_first(reads ? &slot->readers : &slot->writers) == op) {
        fm__uring_end_first(world, op->fd, reads);
        return;
    }
    fm__list_remove(&op->link);
    fm__list_push(&world->ended, &op->link);
}

static void uring_complete_ended(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    while (!fm__list_empty(&world->ended)) {
        struct fm__op *op = fm__uring_first(&world->ended);
        int fd = op->fd;
        bool reads = uring_reads(op);
        if (op->kind == FM__OP_POLL) {
            fm__uring_poll_complete(loop, op, -ECANCELED);
            continue;
        }
        fm__uring_complete(loop, fm__uring_slot_find(&world->slots, fd), op,
                           -ECANCELED);
        if (reads)
            fm__uring_serve_input(loop, fd);
        else
            fm__uring_serve_output(loop, fd);
    }
}

/* ---- Completions --------------------------------------------------------- */

/* Bytes for a RECEIVE that waits, from a receive that goes on: false if it is
 * anything else. */
FM__INLINE bool uring_received(struct fm__loop *loop,
                               const struct io_uring_cqe *cqe)
{
    const unsigned plain = IORING_CQE_F_MORE | IORING_CQE_F_BUFFER;
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot =
        fm__uring_slot_find(&world->slots, fm__uring_fd(cqe));
    struct fm__op *op = fm__uring_first(&slot->readers);
    if (cqe->res <= 0 || (cqe->flags & plain) != plain ||
        !fm__uring_is_of(slot, cqe->user_data) ||
        fm__list_empty(&slot->readers) || op->kind != FM__OP_RECEIVE ||
        slot->stash != NULL)
        return false;
    struct fm__buffer *buffer = fm__uring_buffer(world, cqe);
    buffer->end = (uint32_t)cqe->res;
    op->buffer = buffer;
    fm__uring_complete(loop, slot, op, cqe->res);
    return true;
}

/* Bytes that were taken from the only writer. */
FM__INLINE bool uring_written(struct fm__loop *loop,
                              const struct io_uring_cqe *cqe)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_slot *slot =
        fm__uring_slot_find(&world->slots, fm__uring_fd(cqe));
    struct fm__op *op = fm__uring_first(&slot->writers);
    if (cqe->res < 0 || slot->write_polls ||
        !fm__uring_is_of(slot, cqe->user_data) ||
        op->link.next != &slot->writers)
        return false;
    slot->writing = false;
    fm__uring_complete(loop, slot, op, cqe->res);
    return true;
}

static void uring_ring_bell(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    world->bell_lost = sqe == NULL;
    if (sqe == NULL)
        return;
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_POLL_ADD,
        .fd = loop->bell,
        .len = IORING_POLL_ADD_MULTI,
        .poll32_events = fm__uring_poll_events(EPOLLIN),
        .user_data = FM__URING_BELL,
    };
    world->armed++;
}

static void uring_told(struct fm__loop *loop, const struct io_uring_cqe *cqe)
{
    struct fm__uring_world *world = loop->world;
    switch ((enum fm__uring_tag)(cqe->user_data & FM__URING_TAG_MASK)) {
    case FM__URING_INPUT:
        fm__uring_input_told(loop, cqe);
        break;
    case FM__URING_WRITE:
        fm__uring_write_told(loop, cqe);
        break;
    case FM__URING_READ:
        fm__uring_read_told(loop, cqe);
        break;
    case FM__URING_ACCEPT:
        fm__uring_accept_told(loop, cqe);
        break;
    case FM__URING_POLL:
        fm__uring_poll_told(loop, cqe);
        break;
    case FM__URING_FILE:
        fm__uring_read_file_told(loop, cqe);
        break;
    case FM__URING_BELL:
        if (cqe->flags & IORING_CQE_F_MORE)
            break;
        world->armed--;
        world->bell_lost = true;
        break;
    case FM__URING_CANCEL:
        break;
    }
}

/* The completion loop: what nearly all completions are first. */
static unsigned uring_reap(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    const struct io_uring_cqe *cqe;
    unsigned arrivals = 0;
    while ((cqe = fm__ring_peek(&world->ring)) != NULL) {
        unsigned tag = cqe->user_data & FM__URING_TAG_MASK;
        if (tag == FM__URING_WRITE) {
            if (!uring_written(loop, cqe))
                fm__uring_write_told(loop, cqe);
        } else {
            arrivals++;
            if (tag != FM__URING_INPUT || !uring_received(loop, cqe))
                uring_told(loop, cqe);
        }
        fm__ring_take(&world->ring);
    }
    return arrivals;
}

/* ---- Waiting ------------------------------------------------------------- */

/*
 * Sends end while they are submitted: they are not what is waited for. With
 * few peers a wait for several would be for those who wait for us.
 */
static int uring_wait(struct fm__loop *loop, int64_t deadline)
{
    struct fm__uring_world *world = loop->world;
    unsigned batch = world->batch / URING_BATCH_UNIT;
    unsigned spare = batch < URING_CROWD ? batch / 4 : 0;
    const struct fm__ring_wait wait = {
        .count = batch < URING_LOAD ? 1 : world->writes + batch - spare,
        .min_wait = URING_MIN_WAIT,
        .now = loop->now,
        .deadline = deadline,
    };
    return fm__ring_enter(&world->ring, &wait);
}

/* A mean that forgets a quarter each time: at most what a wait may ask for. */
static void uring_learn(struct fm__uring_world *world, unsigned arrivals)
{
    if (arrivals > URING_BATCH_MAX)
        arrivals = URING_BATCH_MAX;
    world->batch += (arrivals * URING_BATCH_UNIT) / 4 - world->batch / 4;
}

/* Before the kernel is asked: what needs it not, and what was not asked. */
static void uring_prepare(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    if (FM__UNLIKELY(!fm__list_empty(&world->ended)))
        uring_complete_ended(loop);
    fm__uring_buffers_fill(loop);
    if (FM__UNLIKELY(world->behind || world->wants_first != FM__URING_NOBODY))
        fm__uring_ask_again(loop);
    if (FM__UNLIKELY(world->bell_lost))
        uring_ring_bell(loop);
}

/* Completions did not fit: they are the kernel's until others were taken, and
 * only then can the ring grow. */
static void uring_make_room(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    for (int i = 0; i < URING_ROUNDS; i++) {
        if (!fm__ring_overflows(&world->ring)) {
            fm__ring_grow(&world->ring);
            return;
        }
        if (fm__ring_enter(&world->ring, NULL) < 0)
            return;
        uring_reap(loop);
    }
}

/* What it told is told again by the next completion. */
static void uring_hear_watch(const struct fm__uring_world *world)
{
    uint64_t count;
    fm__sys_read(world->watch, &count, sizeof count);
}

static int uring_poll(struct fm__loop *loop, int64_t deadline)
{
    struct fm__uring_world *world = loop->world;
    size_t before = loop->operations;
    if (FM__UNLIKELY(world->watch >= 0))
        uring_hear_watch(world);
    uring_prepare(loop);
    bool sleep = loop->operations == before && !world->behind &&
                 deadline > loop->now && fm__ring_peek(&world->ring) == NULL &&
                 fm__loop_may_sleep(loop);
    int rc = 0;
    world->ring.leaving = loop->cancelling > 0;
    if (sleep)
        rc = uring_wait(loop, deadline);
    else if (fm__ring_restless(&world->ring))
        rc = fm__ring_enter(&world->ring, NULL);
    world->writes = 0;
    if (sleep)
        fm__loop_awake(loop);
    unsigned arrivals = uring_reap(loop);
    if (sleep)
        uring_learn(world, arrivals);
    if (FM__UNLIKELY(fm__ring_overflows(&world->ring)))
        uring_make_room(loop);
    if (FM__UNLIKELY(world->watch >= 0 && rc == 0))
        rc = fm__ring_flush(&world->ring);
    return rc;
}

/* ---- The table ----------------------------------------------------------- */

/* Not the ring's own: with IORING_SETUP_DEFER_TASKRUN a completion that is
 * still to be made ends no poll(2) of it, but rings an eventfd. */
static int uring_descriptor(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    if (world->watch >= 0)
        return world->watch;
    int fd = fm__sys_event();
    if (fd < 0)
        return fd;
    int rc =
        fm__sys_ring_register(world->ring.fd, IORING_REGISTER_EVENTFD, &fd, 1);
    if (rc < 0) {
        fm__sys_close(fd);
        return rc;
    }
    world->watch = fd;
    return fd;
}

static bool uring_ask_all_to_end(struct fm__uring_world *world)
{
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    if (sqe == NULL)
        return false;
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_ASYNC_CANCEL,
        .cancel_flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
        .user_data = FM__URING_CANCEL,
    };
    return true;
}

static bool uring_restless(struct fm__loop *loop)
{
    const struct fm__uring_world *world = loop->world;
    return fm__ring_restless(&world->ring) || world->behind ||
           world->bell_lost || !fm__list_empty(&world->ended) ||
           (world->wants_first != FM__URING_NOBODY &&
            fm__buffers_ready(&loop->buffers));
}

/* Everything that is armed ends, and what waits for that. */
static void uring_drain(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    bool asked = false;
    int rc = 0;
    world->ring.leaving = true;
    while (rc == 0 && world->armed > 0) {
        asked = asked || uring_ask_all_to_end(world);
        rc = asked ? fm__ring_drain(&world->ring)
                   : fm__ring_enter(&world->ring, NULL);
        uring_reap(loop);
    }
}

static void uring_close(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    uring_drain(loop);
    fm__uring_fds_close(loop);
    fm__ring_close(&world->ring);
    if (world->watch >= 0)
        fm__sys_close(world->watch);
    fm__uring_buffers_close(loop);
    fm__uring_slots_free(&world->slots);
    fm__memory_free(world);
}

static void uring_world_init(struct fm__uring_world *world)
{
    fm__list_init(&world->ended);
    fm__list_init(&world->polls);
    fm__list_init(&world->unsent);
    world->wants_first = FM__URING_NOBODY;
    world->watch = -1;
    world->receive_cap = URING_RECEIVE_CAP;
}

/* The first entry shows whether entries are allowed at all. */
static int uring_open(struct fm__loop *loop, uint64_t seed)
{
    (void)seed;
    struct fm__uring_world *world = fm__memory_new(sizeof *world);
    if (world == NULL)
        return -ENOMEM;
    uring_world_init(world);
    int rc = fm__ring_open(&world->ring);
    if (rc < 0)
        goto free_world;
    rc = fm__uring_buffers_open(world);
    if (rc < 0)
        goto close_ring;
    loop->world = world;
    uring_ring_bell(loop);
    rc = fm__ring_enter(&world->ring, NULL);
    if (rc < 0)
        goto close_buffers;
    return 0;

close_buffers:
    fm__ring_close(&world->ring);
    fm__uring_buffers_close(loop);
    fm__memory_free(world);
    return rc;
close_ring:
    fm__ring_close(&world->ring);
free_world:
    fm__memory_free(world);
    return rc;
}

const struct fm__backend fm__uring = {
    .name = "uring",
    .files = true,
    .reads_files = true,
    .open = uring_open,
    .close = uring_close,
    .now = fm__kernel_now,
    .submit = uring_submit,
    .cancel = uring_cancel,
    .poll = uring_poll,
    .pair = fm__uring_pair,
    .socket = fm__uring_socket,
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
    .close_fd = fm__uring_close_fd,
    .adopt = fm__uring_adopt,
    .forget = fm__uring_forget,
    .events = fm__kernel_events,
    .descriptor = uring_descriptor,
    .restless = uring_restless,
};
