/*
 * test_cancel.c - the mark, and what each call says from then on
 */
#include "story.h"

static int refused;

static int note_refusal(void)
{
    int rc = fm_sleep(INFINITY);
    refused += rc == -ECANCELED;
    return rc;
}

static int family(void)
{
    int rc;
    fm_task *child = fm_go(note_refusal);
    FM_GROUP(group, rc) {
        fm_group_go(group, note_refusal);
        rc = note_refusal();
    }
    int of_child = fm_await(child);
    CHECK_INT(of_child, -ECANCELED);
    return rc;
}

static int ancestor(void)
{
    return fm_await(fm_go(family));
}

STORY(fm_cancel_marks_the_task_and_every_live_descendant_at_once)
{
    refused = 0;
    fm_task *top = fm_go(ancestor);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_cancel(top), 0);
    CHECK_INT(refused, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(refused, 3);
    CHECK_INT(fm_await(top), -ECANCELED);
}

static int try_everything(void)
{
    int rc;
    CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(fm_sleep(1), -ECANCELED);
        CHECK_INT(fm_sleep(0), -ECANCELED);
        CHECK_INT(fm_sleep(-1), -ECANCELED);
        CHECK_INT(fm_sleep(NAN), -ECANCELED);
        CHECK_INT(fm_yield(), -ECANCELED);
        CHECK_INT(fm_sleep_until(0), -ECANCELED);
        CHECK_INT(fm_sleep_until(INT64_MAX), -ECANCELED);
    }
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, answer, 1), -ECANCELED);
        CHECK_INT(fm_group_start(group, story_main, NULL), -ECANCELED);
        CHECK_INT(fm_group_count(group), 0);
    }
    CHECK_INT(rc, 0);
    return fm_sleep(1);
}

STORY(from_then_on_each_suspending_call_returns_ecanceled)
{
    fm_task *task = fm_go(try_everything);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
}

static int use_what_does_not_suspend(void)
{
    static fm_local key;
    fm_timeout timeout;
    fm_shield shield;
    CHECK_INT(fm_yield(), -ECANCELED);
    CHECK_INT(fm_local_set(&key, &key), 0);
    CHECK(fm_now() > 0);
    fm_task *child = fm_go(answer, 2);
    CHECK(child != NULL);
    CHECK_INT(fm_task_set_name(fm_self(), "busy"), 0);
    CHECK_INT(fm_timeout_open(&timeout, 1), 0);
    CHECK_INT(fm_timeout_reschedule(&timeout, 2), 0);
    CHECK_INT(fm_timeout_close(&timeout, 4), 4);
    fm_shield_open(&shield, 1);
    fm_shield_close(&shield);
    CHECK_INT(fm_cancel(child), 0);
    CHECK_INT(fm_detach(child), 0);
    return 0;
}

STORY(no_function_that_does_not_suspend_is_a_cancel_point)
{
    fm_task *task = fm_go(use_what_does_not_suspend);
    CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_await(task), 0);
}

static int outlives_its_parent(void)
{
    refused = fm_sleep(INFINITY);
    return refused;
}

struct disown {
    bool first;
};

static int disown(struct disown *self)
{
    fm_task *child = fm_go(outlives_its_parent);
    CHECK_INT(fm_yield(), 0);
    if (self->first)
        CHECK_INT(fm_cancel(fm_self()), 0);
    CHECK_INT(fm_detach(child), 0);
    return fm_yield();
}

STORY(a_mark_is_never_removed_and_detaching_does_not_pardon)
{
    refused = 0;
    CHECK_INT(fm_await(fm_go(disown, true)), -ECANCELED);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(refused, -ECANCELED);
}

static int slept;

static int yield_twice(void)
{
    slept = fm_yield();
    return fm_yield();
}

STORY(what_had_already_succeeded_is_not_undone)
{
    fm_task *victim = fm_go(yield_twice);
    slept = 1;
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(slept, 1); /* its turn is still to come */
    CHECK_INT(fm_cancel(victim), 0);
    CHECK_INT(fm_await(victim), -ECANCELED);
    CHECK_INT(slept, 0);
}

struct wake_at {
    int64_t when;
};

static int wake_at(struct wake_at *self)
{
    slept = fm_sleep_until(self->when);
    return fm_yield();
}

STORY(a_cancel_that_comes_when_the_sleep_is_over_waits_for_the_next_call)
{
    int64_t when = fm_now() + 5 * FM_MILLISECOND;
    slept = 1;
    fm_task *victim = fm_go(wake_at, when);
    CHECK_INT(fm_sleep_until(when), 0);
    fm_cancel(victim);
    fm_await(victim);
    CHECK_INT(slept, 0);
}

STORY(a_cancel_may_come_any_number_of_times)
{
    refused = 0;
    fm_task *task = fm_go(note_refusal);
    CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_await(task), -ECANCELED);
    CHECK_INT(refused, 1);
}

static int cancel_oneself(void)
{
    CHECK_INT(fm_cancelled(), 0);
    CHECK_INT(fm_cancel(fm_self()), 0);
    CHECK_INT(fm_cancelled(), -ECANCELED);
    return fm_sleep(1);
}

STORY(a_task_may_cancel_itself)
{
    CHECK_INT(fm_await(fm_go(cancel_oneself)), -ECANCELED);
}

static int compute(void)
{
    int rounds = 0;
    while (fm_cancelled() == 0 && rounds < 100000)
        if (++rounds == 5000)
            fm_cancel(fm_self());
    return rounds;
}

STORY(fm_cancelled_tells_loops_that_never_wait)
{
    int rc;
    CHECK_INT(fm_await(fm_go(compute)), 5000);
    FM_TIMEOUT(0, rc) {
        CHECK_INT(fm_cancelled(), -ETIMEDOUT);
        FM_TIMEOUT(1000, rc) {
            CHECK_INT(fm_cancelled(), -ECANCELED);
        }
        FM_SHIELD(1) {
            CHECK_INT(fm_cancelled(), 0);
        }
    }
    CHECK_INT(fm_cancelled(), 0);
}

/* What an accept loop does that takes every failure for a passing one. */
static int ignore_the_cancel(void)
{
    int calls = 0;
    while (fm_sleep(1) != 0 && ++calls < 5000)
        ;
    return calls;
}

static int turns;

static int count_turns(void)
{
    int rc;
    while ((rc = fm_yield()) == 0)
        turns++;
    return rc;
}

STORY(a_task_that_ignores_its_cancel_cannot_stop_the_loop)
{
    fm_task *clock = fm_go(count_turns);
    fm_task *task = fm_go(ignore_the_cancel);
    CHECK_INT(fm_yield(), 0);
    turns = 0;
    CHECK_INT(fm_stop(task), 5000);
    CHECK(turns >= 5000 / 128 - 1);
    CHECK_INT(fm_stop(clock), -ECANCELED);
    CHECK(story_heard(FM_REPORT_CANCEL_IGNORED) != NULL);
}

STORY(after_1000_refusals_in_a_row_it_is_reported_once_with_name_and_place)
{
    fm_task *task = fm_go(ignore_the_cancel);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), 5000);
    const struct story_report *report = story_heard(FM_REPORT_CANCEL_IGNORED);
    CHECK(report != NULL && strcmp(report->task, "ignore_the_cancel") == 0);
    CHECK(report != NULL && strstr(report->task_site, "test_cancel.c:"));
}

static int refuse_999_times(void)
{
    for (int i = 0; i < 999; i++)
        CHECK_INT(fm_sleep(0), -ECANCELED);
    return 0;
}

STORY(before_1000_refusals_nothing_is_reported)
{
    fm_task *task = fm_go(refuse_999_times);
    CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_await(task), 0);
}

static int ignore_between_awaits(void)
{
    for (int i = 0; i < 1500; i++) {
        CHECK_INT(fm_sleep(1), -ECANCELED);
        CHECK_INT(fm_await(NULL), -ENOMEM);
    }
    return 0;
}

STORY(refusals_are_in_a_row_also_when_settling_calls_lie_between)
{
    fm_task *task = fm_go(ignore_between_awaits);
    CHECK_INT(fm_stop(task), 0);
    CHECK(story_heard(FM_REPORT_CANCEL_IGNORED) != NULL);
}

static int stop_many(void)
{
    for (int i = 0; i < 1500; i++)
        CHECK_INT(fm_stop(fm_go(forever)), -ECANCELED);
    return fm_yield();
}

STORY(a_cancelled_task_that_stops_a_thousand_children_ignores_nothing)
{
    fm_task *task = fm_go(stop_many);
    CHECK_INT(fm_stop(task), -ECANCELED);
}
