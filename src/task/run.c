/*
 * run.c - one program on one loop, from its first task to its last
 */
#include <fermata/run.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys.h"
#include "coro/overflow.h"
#include "coro/shadow.h"
#include "task/record.h"

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
    struct sigaction sigint_before;
    bool sigint;
    fm_task *main;
    int result;
};

static struct fm__atomic_ptr run_interruptible; /* the loop SIGINT wakes */
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
static void run_sigint(int number)
{
    struct fm__loop *loop = fm__atomic_swap_ptr(&run_interruptible, NULL);
    if (loop != NULL) {
        fm__loop_interrupt(loop);
        return;
    }
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    fm__sys_sigaction(number, &dfl, NULL);
    fm__sys_raise(number);
}

static int run_catch_sigint(struct run *run)
{
    struct sigaction action = {.sa_handler = run_sigint};
    sigemptyset(&action.sa_mask);
    int rc = fm__sys_sigaction(SIGINT, NULL, &run->sigint_before);
    if (rc < 0 || run->home.options.ignore_sigint || !fm__sys_main_thread() ||
        run->sigint_before.sa_handler != SIG_DFL)
        return rc;
    fm__atomic_swap_ptr(&run_interruptible, &run->home.loop);
    rc = fm__sys_sigaction(SIGINT, &action, NULL);
    run->sigint = rc == 0;
    if (rc < 0)
        fm__atomic_swap_ptr(&run_interruptible, NULL);
    return rc;
}

static void run_release_sigint(struct run *run)
{
    if (!run->sigint)
        return;
    fm__sys_undo_sigaction(SIGINT, &run->sigint_before, NULL);
    fm__atomic_swap_ptr(&run_interruptible, NULL);
}

/* In a forked child the loop, its descriptors and its timers are another
 * process's: whatever touches it must end here. */
static void run_forked(void)
{
    fm__atomic_swap_ptr(&run_interruptible, NULL);
    if (fm__home == NULL)
        return;
    fm__home = NULL;
    fm__current = &fm__nobody;
    fm__forked = true;
}

static void run_watch_forks(void)
{
    if (fm__atomic_swap(&run_atfork, 1) == 0)
        pthread_atfork(NULL, NULL, run_forked);
}

static uint64_t run_seed(const fm_run_options *options)
{
    const char *text = getenv("FERMATA_SEED");
    if (options->seed != 0)
        return options->seed;
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : 0;
    return seed != 0 ? seed : 1;
}

static int run_open_loop(struct fm__conductor *home)
{
    const char *name = home->options.backend;
    if (name == NULL)
        name = getenv("FERMATA_BACKEND");
    if (name != NULL && *name == '\0')
        name = NULL;
    int rc = fm__loop_open(&home->loop, name, run_seed(&home->options));
    if (rc == -EINVAL && name != NULL)
        fm__say("no backend is called \"%s\": there are auto, epoll and sim",
                name);
    return rc;
}

static int run_open(struct run *run, const fm_run_options *options)
{
    struct fm__conductor *home = &run->home;
    if (options != NULL)
        home->options = *options;
    int rc = fm__shadow_check();
    if (rc < 0)
        return rc;
    rc = run_open_loop(home);
    if (rc < 0)
        return rc;
    rc = fm__handles_open(home);
    if (rc < 0)
        goto close_loop;
    fm__arena_init(&home->arena);
    run->overflow.arena = &home->arena;
    run->overflow.describe = run_describe;
    rc = fm__overflow_open(&run->overflow);
    if (rc < 0)
        goto close_handles;
    rc = run_catch_sigint(run);
    if (rc < 0)
        goto close_overflow;
    return 0;

close_overflow:
    fm__overflow_close(&run->overflow);
close_handles:
    fm__handles_close(home);
close_loop:
    fm__loop_close(&home->loop);
    return rc;
}

static void run_close(struct run *run)
{
    run_release_sigint(run);
    fm__overflow_close(&run->overflow);
    fm__arena_close(&run->home.arena);
    fm__handles_close(&run->home);
    fm__loop_close(&run->home.loop);
}

static void run_prepare(struct run *run)
{
    struct fm__conductor *home = &run->home;
    home->loop.owner = run;
    home->loop.interrupted = run_interrupted;
    home->loop.deadlocked = fm__tell_deadlock;
    fm__coro_tools(&home->thread, &home->thread_tools);
    fm__sanitize_thread(&home->thread_tools);
    fm__list_init(&home->root.members);
    home->budget = fm__probe != NULL ? 1 : FM__BUDGET;
    home->stack_class = fm__arena_class(home->options.stack_size);
    run->reaper.reap = run_reap;
    fm__home = home;
}

static int run_main(struct run *run, const struct fm__start *start)
{
    struct fm__task *task = fm__task_new(&run->home, &run->home.root, start);
    if (task == NULL)
        return -ENOMEM;
    task->reaper = &run->reaper;
    run->main = task->handle;
    fm__loop_run(&run->home.loop);
    return run->result;
}

int fm__run(int (*fn)(void *), void *arg, const fm_run_options *options,
            const char *label)
{
    const struct fm__start start = {(fm__fn)fn, arg, FM__SHARED, label, NULL};
    if (fm__forked)
        fm__die("fm_run in a forked child of a program that runs a loop: exec "
                "first, or fork before fm_run");
    if (fm__home != NULL)
        fm__die("fm_run was called inside a task: start it with fm_go and "
                "await it");
    struct run *run = fm__memory_new(sizeof *run);
    if (run == NULL)
        return -ENOMEM;
    int rc = run_open(run, options);
    if (rc == 0) {
        run_watch_forks();
        run_prepare(run);
        rc = run_main(run, &start);
        fm__home = NULL;
        run_close(run);
    }
    fm__memory_free(run);
    return rc;
}
