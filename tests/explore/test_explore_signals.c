/*
 * test_explore_signals.c - signals on another thread, in every schedule
 *
 * The handler is called as a thread would be interrupted by it, and may be
 * overtaken anywhere: also by a loop that gives the signal back, and closes.
 */
#include "explore_loop.h"

#include "loop/signals.h"

#include <signal.h>

static struct {
    struct fm__loop loop;
    struct fm__thread thread;
    struct fm__listener listener;
    struct fm__work work;
    unsigned heard;
    unsigned before; /* by who handled it before, and does again */
} beacon;

static void beacon_before(int number)
{
    (void)number;
    beacon.before++;
}

static void beacon_seen(struct fm__work *work)
{
    (void)work;
    beacon.heard++;
}

static void beacon_heard(struct fm__listener *listener, int number)
{
    (void)listener;
    HOLDS(number == SIGUSR1);
    fm__loop_ready(&beacon.loop, &beacon.work);
}

static void *beacon_light(void *arg)
{
    explore_signal(SIGUSR1);
    return arg;
}

static void beacon_open(void)
{
    loop_open(&beacon.loop);
    beacon.loop.remote_expected = 1;
    beacon.work.run = beacon_seen;
    beacon.listener.set = FM__SIGNAL(SIGUSR1);
    beacon.listener.heard = beacon_heard;
    HOLDS(fm__signals_hold(&beacon.loop, FM__SIGNAL(SIGUSR1)) == 0);
    fm__thread_start(&beacon.thread, beacon_light, NULL);
}

static void beacon_close(void)
{
    fm__signals_release(&beacon.loop, FM__SIGNAL(SIGUSR1));
    loop_close(&beacon.loop);
    fm__thread_join(&beacon.thread);
}

static void beacon_wait(void *self)
{
    (void)self;
    beacon_open();
    fm__signals_listen(&beacon.loop, &beacon.listener);
    while (beacon.heard == 0)
        loop_turn(&beacon.loop);
    beacon_close();
    HOLDS(beacon.heard == 1 && beacon.before == 0);
}

static void beacon_leave(void *self)
{
    (void)self;
    beacon_open();
    beacon_close();
    HOLDS(beacon.heard == 0 && beacon.before == 1);
}

static void beacon_explore(void (*program)(void *self))
{
    struct sigaction mine = {.sa_handler = beacon_before}, old;
    sigaction(SIGUSR1, &mine, &old);
    explore(program, &beacon, sizeof beacon);
    sigaction(SIGUSR1, &old, NULL);
}

TEST(a_signal_is_not_missed_by_a_loop_that_falls_asleep)
{
    beacon_explore(beacon_wait);
}

TEST(a_signal_that_meets_the_release_is_handled_once)
{
    beacon_explore(beacon_leave);
}
