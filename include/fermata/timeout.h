/*
 * timeout.h - a time limit on a block of code, not on a call
 *
 *     int rc;
 *     FM_TIMEOUT(5, rc) {
 *         rc = fm_await(child);
 *     }
 *     if (rc == -ETIMEDOUT)
 *         puts("too slow");
 *
 * When the time is up every suspending call inside returns -ETIMEDOUT; where
 * it was an outer block's time, -ECANCELED: unwind. At the block's end an
 * -ECANCELED in rc that this block caused becomes -ETIMEDOUT, unless an outer
 * cut is pending. So a retry loop inside a longer timeout ends.
 *
 * break, continue and goto leave the block; inside a loop prefer
 * fm_timeout_open and fm_timeout_close. A `return rc` evaluates rc before the
 * block ends.
 */
#ifndef FERMATA_TIMEOUT_H
#define FERMATA_TIMEOUT_H

#include <fermata/api.h>
#include <stdbool.h>

/* The record of an open block, on the caller's stack; its words are private. */
typedef struct fm_timeout {
    uintptr_t reserved[12];
} fm_timeout;

/*
 * Runs the block that follows under a time limit of `seconds`; rc, an int
 * variable, is set to 0 on entry. Zero or less: the time is already up. NaN:
 * rc becomes -EINVAL and the block is skipped.
 */
#define FM_TIMEOUT(seconds, rc)                                                \
    FM__TIMEOUT(fm__timeout_enter(&FM__HIDDEN_NAME(timeout), (seconds), &(rc)))

/* The same with a deadline, a moment of fm_now's clock in nanoseconds. */
#define FM_TIMEOUT_AT(deadline, rc)                                            \
    FM__TIMEOUT(                                                               \
        fm__timeout_enter_at(&FM__HIDDEN_NAME(timeout), (deadline), &(rc)))

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens the block in the caller's memory; blocks nest and are closed in
 * reverse order, by the task that opened them, before its function returns.
 *
 * Returns 0, or -EINVAL for NaN: then nothing was opened.
 */
FM_API int fm_timeout_open(fm_timeout *timeout, double seconds);

/*
 * The same with a deadline, a moment of fm_now's clock in nanoseconds.
 * Returns 0.
 */
FM_API int fm_timeout_open_at(fm_timeout *timeout, int64_t deadline);

/*
 * Closes the innermost open block.
 *
 * Returns rc, with an -ECANCELED that this block caused as -ETIMEDOUT.
 */
FM_API int fm_timeout_close(fm_timeout *timeout, int rc);

/*
 * Moves the end of an open block to `seconds` from now; infinity: never.
 * Returns 0, -EINVAL for NaN, or -EALREADY when it has expired.
 */
FM_API int fm_timeout_reschedule(fm_timeout *timeout, double seconds);

/* Returns whether the time of an open block is up. */
FM_API bool fm_timeout_expired(const fm_timeout *timeout);

/*
 * When an open block expires, at the earliest; one that has: now.
 * Returns a moment of fm_now's clock in nanoseconds, INT64_MAX for never.
 */
FM_API int64_t fm_timeout_deadline(const fm_timeout *timeout);

/* Private: what the macros above call. */
FM_API fm_timeout *fm__timeout_enter(fm_timeout *timeout, double seconds,
                                     int *rc);
FM_API fm_timeout *fm__timeout_enter_at(fm_timeout *timeout, int64_t deadline,
                                        int *rc);
FM_API void fm__timeout_leave(fm_timeout *timeout);

#ifdef __cplusplus
}
#endif

#define FM__TIMEOUT(enter)                                                     \
    for (fm_timeout FM__HIDDEN_NAME(timeout) FM__AT_EXIT(fm__timeout_leave),   \
         *FM__HIDDEN_NAME(timeout_once) = enter;                               \
         FM__HIDDEN_NAME(timeout_once) != NULL;                                \
         FM__HIDDEN_NAME(timeout_once) = NULL)

#endif
