/*
 * test_shield.c - cleanup that may itself wait
 *
 * Spans of real time are no subject here; test_grace.c measures the grace.
 */
#include "story.h"

#include "task/record.h"

static int steps;

static int clean_up(void)
{
    int rc = fm_sleep(INFINITY);
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_cancelled(), 0);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_sleep(story_span(1)), 0);
        steps++;
    }
    CHECK_INT(fm_yield(), -ECANCELED);
    return rc;
}

STORY(fm_shield_hides_cancels_from_outside)
{
    steps = 0;
    fm_task *task = fm_go(clean_up);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(steps, 1);
}

STORY(fm_shield_hides_timeouts_from_outside)
{
    int rc;
    FM_TIMEOUT(story_span(1), rc) {
        FM_SHIELD(INFINITY) {
            CHECK_INT(fm_sleep(story_span(3)), 0);
        }
        rc = fm_yield();
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

STORY(a_timeout_inside_a_shield_is_not_hidden)
{
    int rc;
    FM_SHIELD(INFINITY) {
        FM_TIMEOUT(story_span(1), rc) {
            rc = fm_sleep(INFINITY);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(fm_yield(), 0);
    }
}

static int sleep_shielded(void)
{
    FM_SHIELD(story_span(1)) {
        CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
        CHECK_INT(fm_yield(), -ECANCELED);
        steps++;
    }
    return fm_yield();
}

STORY(when_the_grace_is_over_it_stops_hiding)
{
    steps = 0;
    fm_task *task = fm_go(sleep_shielded);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(steps, 1);
}

STORY(when_the_grace_is_over_a_hidden_timeout_is_seen)
{
    int rc;
    FM_TIMEOUT(0, rc) {
        FM_SHIELD(story_span(100)) {
            CHECK_INT(fm_yield(), 0);
            CHECK_INT(fm_sleep(INFINITY), -ETIMEDOUT);
        }
        rc = fm_yield();
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

STORY(it_makes_no_timeout_of_its_own)
{
    FM_SHIELD(0) {
        CHECK_INT(fm_sleep(story_span(2)), 0);
    }
    FM_SHIELD(story_span(1)) {
        CHECK_INT(fm_sleep(story_span(3)), 0);
    }
}

static int shield_with_no_grace(void)
{
    FM_SHIELD(0) {
        CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
    }
    FM_SHIELD(-1) {
        CHECK_INT(fm_yield(), -ECANCELED);
    }
    return fm_yield();
}

STORY(a_grace_of_zero_or_less_stops_hiding_at_the_first_cut)
{
    fm_task *task = fm_go(shield_with_no_grace);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
}

static int seen[2];

struct see {
    int place;
};

static int see(struct see *self)
{
    seen[self->place] = fm_sleep(INFINITY);
    return 0;
}

/* Whoever stops a task and hides it from the stop must not be too late. */
static bool stopped;

static void sleep_until_stopped(void)
{
    do
        CHECK_INT(fm_sleep(story_span(1)), 0);
    while (!stopped);
}

static fm_task *go_and_see(int (*fn)(void))
{
    stopped = false;
    seen[0] = seen[1] = 1;
    fm_task *task = fm_go(fn);
    CHECK_INT(fm_yield(), 0);
    stopped = true;
    return task;
}

static int children_before_and_inside(void)
{
    fm_task *before = fm_go(see, 0);
    FM_SHIELD(INFINITY) {
        fm_task *inside = fm_go(see, 1);
        sleep_until_stopped();
        CHECK_INT(seen[0], -ECANCELED);
        CHECK_INT(seen[1], 1);
        CHECK_INT(fm_stop(inside), 0);
    }
    return fm_await(before);
}

STORY(children_started_inside_are_reached_only_when_it_stops_hiding)
{
    CHECK_INT(fm_stop(go_and_see(children_before_and_inside)), 0);
    CHECK_INT(seen[1], -ECANCELED);
}

static int child_outlives_the_shield(void)
{
    fm_task *inside = NULL;
    FM_SHIELD(INFINITY) {
        inside = fm_go(see, 0);
        sleep_until_stopped();
        CHECK_INT(seen[0], 1);
    }
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(seen[0], -ECANCELED);
    }
    return fm_await(inside);
}

STORY(children_started_inside_are_reached_when_the_shield_ends)
{
    CHECK_INT(fm_stop(go_and_see(child_outlives_the_shield)), 0);
}

static int child_under_a_grace(void)
{
    FM_SHIELD(story_span(1)) {
        fm_task *inside = fm_go(see, 0);
        CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
        FM_SHIELD(INFINITY) {
            CHECK_INT(fm_yield(), 0);
            CHECK_INT(seen[0], -ECANCELED);
        }
        CHECK_INT(fm_await(inside), 0);
    }
    return 0;
}

STORY(children_started_inside_are_reached_when_the_grace_is_over)
{
    seen[0] = 1;
    fm_task *task = fm_go(child_under_a_grace);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), 0);
}

static int child_without_grace(void)
{
    FM_SHIELD(0) {
        fm_task *inside = fm_go(see, 0);
        CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
        FM_SHIELD(INFINITY) {
            CHECK_INT(fm_yield(), 0);
            CHECK_INT(seen[0], -ECANCELED);
        }
        CHECK_INT(fm_stop(inside), 0);
    }
    return 0;
}

STORY(a_shield_without_grace_hides_no_child_either)
{
    seen[0] = 1;
    fm_task *task = fm_go(child_without_grace);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), 0);
}

static int await_inside(void)
{
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_await(fm_go(nap, 2, 9)), 9);
        CHECK_INT(fm_gather(fm_go(nap, 1, 1), fm_go(nap, 2, 2)), 0);
        steps++;
    }
    return fm_yield();
}

STORY(what_is_awaited_inside_is_not_cut)
{
    steps = 0;
    fm_task *task = fm_go(await_inside);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(steps, 1);
}

static int group_inside(void)
{
    int rc;
    FM_SHIELD(INFINITY) {
        FM_GROUP(group, rc) {
            CHECK_INT(fm_group_go(group, nap, 2, 1), 0);
            CHECK_INT(fm_sleep(story_span(1)), 0);
            CHECK_INT(fm_group_go(group, nap, 2, 1), 0);
        }
        CHECK_INT(rc, 0);
        steps++;
    }
    return fm_yield();
}

STORY(a_group_inside_a_shield_is_not_cut)
{
    steps = 0;
    fm_task *task = fm_go(group_inside);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(steps, 1);
}

static int shield_in_a_group(void)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, see, 0), 0);
        FM_SHIELD(INFINITY) {
            sleep_until_stopped();
            CHECK_INT(seen[0], -ECANCELED);
        }
    }
    return rc;
}

STORY(a_shield_inside_a_group_does_not_hide_the_groups_members)
{
    CHECK_INT(fm_stop(go_and_see(shield_in_a_group)), 0);
}

static int nested(void)
{
    FM_SHIELD(INFINITY) {
        FM_SHIELD(0) {
            CHECK_INT(fm_sleep(story_span(1)), 0);
            steps++;
        }
        CHECK_INT(fm_yield(), 0);
    }
    FM_SHIELD(0) {
        FM_SHIELD(INFINITY) {
            CHECK_INT(fm_sleep(story_span(1)), 0);
            steps++;
        }
        CHECK_INT(fm_yield(), -ECANCELED);
    }
    return fm_yield();
}

STORY(shields_nest_and_each_hides_for_what_is_inside_it)
{
    steps = 0;
    fm_task *task = fm_go(nested);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(steps, 2);
}

static int leave_by_return(void)
{
    FM_SHIELD(INFINITY) {
        return fm_yield();
    }
    return 1;
}

static int leave_shields(void)
{
    CHECK_INT(fm_yield(), -ECANCELED);
    CHECK_INT(leave_by_return(), 0);
    CHECK_INT(fm_yield(), -ECANCELED);
    FM_SHIELD(INFINITY) {
        break;
    }
    CHECK_INT(fm_yield(), -ECANCELED);
    return 0;
}

STORY(break_and_return_close_the_shield)
{
    fm_task *task = fm_go(leave_shields);
    CHECK_INT(fm_stop(task), 0);
}

static void shield_for_nan(void)
{
    FM_SHIELD(NAN) {
        steps++;
    }
}

TEST(a_grace_that_is_not_a_number_aborts_with_a_sentence)
{
    CHECK_DOOMED(shield_for_nan, "the grace is not a number");
}

static int group_failing(void)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, answer, -EPIPE), 0);
        FM_SHIELD(INFINITY) {
            CHECK_INT(fm_sleep(story_span(1)), 0);
        }
        CHECK_INT(fm_yield(), -ECANCELED);
    }
    return rc;
}

STORY(a_shield_hides_also_the_cut_of_a_group_that_failed)
{
    CHECK_INT(fm_await(fm_go(group_failing)), -EPIPE);
}

/* Not really: each looks at all that are open, which would take minutes. */
static void open_too_many(void)
{
    static fm_shield armour[3];
    fm_shield_open(&armour[0], 1);
    fm__current->shields = UINT16_MAX - 1;
    for (size_t i = 1; i < FM__COUNT(armour); i++) {
        puts("one more");
        fm_shield_open(&armour[i], 1);
    }
}

TEST(one_shield_more_than_65535_aborts_with_a_sentence)
{
    CHECK_DOOMED(open_too_many,
                 "one more\none more\n"
                 "fermata: fm_shield_open: more than 65,535 shields are open");
}
