/*
 * thread.h - blocking calls on threads, so that the loop goes on
 *
 * What cannot be asked to wait in tasks, such as a library's query or a
 * compression, runs on a pool of threads while the calling task waits:
 *
 *     static int resize(void *arg) { return halve(arg); }
 *
 *     int rc = fm_thread_run(resize, &image);
 *
 * Each loop has a pool of its own, which starts its threads when they are
 * needed and ends them with the loop. Calls that wait for a thread begin in
 * the order in which they were made.
 */
#ifndef FERMATA_THREAD_H
#define FERMATA_THREAD_H

#include <fermata/api.h>

/*
 * Options of fm_thread_run; zero is the default.
 *
 *   abandon  for calls that nobody can interrupt and nobody should wait for:
 *            cut, fm_thread_run returns at once, and abandon(arg) is called,
 *            on the thread, when fn has returned; until then the thread is
 *            taken. So arg is memory of its own and never the caller's stack
 */
typedef struct fm_thread_options {
    void (*abandon)(void *arg);
} fm_thread_options;

/*
 *     FM_SUSPENDS int fm_thread_run(int (*fn)(void *), void *arg, ...);
 *
 * Runs `int fn(void *arg)` on a thread of the loop's pool and waits for it. fn
 * and the tasks run at the same time: what both use needs a lock, or is fn's
 * until it has returned. In fn nothing of Fermata may be called that needs a
 * task; fm_post may be, and fm_run, which is a loop of its own. Signals are
 * blocked in it, but for those of faults. An optional third argument is a
 * `const fm_thread_options *`.
 *
 * Cut before fn has begun, the call is taken back. Cut while fn runs, it waits
 * for fn all the same and the cut shows at the task's next call; unless the
 * options say abandon.
 *
 * Returns what fn returned; or, where fn was not run, -ECANCELED or -ETIMEDOUT
 * when cut, -ENOMEM, or -EAGAIN when there is no thread and the system would
 * start none. With abandon, whatever the reason, after -ECANCELED or
 * -ETIMEDOUT arg is no longer the caller's: abandon(arg) has been or will be
 * called, once; after every other result arg is the caller's again.
 */
#define fm_thread_run(...) FM__THREAD_RUN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int fm__thread_run(int (*fn)(void *), void *arg,
                                      const fm_thread_options *options);

#ifdef __cplusplus
}
#endif

#define FM__THREAD_RUN(fn, arg, ...)                                           \
    fm__thread_run((fn), (arg), FM__OPTIONS(fm_thread_options, __VA_ARGS__))

#endif
