/*
 * future.h - a result that somebody will bring, for whoever waits for it
 *
 *     fm_future *reply = fm_future_new();
 *     send_request(server, reply);             // some other task, or thread
 *
 *     rc = fm_future_wait(reply, &value);      // any number of tasks
 *     fm_future_put(reply);
 *
 *     fm_future_set(reply, 0, message);        // once, from any thread
 *
 * The first to set it wins. A task's own result needs none: see fm_await.
 */
#ifndef FERMATA_FUTURE_H
#define FERMATA_FUTURE_H

#include <fermata/api.h>
#include <fermata/loop.h>
#include <fermata/when.h>
#include <stdbool.h>

/* A future of one loop; counted. One that is NULL, because there was no
 * memory, may be used all the same: every verb answers -ENOMEM. */
typedef struct fm_future fm_future;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a future of the loop whose tasks, or whose calls, run on this thread.
 * Aborts with a sentence outside a run.
 *
 * Returns the future, one share of it, to be put back by fm_future_put; NULL
 * without memory.
 */
FM_API FM_MUST_USE fm_future *fm_future_new(void);

/* The same for a loop of callbacks, on its thread: see loop.h. Returns as
 * fm_future_new does. */
FM_API FM_MUST_USE fm_future *fm_loop_future(fm_loop *loop);

/*
 * One more share of the future, from any thread, for whoever has one: it
 * lives until the last is put back. Returns the future; NULL for NULL.
 */
FM_API fm_future *fm_future_get(fm_future *future);

/*
 * Gives a share back, from any thread, be it after the loop's end. With the
 * last one the future is gone; what its value points to is not touched.
 * Aborts with a sentence where a task or a call still waits for it then, or a
 * task selects it, who needs a share until the select has returned. NULL
 * is harmless.
 */
FM_API void fm_future_put(fm_future *future);

/*
 * Sets the future, from any thread but not from a signal handler: a result,
 * by which a negative code says that it failed, and a pointer that goes with
 * it, any, also NULL. Those who wait are woken and calls made, each by the
 * loop and none before this returns; from another thread it wakes the loop if
 * that sleeps, never waits for it, and takes no memory. In the simulator the
 * other thread's program holds a remote meanwhile, see remote.h: else virtual
 * time does not wait for it.
 *
 * Returns 0: it is set, and everybody will see it. Or nothing was done and
 * what value points to is the caller's as before: -EALREADY when it was set;
 * -ESHUTDOWN when the loop has ended, or in a forked child; -ENOMEM where
 * future is NULL.
 */
FM_API int fm_future_set(fm_future *future, int result, void *value);

/* fm_future_set to -ECANCELED, with NULL. Returns as that does. */
FM_API int fm_future_cancel(fm_future *future);

/*
 * Waits until the future is set, which it may be already; the caller has a
 * share of it meanwhile. Any number of tasks may wait: all get the same, and
 * run in the order in which they came. A cut ends the wait of this task alone
 * and leaves the future as it is. Aborts with a sentence on another loop's
 * thread.
 *
 * Returns the result; if it is not negative, *value is what came with it,
 * where value is not NULL. Or, with *value as it was, -ECANCELED or
 * -ETIMEDOUT when cut; -ENOMEM where future is NULL. Whether a code is the
 * future's tells fm_future_result.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_future_wait(fm_future *future,
                                                  void **value);

/* Returns whether the future is set; from any thread. True for NULL. */
FM_API bool fm_future_done(const fm_future *future);

/*
 * What the future was set to, from any thread, without waiting; no cancel
 * point.
 *
 * Returns the result, and *value as fm_future_wait does; or, with *value as
 * it was, -EAGAIN while it is not set, -ENOMEM where future is NULL.
 */
FM_API FM_MUST_USE int fm_future_result(const fm_future *future, void **value);

/*
 * Has call->fn(call->arg) called by the loop once the future is set: in order
 * of asking, never from inside of a call, also where it is set already. Until
 * then the call is pending, as loop.h says, fm_call_cancel takes it back, and
 * the caller keeps a share of the future. A call that is pending when the
 * loop ends is never made. On the loop's own thread; else it aborts with a
 * sentence.
 *
 * Returns 0; -ESHUTDOWN when the loop has ended, or -ENOMEM where future is
 * NULL: then nothing is called.
 */
FM_API int fm_future_call(fm_future *future, fm_call *call);

/* For fm_select: ready once the future is set, and for ever. Returns plain
 * data, which borrows the future. */
FM_API fm_when fm_when_done(fm_future *future);

#ifdef __cplusplus
}
#endif

#endif
