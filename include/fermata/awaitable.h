/*
 * awaitable.h - many things that will happen, and no task for each
 *
 *     fm_awaitable naps[1000] = {0};
 *     for (int i = 0; i < 1000; i++)
 *         fm_awaitable_sleep(&naps[i], i * 0.01);
 *     rc = fm_awaitable_gather(naps, 1000, NULL);
 *
 * A record of 64 bytes in the caller's memory stands for a time that comes or
 * a thing that gets ready. It has no stack, takes no other memory, and goes on
 * while its task does something else. What runs code of its own is a task.
 */
#ifndef FERMATA_AWAITABLE_H
#define FERMATA_AWAITABLE_H

#include <fermata/api.h>
#include <fermata/when.h>
#include <stdbool.h>

/*
 * Something that was begun and will be done; zero before it is begun for the
 * first time, which is as if it were done with 0. Its words are private.
 *
 * It belongs to the task that began it: that task alone awaits it, and when
 * the task's function returns what is pending is withdrawn, with -ECANCELED.
 * Until it is done the record stays in its place; then it may go away, or be
 * begun again. A record that is pending in a frame which has returned ends the
 * program with a sentence where that is noticed: at the next verb, when it
 * would be done, or when the task ends. FM_AWAITABLES withdraws in time.
 */
typedef struct fm_awaitable {
    uintptr_t reserved[8];
} fm_awaitable;

/*
 * Declares an array of count records, zero. What is pending of them at the end
 * of the C scope is withdrawn, also by return, break and goto:
 *
 *     FM_AWAITABLES(naps, 3);
 */
#define FM_AWAITABLES(name, count)                                             \
    fm_awaitable name[count];                                                  \
    struct fm__awaitables FM__AT_EXIT(fm__awaitables_scope_end)                \
        FM__HIDDEN_NAME(awaitables) =                                          \
            fm__awaitables_scope(name, sizeof name / sizeof name[0])

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Beginning: never waits, takes no memory ----------------------------- */

/*
 * Begins a span of seconds, which counts from the end of this turn: done with
 * 0, never early. Zero or less is done at the turn's end; infinity never is.
 * Aborts with a sentence if the record is pending.
 *
 * Returns 0; or -EINVAL for NaN: then it is done, with that.
 */
FM_API int fm_awaitable_sleep(fm_awaitable *awaitable, double seconds);

/* The same until a moment of fm_now's clock, in nanoseconds. Returns 0. */
FM_API int fm_awaitable_sleep_until(fm_awaitable *awaitable, int64_t moment);

/*
 * Begins to wait for what fm_select waits for: a time; or an object, such as
 * an event or a queue: done when that is ready, which it may be at once. Ready
 * once is done for ever: nothing is taken, and whoever is faster may take it
 * before the awaiting task runs, so it is followed by a _try. An object and,
 * for it, *when are borrowed until it is done. Many may share one.
 *
 * It is done with 0; of a future, with the future's result.
 *
 * Returns 0; or a code, with which it is done then: -EINVAL for a span of NaN,
 * -ENOENT where *when is all zero, -ENOMEM where its object is NULL,
 * -EOPNOTSUPP for a task, which is awaited itself, and for a descriptor.
 */
FM_API int fm_awaitable_begin(fm_awaitable *awaitable, const fm_when *when);

/* ---- Waiting ------------------------------------------------------------- */

/*
 * Waits until it is done. A cut of the caller withdraws it. Aborts with a
 * sentence if it is pending and another task began it, as all that wait do.
 *
 * Returns its result, also when it was done before; cut, -ECANCELED or
 * -ETIMEDOUT.
 */
FM_API FM_SETTLES int fm_awaitable_await(fm_awaitable *awaitable);

/*
 * Waits until each of count records is done. At the first that fails, by time,
 * the rest are withdrawn; of those that had failed before, the first by place
 * counts. A cut of the caller withdraws them all. Unless results is NULL,
 * results[i] becomes the result of awaitables[i], -ECANCELED for what was
 * withdrawn. Each one that is done costs the same, however many there are, and
 * the task is woken once.
 *
 * Returns 0 or the first failure; cut, -ECANCELED or -ETIMEDOUT; 0 for a count
 * of 0.
 */
FM_API FM_SETTLES int fm_awaitable_gather(fm_awaitable *awaitables,
                                          size_t count, int *results);

/*
 * Waits until each is done, and withdraws none whatever they are done with; a
 * cut of the caller still withdraws them all. results as above.
 *
 * Returns how many failed; cut, -ECANCELED or -ETIMEDOUT.
 */
FM_API FM_SETTLES int fm_awaitable_settle(fm_awaitable *awaitables,
                                          size_t count, int *results);

/*
 * Waits until one of count records is done that no verb has taken. Each verb
 * that waits takes what it waited for, or names; what was taken comes no more
 * until it is begun again. So a loop gets each of them once, and of several
 * that are done the first by place. A cut leaves all as they are. It looks at
 * each record, whenever it is called: for very many, gather.
 *
 * Returns the index, whose result fm_awaitable_result tells; -ENOENT when none
 * is left; -ECANCELED or -ETIMEDOUT when cut; -EINVAL for more than INT_MAX.
 */
FM_API FM_SUSPENDS int fm_awaitable_first(fm_awaitable *awaitables,
                                          size_t count);

/* ---- Looking, and ending it ---------------------------------------------- */

/*
 * Withdraws it: done with -ECANCELED, and whoever awaits it goes on. Any task
 * of the loop may; from another loop it aborts with a sentence.
 * Returns whether it was pending; if not, its result stays.
 */
FM_API bool fm_awaitable_cancel(fm_awaitable *awaitable);

/* Returns whether it is done; no cancel point. */
FM_API bool fm_awaitable_done(const fm_awaitable *awaitable);

/* Returns its result, or -EAGAIN while it is pending; no cancel point. */
FM_API int fm_awaitable_result(const fm_awaitable *awaitable);

/* Private: what the macro above declares. */
struct fm__awaitables {
    fm_awaitable *array;
    size_t count;
};
FM_API struct fm__awaitables fm__awaitables_scope(fm_awaitable *array,
                                                  size_t count);
FM_API void fm__awaitables_scope_end(struct fm__awaitables *scope);

#ifdef __cplusplus
}
#endif

#endif
