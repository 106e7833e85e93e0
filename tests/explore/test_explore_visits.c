/*
 * test_explore_visits.c - tasks on another thread's loop, in every schedule
 */
#include "explore_run.h"

static struct {
    struct run_thread host;
    struct run_thread guest;
    struct fm__thread thread;
    fm_remote *remote;
    struct fm__atomic_word invited;
    unsigned visits;
    int rc;
    bool stays; /* the host waits for the visit */
} house;

static int visit_once(void *arg)
{
    HOLDS(arg == &house);
    house.visits++;
    return 7;
}

static void house_check(void)
{
    HOLDS(house.rc == 7 || (house.rc == -ESHUTDOWN && !house.stays));
    HOLDS(house.visits == (house.rc == 7));
}

/* ---- A thread waits ----------------------------------------------------- */

static void *thread_visit(void *arg)
{
    house.rc = fm_remote_run(house.remote, visit_once, arg);
    house_check();
    fm_remote_put(house.remote);
    return NULL;
}

static int house_open(void *arg)
{
    (void)arg;
    house.remote = fm_remote_get();
    fm__thread_start(&house.thread, thread_visit, &house);
    while (house.stays && house.visits == 0) {
        if (fm_sleep(0) < 0)
            return -1;
    }
    return 0;
}

static void house_leave(void *self)
{
    (void)self;
    run_begin(&house.host, house_open);
    run_end(&house.host);
    fm__thread_join(&house.thread);
}

TEST(a_thread_whose_task_meets_the_loops_end_is_told_so)
{
    explore(house_leave, &house, sizeof house);
}

/* ---- A task waits ------------------------------------------------------- */

static int guest_visit(void *arg)
{
    (void)arg;
    house.rc = fm_remote_await(house.remote, visit_once, &house);
    house_check();
    fm_remote_put(house.remote);
    return 0;
}

static int house_invite(void *arg)
{
    (void)arg;
    house.remote = fm_remote_get();
    run_begin(&house.guest, guest_visit);
    return 0;
}

static void house_await(void *self)
{
    (void)self;
    run_begin(&house.host, house_invite);
    run_end(&house.host);
    run_end(&house.guest);
}

TEST(a_task_whose_visit_meets_the_loops_end_is_told_so)
{
    explore(house_await, &house, sizeof house);
}

/* ---- Cuts --------------------------------------------------------------- */

static int visit_child(void *arg)
{
    (void)arg;
    return fm_remote_await(house.remote, visit_once, &house);
}

static int guest_cut(void *arg)
{
    (void)arg;
    fm_task *child = fm_start(visit_child, NULL);
    HOLDS(fm_yield() == 0);
    house.rc = fm_stop(child);
    HOLDS(house.rc == 7 || house.rc == -ECANCELED || house.rc == -ESHUTDOWN);
    HOLDS(house.visits == 1 || house.rc != 7);
    fm_remote_put(house.remote);
    return 0;
}

static int house_invite_cut(void *arg)
{
    (void)arg;
    house.remote = fm_remote_get();
    run_begin(&house.guest, guest_cut);
    return 0;
}

static void house_await_cut(void *self)
{
    (void)self;
    run_begin(&house.host, house_invite_cut);
    run_end(&house.host);
    run_end(&house.guest);
}

TEST(a_visit_that_is_cut_ends_before_who_waits_for_it)
{
    explore(house_await_cut, &house, sizeof house);
}
