/*
 * condition.c - tasks that wait for a change, and then for a lock
 *
 * Invariant: who waits here lies in one line at a time: in the condition's
 * until it is notified or cut, then, with its result, in its lock's, where
 * nothing cuts it. It is woken once, as the holder of the lock.
 */
#include <fermata/condition.h>

#include "sync/line.h"

struct condition {
    struct fm__list line; /* struct condition_waiter */
};

_Static_assert(sizeof(struct condition) <= sizeof(fm_condition),
               "grow the record");

struct condition_waiter {
    struct fm__queued queued;
    fm_lock *lock;
    int result; /* of the wait; valid in the lock's line */
};

static void condition_cut(struct fm__waiter *waiter, int reason)
{
    struct fm__queued *queued =
        FM__CONTAINER(waiter, struct fm__queued, waiter);
    struct condition_waiter *self =
        FM__CONTAINER(queued, struct condition_waiter, queued);
    fm__list_remove(&queued->link);
    self->result = reason;
    fm__lock_join(self->lock, queued);
}

static const struct fm__wait_kind condition_kind = {
    .cut = condition_cut,
    .name = "condition",
    .what = FM__WAIT_LISTED | FM__WAIT_OBJECT,
    .at = FM__WAIT_BACK(struct condition, line),
};

int fm_condition_wait(fm_condition *record, fm_lock *lock)
{
    static const char caller[] = "fm_condition_wait";
    struct condition *condition = (struct condition *)record;
    int rc = fm__checkpoint(fm__current, caller);
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__lock_check(lock, caller);
    fm__line_first(&condition->line, caller);
    fm_lock_release(lock);
    struct condition_waiter self = {
        .queued = {.waiter = {.kind = &condition_kind},
                   .list = &condition->line},
        .lock = lock};
    fm__line_join(&condition->line, &self.queued);
    fm__park(&self.queued.waiter);
    return self.result;
}

/* wide: it is fm_condition_wait, and what a closure takes in C */
int fm_condition_wait_for(fm_condition *condition, fm_lock *lock,
                          bool (*predicate)(void *arg), void *arg)
{
    static const char caller[] = "fm_condition_wait_for";
    int rc = fm__checkpoint(fm__current, caller);
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__lock_check(lock, caller);
    while (rc == 0 && !predicate(arg))
        rc = fm_condition_wait(condition, lock);
    return rc;
}

void fm_condition_notify(fm_condition *record, size_t count)
{
    struct condition *condition = (struct condition *)record;
    for (; count > 0; count--) {
        struct fm__queued *first =
            fm__line_shift(&condition->line, "fm_condition_notify");
        if (first == NULL)
            return;
        struct condition_waiter *waiter =
            FM__CONTAINER(first, struct condition_waiter, queued);
        waiter->result = 0;
        fm__lock_join(waiter->lock, first);
    }
}

void fm_condition_notify_all(fm_condition *condition)
{
    fm_condition_notify(condition, SIZE_MAX);
}
