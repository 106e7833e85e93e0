/*
 * sim.c - the imagined world: a clock that jumps, and chance by a seed
 *
 * Time stands still while the loop finds work, but for a microsecond a look,
 * and jumps to what is due next when all is quiet. A seed decides whether an
 * operation is done in submit or later and how much later, how much a read
 * or write moves, whether a cancel comes too late, and in which order goes
 * on what became ready in one poll. Equal seeds give equal stories.
 *
 * Where another thread may still post, time cannot jump: the world waits for
 * real, and its clock goes as fast as the machine's.
 */
#include "base/die.h"
#include "base/fault.h"
#include "base/memory.h"
#include "base/sys.h"
#include "loop/mailbox.h"
#include "loop/sim_world.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

#define SIM_BIRTH INT64_C(1000000000) /* when the clock starts, ns */
#define SIM_LOOK 1000                 /* ns that a look takes */
#define SIM_ANSWER 1000000            /* ns between looks for an answer */

FM__PER_THREAD const struct fm__sim_options *fm__sim_options;

static int64_t sim_now(struct fm__loop *loop)
{
    const struct fm__sim_world *world = loop->world;
    return world->clock;
}

static uint64_t sim_random(struct fm__loop *loop)
{
    return fm__sim_random(loop->world);
}

/* An error that need not have been, or 0. */
static int sim_bad_luck(struct fm__sim_world *world, struct fm__sim_end *end,
                        const struct fm__op *op)
{
    static const int refusals[] = {-ECONNREFUSED, -EHOSTUNREACH,
                                   -FM_EPEERTIMEOUT};
    if (!fm__sim_chance(world, world->options.errors, 1000))
        return 0;
    uint64_t which = fm__sim_random(world);
    if (op->kind == FM__OP_ACCEPT && end->kind == FM__SIM_LISTENER)
        return which % 2 == 0 ? -EMFILE : -ECONNABORTED;
    if (op->kind == FM__OP_CONNECT && end->kind == FM__SIM_NEW)
        return refusals[which % FM__COUNT(refusals)];
    if (op->kind == FM__OP_POLL || end->kind != FM__SIM_STREAM)
        return 0;
    fm__sim_cut(world, end, true);
    return -ECONNRESET;
}

static ssize_t sim_attempt(struct fm__loop *loop, struct fm__sim_end *end,
                           struct fm__op *op)
{
    struct fm__sim_world *world = loop->world;
    int luck = sim_bad_luck(world, end, op);
    if (luck < 0)
        return luck;
    switch (op->kind) {
    case FM__OP_READ:
        return fm__sim_read(world, end, op);
    case FM__OP_RECEIVE:
        return fm__sim_receive(loop, end, op);
    case FM__OP_WRITE:
    case FM__OP_WRITEV:
        return fm__sim_write(world, end, op);
    case FM__OP_ACCEPT:
        return fm__sim_accept(world, end);
    case FM__OP_CONNECT:
        return fm__sim_connect(world, end, op);
    case FM__OP_SEND_MANY:
        return fm__sim_send_many(world, end, op);
    case FM__OP_RECEIVE_MANY:
        return fm__sim_receive_many(end, op);
    case FM__OP_READ_AT:
        return -EOPNOTSUPP;
    case FM__OP_POLL:
        return fm__sim_poll(end, op);
    }
    return -EINVAL;
}

static struct fm__list *sim_queue(struct fm__sim_end *end,
                                  const struct fm__op *op)
{
    switch (op->kind) {
    case FM__OP_READ:
    case FM__OP_RECEIVE:
    case FM__OP_ACCEPT:
    case FM__OP_RECEIVE_MANY:
        return &end->readers;
    case FM__OP_POLL:
        return &end->pollers;
    default:
        return &end->writers;
    }
}

/* Polls have no order: each waits for events of its own. */
static bool sim_is_first(const struct fm__list *queue, const struct fm__op *op)
{
    return queue->next == &op->link || op->kind == FM__OP_POLL;
}

/* Nothing to do until its end changes; but a connect whose route is long looks
 * again every so often, so that a cancel finds it soon. */
static void sim_wait_for_answer(struct fm__sim_world *world,
                                const struct fm__sim_end *end,
                                struct fm__op *op)
{
    int64_t look = world->clock + SIM_ANSWER;
    op->due = FM__NEVER;
    if (op->kind != FM__OP_CONNECT || end->route == NULL ||
        end->answered == FM__NEVER || end->answered <= world->clock)
        return;
    op->due = end->answered < look ? end->answered : look;
    fm__sim_calendar_add(world, op);
}

static void sim_trace(struct fm__loop *loop, const struct fm__op *op)
{
    const struct fm__sim_world *world = loop->world;
    fm__loop_trace(loop, (uint64_t)world->clock);
    fm__loop_trace(loop, (uint64_t)op->fd);
}

static bool sim_submit(struct fm__loop *loop, struct fm__op *op)
{
    struct fm__sim_world *world = loop->world;
    struct fm__sim_end *end = fm__sim_end(world, op->fd);
    sim_trace(loop, op);
    op->result = end == NULL
                     ? -EBADF
                     : fm__sim_calendar_reserve(world, loop->operations);
    if (op->result < 0)
        return true;
    fm__list_push(sim_queue(end, op), &op->link);
    op->due = FM__NEVER;
    if (op->kind == FM__OP_CONNECT)
        fm__sim_depart(world, end, op);
    if (!sim_is_first(sim_queue(end, op), op))
        return false;
    if (!world->options.prompt && fm__sim_chance(world, 1, 2)) {
        fm__sim_schedule(world, op);
        return false;
    }
    op->due = world->clock; /* what it changes itself does not wake it */
    op->result = sim_attempt(loop, end, op);
    if (op->result == -EAGAIN) {
        sim_wait_for_answer(world, end, op);
        return false;
    }
    fm__list_remove(&op->link);
    fm__sim_wake(world, end);
    return true;
}

static void sim_cancel(struct fm__loop *loop, struct fm__op *op)
{
    if (op->due == FM__NEVER)
        fm__sim_schedule(loop->world, op);
}

/* A cancel may come before or after what would have succeeded. */
static void sim_due(struct fm__loop *loop, struct fm__op *op)
{
    struct fm__sim_world *world = loop->world;
    int fd = op->fd;
    struct fm__sim_end *end = fm__sim_end(world, fd);
    bool cancelled = op->state == FM__OP_CANCELLING;
    bool late = !cancelled || fm__sim_chance(world, 1, 2);
    ssize_t rc = -EAGAIN;
    if (late && sim_is_first(sim_queue(end, op), op))
        rc = sim_attempt(loop, end, op);
    if (rc == -EAGAIN && cancelled)
        rc = -ECANCELED;
    if (rc == -EAGAIN) {
        sim_wait_for_answer(world, end, op);
        return;
    }
    world->completions++;
    sim_trace(loop, op);
    fm__op_complete(loop, op, rc);
    end = fm__sim_end(world, fd); /* it may have been closed */
    if (end != NULL)
        fm__sim_wake(world, end);
}

static void sim_settle(struct fm__loop *loop)
{
    struct fm__op *op;
    while ((op = fm__sim_calendar_take(loop->world)) != NULL)
        sim_due(loop, op);
}

static int sim_deadlock(struct fm__loop *loop)
{
    if (loop->deadlocked != NULL)
        loop->deadlocked(loop);
    if (loop->ready.first != NULL)
        return 0;
    fm__die("every task waits and nothing can wake one: a deadlock");
}

/* Until the bell rings or, by the machine's clock, the moment has come. */
static int sim_wait(struct fm__loop *loop, int64_t until)
{
    struct fm__sim_world *world = loop->world;
    int64_t limit = until == FM__NEVER ? -1 : until - world->clock;
    int64_t began = fm__sys_clock();
    int rc = fm__sys_poll(loop->bell, EPOLLIN, limit);
    int64_t passed = fm__sys_clock() - began;
    world->clock += limit >= 0 && passed > limit ? limit : passed;
    uint64_t rings;
    if (rc > 0)
        fm__sys_read(loop->bell, &rings, sizeof rings);
    return rc < 0 ? rc : 0;
}

/* From one thing that is due to the next, until one completes. Who was last
 * expected may have posted before it went, and after the last look. */
static int sim_jump(struct fm__loop *loop, int64_t deadline)
{
    struct fm__sim_world *world = loop->world;
    uint64_t before = world->completions;
    while (world->completions == before && world->clock < deadline) {
        int64_t next = fm__sim_calendar_next(world);
        next = next < deadline ? next : deadline;
        if (fm__mailbox_expects(loop))
            return sim_wait(loop, next);
        if (fm__loop_called(loop))
            return 0;
        if (next == FM__NEVER &&
            (loop->remote_possible > 0 || !fm__list_empty(&loop->listeners)))
            return sim_wait(loop, next);
        if (next == FM__NEVER)
            return sim_deadlock(loop);
        world->clock = next;
        sim_settle(loop);
    }
    return 0;
}

/* Where no buffer is lent none will come back: each is told so. */
static void sim_feed(struct fm__loop *loop)
{
    struct fm__sim_world *world = loop->world;
    struct fm__list *item;
    if (!fm__buffers_ready(&loop->buffers) && loop->buffers.lent > 0)
        return;
    while ((item = fm__list_shift(&world->hungry)) != NULL)
        fm__sim_wake(world, FM__CONTAINER(item, struct fm__sim_end, hungry));
}

static int sim_poll(struct fm__loop *loop, int64_t deadline)
{
    struct fm__sim_world *world = loop->world;
    uint64_t before = world->completions;
    sim_feed(loop);
    if (deadline <= world->clock)
        world->clock += SIM_LOOK;
    sim_settle(loop);
    if (world->completions != before || deadline <= world->clock ||
        !fm__loop_may_sleep(loop))
        return 0;
    int rc = sim_jump(loop, deadline);
    fm__loop_awake(loop);
    return rc;
}

/* Time itself goes on only in a poll. */
static bool sim_restless(struct fm__loop *loop)
{
    return loop->operations > 0;
}

static int sim_events(struct fm__loop *loop, int fd, uint32_t asked)
{
    const struct fm__sim_end *end = fm__sim_end(loop->world, fd);
    const struct fm__op look = {.events = asked};
    if (end == NULL)
        return -EBADF;
    ssize_t rc = fm__sim_poll(end, &look);
    return rc == -EAGAIN ? 0 : (int)rc;
}

static int sim_descriptor(struct fm__loop *loop)
{
    return loop->bell;
}

static int sim_open(struct fm__loop *loop, uint64_t seed)
{
    struct fm__sim_world *world = fm__memory_new(sizeof *world);
    if (world == NULL)
        return -ENOMEM;
    world->clock = SIM_BIRTH;
    world->random = seed;
    fm__list_init(&world->hungry);
    if (fm__sim_options != NULL)
        world->options = *fm__sim_options;
    loop->world = world;
    return 0;
}

/* Descriptors that were left open stay in the ledger, as real ones would. */
static void sim_close(struct fm__loop *loop)
{
    struct fm__sim_world *world = loop->world;
    for (int i = 0; i < world->ends_count; i++) {
        if (world->ends[i] != NULL)
            fm__sim_end_free(world, world->ends[i]);
    }
    fm__memory_free(world->ends);
    fm__memory_free(world->calendar);
    fm__memory_free(world);
}

const struct fm__backend fm__sim = {
    .name = "sim",
    .open = sim_open,
    .close = sim_close,
    .now = sim_now,
    .submit = sim_submit,
    .cancel = sim_cancel,
    .poll = sim_poll,
    .pair = fm__sim_pair,
    .socket = fm__sim_socket,
    .bind = fm__sim_bind,
    .aim = fm__sim_aim,
    .multicast = fm__sim_multicast,
    .listen = fm__sim_listen,
    .backlog = fm__sim_backlog,
    .address = fm__sim_address,
    .peer = fm__sim_peer,
    .credentials = fm__sim_credentials,
    .option = fm__sim_option,
    .asked = fm__sim_asked,
    .shutdown = fm__sim_shutdown,
    .sink = fm__sim_sink,
    .linger = fm__sim_linger,
    .close_fd = fm__sim_close_fd,
    .adopt = fm__sim_adopt,
    .forget = fm__sim_forget,
    .events = sim_events,
    .descriptor = sim_descriptor,
    .restless = sim_restless,
    .random = sim_random,
};
