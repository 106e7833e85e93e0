/*
 * rate.h - so many in a time: a token bucket that tasks wait at
 *
 *     static fm_rate polite = {.tokens = 100, .seconds = 60, .burst = 5};
 *
 *     int rc = fm_rate_take(&polite, 1);
 *     if (rc == 0)
 *         rc = load(page);
 *
 * The bucket is full at first, holds `burst` tokens, and `tokens` more come
 * in `seconds`, evenly. Who wants more than there are waits, first come first
 * served. What comes is computed from the clock, exactly, whenever somebody
 * asks: while nobody waits there is no timer, and never more than one.
 */
#ifndef FERMATA_RATE_H
#define FERMATA_RATE_H

#include <fermata/api.h>

/*
 * A bucket, in the caller's memory: what is allowed, and private words, all
 * zero at first, and to be left as it is once it was used. It belongs to one
 * thread: while a task waits, use on another aborts with a sentence. It needs
 * no end, but its memory must stay while a task waits.
 *
 *   tokens   that come in `seconds`; above 0
 *   seconds  0 means 1; rounded up to whole nanoseconds
 *   burst    the most that it holds, and the most that may be taken at once;
 *            0 means 1: evenly spaced
 */
typedef struct fm_rate {
    uint32_t tokens;
    uint32_t burst;
    double seconds;
    uintptr_t reserved[12]; /* zero */
} fm_rate;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Takes `count` tokens; waits, in order of arrival, until there are as many:
 * who wants many is not overtaken by those who want few. None are taken
 * without a wait. Tokens are handed over when they come; a cut before gives
 * nothing up and lets the next go on.
 *
 * Returns 0, and they are taken; or, with none taken, -ECANCELED or -ETIMEDOUT
 * when cut, or -EINVAL: a count above the burst, no `tokens`, or `seconds`
 * that are NaN, negative, or 291 years or more.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_rate_take(fm_rate *rate, uint32_t count);

/*
 * fm_rate_take without the wait; no cancel point. May be called wherever the
 * loop calls back, too.
 *
 * Returns 0, or with none taken -EAGAIN where there are not as many or a task
 * waits, -EINVAL as fm_rate_take does.
 */
FM_API FM_MUST_USE int fm_rate_take_try(fm_rate *rate, uint32_t count);

/* Returns how many tokens there are now; 0 where its values are refused. */
FM_API uint32_t fm_rate_count(fm_rate *rate);

#ifdef __cplusplus
}
#endif

#endif
