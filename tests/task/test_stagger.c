/*
 * test_stagger.c - races whose runners start one after the other
 *
 * RFC 8305 calls it happy eyeballs: the next address is tried when the one
 * before has failed, or has taken its time.
 */
#include "story.h"

static int64_t started[8];
static int starts;

/* Notes when it began. */
struct runner {
    double units;
    int result;
};

static int runner(struct runner *self)
{
    started[starts++] = fm_now();
    int rc = fm_sleep(story_span(self->units));
    return rc < 0 ? rc : self->result;
}

static double since(int first, int second)
{
    return (double)(started[second] - started[first]) / 1e9 / story_span(1);
}

STORY(the_next_start_waits_for_the_stagger)
{
    int rc;
    starts = 0;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = story_span(5)) {
        for (int i = 0; rc == 0 && i < 3; i++)
            rc = fm_group_go(race, runner, .units = 500, .result = i);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(starts, 3);
    if (test_simulated()) {
        CHECK(since(0, 1) >= 5 && since(1, 2) >= 5);
        CHECK(since(0, 1) < 6 && since(1, 2) < 6);
    }
}

STORY(a_failure_starts_the_next_at_once)
{
    int rc;
    starts = 0;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = story_span(50)) {
        rc = fm_group_go(race, runner, .units = 1, .result = -ECONNREFUSED);
        if (rc == 0)
            rc = fm_group_go(race, runner, .units = 1, .result = -EHOSTUNREACH);
        if (rc == 0)
            rc = fm_group_go(race, runner, .units = 1, .result = 7);
    }
    CHECK_INT(rc, 7);
    CHECK_INT(starts, 3);
    if (test_simulated())
        CHECK(since(0, 1) < 2 && since(1, 2) < 2);
}

STORY(a_failure_while_nobody_waits_is_remembered)
{
    int rc;
    starts = 0;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = INFINITY) {
        rc = fm_group_go(race, runner, .result = -EPIPE);
        CHECK_INT(fm_sleep(story_span(5)), 0);
        if (rc == 0)
            rc = fm_group_go(race, runner, .result = 2);
    }
    CHECK_INT(rc, 2);
    CHECK_INT(starts, 2);
}

STORY(the_time_counts_from_the_start_and_not_from_the_wait)
{
    int rc;
    starts = 0;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = story_span(10)) {
        rc = fm_group_go(race, runner, .units = 80000, .result = 1);
        CHECK_INT(fm_sleep(story_span(12)), 0);
        int64_t begin = fm_now();
        if (rc == 0)
            rc = fm_group_go(race, runner, .units = 1, .result = 2);
        if (test_simulated())
            CHECK((double)(fm_now() - begin) < 1e9);
    }
    CHECK_INT(rc, 2);
}

STORY(once_somebody_has_won_nothing_is_started)
{
    int rc, go = 0;
    starts = 0;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = INFINITY) {
        go = fm_group_go(race, runner, .units = 3, .result = 5);
        CHECK_INT(go, 0);
        go = fm_group_go(race, runner, .units = 3, .result = 6);
        rc = go;
    }
    CHECK_INT(go, -ECANCELED);
    CHECK_INT(rc, 5);
    CHECK_INT(starts, 1);
}

STORY(when_all_have_failed_the_first_failure_is_the_result)
{
    int rc;
    fm_group_errors errors;
    starts = 0;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = story_span(2),
             .errors = &errors) {
        for (int i = 0; rc == 0 && i < 4; i++)
            rc = fm_group_go(race, runner, .units = 1, .result = -100 - i);
    }
    CHECK_INT(rc, -100);
    CHECK_INT(errors.count, 4);
    CHECK_INT(errors.first[3], -103);
}

static int starter(void *arg)
{
    return fm_group_go((fm_group *)arg, runner, .units = 60, .result = 0);
}

STORY(starts_of_several_tasks_keep_their_order_and_the_distance)
{
    fm_group race;
    fm_task *starters[4];
    starts = 0;
    fm_group_open(&race, &(fm_group_options){.policy = FM_COLLECT,
                                             .stagger = story_span(200),
                                             .under_root = true});
    for (int i = 0; i < 4; i++)
        starters[i] = fm_start(starter, &race);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(starts, 1);
    CHECK_INT(fm_stop(starters[2]), -ECANCELED);
    CHECK_INT(fm_await(starters[0]), 0);
    CHECK_INT(fm_await(starters[1]), 0);
    CHECK_INT(fm_await(starters[3]), 0);
    CHECK_INT(fm_group_close(&race), 0);
    CHECK_INT(starts, 3);
    CHECK(!test_simulated() || (since(0, 1) >= 200 && since(1, 2) >= 200));
}

STORY(a_start_in_line_is_refused_when_the_group_is_cancelled)
{
    fm_group race;
    starts = 0;
    fm_group_open(&race,
                  &(fm_group_options){.stagger = INFINITY, .under_root = true});
    CHECK_INT(fm_group_go(&race, runner, .units = 50), 0);
    fm_task *one = fm_start(starter, &race), *two = fm_start(starter, &race);
    CHECK_INT(fm_yield(), 0);
    fm_group_cancel(&race);
    CHECK_INT(fm_await(one), -ECANCELED);
    CHECK_INT(fm_await(two), -ECANCELED);
    CHECK_INT(fm_group_close(&race), 0);
    CHECK_INT(starts, 1);
}

STORY(a_stagger_and_a_limit_go_together)
{
    int rc;
    starts = 0;
    FM_GROUP(group, rc, .policy = FM_COLLECT, .limit = 2,
             .stagger = story_span(2)) {
        for (int i = 0; rc == 0 && i < 4; i++)
            rc = fm_group_go(group, runner, .units = 10);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(starts, 4);
    CHECK(!test_simulated() || since(0, 1) >= 2);
    CHECK(!test_simulated() || since(0, 2) >= 10);
}

STORY(a_wait_for_the_stagger_is_cut_like_any_other)
{
    int rc, inner = 0;
    starts = 0;
    FM_TIMEOUT(story_span(3), rc) {
        FM_GROUP(race, inner, .policy = FM_FIRST_SUCCESS, .stagger = INFINITY) {
            inner = fm_group_go(race, runner, .units = 90000);
            if (inner == 0)
                inner = fm_group_go(race, runner, .units = 90000);
        }
        rc = inner;
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(starts, 1);
}

/* Says that it ends, and frees its place. */
static int ends(void *event)
{
    int rc = fm_sleep(story_span(2));
    fm_event_set(event);
    return rc;
}

static int starts_another(void *group)
{
    return fm_group_go(group, runner, .units = 1);
}

STORY(a_cut_between_its_place_and_the_stagger_is_seen)
{
    int rc;
    fm_event ended = {0};
    starts = 0;
    FM_GROUP(race, rc, .policy = FM_COLLECT, .limit = 1, .stagger = INFINITY) {
        rc = fm_group_start(race, ends, &ended);
        fm_task *task = fm_start(starts_another, race);
        if (rc == 0)
            rc = fm_event_wait(&ended);
        /* It has been handed its place, and has not run yet. */
        CHECK_INT(fm_group_count(race), 1);
        CHECK_INT(fm_cancel(task), 0);
        CHECK_INT(fm_await(task), -ECANCELED);
        CHECK_INT(fm_group_count(race), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(starts, 0);
}

STORY(a_break_out_of_a_staggered_group_leaves_no_timer)
{
    int rc;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = story_span(9)) {
        rc = fm_group_go(race, runner, .units = 2, .result = 0);
        break;
    }
    CHECK(rc <= 0);
}

static void staggers_by_nothing(void)
{
    fm_group group;
    fm_group_open(&group, &(fm_group_options){.stagger = NAN});
}

TEST(a_stagger_that_is_no_number_aborts_with_a_sentence)
{
    CHECK_DOOMED(staggers_by_nothing, "the stagger is not a number");
}
