/*
 * wait.h - look at many tasks without taking them
 *
 *     rc = fm_wait(tasks, count, FM_FIRST_COMPLETED);
 *
 *     int i;
 *     FM_AS_COMPLETED(i, tasks, count) {
 *         rc = fm_await(tasks[i]);
 *     }
 *
 * Nothing here cancels a task or consumes its handle, and waiting takes no
 * memory, however many there are.
 */
#ifndef FERMATA_WAIT_H
#define FERMATA_WAIT_H

#include <fermata/api.h>
#include <fermata/task.h>
#include <stdbool.h>

/*
 * What fm_wait waits for.
 *
 *   FM_ALL_COMPLETED    each task has ended
 *   FM_FIRST_COMPLETED  one has ended
 *   FM_FIRST_ERROR      one has failed, or each has ended; a task has failed
 *                       when it returned a negative code, except -ECANCELED
 *                       after it was cancelled
 */
typedef enum fm_until {
    FM_ALL_COMPLETED,
    FM_FIRST_COMPLETED,
    FM_FIRST_ERROR
} fm_until;

/*
 * Options of fm_wait; zero is the default.
 *
 *   timeout  seconds to wait at most, which is no error; 0 for no limit,
 *            below 0 to look and not to wait
 */
typedef struct fm_wait_options {
    double timeout;
} fm_wait_options;

/* Tasks that are gone through in the order in which they end, in the caller's
 * memory; its words are private. */
typedef struct fm_completed {
    uintptr_t reserved[8];
} fm_completed;

/*
 *     FM_SUSPENDS int fm_wait(fm_task *const *tasks, size_t count,
 *                             fm_until until, ...);
 *
 * Waits until what was asked for has come true of the tasks, which the caller
 * must have started, or the time is up. It cancels none, also when it is cut:
 * they go on. A handle that is NULL is passed over, so what was awaited may
 * stay in the array as NULL; one that was consumed aborts with a sentence. A
 * last argument, a `const fm_wait_options *`, is optional.
 *
 * Returns how many of the handles are those of tasks that have ended, which
 * fm_task_ended tells and fm_await takes without waiting; 0 where there are
 * none to wait for; -ECANCELED or -ETIMEDOUT when cut; -EINVAL for an unknown
 * `until` or a timeout that is NaN.
 */
#define fm_wait(...) FM__WAIT(__VA_ARGS__, NULL, )

/*
 * Runs the block that follows once for each of the tasks, in the order in
 * which they end: i, an int variable, is its index, and fm_await takes its
 * result without waiting. break, return and goto leave it at once, and the
 * rest of the tasks as they are.
 *
 * At its end i says why: -ENOENT when all have come, -ECANCELED or -ETIMEDOUT
 * when the wait was cut.
 */
#define FM_AS_COMPLETED(i, tasks, count)                                       \
    FM__AS_COMPLETED(i, tasks, count, FM__HIDDEN_NAME(completed))

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Whether the task has ended and its handle waits to be consumed. Any task of
 * the loop may ask.
 *
 * Returns false for one that is alive, was consumed, or is NULL.
 */
FM_API bool fm_task_ended(const fm_task *task);

/*
 * Begins to go through the tasks, which the caller must have started; each
 * that has ended already comes in its place. The array is looked at now and
 * not kept. A handle that is NULL is passed over, one that is given twice
 * comes once; one that was consumed, or is gone through already, aborts with
 * a sentence. The record is the caller's until it is closed.
 */
FM_API void fm_completed_open(fm_completed *completed, fm_task *const *tasks,
                              size_t count);

/*
 * Waits for the next one to end. A task that is consumed before it comes does
 * not come.
 *
 * Returns its index; -ENOENT when all have come; -ECANCELED or -ETIMEDOUT when
 * cut: then none is lost, and it may be called again.
 */
FM_API FM_SUSPENDS int fm_completed_next(fm_completed *completed);

/* Ends it, by the task that opened it; the tasks stay as they are. */
FM_API void fm_completed_close(fm_completed *completed);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__wait(fm_task *const *tasks, size_t count,
                                fm_until until, const fm_wait_options *options);
FM_API fm_completed *fm__completed_enter(fm_completed *completed,
                                         fm_task *const *tasks, size_t count);

#ifdef __cplusplus
}
#endif

#define FM__WAIT(tasks, count, until, ...)                                     \
    fm__wait((tasks), (count), (until),                                        \
             FM__OPTIONS(fm_wait_options, __VA_ARGS__))

#define FM__AS_COMPLETED(i, tasks, count, record)                              \
    for (fm_completed record FM__AT_EXIT(fm_completed_close),                  \
         *FM__CAT(record, each) =                                              \
             fm__completed_enter(&record, (tasks), (count));                   \
         ((i) = fm_completed_next(FM__CAT(record, each))) >= 0;)

#endif
