/*
 * run.h - conduct a program: the loop from its first task to its last
 *
 *     int main(void) { return fm_run(kitchen, NULL) < 0; }
 *
 * The environment chooses where the options do not: FERMATA_BACKEND (auto,
 * uring, epoll or sim), FERMATA_SEED (a number, for the simulator),
 * FERMATA_DEBUG (1), FERMATA_SLOW_TURN (seconds), FERMATA_DUMP (1),
 * FERMATA_STATS (1), FERMATA_STACKS (1) and FERMATA_TRACE (a file).
 */
#ifndef FERMATA_RUN_H
#define FERMATA_RUN_H

#include <fermata/api.h>
#include <fermata/loop.h>
#include <fermata/report.h>
#include <stdbool.h>

/*
 * Options of fm_run; zero is the default.
 *
 *   backend        "auto" (io_uring where it can be had, else epoll), "uring",
 *                  "epoll" or "sim" (virtual time and a virtual world); NULL:
 *                  what FERMATA_BACKEND says, else auto
 *   seed           of the simulator; 0: what FERMATA_SEED says, else 1
 *   stack_size     of tasks whose own options do not say: 16, 64 or 256 KiB,
 *                  rounded up; 0: 64 KiB
 *   threads        of fm_thread_run at most, up to 1,024; 0: four more than
 *                  the process may use CPUs, and 32 at most
 *   ignore_sigint  leave SIGINT alone; by default, where its disposition is
 *                  the default one and the caller is the main thread, the
 *                  first SIGINT cancels the main task and a second one ends
 *                  the program
 *   debug          watch the loop and report what holds it or blocks it, see
 *                  report.h; also where FERMATA_DEBUG is 1
 *   slow_turn      seconds that a turn may take: watches as well; 0: what
 *                  FERMATA_SLOW_TURN says, else 0.1 where the loop is watched
 *   dump_on_quit   SIGQUIT writes what all tasks do to stderr, see dump.h, and
 *                  ends nothing; also where FERMATA_DUMP is 1. Where SIGQUIT
 *                  has no default effect it is left alone
 *   on_report      receives the reports instead of stderr, on the loop's
 *                  thread; it must not start, await or suspend
 *   on_report_arg  given to on_report
 *   stats          measure times and what each task takes, see stats.h; also
 *                  where FERMATA_STATS is 1
 *   stacks         measure how deep stacks are, and say so on stderr when the
 *                  run ends; also where FERMATA_STACKS is 1
 *   trace          a file into which the life of the tasks is written, for a
 *                  viewer of traces: see trace.h; NULL: what FERMATA_TRACE
 *                  says, else none
 */
typedef struct fm_run_options {
    const char *backend;
    uint64_t seed;
    size_t stack_size;
    unsigned threads;
    bool ignore_sigint;
    bool debug;
    double slow_turn;
    bool dump_on_quit;
    void (*on_report)(const fm_report *report, void *arg);
    void *on_report_arg;
    bool stats;
    bool stacks;
    const char *trace;
} fm_run_options;

/*
 *     int fm_run(int (*fn)(void *), void *arg, ...);
 *
 * Runs `int fn(void *arg)` as the main task on a new loop of this thread, and
 * returns when every task has ended: fn's children are cancelled when it
 * returns, detached tasks are waited for. A third argument, a `const
 * fm_run_options *`, is optional. Aborts with a sentence inside a task.
 *
 * Where the disposition of SIGPIPE is the default, it is ignored until the
 * run has ended, so that a write to a pipe that nobody reads is -EPIPE and not
 * the end of the program. A forked child has the default again; so has
 * what fm_process_start starts; what posix_spawn starts should ask for it
 * (POSIX_SPAWN_SETSIGDEF).
 *
 * Returns what fn returned; or, when nothing could be run, -EINVAL for an
 * unknown backend (said on stderr), or -ENOMEM, -EMFILE, -ENFILE or what else
 * the kernel said when the loop was opened.
 */
#define fm_run(...) FM__RUN(__VA_ARGS__, NULL, )

/*
 *     int fm_run_open(fm_loop **loop, int (*fn)(void *), void *arg, ...);
 *
 * The same in parts, for a main loop that is somebody else's: starts the main
 * task and runs nothing. The foreign loop calls fm_loop_step, as loop.h says,
 * until that returns false, and then fm_run_close; fm_loop_run takes the place
 * of its steps. One run at a time is open on a thread.
 *
 * Returns 0 and the loop, or as fm_run when nothing could be run.
 */
#define fm_run_open(...) FM__RUN_OPEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Ends what fm_run_open has opened: tasks that are left are cancelled, and it
 * waits until every one has ended.
 *
 * Returns what the main task returned.
 */
FM_API int fm_run_close(fm_loop *loop);

/*
 * The loop of this thread's run, for callbacks beside its tasks: see loop.h.
 * Their functions are not tasks: what may suspend aborts in them.
 *
 * Returns NULL outside of a run.
 */
FM_API fm_loop *fm_loop_current(void);

/* Private: what the macros above call. */
FM_API int fm__run(int (*fn)(void *), void *arg, const fm_run_options *options,
                   const char *label);
FM_API int fm__run_open(fm_loop **loop, int (*fn)(void *), void *arg,
                        const fm_run_options *options, const char *label);

#ifdef __cplusplus
}
#endif

#define FM__RUN(fn, arg, ...)                                                  \
    fm__run((fn), (arg), FM__OPTIONS(fm_run_options, __VA_ARGS__),             \
            FM__LABEL(fn))
#define FM__RUN_OPEN(loop, fn, arg, ...)                                       \
    fm__run_open((loop), (fn), (arg),                                          \
                 FM__OPTIONS(fm_run_options, __VA_ARGS__), FM__LABEL(fn))

#endif
