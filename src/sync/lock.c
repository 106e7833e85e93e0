/*
 * lock.c - one task at a time
 *
 * Invariant: nobody is in line while the lock is free. A release makes the
 * first in line its holder before that one is woken, so a latecomer finds the
 * lock held. The holder is a handle and no pointer: it tells a task that has
 * ended from all others.
 */
#include <fermata/lock.h>

#include "sync/hold.h"
#include "sync/line.h"

#include <errno.h>

struct lock {
    fm_task *holder;      /* NULL: free */
    struct fm__list line; /* struct fm__queued */
};

_Static_assert(sizeof(struct lock) <= sizeof(fm_lock), "grow the record");

static const struct fm__wait_kind lock_kind = {
    .cut = fm__park_cut,
    .name = "lock",
    .what = FM__WAIT_LISTED | FM__WAIT_LOCK,
    .at = FM__WAIT_BACK(struct lock, line),
    .first = offsetof(struct lock, holder),
};

/* Of a condition's wait, which is over: it has the lock in any case. */
static const struct fm__wait_kind lock_again_kind = {
    .name = "lock",
    .what = FM__WAIT_LISTED | FM__WAIT_LOCK,
    .at = FM__WAIT_BACK(struct lock, line),
    .first = offsetof(struct lock, holder),
};

int fm_lock_acquire(fm_lock *record)
{
    struct lock *lock = (struct lock *)record;
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_lock_acquire");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__LIKELY(lock->holder == NULL)) {
        lock->holder = self->handle;
        return 0;
    }
    fm__line_check_holder(lock->holder, "fm_lock_acquire");
    return fm__line_wait(&lock->line, &lock_kind);
}

int fm_lock_acquire_try(fm_lock *record)
{
    struct lock *lock = (struct lock *)record;
    const struct fm__task *self = fm__task_self("fm_lock_acquire_try");
    if (lock->holder != NULL)
        return -EAGAIN;
    lock->holder = self->handle;
    return 0;
}

void fm__lock_check(const fm_lock *record, const char *caller)
{
    fm__line_check_release(((const struct lock *)record)->holder, caller);
}

void fm_lock_release(fm_lock *record)
{
    struct lock *lock = (struct lock *)record;
    fm__lock_check(record, "fm_lock_release");
    struct fm__queued *next = fm__line_shift(&lock->line, "fm_lock_release");
    lock->holder = next != NULL ? next->waiter.task->handle : NULL;
    if (next != NULL)
        fm__wake(&next->waiter, 0);
}

void fm__lock_join(fm_lock *record, struct fm__queued *queued)
{
    struct lock *lock = (struct lock *)record;
    queued->waiter.kind = &lock_again_kind;
    queued->list = &lock->line;
    if (lock->holder == NULL) {
        lock->holder = queued->waiter.task->handle;
        fm__wake(&queued->waiter, 0);
    } else {
        fm__line_join(&lock->line, queued);
    }
}

bool fm_lock_held(const fm_lock *record)
{
    return ((const struct lock *)record)->holder != NULL;
}

struct fm__hold *fm__lock_enter(struct fm__hold *hold, fm_lock *lock, int *rc)
{
    *rc = fm_lock_acquire(lock);
    return fm__hold_enter(hold, lock, *rc);
}

void fm__lock_leave(struct fm__hold *hold)
{
    fm_lock *lock = fm__hold_leave(hold, "FM_LOCKED");
    if (lock != NULL)
        fm_lock_release(lock);
}
