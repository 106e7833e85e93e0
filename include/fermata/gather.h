/*
 * gather.h - wait for many tasks at once
 *
 * Each handle is consumed, also when it is NULL (which counts as a task that
 * failed with -ENOMEM), so no task is left behind whatever happens:
 *
 *     int rc = fm_gather(fm_go(cook, "rice", 2), fm_go(cook, "tofu", 1));
 */
#ifndef FERMATA_GATHER_H
#define FERMATA_GATHER_H

#include <fermata/api.h>
#include <fermata/task.h>

/*
 *     FM_SETTLES int fm_gather(fm_task *task, ...);
 *
 * Waits for all the tasks given as arguments. At the first that fails (by
 * time, not by position) the rest are cancelled.
 *
 * Returns 0 or that first failure; cut, it cancels them all and returns as
 * fm_await does.
 */
#define fm_gather(...)                                                         \
    fm_gather_array((fm_task *[]){__VA_ARGS__},                                \
                    sizeof((fm_task *[]){__VA_ARGS__}) / sizeof(fm_task *),    \
                    NULL)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * fm_gather for an array of count handles, borrowed for the call. Unless
 * results is NULL, results[i] becomes what tasks[i] returned, also where it
 * failed or was cancelled.
 *
 * Returns 0 or the first failure, by time; 0 for a count of 0.
 */
FM_API FM_SETTLES int fm_gather_array(fm_task *const *tasks, size_t count,
                                      int *results);

/*
 * Waits for all and cancels none, whatever they return: each result by its
 * position. A cut of the caller is still passed on to all.
 *
 * Returns how many failed; or, when the wait was cut and a task ended with
 * -ECANCELED, the caller's own reason, -ECANCELED or -ETIMEDOUT.
 */
FM_API FM_SETTLES int fm_settle(fm_task *const *tasks, size_t count,
                                int *results);

#ifdef __cplusplus
}
#endif

#endif
