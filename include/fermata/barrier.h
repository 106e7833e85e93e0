/*
 * barrier.h - tasks that wait for each other, round by round
 *
 *     fm_barrier lap;
 *     fm_barrier_init(&lap, 3);
 *
 *     while (rc >= 0 && more())
 *         rc = work() == 0 ? fm_barrier_wait(&lap) : -EIO;
 *
 * When the last of a round arrives all of it have left, and the barrier is
 * ready for the next one: who arrives then belongs to that, although those
 * woken have not run yet. A record in the caller's memory, where it stays. It
 * belongs to the loop whose tasks wait at it.
 */
#ifndef FERMATA_BARRIER_H
#define FERMATA_BARRIER_H

#include <fermata/api.h>
#include <stdbool.h>

/* A barrier; its words are private. */
typedef struct fm_barrier {
    uintptr_t reserved[6];
} fm_barrier;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes the record a barrier for so many tasks, which nobody waits at. Aborts
 * with a sentence where parties is 0 or more than INT_MAX.
 */
FM_API void fm_barrier_init(fm_barrier *barrier, unsigned parties);

/*
 * Waits until as many tasks wait as the barrier has parties, this one with
 * them. The last one does not pause. Aborts with a sentence at a record that
 * fm_barrier_init has not made a barrier, and where tasks of another loop
 * wait.
 *
 * Returns the caller's place among those of its round, by arrival: 0 for the
 * first, parties - 1 for the last. Or -ECANCELED or -ETIMEDOUT when cut: then
 * the round lacks one more; or -FM_EBROKEN when the barrier is, or was reset
 * meanwhile.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_barrier_wait(fm_barrier *barrier);

/*
 * Makes the barrier as good as new: all who wait return -FM_EBROKEN, and the
 * next round begins. May be called wherever the loop calls back, too. Aborts
 * with a sentence where tasks of another loop wait.
 */
FM_API void fm_barrier_reset(fm_barrier *barrier);

/*
 * Breaks the barrier: all who wait return -FM_EBROKEN, and whoever arrives,
 * until it is reset. May be called wherever the loop calls back, too. Aborts
 * with a sentence where tasks of another loop wait.
 */
FM_API void fm_barrier_abort(fm_barrier *barrier);

/* Returns how many tasks make a round. */
FM_API unsigned fm_barrier_parties(const fm_barrier *barrier);

/* Returns how many wait now. */
FM_API unsigned fm_barrier_waiting(const fm_barrier *barrier);

/* Returns whether the barrier is broken. */
FM_API bool fm_barrier_broken(const fm_barrier *barrier);

#ifdef __cplusplus
}
#endif

#endif
