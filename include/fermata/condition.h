/*
 * condition.h - waiting until what a lock protects has changed
 *
 *     fm_condition changed = {0};
 *
 *     FM_LOCKED(&lock, rc) {
 *         while (rc == 0 && eggs < 3)
 *             rc = fm_condition_wait(&changed, &lock);
 *     }
 *
 * A wait gives the lock up and has it again when it returns, whatever it
 * returns. Who is notified goes straight into the lock's line, and is not
 * woken before the lock is its own. A record in the caller's memory, where it
 * stays; all zero is a condition. It belongs to the loop whose tasks wait.
 */
#ifndef FERMATA_CONDITION_H
#define FERMATA_CONDITION_H

#include <fermata/api.h>
#include <fermata/lock.h>
#include <stdbool.h>

/* A condition; its words are private. */
typedef struct fm_condition {
    uintptr_t reserved[4];
} fm_condition;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Releases the lock, waits until it is notified, in order of arrival, and
 * acquires the lock again, in order of arrival there. Once notified or cut it
 * waits for the lock as long as that takes, and cannot be cut any more.
 * Aborts with a sentence where the caller does not hold the lock.
 *
 * Returns, with the lock held by the caller in every case, 0 when notified,
 * also where it was cut since then; -ECANCELED or -ETIMEDOUT when cut before
 * that: then it took nobody's notification.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_condition_wait(fm_condition *condition,
                                                     fm_lock *lock);

/*
 * Waits, as fm_condition_wait does, until the predicate holds: it is asked
 * with arg, while the lock is held, at once and after each notification. It
 * may not suspend.
 *
 * Returns 0, and the predicate holds; or as fm_condition_wait does.
 */
FM_API FM_SUSPENDS FM_MUST_USE int
fm_condition_wait_for(fm_condition *condition, fm_lock *lock,
                      bool (*predicate)(void *arg), void *arg);

/*
 * Notifies the count tasks that have waited longest, or all where they are
 * fewer; each goes into the line of the lock it gave up. Nobody needs to hold
 * the lock for it, and it may be called wherever the loop calls back, too. It
 * pauses nobody. Aborts with a sentence where tasks of another loop wait.
 */
FM_API void fm_condition_notify(fm_condition *condition, size_t count);

/* Notifies all that wait. */
FM_API void fm_condition_notify_all(fm_condition *condition);

#ifdef __cplusplus
}
#endif

#endif
