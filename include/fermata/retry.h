/*
 * retry.h - once more, a little later: back-off with jitter
 *
 *     fm_retry retry = {.attempts = 5};
 *     do {
 *         rc = load(page);
 *     } while (fm_retry_again(&retry, rc));
 *
 * Before attempt n + 1 it pauses for a time by chance, whose bound doubles: it
 * is the smaller of `most` and first * 2^(n - 1).
 *
 *   FM_JITTER_FULL   from 0 to the bound
 *   FM_JITTER_EQUAL  from half the bound to the bound
 *   FM_JITTER_NONE   the bound
 */
#ifndef FERMATA_RETRY_H
#define FERMATA_RETRY_H

#include <fermata/api.h>
#include <stdbool.h>

/* How pauses are spread, so that those who failed together do not come back
 * together: all of it, half of it, not at all. */
typedef enum fm_jitter {
    FM_JITTER_FULL,
    FM_JITTER_EQUAL,
    FM_JITTER_NONE
} fm_jitter;

/*
 * How to try again, in the caller's memory; zero is the default. The private
 * words are zero at first, and again when the loop is over: so a record serves
 * one call after another. Chance is the loop's: in the simulator the seed's.
 *
 *   attempts  calls at most, the first one included; 0: no limit. A limit on
 *             the time is an FM_TIMEOUT around the loop
 *   first     seconds: the first bound; 0 means 0.1
 *   most      seconds: no bound is longer; 0 means 30
 *   jitter    FM_JITTER_FULL, if nothing is said
 *   worth     whether a code, negative, is worth another attempt; NULL: each
 *             but -ECANCELED
 *   arg       passed to worth
 */
typedef struct fm_retry {
    unsigned attempts;
    fm_jitter jitter;
    double first;
    double most;
    bool (*worth)(int rc, void *arg);
    void *arg;
    uintptr_t reserved[2]; /* zero */
} fm_retry;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What is to follow on an attempt that returned rc: pauses, where there is to
 * be another one. Aborts with a sentence where `first` or `most` is negative or
 * NaN.
 *
 * Returns true: try again. False: it is over, because rc is not negative, or
 * not worth it, or the code of a cut, or because the attempts are used up. Cut,
 * it returns true once more, without a pause: the next attempt is refused by
 * its own first call, so that rc says why. So a loop inside a longer timeout
 * ends.
 */
FM_API FM_SUSPENDS FM_MUST_USE bool fm_retry_again(fm_retry *retry, int rc);

#ifdef __cplusplus
}
#endif

#endif
