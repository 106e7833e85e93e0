/*
 * sleep.h - pause for a while, until a moment, or for one turn
 *
 * A relative time counts from one clock read at the end of the loop's turn:
 * never early, late by at most that turn. The clock is CLOCK_MONOTONIC, in
 * nanoseconds; under the simulator it is virtual and jumps to the next timer
 * when all is quiet.
 *
 *     int rc = fm_sleep(0.5);
 *     rc = fm_sleep_until(start + 10 * FM_SECOND);
 */
#ifndef FERMATA_SLEEP_H
#define FERMATA_SLEEP_H

#include <fermata/api.h>

/* Nanoseconds, the unit of every moment. */
#define FM_SECOND INT64_C(1000000000)
#define FM_MILLISECOND INT64_C(1000000)
#define FM_MICROSECOND INT64_C(1000)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Pauses the calling task for a span in seconds. Zero or less yields once;
 * more than 292 years, or infinity, sleeps until it is cut.
 *
 * Returns 0, -ECANCELED or -ETIMEDOUT when cut, -EINVAL for NaN.
 */
FM_API FM_SUSPENDS int fm_sleep(double seconds);

/*
 * Pauses the calling task until a moment of fm_now's clock, in nanoseconds;
 * a moment that has passed yields once.
 *
 * Returns 0, or -ECANCELED or -ETIMEDOUT when cut.
 */
FM_API FM_SUSPENDS int fm_sleep_until(int64_t deadline);

/*
 * Lets every other task that is ready run once before the caller goes on.
 *
 * Returns 0, or -ECANCELED or -ETIMEDOUT when cut: then at once.
 */
FM_API FM_SUSPENDS int fm_yield(void);

/*
 * The moment now, on the loop's clock, read when called.
 * Returns nanoseconds; the origin has no meaning. Aborts outside a task.
 */
FM_API int64_t fm_now(void);

#ifdef __cplusplus
}
#endif

#endif
