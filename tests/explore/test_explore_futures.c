/*
 * test_explore_futures.c - futures that other threads set, in every schedule
 *
 * The loop runs on a thread of its own and may have ended when somebody sets
 * the future; the stack on which it lay is gone then.
 */
#include "explore_run.h"

enum {
    SETTERS = 2
};

static struct {
    struct run_thread run;
    fm_future *future;
    fm_remote *remote;
    struct setter {
        struct fm__thread thread;
        fm_future *future;
        fm_remote *remote;
        int rc;
    } setters[SETTERS];
    unsigned calls;
    int waited; /* what the waiter had */
    bool over;
} hope;

static void *setter_run(void *arg)
{
    struct setter *self = arg;
    self->rc = fm_future_set(self->future, 7, self);
    HOLDS(self->rc == 0 || self->rc == -EALREADY || self->rc == -ESHUTDOWN);
    if (self->rc != -ESHUTDOWN)
        HOLDS(fm_future_result(self->future, NULL) == 7);
    fm_future_put(self->future);
    fm_remote_put(self->remote);
    return NULL;
}

static void hope_begin(unsigned setters)
{
    hope.future = fm_future_new();
    for (unsigned i = 0; i < setters; i++) {
        hope.setters[i].future = fm_future_get(hope.future);
        hope.setters[i].remote = fm_remote_get();
    }
    for (unsigned i = 0; i < setters; i++)
        fm__thread_start(&hope.setters[i].thread, setter_run, &hope.setters[i]);
}

static void hope_join(unsigned setters)
{
    run_end(&hope.run);
    for (unsigned i = 0; i < setters; i++)
        fm__thread_join(&hope.setters[i].thread);
}

/* Of all setters one was the first, and who waits has its value. */
static int hope_wait(void *arg)
{
    void *value = NULL;
    (void)arg;
    HOLDS(fm_future_wait(hope.future, &value) == 7);
    struct setter *first = value;
    HOLDS(first == &hope.setters[0] || first == &hope.setters[1]);
    fm_future_put(hope.future);
    return 0;
}

static int hope_in_one(void *arg)
{
    hope_begin(1);
    return hope_wait(arg);
}

static void hope_of_one(void *self)
{
    (void)self;
    run_begin(&hope.run, hope_in_one);
    hope_join(1);
    HOLDS(hope.setters[0].rc == 0);
}

TEST(a_task_that_waits_for_a_future_is_woken_by_who_sets_it)
{
    explore(hope_of_one, &hope, sizeof hope);
}

/* How it ends is explored by itself. */
static int hope_in_two(void *arg)
{
    hope_begin(2);
    int rc = hope_wait(arg);
    explore_still(true);
    return rc;
}

static void hope_of_two(void *self)
{
    (void)self;
    run_begin(&hope.run, hope_in_two);
    hope_join(2);
    HOLDS((hope.setters[0].rc == 0) + (hope.setters[1].rc == 0) == 1);
}

TEST(of_two_threads_that_set_a_future_one_is_the_first)
{
    explore(hope_of_two, &hope, sizeof hope);
}

/* ---- The loop's end ----------------------------------------------------- */

static int hope_leave(void *arg)
{
    (void)arg;
    hope_begin(1);
    fm_future_put(hope.future);
    return 0;
}

static void hope_of_none(void *self)
{
    (void)self;
    run_begin(&hope.run, hope_leave);
    hope_join(1);
}

TEST(a_future_that_is_set_as_its_loop_ends_touches_no_loop)
{
    explore(hope_of_none, &hope, sizeof hope);
}

/* ---- Cuts --------------------------------------------------------------- */

static int hope_child(void *arg)
{
    return fm_future_wait(arg, NULL);
}

static int hope_give_up(void *arg)
{
    (void)arg;
    hope_begin(1);
    fm_task *child = fm_start(hope_child, hope.future);
    HOLDS(fm_yield() == 0);
    int rc = fm_stop(child);
    HOLDS(rc == 7 || rc == -ECANCELED);
    HOLDS(fm_future_wait(hope.future, NULL) == 7);
    fm_future_put(hope.future);
    return 0;
}

static void hope_cut(void *self)
{
    (void)self;
    run_begin(&hope.run, hope_give_up);
    hope_join(1);
    HOLDS(hope.setters[0].rc == 0);
}

TEST(a_wait_that_is_cut_leaves_the_future_as_it_is)
{
    explore(hope_cut, &hope, sizeof hope);
}
