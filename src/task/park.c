/*
 * park.c - the two verbs everything above is written with
 *
 * A task that parks switches straight to the next one that is ready; only at
 * a turn's end, or for work that is no task, the loop's own stack runs. So a
 * hand-over is one switch.
 */
#include "base/die.h"
#include "base/sys_thread.h"
#include "task/leave.h"

#include <assert.h>

FM__PER_THREAD struct fm__task *fm__current = &fm__nobody;
FM__PER_THREAD struct fm__conductor *fm__home;
FM__PER_THREAD struct fm__probe *fm__probe;
FM__PER_THREAD bool fm__forked;

/* Its credit is 0: each cancel point outside a task takes the slow path. */
struct fm__task fm__nobody;

void fm__task_none(const char *caller)
{
    if (fm__forked)
        fm__die("%s was called in a forked child: the loop belongs to the "
                "parent; a child may exec or _exit",
                caller);
    if (fm__home != NULL)
        fm__die("%s was called outside a task", caller);
    char mine[FM__THREAD_TEXT];
    fm__die("%s was called outside a task, on %s, which has no run", caller,
            fm__thread_text(fm__thread_number(), mine));
}

struct fm__task *fm__task_self(const char *caller)
{
    if (FM__LIKELY(fm__current != &fm__nobody))
        return fm__current;
    fm__task_none(caller);
}

void fm__task_resume(struct fm__work *work)
{
    struct fm__task *task = FM__CONTAINER(work, struct fm__task, work);
    fm__loop_notice(&task->home->loop, FM__EVENT_RUN, task);
    fm__coro_switch(&task->home->thread, &task->coro);
    fm__current = &fm__nobody;
}

static void park_probe_run(struct fm__work *work)
{
    struct fm__probe *probe = FM__CONTAINER(work, struct fm__probe, work);
    struct fm__task *task = fm__handle_find(probe->target);
    bool alive = task != NULL && task->state == FM__TASK_ALIVE;
    fm__probe_strike(alive ? task : NULL);
}

static void park_probe_ready(struct fm__task *task)
{
    fm__probe->work.run = park_probe_run;
    fm__loop_ready(&task->home->loop, &fm__probe->work);
}

static bool park_probe_hit(struct fm__probe *probe, enum fm__probe_phase phase)
{
    return ++probe->passed[phase] == probe->cancel_at && probe->phase == phase;
}

static void park_probe_park(struct fm__task *self)
{
    struct fm__probe *probe = fm__probe;
    if (probe == NULL)
        return;
    bool parked = park_probe_hit(probe, FM__PROBE_PARKED);
    if (park_probe_hit(probe, FM__PROBE_WOKEN) || parked)
        probe->target = self->handle;
    if (parked)
        park_probe_ready(self);
}

/* Just before the task: it finds its wait over, and itself cancelled. */
static void park_probe_wake(struct fm__task *task)
{
    const struct fm__probe *probe = fm__probe;
    if (probe != NULL && probe->phase == FM__PROBE_WOKEN &&
        probe->work.run == NULL && probe->target == task->handle)
        park_probe_ready(task);
}

/* What the next fm__next_task returns. */
static struct fm__task *park_next(struct fm__loop *loop)
{
    struct fm__task *next = fm__next_task(loop);
    if (next == NULL)
        return NULL;
    next->work.next = loop->batch.first;
    loop->batch.first = &next->work;
    return next;
}

static void park_tell(struct fm__task *self, struct fm__task *next)
{
    struct fm__loop *loop = &self->home->loop;
    fm__loop_tell(loop, FM__EVENT_LEAVE, self);
    if (next != NULL)
        fm__loop_tell(loop, FM__EVENT_RUN, next);
}

void fm__leave_seldom(struct fm__task *self)
{
    if ((self->marks & FM__MARK_DENSE) != 0)
        fm__canary_look(self);
    if (!self->cut)
        self->credit = self->home->budget;
    if ((self->marks & FM__MARK_OBSERVED) == 0)
        return;
    if (self->waiter != NULL)
        park_probe_park(self);
    park_tell(self, park_next(&self->home->loop));
}

int fm__park(struct fm__waiter *waiter)
{
    return fm__park_here(waiter);
}

static void park_ready(struct fm__task *task)
{
    fm__loop_ready(&task->home->loop, &task->work);
    fm__loop_trace(&task->home->loop, task->serial);
}

/* Called last, so that fm__wake needs no frame. */
FM__NOINLINE static void park_ready_told(struct fm__task *task)
{
    park_probe_wake(task);
    fm__loop_tell(&task->home->loop, FM__EVENT_WAKE, task);
    park_ready(task);
}

void fm__wake(struct fm__waiter *waiter, int result)
{
    struct fm__task *task = waiter->task;
    assert(task->waiter == waiter);
    task->waiter = NULL;
    task->woken = result;
    FM__USDT3(wake, task->handle, fm__current->handle, result);
    if (FM__UNLIKELY(task->home->loop.observed))
        park_ready_told(task);
    else
        park_ready(task);
}

/* The next one finds itself cancelled. */
static void park_probe_hand_over(const struct fm__task *next)
{
    struct fm__probe *probe = fm__probe;
    if (probe == NULL || probe->phase != FM__PROBE_WOKEN ||
        probe->work.run != NULL || probe->target != next->handle)
        return;
    probe->work.run = park_probe_run;
    park_probe_run(&probe->work);
}

void fm__hand_over_seldom(struct fm__task *self, struct fm__task *next)
{
    if ((self->marks & FM__MARK_DENSE) != 0)
        fm__canary_look(self);
    park_probe_park(self);
    park_probe_hand_over(next);
    if ((self->marks & FM__MARK_OBSERVED) == 0)
        return;
    fm__loop_tell(&self->home->loop, FM__EVENT_WAKE, next);
    park_tell(self, next);
}

void fm__park_cut(struct fm__waiter *waiter, int reason)
{
    struct fm__queued *queued =
        FM__CONTAINER(waiter, struct fm__queued, waiter);
    fm__list_remove(&queued->link);
    fm__wake(waiter, reason);
}

int fm__park_in(struct fm__list *list, struct fm__queued *queued,
                const struct fm__wait_kind *kind)
{
    return fm__park_in_here(list, queued, kind);
}

bool fm__wake_first(struct fm__list *list, int result)
{
    struct fm__list *first = fm__list_shift(list);
    if (first == NULL)
        return false;
    fm__wake(&FM__CONTAINER(first, struct fm__queued, link)->waiter, result);
    return true;
}

fm_task *fm_self(void)
{
    return fm__task_self("fm_self")->handle;
}
