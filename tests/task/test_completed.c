/*
 * test_completed.c - tasks in the order in which they end
 */
#include "turner.h"

STORY(tasks_come_in_the_order_in_which_they_end)
{
    static const int turns[5] = {4, 1, 5, 2, 3};
    static const int order[5] = {1, 3, 4, 0, 2};
    fm_task *tasks[5];
    int i, n = 0;
    for (int k = 0; k < 5; k++)
        tasks[k] = fm_go(turner, 2 * turns[k], k);
    FM_AS_COMPLETED(i, tasks, 5) {
        CHECK_INT(i, order[n]);
        CHECK_INT(fm_await(tasks[i]), order[n++]);
    }
    CHECK_INT(i, -ENOENT);
    CHECK_INT(n, 5);
}

/* Some have ended, in an order that is not that of the array. */
STORY(those_that_have_ended_before_come_first_in_the_order_of_their_ends)
{
    enum {
        COUNT = 257
    };
    static fm_task *tasks[COUNT + 3];
    int i, n = 0;
    for (int k = 0; k < COUNT; k++)
        tasks[k] = fm_go(turner, k * 100 % COUNT, k);
    for (int k = COUNT; k < COUNT + 3; k++)
        tasks[k] = fm_go(turner, COUNT + k, k);
    CHECK_INT(fm_wait(tasks, COUNT, FM_ALL_COMPLETED), COUNT);
    FM_AS_COMPLETED(i, tasks, COUNT + 3) {
        CHECK_INT(i < COUNT ? i * 100 % COUNT : i, n++);
        CHECK_INT(fm_await(tasks[i]), i);
    }
    CHECK_INT(i, -ENOENT);
    CHECK_INT(n, COUNT + 3);
}

STORY(a_break_leaves_the_rest_as_they_are)
{
    fm_task *tasks[3];
    int i;
    for (int k = 0; k < 3; k++)
        tasks[k] = fm_go(turner, 3 * (3 - k), k);
    FM_AS_COMPLETED(i, tasks, 3) {
        break;
    }
    CHECK_INT(i, 2);
    for (int k = 0; k < 3; k++)
        CHECK_INT(fm_await(tasks[k]), k);
}

static int returns_the_first(void)
{
    fm_task *tasks[3] = {fm_go(turner, 9, 1), fm_go(turner, 2, 2),
                         fm_go(turner, 9, 3)};
    int i;
    FM_AS_COMPLETED(i, tasks, 3) {
        int rc = fm_await(tasks[i]);
        (void)fm_stop(tasks[(i + 1) % 3]);
        (void)fm_stop(tasks[(i + 2) % 3]);
        return rc;
    }
    return -EPROTO;
}

STORY(a_return_leaves_it_and_what_is_stopped_inside_does_not_come)
{
    CHECK_INT(fm_await(fm_go(returns_the_first)), 2);
}

STORY(what_is_consumed_meanwhile_does_not_come)
{
    fm_task *tasks[6];
    int i, n = 0;
    for (int k = 0; k < 6; k++)
        tasks[k] = fm_go(nap, k < 3 ? 1 : k == 3 ? 100000 : 400, k);
    CHECK_INT(fm_wait(tasks, 3, FM_ALL_COMPLETED), 3);
    FM_AS_COMPLETED(i, tasks, 6) {
        CHECK_INT(fm_await(tasks[i]), i);
        n++;
        if (n > 1)
            continue;
        int ended = i == 1 ? 2 : 1;
        CHECK_INT(fm_await(tasks[ended]), ended);
        CHECK_INT(fm_stop(tasks[3]), -ECANCELED);
        CHECK_INT(fm_detach(tasks[4]), 0);
    }
    CHECK_INT(n, 3);
    CHECK_INT(i, -ENOENT);
}

STORY(null_is_passed_over_and_what_is_given_twice_comes_once)
{
    fm_task *task = fm_go(nap, 1, 7);
    fm_task *tasks[4] = {NULL, task, NULL, task};
    int i, n = 0;
    FM_AS_COMPLETED(i, tasks, 4) {
        CHECK_INT(i, 1);
        CHECK_INT(fm_await(tasks[i]), 7);
        n++;
    }
    CHECK_INT(n, 1);
    FM_AS_COMPLETED(i, tasks, 0) {
        n++;
    }
    CHECK_INT(i, -ENOENT);
    CHECK_INT(n, 1);
}

STORY(a_cut_ends_the_wait_and_loses_none)
{
    fm_task *tasks[2] = {fm_go(nap, 50, 0), fm_go(nap, 150, 1)};
    fm_completed each;
    int rc;
    fm_completed_open(&each, tasks, 2);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_completed_next(&each);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_completed_next(&each), 0);
    CHECK_INT(fm_completed_next(&each), 1);
    CHECK_INT(fm_completed_next(&each), -ENOENT);
    fm_completed_close(&each);
    CHECK_INT(fm_await(tasks[0]), 0);
    CHECK_INT(fm_await(tasks[1]), 1);
}

/* asyncio: each that remains raises TimeoutError; here the loop ends. */
STORY(a_timeout_around_it_ends_it)
{
    fm_task *tasks[2] = {fm_go(answer, 0), fm_go(nap, 100000, 1)};
    int i = 0, rc, n = 0;
    CHECK_INT(fm_yield(), 0); /* the first has ended, however slow it all is */
    FM_TIMEOUT(story_span(1), rc) {
        FM_AS_COMPLETED(i, tasks, 2) {
            n += fm_await(tasks[i]) == 0;
        }
        rc = i;
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(n, 1);
    CHECK_INT(fm_stop(tasks[1]), -ECANCELED);
}

static int next_while_cancelled(void)
{
    fm_task *tasks[1] = {fm_go(answer, 3)};
    int i;
    CHECK_INT(fm_yield(), 0);
    fm_cancel(fm_self());
    FM_AS_COMPLETED(i, tasks, 1) {
        CHECK(false);
    }
    CHECK_INT(i, -ECANCELED);
    return fm_await(tasks[0]);
}

STORY(each_next_is_a_cancel_point)
{
    CHECK_INT(fm_await(fm_go(next_while_cancelled)), 3);
}

/* The three ways to look do not get into each other's way. */
STORY(inside_it_the_same_tasks_may_be_waited_for_and_selected)
{
    fm_task *tasks[4];
    int i, n = 0;
    for (int k = 0; k < 4; k++)
        tasks[k] = fm_go(turner, 5 * k + 1, k);
    FM_AS_COMPLETED(i, tasks, 4) {
        CHECK_INT(i, n++);
        if (i == 0)
            CHECK_INT(
                fm_select(fm_when_ended(tasks[2]), fm_when_ended(tasks[1])), 1);
        if (i == 1)
            CHECK_INT(fm_wait(&tasks[2], 2, FM_ALL_COMPLETED), 2);
    }
    CHECK_INT(n, 4);
    CHECK_INT(fm_gather_array(tasks, 4, NULL), 0);
}

static void goes_through_twice(void)
{
    fm_task *tasks[1] = {fm_go(nap, 1, 0)};
    fm_completed one, other;
    fm_completed_open(&one, tasks, 1);
    fm_completed_open(&other, tasks, 1);
}

static void goes_through_consumed(void)
{
    fm_task *tasks[1] = {fm_go(answer, 0)};
    fm_completed each;
    fm_await(tasks[0]);
    fm_completed_open(&each, tasks, 1);
}

TEST(misuse_aborts_with_a_sentence)
{
    CHECK_DOOMED(goes_through_twice, "is gone through already");
    CHECK_DOOMED(goes_through_consumed, "the handle was consumed before");
}

static int forgets_to_close(void)
{
    fm_task *tasks[2] = {fm_go(answer, 0), fm_go(nap, 5, 0)};
    fm_completed each;
    CHECK_INT(fm_yield(), 0);
    fm_completed_open(&each, tasks, 2);
    return 0;
}

STORY(a_task_that_returns_without_a_close_leaves_its_children_behind)
{
    CHECK_INT(fm_await(fm_go(forgets_to_close)), 0);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
}

struct crowd {
    uint64_t *chance;
};

static int crowd(struct crowd *self)
{
    int rc = 0;
    for (uint64_t n = test_random(self->chance) % 8; rc == 0 && n > 0; n--)
        rc = fm_yield();
    return rc;
}

/* Whatever is awaited, stopped or waited for meanwhile: each comes once. */
static void crowd_run(uint64_t chance)
{
    enum {
        COUNT = 60
    };
    fm_task *tasks[COUNT];
    int came[COUNT] = {0}, i, sum = 0, consumed = 0;
    for (int k = 0; k < COUNT; k++)
        tasks[k] = fm_go(crowd, &chance);
    for (uint64_t n = test_random(&chance) % 8; n > 0; n--)
        CHECK_INT(fm_yield(), 0);
    FM_AS_COMPLETED(i, tasks, COUNT) {
        CHECK(fm_task_ended(tasks[i]));
        CHECK_INT(came[i]++, 0);
        (void)fm_await(tasks[i]);
        size_t other = test_random(&chance) % COUNT;
        if (came[other] != 0 || test_random(&chance) % 3 > 0)
            continue;
        (void)fm_stop(tasks[other]);
        came[other] = 1;
        consumed++;
    }
    for (int k = 0; k < COUNT; k++)
        sum += came[k];
    CHECK_INT(sum, COUNT);
    CHECK(consumed >= 0);
}

STORY(in_a_crowd_each_comes_once_or_was_consumed)
{
    for (uint64_t seed = 1; seed <= test_many(100); seed++)
        crowd_run(seed * test_seed(3));
}
