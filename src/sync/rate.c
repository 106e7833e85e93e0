/*
 * rate.c - a token bucket, computed when it is asked
 *
 * The level is counted in shares: each nanosecond brings `tokens` of them, and
 * a token costs as many as its span has nanoseconds. So nothing is rounded,
 * and nothing drifts. What a burst costs, and what all of time brings, is less
 * than 2^95 each.
 *
 * Invariant: the timer is armed exactly while a task waits, for when the first
 * of them can have what it wants.
 */
#include <fermata/rate.h>

#include "base/die.h"
#include "loop/span.h"
#include "task/record.h"

#include <errno.h>

/* In the reserved words. */
struct rate {
    struct fm__conductor *home; /* of those who wait */
    struct fm__list waiting;    /* struct rate_waiter */
    struct fm__timer timer;
    int64_t span;   /* in which the tokens come, ns; 0: not begun */
    int64_t filled; /* the moment that the level is of */
    uint64_t low;   /* the level, in two halves: a wide would have to lie */
    uint64_t high;  /* at a multiple of 16 */
};

_Static_assert(sizeof(struct rate) <= sizeof((fm_rate *)0)->reserved,
               "grow the record");

/* On the stack of the task that waits. */
struct rate_waiter {
    struct fm__queued queued;
    fm_rate *record;
    uint32_t count;
};

static struct rate *rate_of(fm_rate *record)
{
    return (struct rate *)record->reserved;
}

static uint32_t rate_burst(const fm_rate *record)
{
    return record->burst > 0 ? record->burst : 1;
}

static fm__wide rate_level(const struct rate *rate)
{
    return (fm__wide)rate->high << 64 | rate->low;
}

static void rate_set(struct rate *rate, fm__wide level)
{
    rate->low = (uint64_t)level;
    rate->high = (uint64_t)(level >> 64);
}

static fm__wide rate_cost(const struct rate *rate, uint32_t count)
{
    return (fm__wide)count * (uint64_t)rate->span;
}

/* What has come since it was asked last; all that fits after a long time. */
static void rate_fill(fm_rate *record)
{
    struct rate *rate = rate_of(record);
    fm__wide full = rate_cost(rate, rate_burst(record));
    fm__wide level = rate_level(rate);
    int64_t now = fm__loop_now(&fm__home->loop);
    if (now > rate->filled)
        level += (fm__wide)(uint64_t)(now - rate->filled) * record->tokens;
    rate_set(rate, level < full ? level : full);
    rate->filled = now;
}

static bool rate_pay(struct rate *rate, uint32_t count)
{
    fm__wide level = rate_level(rate);
    fm__wide cost = rate_cost(rate, count);
    if (level < cost)
        return false;
    rate_set(rate, level - cost);
    return true;
}

static struct rate_waiter *rate_first(const struct rate *rate)
{
    if (fm__list_none(&rate->waiting))
        return NULL;
    return FM__CONTAINER(rate->waiting.next, struct rate_waiter, queued.link);
}

/* By a span, for who is called back by a timer may arm no moment. */
static void rate_arm(fm_rate *record)
{
    struct rate *rate = rate_of(record);
    const struct rate_waiter *first = rate_first(rate);
    fm__timer_disarm(&rate->home->loop, &rate->timer);
    if (first == NULL)
        return;
    fm__wide missing = rate_cost(rate, first->count) - rate_level(rate);
    fm__wide span = (missing + record->tokens - 1) / record->tokens;
    if (span < FM__NEVER)
        fm__timer_arm(&rate->home->loop, &rate->timer, (int64_t)span);
}

/* Whoever can go on goes on, from the first. */
static void rate_go_on(fm_rate *record)
{
    struct rate *rate = rate_of(record);
    const struct rate_waiter *first = rate_first(rate);
    rate_fill(record);
    while (first != NULL && rate_pay(rate, first->count)) {
        fm__wake_first(&rate->waiting, 0);
        first = rate_first(rate);
    }
    rate_arm(record);
}

static void rate_fire(struct fm__timer *timer)
{
    struct rate *rate = FM__CONTAINER(timer, struct rate, timer);
    rate_go_on(FM__CONTAINER(rate, fm_rate, reserved));
}

static void rate_cut(struct fm__waiter *waiter, int reason)
{
    struct rate_waiter *self =
        FM__CONTAINER(waiter, struct rate_waiter, queued.waiter);
    struct rate *rate = rate_of(self->record);
    bool first = self == rate_first(rate);
    fm__list_remove(&self->queued.link);
    fm__wake(waiter, reason);
    if (first)
        rate_go_on(self->record);
}

/* 0, or -EINVAL: it cannot be used. */
static int rate_begin(fm_rate *record, const char *caller)
{
    struct rate *rate = rate_of(record);
    if (fm__home == NULL)
        fm__task_none(caller);
    if (rate_first(rate) != NULL && rate->home != fm__home)
        fm__die("%s: tasks of another loop wait at this rate", caller);
    if (rate->span > 0)
        return 0;
    int64_t span;
    int rc = fm__span(record->seconds == 0 ? 1 : record->seconds, &span);
    if (rc < 0 || span == 0 || span == FM__NEVER || record->tokens == 0)
        return -EINVAL;
    rate->span = span;
    rate->filled = fm__loop_now(&fm__home->loop);
    rate_set(rate, rate_cost(rate, rate_burst(record)));
    fm__timer_init(&rate->timer, rate_fire);
    return 0;
}

static const struct fm__wait_kind rate_kind = {
    .cut = rate_cut,
    .name = "rate",
    .what = FM__WAIT_OBJECT,
    .at = FM__WAIT_AT(struct rate_waiter, queued, record),
};

static int rate_try(fm_rate *record, uint32_t count, const char *caller)
{
    struct rate *rate = rate_of(record);
    int rc = rate_begin(record, caller);
    if (rc < 0 || count > rate_burst(record))
        return -EINVAL;
    if (count == 0)
        return 0;
    if (rate_first(rate) != NULL)
        return -EAGAIN;
    rate_fill(record);
    return rate_pay(rate, count) ? 0 : -EAGAIN;
}

int fm_rate_take_try(fm_rate *record, uint32_t count)
{
    return rate_try(record, count, "fm_rate_take_try");
}

int fm_rate_take(fm_rate *record, uint32_t count)
{
    int rc = fm__checkpoint(fm__current, "fm_rate_take");
    if (rc == 0)
        rc = rate_try(record, count, "fm_rate_take");
    if (rc != -EAGAIN)
        return rc;
    struct rate *rate = rate_of(record);
    struct rate_waiter self = {
        .queued = {.waiter = {.kind = &rate_kind}},
        .record = record,
        .count = count,
    };
    fm__list_begin(&rate->waiting);
    fm__list_push(&rate->waiting, &self.queued.link);
    if (rate_first(rate) == &self) {
        rate->home = fm__home;
        rate_arm(record);
    }
    return fm__park(&self.queued.waiter);
}

uint32_t fm_rate_count(fm_rate *record)
{
    struct rate *rate = rate_of(record);
    if (rate_begin(record, "fm_rate_count") < 0)
        return 0;
    rate_fill(record);
    return (uint32_t)(rate_level(rate) / (uint64_t)rate->span);
}
