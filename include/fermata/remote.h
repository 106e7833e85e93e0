/*
 * remote.h - call into a loop from other threads
 *
 * Tasks and all they use belong to one thread. Another one that has something
 * to say posts a function, which runs on the loop's thread between two tasks:
 *
 *     fm_remote *remote = fm_remote_get();
 *     start_listening(remote);           a thread of a library, say
 *
 *     static void heard(void *news);     runs on the loop
 *     int rc = fm_post(remote, heard, news);
 *
 * Posting is safe for ever: when the loop has ended, it says so.
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

#ifdef __cplusplus
}
#endif

#endif
