/*
 * run.c - one program on one loop, from its first task to its last
 */
#include <fermata/run.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys.h"
#include "coro/overflow.h"
#include "coro/shadow.h"
#include "loop/choose.h"
#include "loop/floor.h"
#include "loop/signals.h"
#include "loop/sigpipe.h"
#include "loop/watchdog.h"
#include "task/depths.h"
#include "task/holder.h"
#include "task/meter.h"
#include "task/quit.h"
#include "task/record.h"
#include "task/sites.h"
#include "task/tracing.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The main task, kept until its result was taken. */
struct run {
    struct fm__conductor home;
    struct fm__reaper reaper;
    struct fm__overflow overflow;
    bool sigint; /* cancels the main task */
    bool quit;   /* SIGQUIT is answered */
    fm_task *main;
    int result;
};

static struct fm__atomic_word run_atfork;

static void run_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    struct run *run = FM__CONTAINER(reaper, struct run, reaper);
    run->result = task->result;
    fm__task_release(task);
}

static void run_describe(char *line, size_t size)
{
    const struct fm__task *task = fm__current;
    fm__sentence(line, size, "task %s (started at %s)", task->name,
                 fm__site(task));
}

static void run_interrupted(struct fm__loop *loop)
{
    struct run *run = loop->owner;
    struct fm__task *task = fm__handle_find(run->main);
    if (task != NULL)
        fm__cancel(task);
}

/* The first cancels the main task; the second has its default effect. */
static int run_catch_sigint(struct run *run)
{
    struct sigaction now;
    int rc = fm__sys_sigaction(SIGINT, NULL, &now);
    if (rc < 0 || run->home.options.ignore_sigint || !fm__sys_main_thread() ||
        now.sa_handler != SIG_DFL)
        return rc;
    rc = fm__signals_guard(&run->home.loop, SIGINT, run_interrupted);
    run->sigint = rc == 0;
    return rc == -EBUSY ? 0 : rc; /* another loop has just taken it */
}

static void run_release_sigint(struct run *run)
{
    if (run->sigint)
        fm__signals_unguard(&run->home.loop, SIGINT);
}

/* In a forked child the loop, its descriptors and its timers are another
 * process's: whatever touches it must end here. */
static void run_forked(void)
{
    fm__root_forget();
    if (fm__home == NULL)
        return;
    fm__home = NULL;
    fm__current = &fm__nobody;
    fm__thread_mark = NULL;
    fm__forked = true;
}

static void run_watch_forks(void)
{
    if (fm__atomic_swap(&run_atfork, 1) == 0)
        pthread_atfork(NULL, NULL, run_forked);
}

static int run_watch(struct fm__conductor *home)
{
    struct fm__watchdog_options watch = {
        .slow = home->options.slow_turn,
        .on_report = home->options.on_report,
        .on_report_arg = home->options.on_report_arg,
        .hold = fm__task_hold,
    };
    home->current = &fm__current;
    if (!fm__watchdog_wished(home->options.debug, &watch.slow))
        return 0;
    return fm__watchdog_open(&home->loop, &watch);
}

static int run_measure(struct fm__conductor *home)
{
    int rc = fm__meters_open(home);
    return rc < 0 ? rc : fm__depths_open(home);
}

/* What hears of the loop's steps ends after the loop. */
static void run_close_loop(struct fm__conductor *home)
{
    fm__loop_close(&home->loop);
    fm__trace_close(home);
    fm__depths_close(home);
    fm__meters_close(home);
    fm__sites_close(home);
}

static int run_answer_quit(struct run *run)
{
    if (!fm__quit_wished(run->home.options.dump_on_quit))
        return 0;
    int rc = fm__quit_open();
    run->quit = rc == 0;
    return rc;
}

static void run_ignore_quit(struct run *run)
{
    if (run->quit)
        fm__quit_close();
}

static int run_open(struct run *run, const fm_run_options *options)
{
    struct fm__conductor *home = &run->home;
    if (options != NULL)
        home->options = *options;
    int rc = fm__shadow_check();
    if (rc < 0)
        return rc;
    rc =
        fm__loop_choose(&home->loop, home->options.backend, home->options.seed);
    if (rc < 0)
        return rc;
    rc = fm__handles_open(home);
    if (rc < 0)
        goto close_loop;
    fm__arena_init(&home->arena);
    rc = run_measure(home);
    if (rc < 0)
        goto close_handles;
    run->overflow.arena = &home->arena;
    run->overflow.describe = run_describe;
    rc = fm__overflow_open(&run->overflow);
    if (rc < 0)
        goto close_handles;
    rc = run_watch(home);
    if (rc < 0)
        goto close_overflow;
    rc = run_answer_quit(run);
    if (rc < 0)
        goto close_watchdog;
    rc = run_catch_sigint(run);
    if (rc < 0)
        goto ignore_quit;
    rc = fm__sigpipe_ignore();
    if (rc < 0)
        goto release_sigint;
    return 0;

release_sigint:
    run_release_sigint(run);
ignore_quit:
    run_ignore_quit(run);
close_watchdog:
    fm__watchdog_close(&home->loop);
close_overflow:
    fm__overflow_close(&run->overflow);
close_handles:
    fm__handles_close(home);
close_loop:
    run_close_loop(home);
    return rc;
}

/* The loop first: what is called while it closes may still ask for the run. A
 * write that io_uring was not yet asked for may leave then, and find nobody. */
static void run_close(struct run *run)
{
    fm__root_remove(&run->home);
    run_release_sigint(run);
    run_ignore_quit(run);
    fm__watchdog_close(&run->home.loop);
    run_close_loop(&run->home);
    fm__sigpipe_restore();
    fm__home = NULL;
    fm__overflow_close(&run->overflow);
    fm__arena_close(&run->home.arena);
    fm__handles_close(&run->home);
}

static void run_prepare(struct run *run)
{
    struct fm__conductor *home = &run->home;
    home->loop.owner = run;
    home->loop.deadlocked = fm__tell_deadlock;
    home->loop.workers_limit = home->options.threads;
    fm__coro_tools(&home->thread, &home->thread_tools);
    fm__sanitize_thread(&home->thread_tools);
    fm__list_init(&home->root.members);
    home->budget = fm__probe != NULL ? 1 : FM__BUDGET;
    home->stack_class = fm__arena_class(home->options.stack_size);
    run->reaper.reap = run_reap;
    fm__home = home;
    home->loop.observed = home->loop.observed || fm__probe != NULL;
    fm__trace_open(home);
    fm__root_add(home);
}

static int run_main(struct run *run, const struct fm__start *start)
{
    struct fm__task *task = fm__task_new(&run->home, &run->home.root, start);
    if (task == NULL)
        return -ENOMEM;
    task->reaper = &run->reaper;
    run->main = task->handle;
    return 0;
}

static void run_check(const char *caller)
{
    if (fm__forked)
        fm__die("%s in a forked child of a program that runs a loop: exec "
                "first, or fork before fm_run",
                caller);
    if (fm__current != &fm__nobody)
        fm__die("%s was called inside a task: start it with fm_go and await it",
                caller);
    if (fm__home != NULL)
        fm__die("%s: this thread has a run that is not closed yet", caller);
}

static int run_begin(struct run **out, const struct fm__start *start,
                     const fm_run_options *options)
{
    if (options != NULL && options->stack_size >= FM__STACK_UNFIT)
        fm__die("FM_STACK_DENSE is of tasks and groups, not of a run: its main "
                "task has to do with more than waiting");
    struct run *run = fm__memory_new(sizeof *run);
    if (run == NULL)
        return -ENOMEM;
    int rc = run_open(run, options);
    if (rc < 0)
        goto free_run;
    run_watch_forks();
    run_prepare(run);
    rc = run_main(run, start);
    if (rc < 0)
        goto close_run;
    *out = run;
    return 0;

close_run:
    run_close(run);
free_run:
    fm__memory_free(run);
    return rc;
}

/* What a task starts under the root meanwhile is cancelled in its turn. */
static void run_end_tasks(struct fm__conductor *home)
{
    struct fm__list *members = &home->root.members;
    while (home->alive > 0) {
        struct fm__list *link = members->next;
        for (; link != members; link = link->next) {
            struct fm__task *task = FM__CONTAINER(link, struct fm__task, link);
            if (!task->cancelled)
                fm__cancel(task);
        }
        fm__callbacks_pass(&home->loop);
    }
}

static int run_end(struct run *run)
{
    run_end_tasks(&run->home);
    fm__callbacks_end(&run->home.loop);
    int result = run->result;
    run_close(run);
    fm__memory_free(run);
    return result;
}

int fm__run(int (*fn)(void *), void *arg, const fm_run_options *options,
            const char *label)
{
    const struct fm__start start = {(fm__fn)fn, arg, FM__SHARED, label, NULL};
    struct run *run;
    run_check("fm_run");
    int rc = run_begin(&run, &start, options);
    if (rc < 0)
        return rc;
    fm_loop_run(&run->home.loop);
    return run_end(run);
}

int fm__run_open(fm_loop **loop, int (*fn)(void *), void *arg,
                 const fm_run_options *options, const char *label)
{
    const struct fm__start start = {(fm__fn)fn, arg, FM__SHARED, label, NULL};
    struct run *run;
    run_check("fm_run_open");
    int rc = run_begin(&run, &start, options);
    if (rc < 0)
        return rc;
    fm__loop_rest(&run->home.loop);
    *loop = &run->home.loop;
    return 0;
}

int fm_run_close(fm_loop *loop)
{
    fm__callbacks_outside(loop, "fm_run_close");
    if (fm__home == NULL || loop != &fm__home->loop)
        fm__die("fm_run_close: the loop was not opened by fm_run_open");
    return run_end(loop->owner);
}

fm_loop *fm_loop_current(void)
{
    return fm__home != NULL ? &fm__home->loop : NULL;
}
