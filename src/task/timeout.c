/*
 * timeout.c - blocks with a time limit
 */
#include "task/block.h"

#include <fermata/sleep.h>
#include <fermata/timeout.h>

#include "loop/span.h"

#include <errno.h>

_Static_assert(sizeof(struct fm__timeout) <= sizeof(fm_timeout),
               "grow the record");

static void timeout_fire(struct fm__timer *timer)
{
    struct fm__timeout *timeout =
        FM__CONTAINER(timer, struct fm__timeout, timer);
    timeout->block.cut = true;
    fm__recut(timeout->block.task);
}

static void timeout_arm(struct fm__timeout *timeout, int64_t span)
{
    struct fm__task *self = timeout->block.task;
    if (span <= 0) {
        timeout->block.cut = true;
        self->cut = true;
        self->credit = 0;
    } else if (span != FM__NEVER) {
        fm__timer_arm(&self->home->loop, &timeout->timer, span);
    }
}

static struct fm__timeout *timeout_push(fm_timeout *record, const char *caller)
{
    struct fm__timeout *timeout = (struct fm__timeout *)record;
    fm__block_push(&timeout->block, FM__BLOCK_TIMEOUT, caller);
    fm__timer_init(&timeout->timer, timeout_fire);
    timeout->rc = NULL;
    return timeout;
}

int fm_timeout_open(fm_timeout *record, double seconds)
{
    int64_t span;
    int rc = fm__span(seconds, &span);
    if (rc == 0)
        timeout_arm(timeout_push(record, "fm_timeout_open"), span);
    return rc;
}

int fm_timeout_open_at(fm_timeout *record, int64_t deadline)
{
    struct fm__timeout *timeout = timeout_push(record, "fm_timeout_open_at");
    struct fm__loop *loop = &timeout->block.task->home->loop;
    if (deadline <= fm__loop_now(loop))
        timeout_arm(timeout, 0);
    else
        fm__timer_arm_at(loop, &timeout->timer, deadline);
    return 0;
}

int fm_timeout_close(fm_timeout *record, int rc)
{
    struct fm__timeout *timeout = (struct fm__timeout *)record;
    struct fm__block *block = &timeout->block;
    fm__block_pop(block, "fm_timeout_close");
    fm__timer_disarm(&block->task->home->loop, &timeout->timer);
    if (rc != -ECANCELED || !block->cut || !block->caused)
        return rc;
    return fm__cut_seen(block->task, NULL) == 0 ? -ETIMEDOUT : rc;
}

int fm_timeout_reschedule(fm_timeout *record, double seconds)
{
    struct fm__timeout *timeout = (struct fm__timeout *)record;
    int64_t span;
    int rc = fm__span(seconds, &span);
    if (rc < 0)
        return rc;
    if (fm__home == NULL)
        fm__task_none("fm_timeout_reschedule");
    if (timeout->block.cut)
        return -EALREADY;
    struct fm__task *task = timeout->block.task;
    fm__timer_disarm(&task->home->loop, &timeout->timer);
    if (span > 0) {
        timeout_arm(timeout, span);
    } else {
        timeout->block.cut = true;
        fm__recut(task);
    }
    return 0;
}

bool fm_timeout_expired(const fm_timeout *record)
{
    return ((const struct fm__timeout *)record)->block.cut;
}

int64_t fm_timeout_deadline(const fm_timeout *record)
{
    const struct fm__timeout *timeout = (const struct fm__timeout *)record;
    struct fm__loop *loop = &timeout->block.task->home->loop;
    if (timeout->block.cut)
        return fm__loop_now(loop);
    return fm__timer_moment(loop, &timeout->timer);
}

/* NaN: the block is skipped, and its cleanup finds nothing open. */
static fm_timeout *timeout_entered(fm_timeout *record, int rc, int *out)
{
    struct fm__timeout *timeout = (struct fm__timeout *)record;
    *out = rc;
    if (rc < 0) {
        fm__block_settle(&timeout->block);
        return NULL;
    }
    timeout->rc = out;
    return record;
}

fm_timeout *fm__timeout_enter(fm_timeout *record, double seconds, int *rc)
{
    return timeout_entered(record, fm_timeout_open(record, seconds), rc);
}

fm_timeout *fm__timeout_enter_at(fm_timeout *record, int64_t deadline, int *rc)
{
    return timeout_entered(record, fm_timeout_open_at(record, deadline), rc);
}

void fm__timeout_leave(fm_timeout *record)
{
    struct fm__timeout *timeout = (struct fm__timeout *)record;
    if (fm__block_settled(&timeout->block))
        return;
    fm__block_check(&timeout->block, "FM_TIMEOUT");
    *timeout->rc = fm_timeout_close(record, *timeout->rc);
}
