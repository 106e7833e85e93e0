/*
 * test_explore_tasks.c - tasks that wait for other threads, in every schedule
 *
 * Whole runs: each schedule begins with a loop that is opened, and ends with
 * one that has closed and left nothing behind.
 */
#include "explore_run.h"

static struct {
    struct fm__thread thread;
    fm_remote *remote;
    fm_queue *queue;
    unsigned calls;
    bool cut;
    struct fm__atomic_word let_go;
} desk;

/* ---- Posts -------------------------------------------------------------- */

static void desk_heard(void *arg)
{
    desk.calls++;
    HOLDS(fm_queue_put_try(desk.queue, arg) == 0);
}

static void *desk_post(void *arg)
{
    HOLDS(fm_post(desk.remote, desk_heard, arg) == 0);
    fm_remote_put(desk.remote);
    return NULL;
}

static int desk_listen(void *arg)
{
    void *news = NULL;
    desk.remote = fm_remote_get();
    desk.queue = fm_queue_new(1);
    fm__thread_start(&desk.thread, desk_post, &desk);
    HOLDS(fm_queue_get(desk.queue, &news) == 0);
    HOLDS(news == &desk && desk.calls == 1);
    fm_queue_free(desk.queue);
    return arg != NULL;
}

static void desk_open(void *self)
{
    (void)self;
    HOLDS(run_here(desk_listen) == 0);
    fm__thread_join(&desk.thread);
}

TEST(a_task_that_waits_for_a_post_is_woken_by_it)
{
    explore(desk_open, &desk, sizeof desk);
}

/* ---- Calls on threads --------------------------------------------------- */

static int errand(void *arg)
{
    ++*(unsigned *)arg;
    return 17;
}

static int desk_send(void *arg)
{
    HOLDS(fm_thread_run(errand, &desk.calls) == 17);
    HOLDS(desk.calls == 1);
    return arg != NULL;
}

static void desk_errand(void *self)
{
    (void)self;
    HOLDS(run_here(desk_send) == 0);
}

TEST(a_task_that_waits_for_a_thread_is_woken_by_it)
{
    explore(desk_errand, &desk, sizeof desk);
}

/* ---- Cuts --------------------------------------------------------------- */

static void errand_let_go(void *arg)
{
    (void)arg;
    HOLDS(fm__atomic_add(&desk.let_go, 1) == 0);
}

static int errand_wait(void *arg)
{
    fm_thread_options options = {.abandon = errand_let_go};
    return fm_thread_run(errand, arg, &options);
}

static int desk_change_its_mind(void *arg)
{
    fm_task *task = fm_start(errand_wait, &desk.calls);
    HOLDS(task != NULL && fm_yield() == 0);
    int rc = fm_stop(task);
    HOLDS(rc == 17 || rc == -ECANCELED);
    desk.cut = rc < 0;
    return arg != NULL;
}

static void desk_cut_errand(void *self)
{
    (void)self;
    HOLDS(run_here(desk_change_its_mind) == 0);
    while (desk.cut && fm__atomic_load(&desk.let_go) == 0)
        fm__thread_yield();
    HOLDS(desk.cut || (desk.calls == 1 && desk.let_go.value == 0));
}

TEST(what_a_cut_call_was_given_is_let_go_exactly_once)
{
    explore(desk_cut_errand, &desk, sizeof desk);
}
