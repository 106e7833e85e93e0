/*
 * test_grace.c - spans, to the microsecond: for virtual time only
 *
 * The simulator's clock stands still while tasks run, but for a microsecond
 * at each look at the world, and jumps when all is quiet.
 */
#include "story.h"

#define SLACK (100 * FM_MICROSECOND)

static int64_t grace_began;

static void grace_begin(void)
{
    grace_began = fm_now();
}

/* Whether so many seconds have passed since then, and hardly more. */
static bool grace_passed(double seconds)
{
    int64_t late = fm_now() - grace_began - (int64_t)(seconds * 1e9);
    return late >= 0 && late < SLACK;
}

STORY(virtual_time_jumps_to_the_next_timer_when_all_is_quiet)
{
    grace_begin();
    CHECK_INT(fm_sleep(86400.0 * 365), 0);
    CHECK(grace_passed(86400.0 * 365));
    CHECK_INT(fm_sleep(1e-6), 0);
    CHECK(grace_passed(86400.0 * 365));
}

STORY(two_seconds_not_three)
{
    grace_begin();
    CHECK_INT(fm_gather(fm_go(nap, 2, 0), fm_go(nap, 1, 0)), 0);
    CHECK(grace_passed(2));
    CHECK_INT(fm_await(fm_go(nap, 2, 0)), 0);
    CHECK_INT(fm_await(fm_go(nap, 1, 0)), 0);
    CHECK(grace_passed(5));
}

STORY(a_sleep_is_late_by_at_most_the_turn_that_armed_it)
{
    for (int i = 0; i < 50; i++) {
        grace_begin();
        CHECK_INT(fm_sleep(0.1), 0);
        CHECK(grace_passed(0.1));
    }
}

struct cleanup {
    double first;  /* seconds before the shield */
    double second; /* seconds inside it */
    double grace;
};

static int cleanup(struct cleanup *self)
{
    int rc = 0;
    fm_sleep(self->first);
    FM_SHIELD(self->grace) {
        rc = fm_sleep(self->second);
    }
    return rc;
}

/* The task is cancelled at this moment. */
static int cancel_after(fm_task *task, double seconds)
{
    grace_begin();
    CHECK_INT(fm_sleep(seconds), 0);
    CHECK_INT(fm_cancel(task), 0);
    return fm_await(task);
}

STORY(the_grace_runs_from_the_first_cut_that_is_hidden)
{
    CHECK_INT(cancel_after(fm_go(cleanup, 0, 1000, 3), 10), -ECANCELED);
    CHECK(grace_passed(13));
}

STORY(the_grace_runs_from_entry_if_a_cut_was_pending)
{
    CHECK_INT(cancel_after(fm_go(cleanup, 1000, 1000, 3), 10), -ECANCELED);
    CHECK(grace_passed(13));
}

STORY(a_cleanup_that_ends_within_its_grace_is_not_cut)
{
    CHECK_INT(cancel_after(fm_go(cleanup, 0, 12, 3), 10), 0);
    CHECK(grace_passed(12));
}

STORY(a_healthy_cleanup_that_nobody_cut_may_take_its_time)
{
    grace_begin();
    CHECK_INT(fm_await(fm_go(cleanup, 0, 1000, 3)), 0);
    CHECK(grace_passed(1000));
}

static int cut_twice(void)
{
    int rc, inner = 0;
    FM_TIMEOUT(10, rc) {
        FM_SHIELD(5) {
            inner = fm_sleep(1000);
        }
    }
    return inner;
}

STORY(a_second_cut_does_not_start_the_grace_again)
{
    CHECK_INT(cancel_after(fm_go(cut_twice), 13), -ETIMEDOUT);
    CHECK(grace_passed(15));
}

static int nested_graces(void)
{
    int rc = 0;
    FM_SHIELD(5) {
        FM_SHIELD(3) {
            rc = fm_sleep(1000);
        }
    }
    return rc;
}

STORY(an_inner_grace_runs_from_the_end_of_the_outer_one)
{
    CHECK_INT(cancel_after(fm_go(nested_graces), 1), -ECANCELED);
    CHECK(grace_passed(1 + 5 + 3));
}

STORY(a_timeout_ends_its_block_when_its_time_is_up)
{
    int rc;
    grace_begin();
    FM_TIMEOUT(5, rc) {
        rc = fm_sleep(7);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(grace_passed(5));
    FM_TIMEOUT_AT(grace_began + 8 * FM_SECOND, rc) {
        rc = fm_await(fm_go(nap, 1000, 0));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(grace_passed(8));
}

STORY(a_rescheduled_timeout_counts_from_now)
{
    fm_timeout timeout;
    grace_begin();
    CHECK_INT(fm_timeout_open(&timeout, 5), 0);
    CHECK_INT(fm_sleep(4), 0);
    CHECK_INT(fm_timeout_reschedule(&timeout, 5), 0);
    CHECK_INT(fm_sleep(1000), -ETIMEDOUT);
    CHECK(grace_passed(9));
    CHECK_INT(fm_timeout_close(&timeout, 0), 0);
}

STORY(a_retry_loop_inside_a_longer_timeout_ends_with_that)
{
    int rc, tries = 0, inner = -ETIMEDOUT;
    grace_begin();
    FM_TIMEOUT(60, rc) {
        while (inner == -ETIMEDOUT && tries < 1000) {
            fm_timeout timeout;
            CHECK_INT(fm_timeout_open(&timeout, 7), 0);
            inner = fm_timeout_close(&timeout, fm_sleep(1000));
            tries++;
        }
        rc = inner;
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(inner, -ECANCELED);
    CHECK_INT(tries, 9);
    CHECK(grace_passed(60));
}

STORY(timers_of_all_sizes_fire_when_they_are_due)
{
    double seconds = 1e-6;
    for (int i = 0; i < 45; i++, seconds *= 1.7) {
        grace_begin();
        CHECK_INT(fm_sleep(seconds), 0);
        CHECK(grace_passed(seconds));
    }
}

static void grace_wait_for_nothing(void)
{
    fm_sleep(INFINITY);
}

TEST(a_program_that_can_never_go_on_is_a_deadlock_with_a_sentence)
{
    CHECK_DOOMED(grace_wait_for_nothing, "a deadlock");
}
