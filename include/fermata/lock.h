/*
 * lock.h - one task at a time, also across its pauses
 *
 *     fm_lock lock = {0};
 *
 *     FM_LOCKED(&lock, rc) {
 *         rc = read_change_write(file);         // others wait
 *     }
 *
 * Between two calls that may pause no lock is needed: nobody else runs. It is
 * handed to the task that has waited longest, at the moment of its release.
 * A record in the caller's memory, where it stays; all zero is a free lock.
 * It belongs to the loop of the task that holds it.
 */
#ifndef FERMATA_LOCK_H
#define FERMATA_LOCK_H

#include <fermata/api.h>
#include <stdbool.h>

/* A lock; its words are private. */
typedef struct fm_lock {
    uintptr_t reserved[6];
} fm_lock;

/*
 * FM_LOCKED(&lock, rc) acquires the lock, runs the block that follows, and
 * releases it, also where the block is left by break, return or goto. rc, an
 * int variable, is set to 0 on entry; or to what fm_lock_acquire returns, and
 * the block is skipped. Suspends.
 */
#define FM_LOCKED(lock, rc)                                                    \
    FM__HOLD(locked, fm__lock_enter, fm__lock_leave, lock, rc)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Acquires the lock; waits while another task holds it, in order of arrival.
 * Aborts with a sentence where the caller holds it already, where it has to
 * wait for a task that ended and never released it, and where that task or
 * those who wait are of another loop.
 *
 * Returns 0, and the lock is the caller's, to be released by it; or, and it
 * is not, -ECANCELED or -ETIMEDOUT when cut.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_lock_acquire(fm_lock *lock);

/*
 * fm_lock_acquire without the wait; no cancel point. Aborts with a sentence
 * outside a task.
 *
 * Returns 0, and the lock is the caller's; or -EAGAIN when it is held, also
 * by the caller.
 */
FM_API FM_MUST_USE int fm_lock_acquire_try(fm_lock *lock);

/*
 * Releases the lock; the task that has waited longest has it when this
 * returns, and runs when its turn comes. Pauses nobody. Aborts with a
 * sentence where the caller does not hold it.
 */
FM_API void fm_lock_release(fm_lock *lock);

/* Returns whether a task, any task, holds the lock. */
FM_API bool fm_lock_held(const fm_lock *lock);

/* Private: what the macro above calls. */
FM_API struct fm__hold *fm__lock_enter(struct fm__hold *hold, fm_lock *lock,
                                       int *rc);
FM_API void fm__lock_leave(struct fm__hold *hold);

#ifdef __cplusplus
}
#endif

#endif
