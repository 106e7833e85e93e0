/*
 * test_order.c - turns, and who goes first
 */
#include "story.h"

static int order[4096], ordered;

static void note(int name)
{
    order[ordered++ % 4096] = name;
}

static bool noted(const int *names, int count)
{
    return ordered == count &&
           memcmp(order, names, (size_t)count * sizeof names[0]) == 0;
}

struct walk {
    int name;
    int steps;
};

static int walk(struct walk *self)
{
    for (int i = 0; i < self->steps; i++) {
        note(self->name);
        CHECK_INT(fm_yield(), 0);
    }
    return 0;
}

STORY(children_run_in_the_order_of_their_start)
{
    fm_task *tasks[100];
    ordered = 0;
    for (int i = 0; i < 100; i++)
        tasks[i] = fm_go(walk, i, 1);
    CHECK_INT(ordered, 0);
    CHECK_INT(fm_gather_array(tasks, 100, NULL), 0);
    CHECK_INT(ordered, 100);
    for (int i = 0; i < 100; i++)
        CHECK_INT(order[i], i);
}

STORY(a_turn_runs_tasks_in_the_order_they_became_ready)
{
    static const int expected[] = {1, 2, 3, 1, 2, 3, 1, 2, 3};
    ordered = 0;
    CHECK_INT(
        fm_gather(fm_go(walk, 1, 3), fm_go(walk, 2, 3), fm_go(walk, 3, 3)), 0);
    CHECK(noted(expected, 9));
}

struct breed {
    int name;
};

static int breed(struct breed *self)
{
    note(self->name);
    return fm_await(fm_go(walk, self->name + 10, 1));
}

STORY(a_turn_runs_exactly_the_tasks_that_were_ready_when_it_began)
{
    static const int expected[] = {1, 2, 3, 11, 12, 13};
    ordered = 0;
    CHECK_INT(fm_gather(fm_go(breed, 1), fm_go(breed, 2), fm_go(breed, 3)), 0);
    CHECK(noted(expected, 6));
}

/* A LIFO slot would run the child before the neighbour. */
STORY(what_was_made_ready_last_does_not_go_first)
{
    static const int expected[] = {5, 6, 7, 15, 6, 7, 6, 7};
    ordered = 0;
    CHECK_INT(fm_gather(fm_go(breed, 5), fm_go(walk, 6, 3), fm_go(walk, 7, 3)),
              0);
    CHECK(noted(expected, 8));
}

STORY(fm_yield_lets_every_other_ready_task_run_once)
{
    fm_task *tasks[10];
    ordered = 0;
    for (int i = 0; i < 10; i++)
        tasks[i] = fm_go(walk, i, 5);
    for (int turn = 1; turn <= 5; turn++) {
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(ordered, turn * 10);
    }
    CHECK_INT(fm_gather_array(tasks, 10, NULL), 0);
}

STORY(fm_sleep_of_zero_or_less_yields_once)
{
    double spans[] = {0.0, -0.0, -1.0, -INFINITY};
    fm_task *task = fm_go(walk, 1, 10);
    ordered = 0;
    for (int i = 0; i < 4; i++) {
        CHECK_INT(fm_sleep(spans[i]), 0);
        CHECK_INT(ordered, i + 1);
    }
    CHECK_INT(fm_sleep_until(0), 0);
    CHECK_INT(ordered, 5);
    CHECK_INT(fm_await(task), 0);
}

static int calls_until_a_turn(int (*call)(void))
{
    int calls = 0;
    ordered = 0;
    fm_task *task = fm_go(walk, 1, 1);
    while (ordered == 0 && calls < 1000) {
        call();
        calls++;
    }
    CHECK_INT(fm_await(task), 0);
    return calls;
}

static int order_await(void)
{
    return fm_await(NULL);
}

static int order_settle(void)
{
    return fm_settle(NULL, 0, NULL);
}

static int order_sleep_nan(void)
{
    return fm_sleep(NAN);
}

STORY(a_budget_of_128_operations_makes_a_task_that_never_waits_yield)
{
    int (*calls[])(void) = {order_await, order_settle, order_sleep_nan};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(calls_until_a_turn(calls[i]), 128);
    }
}

STORY(the_budget_is_also_spent_by_starting_members)
{
    int rc, started = 0;
    ordered = 0;
    CHECK_INT(fm_yield(), 0);
    FM_GROUP(group, rc) {
        while (ordered == 0 && started < 1000) {
            CHECK_INT(fm_group_go(group, walk, 1, 1), 0);
            started++;
        }
    }
    CHECK_INT(rc, 0);
    CHECK_INT(started, 128);
}

STORY(the_budget_of_a_refused_task_is_spent_too)
{
    int rc, calls = 0;
    ordered = 0;
    fm_task *task = fm_go(walk, 1, 1);
    FM_TIMEOUT(0, rc) {
        while (ordered == 0 && calls < 1000) {
            CHECK_INT(fm_sleep(1), -ETIMEDOUT);
            calls++;
        }
    }
    CHECK(calls >= 128 && calls <= 129);
    CHECK_INT(fm_await(task), 0);
}

struct wake_up {
    double units;
    int name;
};

static int wake_up(struct wake_up *self)
{
    int rc = fm_sleep(story_span(self->units));
    note(self->name);
    return rc;
}

STORY(sleepers_wake_in_the_order_of_their_moments)
{
    static const int expected[] = {1, 2, 3, 4};
    ordered = 0;
    CHECK_INT(fm_gather(fm_go(wake_up, 4, 4), fm_go(wake_up, 2, 2),
                        fm_go(wake_up, 1, 1), fm_go(wake_up, 3, 3)),
              0);
    CHECK(noted(expected, 4));
}

struct busy {
    double units;
    int name;
};

/* Computes for a while, by the machine's clock, and sleeps then. */
static int busy(struct busy *self)
{
    int64_t began = fm_now();
    while (!test_simulated() && fm_now() - began < 3 * FM_MILLISECOND)
        ;
    return wake_up(&(struct wake_up){self->units, self->name});
}

STORY(relative_times_count_from_one_clock_read_at_the_end_of_the_turn)
{
    static const int expected[] = {2, 1};
    ordered = 0;
    CHECK_INT(
        fm_gather(fm_go(wake_up, 6, 1), fm_go(busy, .units = 5, .name = 2)), 0);
    CHECK(noted(expected, 2));
}

static bool slept_enough;

static int sleep_a_little(void)
{
    int rc = fm_sleep(50e-6);
    slept_enough = true;
    return rc;
}

/* A look at the world at least every 32 turns, and in the simulator each
 * look takes a microsecond: 50 of them, and some to begin with. */
STORY(while_tasks_are_ready_the_world_is_asked_at_least_every_32_turns)
{
    int turns = 0;
    slept_enough = false;
    fm_task *task = fm_go(sleep_a_little);
    while (!slept_enough && turns < 10000000) {
        CHECK_INT(fm_yield(), 0);
        turns++;
    }
    CHECK(slept_enough);
    if (test_simulated())
        CHECK(turns <= 33 * 55);
    CHECK_INT(fm_await(task), 0);
}
