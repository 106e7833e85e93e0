/*
 * select.h - wait for the first of several things, and take none of them
 *
 *     switch (fm_select(fm_when_get(jobs), fm_when_set(&stop),
 *                       fm_when_after(30))) {
 *     case 0: rc = fm_queue_get_try(jobs, &job); break;
 *     case 1: return 0;
 *     case 2: rc = say_that_nothing_came(); break;
 *     }
 *
 * Each kind of thing has its fm_when_... beside its other verbs; tasks, times
 * and descriptors have theirs here.
 */
#ifndef FERMATA_SELECT_H
#define FERMATA_SELECT_H

#include <fermata/api.h>
#include <fermata/task.h>
#include <fermata/when.h>

/* How many things one fm_select may wait for. For more tasks: fm_wait. */
#define FM_SELECT_MOST 64

/*
 *     FM_SUSPENDS int fm_select(fm_when when, ...);
 *
 * fm_select_array for those that are given: waits for the first of them.
 * Returns as that does.
 */
#define fm_select(...)                                                         \
    fm_select_array((const fm_when[]){__VA_ARGS__},                            \
                    sizeof((const fm_when[]){__VA_ARGS__}) / sizeof(fm_when))

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits until one of the things is ready, and takes nothing: it is as ready
 * when this returns as it was, so the _try verb right after cannot fail. Where
 * another task was faster, the wait goes on and keeps its place. One that is
 * all zero, or whose object is NULL, is never ready: so what has come to its
 * end may stay in the array. Nothing waits in a line: those who wait to be
 * handed an item or a permit are served before who only looks. It takes no
 * memory but the caller's stack: 1 KiB while it waits, 7 for more than 8.
 *
 * Returns the index of the first one that is ready, in the order given;
 * -ENOENT when none can ever be, as count is 0 or each is skipped; -ECANCELED
 * or -ETIMEDOUT when cut; -EINVAL for more than FM_SELECT_MOST, a span that is
 * NaN, or unknown events; -EBADF for a descriptor that is not open, -ENOMEM
 * where one cannot be waited for. Errors of what lies behind the first that
 * is ready are not looked for.
 */
FM_API FM_SUSPENDS int fm_select_array(const fm_when *whens, size_t count);

/*
 * Ready when the task has ended, so that fm_await returns at once: for the
 * task that started it. NULL is never ready; to select a handle that was
 * consumed aborts with a sentence.
 * Returns what to select, which borrows nothing.
 */
FM_API fm_when fm_when_ended(fm_task *task);

/*
 * Ready when a span of seconds has passed, which each fm_select counts from
 * its own turn's end. Zero or less is ready at once: given last, it makes a
 * look of a wait. Infinity never is.
 * Returns what to select, any number of times.
 */
FM_API fm_when fm_when_after(double seconds);

/*
 * Ready from a moment of fm_now's clock on, in nanoseconds.
 * Returns what to select, any number of times.
 */
FM_API fm_when fm_when_at(int64_t deadline);

/*
 * Ready when the descriptor is, for one of the events, FM_READABLE or
 * FM_WRITABLE or both, as fm_wait_fd has it. It is borrowed and has to stay
 * open meanwhile. The kernel is asked once more before it is named, and also
 * where something behind it is ready at once.
 * Returns what to select, any number of times.
 */
FM_API fm_when fm_when_fd(int fd, int events);

#ifdef __cplusplus
}
#endif

#endif
