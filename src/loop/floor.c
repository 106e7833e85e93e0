/*
 * floor.c - the public loop: its turns, and what is due in each
 *
 * Invariant: `work` is in the loop's queue exactly while `due` is not empty
 * or being run. It runs what was due when its turn came; what becomes due
 * meanwhile is for the next turn.
 */
#include "loop/floor.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_thread.h"
#include "loop/choose.h"
#include "loop/mailbox.h"
#include "loop/sigpipe.h"
#include "loop/watchdog.h"

#include <errno.h>

FM__PER_THREAD const void *fm__thread_mark;
static struct fm__atomic_word floor_watching; /* forks */

static void floor_forked(void)
{
    fm__thread_mark = NULL;
}

static int floor_watch_forks(void)
{
    if (fm__atomic_swap(&floor_watching, 1) != 0)
        return 0;
    int rc = fm__thread_at_fork(floor_forked);
    if (rc < 0)
        fm__atomic_store(&floor_watching, 0);
    return rc;
}

void fm__loop_stranger(const struct fm__loop *loop, const char *caller)
{
    char mine[FM__THREAD_TEXT], its[FM__THREAD_TEXT];
    if (loop->process != fm__thread_process())
        fm__die("%s was called in a forked child: the loop belongs to the "
                "parent; a child may exec or _exit",
                caller);
    fm__die("%s was called on %s, but the loop belongs to %s", caller,
            fm__thread_text(fm__thread_number(), mine),
            fm__thread_text(loop->thread_number, its));
}

static void floor_run(struct fm__work *work)
{
    struct fm__callbacks *callbacks =
        FM__CONTAINER(work, struct fm__callbacks, work);
    struct fm__list now;
    struct fm__list *item;
    fm__list_init(&now);
    fm__list_move(&callbacks->due, &now);
    callbacks->queued = false;
    while ((item = fm__list_shift(&now)) != NULL) {
        struct fm__due *due = FM__CONTAINER(item, struct fm__due, link);
        due->run(due);
    }
}

void fm__callbacks_init(struct fm__loop *loop)
{
    struct fm__callbacks *callbacks = &loop->callbacks;
    fm__list_init(&callbacks->due);
    fm__list_init(&callbacks->timed);
    fm__list_init(&callbacks->requests);
    fm__list_init(&callbacks->jobs);
    fm__list_init(&callbacks->traps);
    fm__list_init(&callbacks->watches);
    fm__list_init(&callbacks->parting);
    callbacks->work.run = floor_run;
    fm__thread_mark = &fm__thread_mark;
    loop->thread = fm__thread_mark;
    loop->thread_number = fm__thread_number();
    loop->process = fm__thread_process();
}

void fm__callbacks_due(struct fm__loop *loop, struct fm__due *due)
{
    struct fm__callbacks *callbacks = &loop->callbacks;
    fm__list_push(&callbacks->due, &due->link);
    if (callbacks->queued)
        return;
    callbacks->queued = true;
    fm__loop_ready(loop, &callbacks->work);
}

/* A stop that came before the turn ends it after what was ready. */
void fm__callbacks_run_ready(struct fm__loop *loop)
{
    struct fm__work *work;
    if (loop->stopping)
        loop->lights_left = 0;
    while ((work = fm__loop_next(loop)) != NULL)
        work->run(work);
}

void fm__callbacks_outside(const struct fm__loop *loop, const char *caller)
{
    fm__loop_check(loop, caller);
    if (loop->callbacks.running)
        fm__die("%s was called by a function that this loop calls", caller);
}

void fm__callbacks_pass(struct fm__loop *loop)
{
    loop->callbacks.running = true;
    loop->stopping = false;
    fm__loop_turn(loop);
    fm__callbacks_run_ready(loop);
    loop->callbacks.running = false;
}

/* What ends may start others, whose functions see that the loop closes. */
void fm__callbacks_end(struct fm__loop *loop)
{
    struct fm__callbacks *callbacks = &loop->callbacks;
    callbacks->closing = true;
    fm__calls_drop(loop);
    fm__watches_end(loop);
    fm__traps_end(loop);
    while (!fm__list_empty(&callbacks->requests) ||
           !fm__list_empty(&callbacks->jobs) ||
           !fm__list_empty(&callbacks->parting) ||
           !fm__list_empty(&callbacks->due)) {
        fm__requests_cancel(loop);
        fm__jobs_cancel(loop);
        fm__callbacks_pass(loop);
    }
}

void fm__loop_rest(struct fm__loop *loop)
{
    if (loop->watchdog != NULL)
        fm__watchdog_rest(loop->watchdog);
    fm__loop_asleep(loop);
}

static int floor_watch(struct fm__loop *loop, const fm_loop_options *options)
{
    struct fm__watchdog_options watch = {
        .slow = options->slow_turn,
        .on_report = options->on_report,
        .on_report_arg = options->on_report_arg,
    };
    if (!fm__watchdog_wished(options->debug, &watch.slow))
        return 0;
    return fm__watchdog_open(loop, &watch);
}

int fm_loop_open(fm_loop **out, const fm_loop_options *options)
{
    static const fm_loop_options none;
    struct fm__loop *loop = fm__memory_new(sizeof *loop);
    if (options == NULL)
        options = &none;
    if (loop == NULL)
        return -ENOMEM;
    int rc = floor_watch_forks();
    if (rc == 0)
        rc = fm__loop_choose(loop, options->backend, options->seed);
    if (rc < 0)
        goto free_loop;
    loop->workers_limit = options->threads;
    rc = floor_watch(loop, options);
    if (rc < 0)
        goto close_loop;
    rc = fm__sigpipe_ignore();
    if (rc < 0)
        goto close_watchdog;
    fm__loop_rest(loop);
    *out = loop;
    return 0;

close_watchdog:
    fm__watchdog_close(loop);
close_loop:
    fm__loop_close(loop);
free_loop:
    fm__memory_free(loop);
    return rc;
}

void fm_loop_close(fm_loop *loop)
{
    if (loop == NULL)
        return;
    fm__callbacks_outside(loop, "fm_loop_close");
    if (loop->owner != NULL)
        fm__die("fm_loop_close: the loop has tasks: fm_run_close ends it");
    fm__callbacks_end(loop);
    fm__sigpipe_restore();
    fm__watchdog_close(loop);
    fm__loop_close(loop);
    fm__memory_free(loop);
}

void fm_loop_run(fm_loop *loop)
{
    fm__callbacks_outside(loop, "fm_loop_run");
    fm__loop_awake(loop);
    loop->callbacks.running = true;
    do {
        fm__loop_turn(loop);
        fm__callbacks_run_ready(loop);
    } while (!loop->stopping);
    loop->callbacks.running = false;
    loop->stopping = false;
    fm__loop_rest(loop);
}

void fm_loop_stop(fm_loop *loop)
{
    fm__loop_check(loop, "fm_loop_stop");
    loop->stopping = true;
    loop->lights_left = 0;
}

int64_t fm_loop_now(const fm_loop *loop)
{
    fm__loop_check(loop, "fm_loop_now");
    return fm__loop_now((struct fm__loop *)(uintptr_t)loop);
}

const char *fm_loop_backend(const fm_loop *loop)
{
    return loop->backend->name;
}

fm_remote *fm_loop_remote(fm_loop *loop)
{
    fm__loop_check(loop, "fm_loop_remote");
    return (fm_remote *)(void *)fm__mailbox_get(loop);
}
