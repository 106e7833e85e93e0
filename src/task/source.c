/*
 * source.c - tasks, times, descriptors and watched objects, all alike
 *
 * Each may tell its select any number of times; telling wakes the task once,
 * and the select looks for itself what is ready.
 */
#include "task/source.h"

#include "base/die.h"
#include "loop/span.h"
#include "task/handle.h"

#include <fermata/select.h>

#include <sys/epoll.h>

static struct fm__task *source_task(const fm_when *when)
{
    return fm__handle_take(fm__current, when->object, "fm_select");
}

static bool source_task_ready(const fm_when *when)
{
    return source_task(when)->state == FM__TASK_ENDED;
}

static bool source_span_ready(const fm_when *when)
{
    return when->number == 0;
}

static bool source_moment_ready(const fm_when *when)
{
    return when->number <= fm__loop_now(&fm__current->home->loop);
}

static const struct fm__wait_kind source_task_wait = {
    .name = "end of task",
    .what = FM__WAIT_TASK,
};
static const struct fm__wait_kind source_time_wait = {
    .name = "time",
    .what = FM__WAIT_TIMER,
};
static const struct fm__wait_kind source_fd_wait = {
    .name = "ready",
    .what = FM__WAIT_DESCRIPTOR,
};

const struct fm__when_kind fm__when_task = {
    .ready = source_task_ready,
    .wait = &source_task_wait,
};
const struct fm__when_kind fm__when_span = {
    .ready = source_span_ready,
    .wait = &source_time_wait,
};
const struct fm__when_kind fm__when_moment = {
    .ready = source_moment_ready,
    .wait = &source_time_wait,
};
const struct fm__when_kind fm__when_descriptor = {.wait = &source_fd_wait};

/* The descriptor and its events share the number. */
static int source_number(const fm_when *when)
{
    return (int)(uint32_t)when->number;
}

static uint32_t source_events(const fm_when *when)
{
    return (uint32_t)((uint64_t)when->number >> 32);
}

static bool source_events_known(const fm_when *when)
{
    uint32_t events = source_events(when);
    return events != 0 && (events & ~(uint32_t)(EPOLLIN | EPOLLOUT)) == 0;
}

int fm__when_look_fd(const fm_when *when)
{
    struct fm__loop *loop = &fm__current->home->loop;
    if (!source_events_known(when))
        return -EINVAL;
    int rc =
        loop->backend->events(loop, source_number(when), source_events(when));
    return rc > 0 ? 1 : rc;
}

/* Something may be ready: the task is woken, once. */
static void source_tell(struct fm__select *select)
{
    select->told = true;
    if (!select->parked)
        return;
    select->parked = false;
    fm__wake(&select->waiter, 0);
}

/* Records in the user's memory do not know whose they are: who tells may be on
 * another thread. */
void fm__source_looked(struct fm__watcher *watcher)
{
    struct fm__select *select =
        FM__CONTAINER(watcher, struct fm__source, watcher)->select;
    const struct fm__task *task = select->waiter.task;
    if (FM__UNLIKELY(select->parked && task->home != fm__home))
        fm__die("fm_select in task %s (%s): what it selects was changed on "
                "another thread",
                task->name, fm__site(task));
    source_tell(select);
}

static void source_task_ended(struct fm__lookout *lookout,
                              struct fm__task *task)
{
    (void)task;
    source_tell(FM__CONTAINER(lookout, struct fm__source, lookout)->select);
}

static void source_fire(struct fm__timer *timer)
{
    struct fm__source *source = FM__CONTAINER(timer, struct fm__source, timer);
    source->fired = true;
    source_tell(source->select);
}

static void source_polled(struct fm__op *op)
{
    struct fm__select *select =
        FM__CONTAINER(op, struct fm__source, op)->select;
    select->flying--;
    if (!select->draining)
        source_tell(select);
    else if (select->flying == 0)
        fm__wake(&select->waiter, 0);
}

/* A task that is given twice is looked at where it is given first. */
static void source_begin_task(struct fm__source *source, const fm_when *when)
{
    struct fm__task *task = source_task(when);
    source->lookout.ended = source_task_ended;
    if (task->lookout == NULL)
        task->lookout = &source->lookout;
}

static void source_begin_timer(struct fm__source *source, const fm_when *when)
{
    struct fm__loop *loop = &fm__current->home->loop;
    fm__timer_init(&source->timer, source_fire);
    if (when->kind == &fm__when_moment)
        fm__timer_arm_at(loop, &source->timer, when->number);
    else if (when->number != FM__NEVER)
        fm__timer_arm(loop, &source->timer, when->number);
}

void fm__source_begin_other(struct fm__source *source, const fm_when *when)
{
    if (when->kind == &fm__when_task)
        source_begin_task(source, when);
    else if (fm__when_is_fd(when))
        source->op.state = FM__OP_IDLE;
    else
        source_begin_timer(source, when);
}

void fm__source_end_other(struct fm__source *source, const fm_when *when)
{
    if (when->kind == &fm__when_task) {
        struct fm__task *task = source_task(when);
        if (task->lookout == &source->lookout)
            task->lookout = NULL;
    } else if (!fm__when_is_fd(when)) {
        fm__timer_disarm(&fm__current->home->loop, &source->timer);
    }
}

int fm__source_poll(struct fm__source *source, const fm_when *when)
{
    struct fm__op *op = &source->op;
    if (op->state != FM__OP_IDLE)
        return 0;
    if (!source_events_known(when))
        return -EINVAL;
    *op = (struct fm__op){
        .kind = FM__OP_POLL,
        .fd = source_number(when),
        .events = source_events(when),
        .done = source_polled,
    };
    if (!fm__op_submit(&fm__current->home->loop, op))
        source->select->flying++;
    else if (op->result < 0)
        return (int)op->result;
    else
        source->select->told = true;
    return 0;
}

fm_when fm_when_ended(fm_task *task)
{
    return (fm_when){.kind = &fm__when_task, .object = task};
}

fm_when fm_when_after(double seconds)
{
    int64_t span;
    if (fm__span(seconds, &span) < 0)
        span = FM__WHEN_NO_SPAN;
    return (fm_when){.kind = &fm__when_span, .number = span};
}

fm_when fm_when_at(int64_t deadline)
{
    return (fm_when){.kind = &fm__when_moment, .number = deadline};
}

fm_when fm_when_fd(int fd, int events)
{
    uint64_t number = (uint64_t)(uint32_t)events << 32 | (uint32_t)fd;
    return (fm_when){.kind = &fm__when_descriptor, .number = (int64_t)number};
}
