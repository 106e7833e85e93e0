/*
 * test_barrier.c - tasks that wait for each other, round by round
 */
#include "line_kit.h"

/* Waits at the barrier, notes its name, and returns what it was told. */
struct arrives {
    fm_barrier *barrier;
    int name;
};

static int arrives(struct arrives *self)
{
    int rc = fm_barrier_wait(self->barrier);
    note(self->name);
    return rc;
}

/* ---- Rounds ------------------------------------------------------------- */

STORY(nobody_passes_a_barrier_before_the_last_has_come)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 3);
    note_nothing();
    fm_task *one = fm_go(arrives, &barrier, 1);
    fm_task *two = fm_go(arrives, &barrier, 2);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(noted_count, 0);
    CHECK_INT(fm_barrier_parties(&barrier), 3);
    CHECK_INT(fm_barrier_waiting(&barrier), 2);
    CHECK_INT(fm_barrier_wait(&barrier), 2);
    CHECK_INT(fm_barrier_waiting(&barrier), 0);
    CHECK_INT(fm_await(one), 0);
    CHECK_INT(fm_await(two), 1);
    CHECK_NOTED(1, 2);
}

STORY(a_barrier_tells_each_its_place_by_arrival)
{
    fm_barrier barrier;
    fm_task *tasks[5];
    int places[5];
    fm_barrier_init(&barrier, 5);
    for (int i = 0; i < 5; i++)
        tasks[i] = fm_go(arrives, &barrier, i);
    CHECK_INT(fm_gather_array(tasks, 5, places), 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(places[i], i);
}

STORY(a_barrier_for_one_holds_nobody)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 1);
    for (int i = 0; i < 300; i++)
        CHECK_INT(fm_barrier_wait(&barrier), 0);
}

STORY(a_latecomer_belongs_to_the_next_round)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 2);
    note_nothing();
    fm_task *first = fm_go(arrives, &barrier, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_barrier_wait(&barrier), 1); /* the first has not run yet */
    CHECK_INT(noted_count, 0);
    fm_task *next = fm_go(arrives, &barrier, 3);
    CHECK_INT(fm_barrier_wait(&barrier), 0);
    CHECK_NOTED(1, 3);
    CHECK_INT(fm_await(first), 0);
    CHECK_INT(fm_await(next), 1);
}

struct runs_laps {
    fm_barrier *barrier;
    int *laps, index;
};

static int runs_laps(struct runs_laps *self)
{
    int rc = 0;
    for (int lap = 0; rc >= 0 && lap < 50; lap++) {
        self->laps[self->index] = lap;
        for (int i = 0; i < 4; i++)
            CHECK(self->laps[i] == lap || self->laps[i] == lap - 1);
        rc = fm_barrier_wait(self->barrier);
        for (int i = 0; rc >= 0 && i < 4; i++)
            CHECK(self->laps[i] == lap || self->laps[i] == lap + 1);
    }
    return rc < 0 ? rc : 0;
}

STORY(round_follows_round_and_none_gets_ahead)
{
    fm_barrier barrier;
    int laps[4] = {0};
    fm_task *tasks[4];
    fm_barrier_init(&barrier, 4);
    for (int i = 0; i < 4; i++)
        tasks[i] = fm_go(runs_laps, &barrier, laps, i);
    CHECK_INT(fm_gather_array(tasks, 4, NULL), 0);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_cut_waiter_leaves_a_round_that_lacks_one_more)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 3);
    note_nothing();
    fm_task *one = fm_go(arrives, &barrier, 1);
    fm_task *two = fm_go(arrives, &barrier, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(one), -ECANCELED);
    CHECK_INT(fm_barrier_waiting(&barrier), 1);
    CHECK(!fm_barrier_broken(&barrier));
    fm_task *three = fm_go(arrives, &barrier, 3);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_NOTED(1);
    CHECK_INT(fm_barrier_wait(&barrier), 2);
    CHECK_INT(fm_await(two), 0);
    CHECK_INT(fm_await(three), 1);
}

STORY(who_is_cut_right_after_the_last_came_has_passed)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 2);
    fm_task *one = fm_go(arrives, &barrier, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_barrier_wait(&barrier), 1);
    CHECK_INT(fm_stop(one), 0);
    CHECK_INT(fm_barrier_waiting(&barrier), 0);
}

static int cancelled_arrives(void *barrier)
{
    fm_cancel(fm_self());
    CHECK_INT(fm_barrier_wait(barrier), -ECANCELED);
    return 0;
}

STORY(to_arrive_is_a_cancel_point_also_for_the_last)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 1);
    CHECK_INT(fm_await(fm_start(cancelled_arrives, &barrier)), 0);
}

STORY(a_wait_at_a_barrier_ends_with_its_timeout)
{
    int rc;
    fm_barrier barrier;
    fm_barrier_init(&barrier, 2);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_barrier_wait(&barrier);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_barrier_waiting(&barrier), 0);
}

struct crowd {
    fm_barrier barrier;
    int passed, last;
};

static int passes(void *arg)
{
    struct crowd *self = arg;
    int rc = fm_barrier_wait(&self->barrier);
    self->passed += rc >= 0;
    self->last += rc == 4;
    return rc;
}

STORY(in_a_storm_of_cuts_only_whole_rounds_pass)
{
    uint64_t chance = test_seed(7);
    for (size_t round = 0; round < test_many(500); round++) {
        struct crowd crowd = {.passed = 0};
        fm_barrier_init(&crowd.barrier, 5);
        struct storm storm = {
            .fn = passes, .arg = &crowd, .chance = test_random(&chance)};
        storm.all = true;
        storm_run(&storm);
        CHECK_INT(crowd.passed, crowd.last * 5);
        CHECK_INT(fm_barrier_waiting(&crowd.barrier), 0);
    }
}

/* ---- Broken ------------------------------------------------------------- */

STORY(a_reset_fails_those_who_wait_and_begins_anew)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 3);
    fm_task *one = fm_go(arrives, &barrier, 1);
    fm_task *two = fm_go(arrives, &barrier, 2);
    CHECK_INT(fm_yield(), 0);
    fm_barrier_reset(&barrier);
    CHECK(!fm_barrier_broken(&barrier));
    CHECK_INT(fm_barrier_waiting(&barrier), 0);
    fm_task *next = fm_go(arrives, &barrier, 3);
    CHECK_INT(fm_await(one), -FM_EBROKEN);
    CHECK_INT(fm_await(two), -FM_EBROKEN);
    fm_task *after = fm_go(arrives, &barrier, 4);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_barrier_wait(&barrier), 2);
    CHECK_INT(fm_await(next), 0);
    CHECK_INT(fm_await(after), 1);
}

STORY(an_abort_fails_those_who_wait_and_who_comes_until_a_reset)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 2);
    fm_task *one = fm_go(arrives, &barrier, 1);
    CHECK_INT(fm_yield(), 0);
    fm_barrier_abort(&barrier);
    CHECK(fm_barrier_broken(&barrier));
    CHECK_INT(fm_await(one), -FM_EBROKEN);
    CHECK_INT(fm_barrier_wait(&barrier), -FM_EBROKEN);
    CHECK_INT(fm_barrier_waiting(&barrier), 0);
    fm_barrier_reset(&barrier);
    CHECK(!fm_barrier_broken(&barrier));
    fm_task *two = fm_go(arrives, &barrier, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_barrier_wait(&barrier), 1);
    CHECK_INT(fm_await(two), 0);
}

STORY(a_round_that_is_over_is_not_undone_by_a_reset_or_an_abort)
{
    fm_barrier barrier;
    for (int i = 0; i < 2; i++) {
        fm_barrier_init(&barrier, 2);
        fm_task *one = fm_go(arrives, &barrier, 1);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_barrier_wait(&barrier), 1);
        if (i == 0)
            fm_barrier_reset(&barrier);
        else
            fm_barrier_abort(&barrier);
        CHECK_INT(fm_await(one), 0);
    }
    CHECK(strcmp(fm_strerror(-FM_EBROKEN), "the barrier is broken") == 0);
}

/* ---- Mistakes ----------------------------------------------------------- */

static void is_made_for_nobody(void)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 0);
}

static void is_made_for_too_many(void)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 1U << 31);
}

static void was_never_made(void)
{
    fm_barrier barrier = {0};
    CHECK_INT(fm_barrier_wait(&barrier), 0);
}

static int arrives_elsewhere(void *barrier)
{
    return fm_barrier_wait(barrier);
}

static void is_used_elsewhere(void)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 2);
    fm_task *one = fm_go(arrives, &barrier, 1);
    fm_yield();
    elsewhere(arrives_elsewhere, &barrier);
    fm_stop(one);
}

static void waits_elsewhere(void)
{
    fm_barrier barrier;
    fm_barrier_init(&barrier, 3);
    fm_task *one = fm_go(arrives, &barrier, 1);
    fm_yield();
    elsewhere(arrives_elsewhere, &barrier);
    fm_stop(one);
}

TEST(mistakes_with_a_barrier_abort_with_a_sentence)
{
    CHECK_DOOMED(is_made_for_nobody,
                 "fm_barrier_init: 0 is no number of parties");
    CHECK_DOOMED(is_made_for_too_many,
                 "fm_barrier_init: 2147483648 is no number of parties");
    CHECK_DOOMED(was_never_made,
                 "fm_barrier_wait: fm_barrier_init made it no barrier");
    CHECK_DOOMED(is_used_elsewhere,
                 "fm_barrier_wait: tasks of another loop wait here");
    CHECK_DOOMED(waits_elsewhere,
                 "fm_barrier_wait: tasks of another loop wait here");
}
