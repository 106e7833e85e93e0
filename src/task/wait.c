/*
 * wait.c - wait until something is true of many tasks, and take none
 *
 * Each task that is alive has the waiting one as its lookout: so the end of
 * one costs a count, however many there are, and the handles are gone through
 * before the wait and after it.
 */
#include <fermata/wait.h>

#include "loop/span.h"
#include "task/handle.h"

#include <errno.h>

struct wait {
    struct fm__waiter waiter;
    struct fm__lookout lookout;
    struct fm__timer timer;
    fm_task *const *tasks;
    size_t count;
    size_t ended;
    size_t alive; /* whose lookout this is */
    fm_until until;
    bool failed;
    bool woken;
};

static void wait_note(struct wait *wait, const struct fm__task *task)
{
    bool obeyed = task->result == -ECANCELED && task->cancelled;
    wait->ended++;
    wait->failed = wait->failed || (task->result < 0 && !obeyed);
}

static bool wait_over(const struct wait *wait)
{
    return wait->alive == 0 ||
           (wait->until == FM_FIRST_COMPLETED && wait->ended > 0) ||
           (wait->until == FM_FIRST_ERROR && wait->failed);
}

static void wait_wake(struct wait *wait, int result)
{
    if (wait->woken)
        return;
    wait->woken = true;
    fm__wake(&wait->waiter, result);
}

static void wait_ended(struct fm__lookout *lookout, struct fm__task *task)
{
    struct wait *wait = FM__CONTAINER(lookout, struct wait, lookout);
    wait->alive--;
    wait_note(wait, task);
    if (wait_over(wait))
        wait_wake(wait, 0);
}

static void wait_fire(struct fm__timer *timer)
{
    wait_wake(FM__CONTAINER(timer, struct wait, timer), 0);
}

static void wait_cut(struct fm__waiter *waiter, int reason)
{
    wait_wake(FM__CONTAINER(waiter, struct wait, waiter), reason);
}

static const struct fm__wait_kind wait_kind = {
    .cut = wait_cut,
    .name = "wait",
    .what = FM__WAIT_LOOKOUT,
    .at = FM__WAIT_AT(struct wait, waiter, lookout),
    .first = offsetof(struct wait, timer),
};

/* Becomes the lookout of those alive; a task that is given twice counts once
 * among these. */
static void wait_begin(struct wait *wait, struct fm__task *self)
{
    for (size_t i = 0; i < wait->count; i++) {
        if (wait->tasks[i] == NULL)
            continue;
        struct fm__task *task =
            fm__handle_take(self, wait->tasks[i], "fm_wait");
        if (task->state == FM__TASK_ENDED) {
            wait_note(wait, task);
        } else if (task->lookout == NULL) {
            task->lookout = &wait->lookout;
            wait->alive++;
        }
    }
}

/* How many have ended by now. */
static int wait_end(const struct wait *wait, struct fm__task *self)
{
    int ended = 0;
    for (size_t i = 0; i < wait->count; i++) {
        if (wait->tasks[i] == NULL)
            continue;
        struct fm__task *task =
            fm__handle_take(self, wait->tasks[i], "fm_wait");
        ended += task->state == FM__TASK_ENDED;
        task->lookout = NULL;
    }
    return ended;
}

static int wait_park(struct wait *wait, struct fm__task *self, int64_t span)
{
    struct fm__loop *loop = &self->home->loop;
    fm__timer_init(&wait->timer, wait_fire);
    if (span > 0 && span != FM__NEVER)
        fm__timer_arm(loop, &wait->timer, span);
    int rc = fm__park(&wait->waiter);
    fm__timer_disarm(loop, &wait->timer);
    return rc;
}

/* wide: the tasks, what of them, and the options */
int fm__wait(fm_task *const *tasks, size_t count, fm_until until,
             const fm_wait_options *options)
{
    struct fm__task *self = fm__current;
    double limit = options != NULL ? options->timeout : 0;
    int64_t span;
    int rc = fm__checkpoint(self, "fm_wait");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    rc = fm__span(limit, &span);
    if (rc < 0 || (unsigned)until > FM_FIRST_ERROR)
        return -EINVAL;
    fm__blocks_check(self);
    struct wait wait = {
        .waiter = {.kind = &wait_kind},
        .lookout = {wait_ended},
        .tasks = tasks,
        .count = count,
        .until = until,
    };
    wait_begin(&wait, self);
    if (!wait_over(&wait) && limit >= 0)
        rc = wait_park(&wait, self, span);
    int ended = wait_end(&wait, self);
    return rc < 0 ? rc : ended;
}

bool fm_task_ended(const fm_task *handle)
{
    const struct fm__task *task =
        handle != NULL ? fm__handle_find(handle) : NULL;
    return task != NULL && task->state == FM__TASK_ENDED;
}
