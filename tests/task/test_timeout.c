/*
 * test_timeout.c - time limits on blocks of code
 */
#include "story.h"

#include "base/fault.h"

STORY(fm_timeout_sets_rc_to_0_on_entry)
{
    int rc = -1;
    FM_TIMEOUT(1000, rc) {
        CHECK_INT(rc, 0);
    }
    CHECK_INT(rc, 0);
    rc = -1;
    FM_TIMEOUT_AT(fm_now() + FM_SECOND, rc) {
        CHECK_INT(rc, 0);
        rc = 5;
    }
    CHECK_INT(rc, 5);
}

STORY(a_call_that_is_cut_returns_etimedout_if_the_innermost_timeout_expired)
{
    int rc;
    FM_TIMEOUT(story_span(1), rc) {
        CHECK_INT(fm_sleep(INFINITY), -ETIMEDOUT);
        CHECK_INT(fm_sleep(INFINITY), -ETIMEDOUT);
    }
    FM_TIMEOUT(1000, rc) {
        FM_TIMEOUT(story_span(1), rc) {
            rc = fm_sleep(INFINITY);
            CHECK_INT(rc, -ETIMEDOUT);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(fm_sleep(0), 0);
    }
}

STORY(a_call_that_is_cut_returns_ecanceled_for_anything_further_out)
{
    int rc, inner;
    FM_TIMEOUT(story_span(1), rc) {
        FM_TIMEOUT(1000, inner) {
            CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
            CHECK_INT(fm_yield(), -ECANCELED);
        }
        CHECK_INT(fm_yield(), -ETIMEDOUT);
    }
}

STORY(at_the_blocks_end_an_ecanceled_that_it_caused_becomes_etimedout)
{
    int rc, inner;
    FM_TIMEOUT(story_span(1), rc) {
        FM_TIMEOUT(1000, inner) {
            inner = fm_sleep(INFINITY);
        }
        CHECK_INT(inner, -ECANCELED);
        rc = inner;
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

STORY(an_ecanceled_that_the_block_did_not_cause_stays)
{
    int rc;
    FM_TIMEOUT(1000, rc) {
        rc = fm_stop(fm_go(forever));
    }
    CHECK_INT(rc, -ECANCELED);
    FM_TIMEOUT(0, rc) {
        rc = -ECANCELED; /* its own idea: no call was refused */
    }
    CHECK_INT(rc, -ECANCELED);
}

static int expire_and_be_cancelled(void)
{
    int rc, inner;
    FM_TIMEOUT(0, rc) {
        FM_TIMEOUT(1000, inner) {
            rc = fm_yield();
        }
        CHECK_INT(rc, -ECANCELED);
        CHECK_INT(fm_cancel(fm_self()), 0);
    }
    return rc;
}

STORY(it_stays_ecanceled_when_an_outer_cancel_is_pending)
{
    CHECK_INT(fm_await(fm_go(expire_and_be_cancelled)), -ECANCELED);
}

STORY(it_stays_ecanceled_when_an_outer_timeout_has_expired_too)
{
    int outer, rc, inner;
    FM_TIMEOUT(0, outer) {
        FM_TIMEOUT(0, rc) {
            FM_TIMEOUT(1000, inner) {
                rc = fm_yield();
            }
        }
        CHECK_INT(rc, -ECANCELED);
        outer = rc;
    }
    CHECK_INT(outer, -ECANCELED);
}

STORY(results_of_its_own_pass_through_the_blocks_end)
{
    int rc;
    FM_TIMEOUT(0, rc) {
        CHECK_INT(fm_yield(), -ETIMEDOUT);
        rc = -EPIPE;
    }
    CHECK_INT(rc, -EPIPE);
    FM_TIMEOUT(0, rc) {
        CHECK_INT(fm_yield(), -ETIMEDOUT);
        rc = 17;
    }
    CHECK_INT(rc, 17);
}

/* What fails with -ETIMEDOUT is tried again: by an outer cut it ends. */
static int retry(unsigned *tries)
{
    for (;;) {
        fm_timeout timeout;
        int rc = fm_timeout_open(&timeout, story_span(2));
        if (rc < 0)
            return rc;
        rc = fm_timeout_close(&timeout, fm_sleep(INFINITY));
        ++*tries;
        if (rc != -ETIMEDOUT)
            return rc;
    }
}

STORY(a_retry_loop_inside_a_longer_timeout_ends)
{
    unsigned tries = 0;
    int rc;
    FM_TIMEOUT(story_span(9), rc) {
        rc = retry(&tries);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(tries >= 1 && tries <= 5);
}

static int retry_as_a_task(void)
{
    unsigned tries = 0;
    return retry(&tries);
}

STORY(a_retry_loop_inside_a_cancelled_task_ends)
{
    fm_task *task = fm_go(retry_as_a_task);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
}

STORY(a_timeout_of_zero_or_less_has_expired)
{
    int rc;
    double spans[] = {0.0, -0.0, -1.0, -INFINITY};
    for (int i = 0; i < 4; i++) {
        bool inside = false;
        FM_TIMEOUT(spans[i], rc) {
            inside = true;
            rc = fm_yield();
        }
        CHECK(inside);
        CHECK_INT(rc, -ETIMEDOUT);
    }
    FM_TIMEOUT_AT(fm_now() - 1, rc) {
        rc = fm_yield();
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

STORY(a_timeout_that_is_not_a_number_is_einval_and_skips_the_block)
{
    int rc = 0;
    fm_timeout timeout;
    FM_TIMEOUT(NAN, rc) {
        CHECK(false);
    }
    CHECK_INT(rc, -EINVAL);
    CHECK_INT(fm_timeout_open(&timeout, NAN), -EINVAL);
    CHECK_INT(fm_sleep(0), 0);
}

STORY(a_timeout_of_more_than_292_years_never_expires)
{
    int rc;
    FM_TIMEOUT(INFINITY, rc) {
        rc = fm_sleep(story_span(2));
    }
    CHECK_INT(rc, 0);
    FM_TIMEOUT(1e300, rc) {
        rc = fm_sleep(story_span(2));
    }
    CHECK_INT(rc, 0);
    FM_TIMEOUT_AT(INT64_MAX, rc) {
        rc = fm_sleep(story_span(2));
    }
    CHECK_INT(rc, 0);
}

STORY(what_is_done_in_time_is_not_cut)
{
    int rc;
    FM_TIMEOUT(1000, rc) {
        rc = fm_sleep(story_span(1));
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_sleep(story_span(1)), 0);
}

STORY(a_timeout_ends_with_its_block)
{
    int rc;
    FM_TIMEOUT(0, rc) {
        CHECK_INT(fm_yield(), -ETIMEDOUT);
    }
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_sleep(story_span(1)), 0);
}

STORY(a_timeout_can_be_rescheduled_until_it_has_expired)
{
    fm_timeout timeout;
    CHECK_INT(fm_timeout_open(&timeout, story_span(1)), 0);
    CHECK_INT(fm_timeout_reschedule(&timeout, INFINITY), 0);
    CHECK_INT(fm_sleep(story_span(3)), 0);
    CHECK_INT(fm_timeout_reschedule(&timeout, NAN), -EINVAL);
    CHECK(!fm_timeout_expired(&timeout));
    CHECK_INT(fm_timeout_reschedule(&timeout, story_span(1)), 0);
    CHECK_INT(fm_sleep(INFINITY), -ETIMEDOUT);
    CHECK(fm_timeout_expired(&timeout));
    CHECK_INT(fm_timeout_reschedule(&timeout, 1000), -EALREADY);
    CHECK_INT(fm_timeout_close(&timeout, -ETIMEDOUT), -ETIMEDOUT);
}

STORY(an_open_timeout_tells_its_deadline)
{
    fm_timeout timeout;
    int64_t start = fm_now();
    CHECK_INT(fm_timeout_open(&timeout, 1000), 0);
    CHECK(fm_timeout_deadline(&timeout) >= start + 1000 * FM_SECOND);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK(fm_timeout_deadline(&timeout) >= start + 1000 * FM_SECOND);
    CHECK(fm_timeout_deadline(&timeout) <= fm_now() + 1000 * FM_SECOND);
    CHECK_INT(fm_timeout_reschedule(&timeout, INFINITY), 0);
    CHECK_INT(fm_timeout_deadline(&timeout), INT64_MAX);
    CHECK_INT(fm_timeout_reschedule(&timeout, 0), 0);
    CHECK(fm_timeout_deadline(&timeout) <= fm_now());
    CHECK_INT(fm_timeout_close(&timeout, 0), 0);
    CHECK_INT(fm_timeout_open_at(&timeout, start + 5000 * FM_SECOND), 0);
    CHECK_INT(fm_timeout_deadline(&timeout), start + 5000 * FM_SECOND);
    CHECK_INT(fm_timeout_close(&timeout, 0), 0);
}

STORY(a_timeout_rescheduled_to_zero_has_expired)
{
    fm_timeout timeout;
    CHECK_INT(fm_timeout_open(&timeout, 1000), 0);
    CHECK_INT(fm_timeout_reschedule(&timeout, 0), 0);
    CHECK(fm_timeout_expired(&timeout));
    CHECK_INT(fm_yield(), -ETIMEDOUT);
    CHECK_INT(fm_timeout_close(&timeout, 3), 3);
}

static int leave_by_return(void)
{
    int rc;
    FM_TIMEOUT(0, rc) {
        return fm_yield();
    }
    return rc;
}

STORY(break_return_and_goto_close_the_block)
{
    int rc, rounds = 0;
    CHECK_INT(leave_by_return(), -ETIMEDOUT);
    CHECK_INT(fm_yield(), 0);
    FM_TIMEOUT(0, rc) {
        rc = fm_yield();
        if (rc < 0)
            break;
        rounds++;
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_yield(), 0);
    FM_TIMEOUT(0, rc) {
        goto out;
    }
out:
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(rounds, 0);
}

static void timeout_nothing(void)
{
}

/* What a run returns whose first call that matters fails like this. */
static int fail_the_kernel(int error)
{
    int rc = 0;
    for (uint64_t k = 1; rc == 0 && k < 5; k++) {
        struct fm__fault_plan plan = {.error = error};
        plan.fail_at[FM__DOOR_SYSTEM] = k;
        fm__fault_plan = &plan;
        rc = story_run(timeout_nothing, (fm_run_options){0});
        fm__fault_plan = NULL;
    }
    return rc;
}

TEST(the_kernels_own_etimedout_is_fm_epeertimeout)
{
    CHECK_INT(fail_the_kernel(-ETIMEDOUT), -FM_EPEERTIMEOUT);
    CHECK(strstr(fm_strerror(-FM_EPEERTIMEOUT), "peer") != NULL);
}

TEST(a_stray_ecanceled_of_the_kernel_is_eio)
{
    CHECK_INT(fail_the_kernel(-ECANCELED), -EIO);
    CHECK_INT(fail_the_kernel(-EMFILE), -EMFILE);
}
