/*
 * test_wait.c - waiting for many tasks and taking none
 */
#include "turner.h"

#define LIMIT(units) (&(fm_wait_options){.timeout = story_span(units)})

/* Each ends a few turns after the one before. */
static void turners(fm_task **tasks, int count)
{
    for (int i = 0; i < count; i++)
        tasks[i] = fm_go(turner, 4 * i + 1, i);
}

static void await_all(fm_task **tasks, int count)
{
    for (int i = 0; i < count; i++) {
        CHECK(fm_task_ended(tasks[i]));
        CHECK_INT(fm_await(tasks[i]), i);
    }
}

/* ---- Until when --------------------------------------------------------- */

STORY(first_completed_waits_for_one_and_the_others_go_on)
{
    fm_task *tasks[4];
    turners(tasks, 4);
    CHECK_INT(fm_wait(tasks, 4, FM_FIRST_COMPLETED), 1);
    CHECK(fm_task_ended(tasks[0]));
    CHECK(!fm_task_ended(tasks[1]));
    CHECK_INT(fm_wait(tasks, 4, FM_FIRST_COMPLETED), 1);
    CHECK_INT(fm_wait(&tasks[1], 3, FM_FIRST_COMPLETED), 1);
    CHECK(!fm_task_ended(tasks[2]));
    CHECK_INT(fm_wait(tasks, 4, FM_ALL_COMPLETED), 4);
    await_all(tasks, 4);
}

STORY(what_was_taken_stays_in_the_array_as_null)
{
    fm_task *tasks[5];
    int sum = 0;
    turners(tasks, 5);
    for (int left = 5; left > 0;) {
        CHECK(fm_wait(tasks, 5, FM_FIRST_COMPLETED) > 0);
        for (int i = 0; i < 5; i++) {
            if (!fm_task_ended(tasks[i]))
                continue;
            sum += fm_await(tasks[i]);
            tasks[i] = NULL;
            left--;
        }
    }
    CHECK_INT(sum, 10);
    CHECK_INT(fm_wait(tasks, 5, FM_FIRST_COMPLETED), 0);
}

STORY(all_completed_waits_for_all_whatever_they_return)
{
    fm_task *tasks[3] = {fm_go(nap, 3, 7), fm_go(answer, -EPROTO),
                         fm_go(nap, 1, -EPIPE)};
    CHECK_INT(fm_wait(tasks, 3, FM_ALL_COMPLETED), 3);
    CHECK_INT(fm_settle(tasks, 3, NULL), 2);
}

STORY(first_error_waits_for_a_failure_and_cancels_nothing)
{
    fm_task *tasks[4] = {fm_go(turner, 1, 1), fm_go(turner, 5, -EPROTO),
                         fm_go(turner, 50, 3), fm_go(turner, 2, 2)};
    CHECK_INT(fm_wait(tasks, 4, FM_FIRST_ERROR), 3);
    CHECK(!fm_task_ended(tasks[2]));
    CHECK_INT(fm_wait(tasks, 4, FM_FIRST_ERROR), 3);
    CHECK_INT(fm_await(tasks[2]), 3);
    tasks[2] = NULL;
    CHECK_INT(fm_await(tasks[0]), 1);
    CHECK_INT(fm_await(tasks[1]), -EPROTO);
    CHECK_INT(fm_await(tasks[3]), 2);
}

STORY(first_error_without_one_waits_for_all)
{
    fm_task *tasks[4];
    turners(tasks, 4);
    CHECK_INT(fm_wait(tasks, 4, FM_FIRST_ERROR), 4);
    await_all(tasks, 4);
}

STORY(a_task_that_obeyed_its_cancel_is_no_error)
{
    fm_task *tasks[3] = {fm_go(forever), fm_go(turner, 5, -ECANCELED),
                         fm_go(turner, 50, 0)};
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_cancel(tasks[0]), 0);
    /* The second returns -ECANCELED and nobody cancelled it. */
    CHECK_INT(fm_wait(tasks, 3, FM_FIRST_ERROR), 2);
    CHECK_INT(fm_await(tasks[0]), -ECANCELED);
    CHECK_INT(fm_await(tasks[1]), -ECANCELED);
    CHECK_INT(fm_await(tasks[2]), 0);
}

STORY(what_has_ended_before_counts_and_nothing_is_waited_for)
{
    fm_task *tasks[2] = {fm_go(answer, 0), fm_go(nap, 100000, 1)};
    CHECK_INT(fm_yield(), 0);
    int64_t begin = fm_now();
    CHECK_INT(fm_wait(tasks, 2, FM_FIRST_COMPLETED), 1);
    if (test_simulated())
        CHECK_INT(fm_now() - begin, 0);
    CHECK_INT(fm_stop(tasks[1]), -ECANCELED);
    CHECK_INT(fm_await(tasks[0]), 0);
}

STORY(a_wait_for_nobody_returns_at_once)
{
    fm_task *none[2] = {NULL, NULL};
    CHECK_INT(fm_wait(none, 0, FM_ALL_COMPLETED), 0);
    CHECK_INT(fm_wait(none, 2, FM_ALL_COMPLETED), 0);
    CHECK_INT(fm_wait(none, 2, FM_FIRST_COMPLETED), 0);
    CHECK_INT(fm_wait(NULL, 0, FM_FIRST_ERROR), 0);
}

STORY(a_task_given_twice_is_counted_twice)
{
    fm_task *task = fm_go(nap, 1, 0);
    fm_task *tasks[2] = {task, task};
    CHECK_INT(fm_wait(tasks, 2, FM_ALL_COMPLETED), 2);
    CHECK_INT(fm_await(task), 0);
}

/* ---- Time --------------------------------------------------------------- */

STORY(the_time_of_a_wait_is_no_error_and_cancels_nobody)
{
    fm_task *tasks[3] = {fm_go(nap, 1, 0), fm_go(nap, 900, 1),
                         fm_go(nap, 900, 2)};
    CHECK_INT(fm_wait(tasks, 3, FM_ALL_COMPLETED, LIMIT(400)), 1);
    CHECK_INT(fm_wait(tasks, 3, FM_ALL_COMPLETED, LIMIT(INFINITY)), 3);
    await_all(tasks, 3);
}

STORY(below_zero_it_looks_and_does_not_wait)
{
    fm_task *tasks[2] = {fm_go(answer, 0), fm_go(nap, 500, 1)};
    CHECK_INT(fm_wait(tasks, 2, FM_ALL_COMPLETED, LIMIT(-1)), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_wait(tasks, 2, FM_ALL_COMPLETED, LIMIT(-1)), 1);
    CHECK_INT(fm_wait(tasks, 2, FM_ALL_COMPLETED, LIMIT(0)), 2);
    await_all(tasks, 2);
}

STORY(unknown_wishes_are_einval)
{
    fm_until unknown;
    memset(&unknown, 0x7f, sizeof unknown);
    CHECK_INT(fm_wait(NULL, 0, unknown), -EINVAL);
    CHECK_INT(fm_wait(NULL, 0, FM_ALL_COMPLETED, LIMIT(NAN)), -EINVAL);
}

/* ---- Cuts --------------------------------------------------------------- */

/* asyncio's shield: the caller is cut, what it waits for is not. */
STORY(a_wait_that_is_cut_leaves_the_tasks_alone)
{
    int rc;
    fm_task *tasks[1] = {fm_go(nap, 100, 0)};
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_wait(tasks, 1, FM_ALL_COMPLETED);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(!fm_task_ended(tasks[0]));
    CHECK_INT(fm_wait(tasks, 1, FM_ALL_COMPLETED), 1);
    await_all(tasks, 1);
}

/* asyncio's shield: what is left may be awaited later. */
STORY(after_a_wait_that_was_cut_the_result_is_still_there)
{
    int rc;
    fm_task *task = fm_go(nap, 100, -EPROTO);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_wait(&task, 1, FM_ALL_COMPLETED);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_await(task), -EPROTO);
}

/* asyncio's wait_for, with a timeout of 0 or less. */
STORY(a_wait_for_no_time_takes_what_has_ended_and_cancels_what_has_not)
{
    int rc;
    fm_task *ended = fm_go(answer, 6), *sleeps = fm_go(nap, 100000, 7);
    CHECK_INT(fm_yield(), 0);
    FM_TIMEOUT(0, rc) {
        rc = fm_await(ended);
    }
    CHECK_INT(rc, 6);
    FM_TIMEOUT(-1, rc) {
        rc = fm_await(sleeps);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

static int waits_while_cancelled(void)
{
    fm_task *tasks[1] = {fm_go(answer, 3)};
    CHECK_INT(fm_yield(), 0);
    fm_cancel(fm_self());
    CHECK_INT(fm_wait(tasks, 1, FM_ALL_COMPLETED), -ECANCELED);
    CHECK_INT(fm_wait(NULL, 0, FM_ALL_COMPLETED), -ECANCELED);
    return fm_await(tasks[0]);
}

STORY(a_wait_is_a_cancel_point_also_when_it_need_not_wait)
{
    CHECK_INT(fm_await(fm_go(waits_while_cancelled)), 3);
}

static int waits_for_one(void)
{
    fm_task *tasks[2] = {fm_go(nap, 1, 0), fm_go(nap, 2, 0)};
    int ended = fm_wait(tasks, 2, FM_FIRST_COMPLETED);
    return fm_gather(tasks[0], tasks[1]) < 0 ? -EPROTO : ended;
}

STORY(a_wait_that_was_over_before_the_cut_says_so)
{
    for (int i = 0; i < 30; i++) {
        fm_task *task = fm_go(waits_for_one);
        CHECK_INT(fm_sleep(story_span(0.1 * i)), 0);
        int rc = fm_stop(task);
        CHECK(rc == -ECANCELED || rc == 1 || rc == 2 || rc == -EPROTO);
    }
}

/* ---- Whose -------------------------------------------------------------- */

static void waits_for_consumed(void)
{
    fm_task *tasks[1] = {fm_go(answer, 1)};
    fm_await(tasks[0]);
    (void)fm_wait(tasks, 1, FM_ALL_COMPLETED);
}

TEST(a_handle_that_was_consumed_aborts_with_a_sentence)
{
    CHECK_DOOMED(waits_for_consumed, "fm_wait in task story_main");
}

STORY(whether_a_task_has_ended_anybody_may_ask)
{
    fm_task *task = fm_go(answer, 5);
    CHECK(!fm_task_ended(NULL));
    CHECK(!fm_task_ended(task));
    CHECK(!fm_task_ended(fm_self()));
    CHECK_INT(fm_yield(), 0);
    CHECK(fm_task_ended(task));
    CHECK_INT(fm_await(task), 5);
    CHECK(!fm_task_ended(task));
}

static void wait_outside(void *arg)
{
    (void)arg;
    (void)fm_wait(NULL, 0, FM_ALL_COMPLETED);
}

TEST(a_wait_outside_a_task_aborts_with_a_sentence)
{
    CHECK_DIES(wait_outside, NULL, "fm_wait was called outside a task");
}

/* ---- Many --------------------------------------------------------------- */

enum {
    MANY = 900
};

STORY(many_are_waited_for_one_after_the_other)
{
    static fm_task *tasks[MANY];
    int left = MANY, rounds = 0;
    for (int i = 0; i < MANY; i++)
        tasks[i] = fm_go(nap, i * 7 % 10 + 1, 0);
    while (left > 0) {
        CHECK(fm_wait(tasks, MANY, FM_FIRST_COMPLETED) > 0);
        rounds++;
        for (int i = 0; i < MANY; i++) {
            if (!fm_task_ended(tasks[i]))
                continue;
            CHECK_INT(fm_await(tasks[i]), 0);
            tasks[i] = NULL;
            left--;
        }
    }
    CHECK(rounds >= 1);
}
