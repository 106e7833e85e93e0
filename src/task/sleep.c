/*
 * sleep.c - timers that wake a task
 */
#include <fermata/sleep.h>

#include "loop/span.h"
#include "task/leave.h"

struct sleep {
    struct fm__waiter waiter;
    struct fm__timer timer;
};

static void sleep_fire(struct fm__timer *timer)
{
    fm__wake(&FM__CONTAINER(timer, struct sleep, timer)->waiter, 0);
}

static void sleep_cut(struct fm__waiter *waiter, int reason)
{
    struct sleep *sleep = FM__CONTAINER(waiter, struct sleep, waiter);
    fm__timer_disarm(&waiter->task->home->loop, &sleep->timer);
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind sleep_kind = {
    .cut = sleep_cut,
    .name = "sleep",
    .what = FM__WAIT_TIMER,
    .at = FM__WAIT_AT(struct sleep, waiter, timer),
};

int fm_yield(void)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_yield");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__requeue(self);
    return 0;
}

int fm_sleep(double seconds)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_sleep");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    int64_t span;
    rc = fm__span(seconds, &span);
    if (rc < 0)
        return rc;
    if (span == 0) {
        fm__requeue(self);
        return 0;
    }
    fm__blocks_check(self);
    struct sleep sleep = {.waiter = {.kind = &sleep_kind}};
    fm__timer_init(&sleep.timer, sleep_fire);
    if (span != FM__NEVER)
        fm__timer_arm(&self->home->loop, &sleep.timer, span);
    return fm__park(&sleep.waiter);
}

int fm_sleep_until(int64_t deadline)
{
    struct fm__task *self = fm__task_self("fm_sleep_until");
    struct fm__loop *loop = &self->home->loop;
    if (deadline <= fm__loop_now(loop))
        return fm_yield();
    int rc = fm__checkpoint(self, "fm_sleep_until");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__blocks_check(self);
    struct sleep sleep = {.waiter = {.kind = &sleep_kind}};
    fm__timer_init(&sleep.timer, sleep_fire);
    fm__timer_arm_at(loop, &sleep.timer, deadline);
    return fm__park(&sleep.waiter);
}

int64_t fm_now(void)
{
    return fm__loop_now(&fm__task_self("fm_now")->home->loop);
}
