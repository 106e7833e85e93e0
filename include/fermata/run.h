/*
 * run.h - conduct a program: the loop from its first task to its last
 *
 *     int main(void) { return fm_run(kitchen, NULL) < 0; }
 *
 * The environment chooses where the options do not: FERMATA_BACKEND (auto,
 * epoll or sim) and FERMATA_SEED (a number, for the simulator).
 */
#ifndef FERMATA_RUN_H
#define FERMATA_RUN_H

#include <fermata/api.h>
#include <fermata/report.h>
#include <stdbool.h>

/*
 * Options of fm_run; zero is the default.
 *
 *   backend        "auto", "epoll" or "sim" (virtual time and a virtual
 *                  world); NULL: what FERMATA_BACKEND says, else auto
 *   seed           of the simulator; 0: what FERMATA_SEED says, else 1
 *   stack_size     of tasks whose own options do not say: 16, 64 or 256 KiB,
 *                  rounded up; 0: 64 KiB
 *   ignore_sigint  leave SIGINT alone; by default, where its disposition is
 *                  the default one and the caller is the main thread, the
 *                  first SIGINT cancels the main task and a second one ends
 *                  the program
 *   on_report      receives the reports instead of stderr, on the loop's
 *                  thread; it must not start, await or suspend
 *   on_report_arg  given to on_report
 */
typedef struct fm_run_options {
    const char *backend;
    uint64_t seed;
    size_t stack_size;
    bool ignore_sigint;
    void (*on_report)(const fm_report *report, void *arg);
    void *on_report_arg;
} fm_run_options;

/*
 *     int fm_run(int (*fn)(void *), void *arg, ...);
 *
 * Runs `int fn(void *arg)` as the main task on a new loop of this thread, and
 * returns when every task has ended: fn's children are cancelled when it
 * returns, detached tasks are waited for. A third argument, a `const
 * fm_run_options *`, is optional. Aborts with a sentence inside a task.
 *
 * Returns what fn returned; or, when nothing could be run, -EINVAL for an
 * unknown backend (said on stderr), or -ENOMEM, -EMFILE, -ENFILE or what else
 * the kernel said when the loop was opened.
 */
#define fm_run(...) FM__RUN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Private: what the macro above calls. */
FM_API int fm__run(int (*fn)(void *), void *arg, const fm_run_options *options,
                   const char *label);

#ifdef __cplusplus
}
#endif

#define FM__RUN(fn, arg, options, ...)                                         \
    fm__run((fn), (arg), (options), FM__LABEL(fn))

#endif
