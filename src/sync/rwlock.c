/*
 * rwlock.c - many readers or one writer
 *
 * Invariant: the first in line could not enter now. Whatever may let it in, a
 * release, or that one before it left the line, is followed by
 * rwlock_let_in, and each that enters is counted before it is woken.
 */
#include <fermata/rwlock.h>

#include "base/die.h"
#include "sync/hold.h"
#include "sync/line.h"

#include <errno.h>

struct rwlock {
    fm_task *writer; /* NULL: nobody writes */
    size_t readers;
    struct fm__list line; /* struct rwlock_waiter */
};

_Static_assert(sizeof(struct rwlock) <= sizeof(fm_rwlock), "grow the record");

struct rwlock_waiter {
    struct fm__queued queued;
    struct rwlock *lock;
    bool writes;
};

/* Enters if it may; who has been in line may go past it. */
static bool rwlock_enter(struct rwlock *lock, const struct fm__task *task,
                         bool writes)
{
    if (lock->writer != NULL || (writes && lock->readers > 0))
        return false;
    if (writes)
        lock->writer = task->handle;
    else
        lock->readers++;
    return true;
}

static void rwlock_let_in(struct rwlock *lock, const char *caller)
{
    struct fm__queued *first;
    while ((first = fm__line_first(&lock->line, caller)) != NULL) {
        const struct rwlock_waiter *waiter =
            FM__CONTAINER(first, struct rwlock_waiter, queued);
        if (!rwlock_enter(lock, first->waiter.task, waiter->writes))
            return;
        fm__list_remove(&first->link);
        fm__wake(&first->waiter, 0);
    }
}

/* Those behind a writer who gives up may be readers, beside readers. */
static void rwlock_cut(struct fm__waiter *waiter, int reason)
{
    struct fm__queued *queued =
        FM__CONTAINER(waiter, struct fm__queued, waiter);
    struct rwlock *lock =
        FM__CONTAINER(queued, struct rwlock_waiter, queued)->lock;
    fm__list_remove(&queued->link);
    fm__wake(waiter, reason);
    rwlock_let_in(lock, "fm_cancel");
}

static const struct fm__wait_kind rwlock_kind = {
    .cut = rwlock_cut,
    .name = "rwlock",
    .what = FM__WAIT_LOCK,
    .at = FM__WAIT_AT(struct rwlock_waiter, queued, lock),
    .first = offsetof(struct rwlock, writer),
};

/* A latecomer: behind those in line. */
static bool rwlock_try(struct rwlock *lock, bool writes, const char *caller)
{
    return fm__line_first(&lock->line, caller) == NULL &&
           rwlock_enter(lock, fm__current, writes);
}

static int rwlock_acquire(struct rwlock *lock, bool writes, const char *caller)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, caller);
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__LIKELY(rwlock_try(lock, writes, caller)))
        return 0;
    if (lock->writer != NULL)
        fm__line_check_holder(lock->writer, caller);
    else if (fm__hold_found(self, lock))
        fm__die("%s in task %s (%s): it reads under this lock already", caller,
                self->name, fm__site(self));
    struct rwlock_waiter waiter = {
        .queued = {.waiter = {.kind = &rwlock_kind}},
        .lock = lock,
        .writes = writes,
    };
    fm__line_join(&lock->line, &waiter.queued);
    return fm__park(&waiter.queued.waiter);
}

int fm_rwlock_read(fm_rwlock *record)
{
    return rwlock_acquire((struct rwlock *)record, false, "fm_rwlock_read");
}

int fm_rwlock_write(fm_rwlock *record)
{
    return rwlock_acquire((struct rwlock *)record, true, "fm_rwlock_write");
}

int fm_rwlock_read_try(fm_rwlock *record)
{
    static const char caller[] = "fm_rwlock_read_try";
    fm__task_self(caller);
    return rwlock_try((struct rwlock *)record, false, caller) ? 0 : -EAGAIN;
}

int fm_rwlock_write_try(fm_rwlock *record)
{
    static const char caller[] = "fm_rwlock_write_try";
    fm__task_self(caller);
    return rwlock_try((struct rwlock *)record, true, caller) ? 0 : -EAGAIN;
}

void fm_rwlock_release(fm_rwlock *record)
{
    static const char caller[] = "fm_rwlock_release";
    struct rwlock *lock = (struct rwlock *)record;
    if (lock->readers > 0) {
        lock->readers--;
    } else {
        fm__line_check_release(lock->writer, caller);
        lock->writer = NULL;
    }
    rwlock_let_in(lock, caller);
}

struct fm__hold *fm__rwlock_enter_reading(struct fm__hold *hold,
                                          fm_rwlock *lock, int *rc)
{
    *rc = fm_rwlock_read(lock);
    return fm__hold_enter(hold, lock, *rc);
}

struct fm__hold *fm__rwlock_enter_writing(struct fm__hold *hold,
                                          fm_rwlock *lock, int *rc)
{
    *rc = fm_rwlock_write(lock);
    return fm__hold_enter(hold, lock, *rc);
}

void fm__rwlock_leave(struct fm__hold *hold)
{
    fm_rwlock *lock = fm__hold_leave(hold, "FM_READING or FM_WRITING");
    if (lock != NULL)
        fm_rwlock_release(lock);
}
