/*
 * test_group_policy.c - what the end of a member means to its group
 */
#include "story.h"

static int cut;

struct work {
    double units;
    int result;
};

static int work(struct work *self)
{
    int rc = fm_sleep(story_span(self->units));
    cut += rc == -ECANCELED;
    return rc < 0 ? rc : self->result;
}

STORY(fail_fast_is_the_default)
{
    int rc;
    cut = 0;
    CHECK_INT(FM_FAIL_FAST, 0);
    FM_GROUP(group, rc, .policy = FM_FAIL_FAST) {
        CHECK_INT(fm_group_go(group, work, 1, -EIO), 0);
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
    }
    CHECK_INT(rc, -EIO);
    CHECK_INT(cut, 1);
}

STORY(collect_cancels_nothing_and_returns_the_first_failure)
{
    int rc;
    cut = 0;
    FM_GROUP(group, rc, .policy = FM_COLLECT) {
        CHECK_INT(fm_group_go(group, work, 3, -EPIPE), 0);
        CHECK_INT(fm_group_go(group, work, 1, -EIO), 0);
        CHECK_INT(fm_group_go(group, work, 2, 7), 0);
        CHECK_INT(fm_sleep(story_span(4)), 0);
        CHECK_INT(fm_group_go(group, work, 1, 7), 0);
    }
    CHECK_INT(rc, -EIO);
    CHECK_INT(cut, 0);
}

STORY(collect_keeps_a_count_and_the_first_16_errors)
{
    int rc;
    fm_group_errors errors = {.count = 99};
    FM_GROUP(group, rc, .policy = FM_COLLECT, .errors = &errors) {
        CHECK_INT(errors.count, 0);
        for (int i = 1; i <= 40; i++)
            CHECK_INT(fm_group_go(group, answer, i % 2 == 0 ? i : -i), 0);
    }
    CHECK_INT(rc, -1);
    CHECK_INT(errors.count, 20);
    for (int i = 0; i < 16; i++)
        CHECK_INT(errors.first[i], -(2 * i + 1));
}

STORY(errors_are_kept_also_where_the_first_one_cancels_the_rest)
{
    int rc;
    fm_group_errors errors;
    FM_GROUP(group, rc, .errors = &errors) {
        CHECK_INT(fm_group_go(group, work, 1, -EIO), 0);
        CHECK_INT(fm_group_go(group, work, 1000, -EPIPE), 0);
    }
    CHECK_INT(rc, -EIO);
    CHECK_INT(errors.count, 1);
    CHECK_INT(errors.first[0], -EIO);
}

STORY(first_success_wins_and_cancels_the_rest)
{
    int rc;
    cut = 0;
    FM_GROUP(group, rc, .policy = FM_FIRST_SUCCESS) {
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        CHECK_INT(fm_group_go(group, work, 1, -EIO), 0);
        CHECK_INT(fm_group_go(group, work, 2, 42), 0);
        CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
        CHECK_INT(fm_group_go(group, answer, 1), -ECANCELED);
    }
    CHECK_INT(rc, 42);
    CHECK_INT(cut, 1);
}

STORY(first_success_becomes_rc_in_place_of_an_ecanceled_that_it_caused)
{
    int rc;
    FM_GROUP(group, rc, .policy = FM_FIRST_SUCCESS) {
        CHECK_INT(fm_group_go(group, work, 1, 0), 0);
        rc = fm_sleep(INFINITY);
    }
    CHECK_INT(rc, 0);
}

STORY(without_a_success_the_first_failure_is_returned)
{
    int rc;
    fm_group_errors errors;
    FM_GROUP(group, rc, .policy = FM_FIRST_SUCCESS, .errors = &errors) {
        CHECK_INT(fm_group_go(group, work, 2, -EIO), 0);
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
    }
    CHECK_INT(rc, -EPIPE);
    CHECK_INT(errors.count, 2);
}

STORY(two_successes_in_one_turn_and_the_first_one_counts)
{
    int rc;
    FM_GROUP(group, rc, .policy = FM_FIRST_SUCCESS) {
        CHECK_INT(fm_group_go(group, answer, 1), 0);
        CHECK_INT(fm_group_go(group, answer, 2), 0);
    }
    CHECK_INT(rc, 1);
}

/* An object that owns tasks: opened by one task, closed by another. */
struct pool {
    fm_group group;
};

static int pool_open(void *arg)
{
    struct pool *pool = arg;
    fm_group_open(&pool->group, &(fm_group_options){.under_root = true});
    return fm_group_go(&pool->group, work, 1000, 1);
}

static int pool_close(void *arg)
{
    struct pool *pool = arg;
    fm_group_cancel(&pool->group);
    return fm_group_close(&pool->group);
}

STORY(a_group_under_the_root_outlives_the_task_that_opened_it)
{
    struct pool pool;
    cut = 0;
    CHECK_INT(fm_await(fm_start(pool_open, &pool)), 0);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(cut, 0);
    CHECK_INT(fm_group_count(&pool.group), 1);
    CHECK_INT(fm_await(fm_start(pool_close, &pool)), 0);
    CHECK_INT(cut, 1);
}

static int pool_open_and_be_cancelled(void *arg)
{
    CHECK_INT(pool_open(arg), 0);
    CHECK_INT(fm_cancel(fm_self()), 0);
    return fm_yield();
}

STORY(a_group_under_the_root_is_not_reached_by_its_openers_cancel)
{
    struct pool pool;
    cut = 0;
    CHECK_INT(fm_await(fm_start(pool_open_and_be_cancelled, &pool)),
              -ECANCELED);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(cut, 0);
    CHECK_INT(pool_close(&pool), 0);
    CHECK_INT(cut, 1);
}

STORY(a_failure_in_a_group_under_the_root_cuts_nobodys_calls)
{
    fm_group group;
    fm_group_open(&group, &(fm_group_options){.under_root = true});
    CHECK_INT(fm_group_go(&group, answer, -EIO), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_group_go(&group, answer, 1), -ECANCELED);
    CHECK_INT(fm_group_close(&group), -EIO);
}

static int close_and_be_cut(void *arg)
{
    return fm_group_close(arg);
}

STORY(a_cut_of_whoever_closes_a_group_is_passed_on_to_its_members)
{
    fm_group group;
    cut = 0;
    fm_group_open(&group, &(fm_group_options){.under_root = true});
    CHECK_INT(fm_group_go(&group, work, 1000, 1), 0);
    fm_task *closer = fm_start(close_and_be_cut, &group);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(closer), -ECANCELED);
    CHECK_INT(cut, 1);
}

static int fail_after_cancel(void)
{
    return fm_sleep(INFINITY) == -ECANCELED ? -EIO : 0;
}

STORY(a_member_that_fails_otherwise_after_a_cancel_has_failed)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, fail_after_cancel), 0);
        CHECK_INT(fm_yield(), 0);
        fm_group_cancel(group);
    }
    CHECK_INT(rc, -EIO);
}

static int cancel_the_group(void *arg)
{
    fm_group_cancel(arg);
    return 0;
}

STORY(any_task_of_the_loop_may_cancel_a_group)
{
    int rc;
    cut = 0;
    fm_group group;
    fm_group_open(&group, NULL);
    CHECK_INT(fm_group_go(&group, work, 1000, 1), 0);
    fm_task *other = fm_start(cancel_the_group, &group);
    rc = fm_sleep(INFINITY);
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(fm_await(other), 0);
    CHECK_INT(fm_group_close(&group), 0);
    CHECK_INT(cut, 1);
    CHECK_INT(fm_yield(), 0);
}

static int closer(void *group)
{
    return fm_group_close(group);
}

static void close_from_two_tasks(void)
{
    fm_group group;
    fm_group_open(&group, &(fm_group_options){.under_root = true});
    CHECK_INT(fm_group_go(&group, forever), 0);
    FM_TASK first = fm_start(closer, &group);
    CHECK_INT(fm_yield(), 0);
    fm_group_close(&group);
}

TEST(a_group_is_closed_by_one_task)
{
    CHECK_DOOMED(close_from_two_tasks,
                 "fm_group_close: the group is being closed already");
}
