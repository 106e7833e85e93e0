/*
 * remote.h - call into a loop from other threads
 *
 * Tasks and all they use belong to one thread. Another one that has something
 * to say posts a function, which runs on the loop's thread between two tasks:
 *
 *     fm_remote *remote = fm_remote_get();
 *     start_listening(remote);           // a thread of a library, say
 *
 *     static void heard(void *news);     // runs on the loop
 *     int rc = fm_post(remote, heard, news);
 *
 * Posting is safe for ever: when the loop has ended, it says so. What has to
 * wait is a task: fm_remote_run and fm_remote_await run one there.
 */
#ifndef FERMATA_REMOTE_H
#define FERMATA_REMOTE_H

#include <fermata/api.h>

/* A way into one loop, from anywhere; counted. */
typedef struct fm_remote fm_remote;

/* Posts of a loop that wait to be run. */
#define FM_POST_LIMIT 65536

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The way into the loop of the calling thread. Each one that was got is put
 * back once, by fm_remote_put, be it after the loop's end. While one is out
 * the simulator waits in real time, because somebody may still post.
 *
 * Returns the remote, or NULL when memory is wanting; the functions below take
 * NULL. Aborts with a sentence outside a loop.
 */
FM_API FM_MUST_USE fm_remote *fm_remote_get(void);

/*
 * Asks the loop to call fn(arg), from any thread but not from a signal
 * handler. It wakes the loop if that sleeps and never waits for it. fn runs
 * on the loop's thread, between tasks and in the order of posting; it may
 * cancel tasks, post, and call what ends in _try, but not start a task, await
 * one or suspend. arg is passed on.
 *
 * Returns 0: fn has been or will be called, in the end before fm_run returns.
 * Or a negative code, and fn will not be called: -ESHUTDOWN when the loop has
 * ended, or in a forked child; -EAGAIN when FM_POST_LIMIT posts wait; -ENOMEM
 * when remote is NULL.
 */
FM_API int fm_post(fm_remote *remote, void (*fn)(void *), void *arg);

/* Gives a remote back, from any thread; NULL is harmless. */
FM_API void fm_remote_put(fm_remote *remote);

/*
 *     int fm_remote_run(fm_remote *remote, int (*fn)(void *), void *arg);
 *
 * Runs fn(arg) as a task of the remote's loop, and blocks this thread, which
 * runs no task, until it has ended. The task belongs to the loop's root: who
 * ends the run cancels it, and it inherits no task-locals. arg is passed on,
 * and is fn's until the return. Aborts with a sentence in a task, or on a
 * thread that runs tasks or that loop, which would wait for itself.
 *
 * Returns what fn returned; or a negative code, and fn was not called:
 * -ESHUTDOWN when the loop has ended, or has before the task began, or in a
 * forked child; -EOPNOTSUPP when it is one of callbacks, without tasks;
 * -ENOMEM without memory there, or when remote is NULL.
 */
#define fm_remote_run(remote, fn, arg)                                         \
    fm__remote_run((remote), (fn), (arg), FM__LABEL(fn))

/*
 *     int fm_remote_await(fm_remote *remote, int (*fn)(void *), void *arg);
 *
 * The same for a task of another loop, or of the same one: it waits, and its
 * own loop goes on. Cut, it passes the cut on to the task there, and returns
 * when that has ended: so arg may be on the caller's stack. Settles: see
 * api.h.
 *
 * Returns what fn returned; its own reason, -ECANCELED or -ETIMEDOUT, only if
 * it was cut and fn returned -ECANCELED; or a negative code as fm_remote_run,
 * and fn was not called.
 */
#define fm_remote_await(remote, fn, arg)                                       \
    fm__remote_await((remote), (fn), (arg), FM__LABEL(fn))

/* Private: what the macros above call. */
FM_API FM_MUST_USE int fm__remote_run(fm_remote *remote, int (*fn)(void *),
                                      void *arg, const char *label);
FM_API FM_SETTLES FM_MUST_USE int fm__remote_await(fm_remote *remote,
                                                   int (*fn)(void *), void *arg,
                                                   const char *label);

#ifdef __cplusplus
}
#endif

#endif
