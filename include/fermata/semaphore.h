/*
 * semaphore.h - so many at a time
 *
 *     fm_semaphore slots;
 *     fm_semaphore_init(&slots, 10, 10);
 *
 *     FM_PERMIT(&slots, rc) {
 *         rc = load(url);               // no more than ten at once
 *     }
 *
 * A released permit is handed to the task that has waited longest. A record
 * in the caller's memory, where it stays; all zero has no permits. It belongs
 * to the loop whose tasks wait for it.
 */
#ifndef FERMATA_SEMAPHORE_H
#define FERMATA_SEMAPHORE_H

#include <fermata/api.h>
#include <fermata/when.h>

/* A semaphore; its words are private. */
typedef struct fm_semaphore {
    uintptr_t reserved[8];
} fm_semaphore;

/*
 * FM_PERMIT(&semaphore, rc) acquires a permit, runs the block that follows,
 * and releases the permit, also where the block is left by break, return or
 * goto. rc, an int variable, is set to 0 on entry; or to what
 * fm_semaphore_acquire returns, and the block is skipped. Suspends.
 */
#define FM_PERMIT(semaphore, rc)                                               \
    FM__HOLD(permit, fm__semaphore_enter, fm__semaphore_leave, semaphore, rc)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes the record a semaphore with so many free permits. It never has more
 * than `most`; 0 is SIZE_MAX. Aborts with a sentence where permits is more
 * than that.
 */
FM_API void fm_semaphore_init(fm_semaphore *semaphore, size_t permits,
                              size_t most);

/*
 * Takes a permit; waits while there is none, in order of arrival. Aborts with
 * a sentence where tasks of another loop wait.
 *
 * Returns 0, and the permit is the caller's; or -ECANCELED or -ETIMEDOUT when
 * cut: then none was taken.
 */
FM_API FM_SUSPENDS FM_MUST_USE int
fm_semaphore_acquire(fm_semaphore *semaphore);

/*
 * fm_semaphore_acquire without the wait; no cancel point. May be called
 * wherever the loop calls back, too.
 *
 * Returns 0, and the permit is the caller's; or -EAGAIN when there is none.
 */
FM_API FM_MUST_USE int fm_semaphore_acquire_try(fm_semaphore *semaphore);

/*
 * Gives a permit, the caller's own or a new one: to the task that has waited
 * longest, which has it when this returns, or back to the free ones. Pauses
 * nobody, and may be called wherever the loop calls back, too. Aborts with a
 * sentence where `most` are free already, and where tasks of another loop
 * wait.
 */
FM_API void fm_semaphore_release(fm_semaphore *semaphore);

/* Returns how many permits are free; while a task waits there are none. */
FM_API size_t fm_semaphore_count(const fm_semaphore *semaphore);

/*
 * Borrows the semaphore, for a select: it is ready while a permit is free.
 * Returns what is to be waited for.
 */
FM_API fm_when fm_when_permit(fm_semaphore *semaphore);

/* Private: what the macro above calls. */
FM_API struct fm__hold *fm__semaphore_enter(struct fm__hold *hold,
                                            fm_semaphore *semaphore, int *rc);
FM_API void fm__semaphore_leave(struct fm__hold *hold);

#ifdef __cplusplus
}
#endif

#endif
