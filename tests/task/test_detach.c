/*
 * test_detach.c - tasks under the root
 */
#include "story.h"

static int ended;

struct dawdle {
    double units;
    int result;
};

static int dawdle(struct dawdle *self)
{
    int rc = fm_sleep(story_span(self->units));
    ended++;
    return rc < 0 ? rc : self->result;
}

static int detach_and_return(void)
{
    return fm_detach(fm_go(dawdle, 2, 0));
}

STORY(a_detached_task_outlives_the_task_that_started_it)
{
    ended = 0;
    CHECK_INT(fm_await(fm_go(detach_and_return)), 0);
    CHECK(ended == 0 || !test_simulated()); /* that was in no time there */
    CHECK_INT(fm_sleep(story_span(4)), 0);
    CHECK_INT(ended, 1);
}

static void detach_and_end(void)
{
    CHECK_INT(detach_and_return(), 0);
}

TEST(fm_run_returns_when_every_task_has_ended_also_the_detached)
{
    ended = 0;
    CHECK_INT(story_run(detach_and_end, (fm_run_options){0}), 0);
    CHECK_INT(ended, 1);
}

STORY(a_detached_task_is_not_reached_by_a_later_cancel_of_its_starter)
{
    ended = 0;
    fm_task *task = fm_go(detach_and_return);
    CHECK_INT(fm_yield(), 0);
    fm_cancel(task);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ended, 0);
}

STORY(a_detached_task_can_still_be_cancelled_by_its_handle)
{
    ended = 0;
    fm_task *task = fm_go(dawdle, 1000, 0);
    CHECK_INT(fm_detach(task), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ended, 1);
    CHECK_INT(fm_cancel(task), -ESRCH);
}

STORY(a_finished_task_may_be_detached)
{
    fm_task *task = fm_go(answer, 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_detach(task), 0);
    CHECK_INT(fm_cancel(task), -ESRCH);
    task = fm_go(answer, -EIO);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_detach(task), 0);
    CHECK(story_heard(FM_REPORT_DETACHED_FAILED) != NULL);
}

static void detach_twice(void)
{
    fm_task *task = fm_go(nap, .units = 1);
    fm_detach(task);
    fm_detach(task);
}

static void detach_and_await(void)
{
    fm_task *task = fm_go(nap, .units = 1);
    fm_detach(task);
    fm_await(task);
}

TEST(a_detached_handle_is_consumed)
{
    CHECK_DOOMED(detach_twice, "fm_detach in task story_main");
    CHECK_DOOMED(detach_and_await, "not its to consume");
}

static int has_a_child(void)
{
    return fm_await(fm_go(dawdle, 1, 6)) == 6 ? 0 : -EIO;
}

STORY(a_detached_task_keeps_its_children)
{
    ended = 0;
    CHECK_INT(fm_detach(fm_go(has_a_child)), 0);
    for (int i = 0; i < 1000 && ended == 0; i++)
        CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(ended, 1);
}

STORY(a_detached_task_that_obeyed_a_cancel_has_not_failed)
{
    fm_task *task = fm_go(forever);
    CHECK_INT(fm_detach(task), 0);
    CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_yield(), 0);
}

STORY(a_detached_task_that_was_never_cancelled_and_says_so_has_failed)
{
    CHECK_INT(fm_detach(fm_go(answer, -ECANCELED)), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK(story_heard(FM_REPORT_DETACHED_FAILED) != NULL);
}

static int detach_inside_a_shield(void)
{
    fm_task *task = NULL;
    FM_SHIELD(INFINITY) {
        task = fm_go(dawdle, 2, 0);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_detach(task), 0);
    }
    CHECK_INT(fm_yield(), -ECANCELED);
    return 0;
}

STORY(what_is_detached_inside_a_shield_is_not_reached_when_that_ends)
{
    ended = 0;
    fm_task *task = fm_go(detach_inside_a_shield);
    CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ended, 0);
}
