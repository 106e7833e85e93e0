/*
 * test_await.c - results, and what a cut does to those who wait for them
 */
#include "story.h"

#include <limits.h>

struct quotient {
    int whole;
    int rest;
};

struct divide {
    int dividend;
    int divisor;
    struct quotient *result;
};

static int divide(struct divide *self)
{
    self->result->whole = self->dividend / self->divisor;
    self->result->rest = self->dividend % self->divisor;
    return 0;
}

STORY(a_task_returns_an_int_and_anything_larger_goes_where_an_argument_points)
{
    struct quotient result;
    CHECK_INT(fm_await(fm_go(divide, 17, 5, &result)), 0);
    CHECK_INT(result.whole, 3);
    CHECK_INT(result.rest, 2);
    CHECK_INT(fm_await(fm_go(answer, INT_MAX)), INT_MAX);
    CHECK_INT(fm_await(fm_go(answer, INT_MIN)), INT_MIN);
}

static int ends;

struct stay {
    double units;
    int result;
};

/* Ends in its own time, whoever cancels it. */
static int stay(struct stay *self)
{
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_sleep(story_span(self->units)), 0);
    }
    ends++;
    return self->result;
}

STORY(fm_await_returns_only_when_its_task_has_ended)
{
    int rc;
    ends = 0;
    FM_TIMEOUT(story_span(1), rc) {
        CHECK_INT(fm_await(fm_go(stay, 4, 7)), 7);
        CHECK_INT(ends, 1);
        rc = fm_sleep(0);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

STORY(fm_stop_cancels_waits_and_returns_the_tasks_own_result)
{
    ends = 0;
    CHECK_INT(fm_stop(fm_go(stay, 2, 8)), 8);
    CHECK_INT(ends, 1);
    CHECK_INT(fm_stop(fm_go(forever)), -ECANCELED);
    fm_task *done = fm_go(answer, 9);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(done), 9);
}

STORY(an_await_of_a_task_that_has_ended_does_not_wait)
{
    fm_task *done = fm_go(answer, 5);
    fm_task *other = fm_go(stay, 0, 6);
    CHECK_INT(fm_yield(), 0);
    ends = 0;
    CHECK_INT(fm_await(done), 5);
    CHECK_INT(ends, 0);
    CHECK_INT(fm_await(other), 6);
}

static int seen_by_child;

static int watch(void)
{
    seen_by_child = fm_sleep(INFINITY);
    return seen_by_child;
}

static int awaits_watch(void)
{
    int rc = fm_await(fm_go(watch));
    CHECK_INT(fm_sleep(0), -ECANCELED);
    return rc;
}

STORY(a_cancel_of_the_waiter_is_passed_on_to_the_awaited)
{
    seen_by_child = 0;
    fm_task *waiter = fm_go(awaits_watch);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_cancel(waiter), 0);
    CHECK_INT(fm_await(waiter), -ECANCELED);
    CHECK_INT(seen_by_child, -ECANCELED);
}

STORY(a_timeout_reaches_the_children_that_are_waited_for_inside_it)
{
    int rc;
    seen_by_child = 0;
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_await(fm_go(awaits_watch));
        CHECK_INT(rc, -ETIMEDOUT);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(seen_by_child, -ECANCELED);
    CHECK_INT(fm_sleep(0), 0);
}

STORY(a_timeout_does_not_reach_children_that_are_not_waited_for)
{
    int rc;
    fm_task *child = fm_go(nap, 3, 11);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_sleep(INFINITY);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_await(child), 11);
}

STORY(a_cut_shows_at_the_waiters_next_call_when_the_task_returned_a_result)
{
    int rc;
    FM_TIMEOUT(story_span(1), rc) {
        CHECK_INT(fm_await(fm_go(stay, 3, 21)), 21);
        CHECK_INT(fm_await(fm_go(stay, 0, -EIO)), -EIO);
        CHECK_INT(fm_yield(), -ETIMEDOUT);
    }
    CHECK_INT(rc, 0);
}

STORY(the_waiters_own_reason_is_returned_only_if_the_wait_was_cut)
{
    int rc;
    FM_TIMEOUT(story_span(1000), rc) {
        fm_task *child = fm_go(forever);
        CHECK_INT(fm_cancel(child), 0);
        CHECK_INT(fm_await(child), -ECANCELED);
        CHECK_INT(fm_await(fm_go(answer, -ECANCELED)), -ECANCELED);
        CHECK_INT(fm_sleep(0), 0);
    }
    CHECK_INT(rc, 0);
}

STORY(the_waiters_own_reason_is_returned_only_if_the_child_obeyed)
{
    int rc;
    FM_TIMEOUT(0, rc) {
        CHECK_INT(fm_await(fm_go(answer, -EAGAIN)), -EAGAIN);
        CHECK_INT(fm_await(fm_go(forever)), -ETIMEDOUT);
        CHECK_INT(fm_stop(fm_go(forever)), -ETIMEDOUT);
        CHECK_INT(fm_await(fm_go(answer, 4)), 4);
    }
    CHECK_INT(rc, 0);
}

static int await_while_cancelled(void)
{
    CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
    ends = 0;
    CHECK_INT(fm_await(fm_go(stay, 1, 3)), 3);
    CHECK_INT(fm_stop(fm_go(stay, 1, 4)), 4);
    CHECK_INT(fm_gather(fm_go(stay, 1, 5), fm_go(stay, 2, 6)), 0);
    CHECK_INT(ends, 4);
    CHECK_INT(fm_await(fm_go(forever)), -ECANCELED);
    return 12;
}

STORY(a_settling_call_is_never_refused_so_a_cancelled_task_can_clean_up)
{
    fm_task *task = fm_go(await_while_cancelled);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), 12);
}

struct chain {
    unsigned links;
};

static int chain(struct chain *self)
{
    if (self->links == 0)
        return fm_sleep(INFINITY);
    return fm_await(fm_go(chain, self->links - 1));
}

STORY(ten_thousand_tasks_each_awaiting_the_next_are_cancelled_at_the_top)
{
    fm_task *top = fm_go(chain, (unsigned)test_many(10000));
    for (size_t i = 0; i < test_many(10000) + 2; i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(top), -ECANCELED);
}

STORY(a_timeout_above_a_chain_of_ten_thousand_ends_all_of_it)
{
    int rc;
    FM_TIMEOUT(story_span(5), rc) {
        rc = fm_await(fm_go(chain, (unsigned)test_many(10000)));
        CHECK_INT(rc, -ETIMEDOUT);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_yield(), 0);
}

static int fails_at_the_bottom(void)
{
    return -EPIPE;
}

struct relay {
    unsigned links;
};

static int relay(struct relay *self)
{
    if (self->links == 0)
        return fm_await(fm_go(fails_at_the_bottom));
    return fm_await(fm_go(relay, self->links - 1));
}

STORY(a_result_comes_up_a_chain_of_tasks_unchanged)
{
    CHECK_INT(fm_await(fm_go(relay, 100)), -EPIPE);
}

STORY(errno_is_left_as_it_was)
{
    errno = 77;
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_await(fm_go(nap, 1, -EIO)), -EIO);
    CHECK_INT(errno, 77);
}
