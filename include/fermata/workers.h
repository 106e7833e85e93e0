/*
 * workers.h - a loop on each of several threads, which begin and end together
 *
 *     static int serve(void *address);     // runs on each loop
 *
 *     int rc = fm_run_workers(0, serve, address);
 *
 * One loop uses one processor. Workers share nothing but what they are given:
 * each listens for itself (see fm_listen_options.reuse_port), and what they
 * have to say to each other goes through channels, posts and futures.
 */
#ifndef FERMATA_WORKERS_H
#define FERMATA_WORKERS_H

#include <fermata/api.h>
#include <fermata/run.h>

/* Workers of one program at most. */
#define FM_WORKERS_LIMIT 256

/*
 *     int fm_run_workers(unsigned count, int (*fn)(void *), void *arg, ...);
 *
 * Runs fn(arg) on `count` loops, each on a thread, the first one on the calling
 * thread; 0: on as many as the process may use CPUs. It is the only child of
 * each main task. All are given the same arg, and fm_worker_index tells them
 * apart. A last argument, a `const fm_run_options *`, is for each of the runs;
 * on_report is called on the thread of the loop that it is about.
 *
 * The first failure, a negative result, cancels all others. So does whatever
 * cancels one of them: SIGINT, too, which cancels the first as fm_run says.
 * Else the loop of the first goes on until all have ended. Where a thread
 * cannot be started nothing is run. In the simulator each worker has a world
 * and a time of its own, and what is in one cannot be reached from another.
 * Aborts with a sentence in a task, and on a thread that has a run.
 *
 * Returns when all have ended: 0 or the first failure, which a worker that
 * returns -ECANCELED because another one ended is not. Or, when nothing was
 * run, -EINVAL for more than FM_WORKERS_LIMIT, -EAGAIN when the system has no
 * room for so many threads, -ENOMEM.
 */
#define fm_run_workers(...) FM__RUN_WORKERS(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Which of the workers this thread is, from 0 on. Returns -1 elsewhere. */
FM_API int fm_worker_index(void);

/* How many workers there are beside and with this one. Returns 0 elsewhere. */
FM_API int fm_worker_count(void);

/* Private: what the macro above calls. */
typedef struct fm__worker_main {
    int (*fn)(void *arg);
    void *arg;
    const char *label;
} fm__worker_main;

static inline fm__worker_main fm__worker_main_of(int (*fn)(void *), void *arg,
                                                 const char *label)
{
    fm__worker_main worker_main;
    worker_main.fn = fn;
    worker_main.arg = arg;
    worker_main.label = label;
    return worker_main;
}

FM_API int fm__run_workers(unsigned count, fm__worker_main worker_main,
                           const fm_run_options *options);

#ifdef __cplusplus
}
#endif

#define FM__RUN_WORKERS(count, fn, arg, ...)                                   \
    fm__run_workers((count), fm__worker_main_of((fn), (arg), FM__LABEL(fn)),   \
                    FM__OPTIONS(fm_run_options, __VA_ARGS__))

#endif
