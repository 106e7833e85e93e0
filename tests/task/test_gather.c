/*
 * test_gather.c - many results at once
 */
#include "story.h"

#include <stdlib.h>

static int cut_count;

struct dawdle {
    double units;
    int result;
};

/* Counts the cuts it sees. */
static int dawdle(struct dawdle *self)
{
    int rc = fm_sleep(story_span(self->units));
    cut_count += rc == -ECANCELED;
    return rc < 0 ? rc : self->result;
}

STORY(fm_gather_waits_for_all_and_returns_0)
{
    int64_t began = fm_now();
    CHECK_INT(fm_gather(fm_go(nap, 3, 1), fm_go(nap, 1, 2), fm_go(answer, 3)),
              0);
    CHECK(fm_now() - began >= (int64_t)(story_span(3) * 1e9));
}

STORY(fm_gather_cancels_the_rest_at_the_first_failure_and_returns_that)
{
    cut_count = 0;
    CHECK_INT(fm_gather(fm_go(dawdle, 1000, 1), fm_go(dawdle, 1, -EPIPE),
                        fm_go(dawdle, 1000, 1)),
              -EPIPE);
    CHECK_INT(cut_count, 2);
}

static int slow_to_leave(void)
{
    int rc = fm_sleep(INFINITY);
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_sleep(story_span(2)), 0);
    }
    cut_count++;
    return rc;
}

STORY(a_gather_that_failed_still_waits_for_all)
{
    cut_count = 0;
    CHECK_INT(fm_gather(fm_go(slow_to_leave), fm_go(nap, 1, -EIO)), -EIO);
    CHECK_INT(cut_count, 1);
}

STORY(the_first_failure_is_the_first_by_time_not_by_position)
{
    CHECK_INT(fm_gather(fm_go(nap, 3, -EIO), fm_go(nap, 1, -EPIPE)), -EPIPE);
}

STORY(fm_gather_array_gives_each_int_by_position)
{
    int results[4] = {-1, -1, -1, -1};
    fm_task *tasks[] = {fm_go(nap, 2, 10), fm_go(answer, 20), fm_go(nap, 1, 30),
                        fm_go(answer, 0)};
    CHECK_INT(fm_gather_array(tasks, 4, results), 0);
    CHECK(results[0] == 10 && results[1] == 20 && results[2] == 30 &&
          results[3] == 0);
}

STORY(fm_gather_array_says_also_what_failed_and_what_was_cancelled)
{
    int results[3] = {0};
    fm_task *tasks[] = {fm_go(forever), fm_go(nap, 1, -EPIPE),
                        fm_go(answer, 7)};
    CHECK_INT(fm_gather_array(tasks, 3, results), -EPIPE);
    CHECK_INT(results[0], -ECANCELED);
    CHECK_INT(results[1], -EPIPE);
    CHECK_INT(results[2], 7);
}

STORY(fm_settle_cancels_none)
{
    int results[3] = {0};
    cut_count = 0;
    fm_task *tasks[] = {fm_go(dawdle, 3, 1), fm_go(dawdle, 1, -EPIPE),
                        fm_go(dawdle, 2, -EIO)};
    CHECK_INT(fm_settle(tasks, 3, results), 2);
    CHECK_INT(cut_count, 0);
    CHECK(results[0] == 1 && results[1] == -EPIPE && results[2] == -EIO);
}

static int gather_two(void)
{
    int rc = fm_gather(fm_go(dawdle, 1000, 1), fm_go(dawdle, 1000, 1));
    CHECK_INT(fm_yield(), -ECANCELED);
    return rc;
}

static int settle_two(void)
{
    int results[2] = {0};
    fm_task *tasks[] = {fm_go(dawdle, 1000, 1), fm_go(dawdle, 1000, 1)};
    int rc = fm_settle(tasks, 2, results);
    CHECK(results[0] == -ECANCELED && results[1] == -ECANCELED);
    return rc;
}

STORY(a_cut_of_the_gathering_task_is_passed_on_to_all)
{
    cut_count = 0;
    fm_task *tasks[] = {fm_go(gather_two), fm_go(settle_two)};
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(tasks[0]), -ECANCELED);
    CHECK_INT(cut_count, 2);
    CHECK_INT(fm_stop(tasks[1]), -ECANCELED);
    CHECK_INT(cut_count, 4);
}

STORY(a_gather_cut_by_a_timeout_returns_etimedout)
{
    int rc;
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_gather(fm_go(forever), fm_go(forever));
        CHECK_INT(rc, -ETIMEDOUT);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    FM_TIMEOUT(0, rc) {
        fm_task *tasks[] = {fm_go(forever), fm_go(answer, 1)};
        rc = fm_settle(tasks, 2, NULL);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

struct deaf {
    int result;
};

static int deaf(struct deaf *self)
{
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_sleep(story_span(2)), 0);
    }
    return self->result;
}

STORY(a_failure_wins_over_the_cut_of_the_gathering_task)
{
    int rc;
    FM_TIMEOUT(story_span(1), rc) {
        CHECK_INT(fm_gather(fm_go(deaf, -EIO), fm_go(deaf, 1)), -EIO);
        CHECK_INT(fm_gather(fm_go(deaf, 1), fm_go(deaf, 2)), 0);
    }
    CHECK_INT(rc, 0);
}

STORY(a_gather_of_nothing_returns_at_once_with_0)
{
    fm_task *none[1] = {NULL};
    CHECK_INT(fm_gather_array(none, 0, NULL), 0);
    CHECK_INT(fm_settle(none, 0, NULL), 0);
}

STORY(a_gather_takes_what_has_ended_before)
{
    fm_task *tasks[] = {fm_go(answer, 1), fm_go(answer, -EIO), fm_go(forever)};
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_gather_array(tasks, 3, NULL), -EIO);
}

static void gather_twice(void)
{
    fm_task *task = fm_go(nap, .units = 1);
    fm_gather(task, task);
}

static void gather_ended_twice(void)
{
    fm_task *task = fm_go(answer, 1);
    fm_yield();
    fm_gather(task, task);
}

TEST(a_handle_given_twice_to_one_gather_aborts)
{
    CHECK_DOOMED(gather_twice, "is given twice");
    CHECK_DOOMED(gather_ended_twice, "was consumed before");
}

STORY(a_gather_of_many_gives_each_its_place)
{
    size_t count = test_many(10000);
    fm_task **tasks = calloc(count, sizeof tasks[0]);
    int *results = calloc(count, sizeof results[0]);
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_go(nap, (double)(i % 7), (int)i);
    CHECK_INT(fm_gather_array(tasks, count, results), 0);
    for (size_t i = 0; i < count; i++)
        CHECK_INT(results[i], i);
    free(tasks);
    free(results);
}
