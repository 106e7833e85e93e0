/*
 * test_group.c - tasks that end together: how a block ends, and the limit
 */
#include "story.h"

#include "base/fault.h"

static int ended, cut;

struct work {
    double units;
    int result;
};

/* Counts its end, and whether it was cut. */
static int work(struct work *self)
{
    int rc = fm_sleep(story_span(self->units));
    ended++;
    cut += rc == -ECANCELED;
    return rc < 0 ? rc : self->result;
}

STORY(falling_off_the_end_waits_for_all)
{
    int rc;
    ended = cut = 0;
    FM_GROUP(group, rc) {
        for (int i = 0; i < 5; i++)
            CHECK_INT(fm_group_go(group, work, i, i), 0);
        CHECK_INT(fm_group_count(group), 5);
        CHECK_INT(ended, 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(ended, 5);
    CHECK_INT(cut, 0);
}

static int leave_by_return(void)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        return 3;
    }
    return rc;
}

STORY(break_return_and_goto_cancel_then_wait)
{
    int rc;
    ended = cut = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        break;
    }
    CHECK(rc == 0 && ended == 1 && cut == 1);
    CHECK_INT(leave_by_return(), 3);
    CHECK(ended == 2 && cut == 2);
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        goto out;
    }
out:
    CHECK(rc == 0 && ended == 3 && cut == 3);
}

STORY(continue_in_a_group_block_leaves_it_as_its_end_does)
{
    int rc;
    bool went_on = false;
    ended = cut = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, 1), 0);
        if (ended == 0)
            continue;
        went_on = true;
    }
    CHECK(!went_on);
    CHECK(rc == 0 && ended == 1 && cut == 0);
}

STORY(the_first_failure_cancels_the_members_and_becomes_rc)
{
    int rc;
    ended = cut = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
        CHECK_INT(fm_group_go(group, work, 1000, -EIO), 0);
    }
    CHECK_INT(rc, -EPIPE);
    CHECK_INT(cut, 2);
}

STORY(the_first_failure_cuts_the_blocks_own_calls)
{
    int rc, own = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
        own = fm_sleep(INFINITY);
        CHECK_INT(fm_await(fm_go(forever)), -ECANCELED);
    }
    CHECK_INT(own, -ECANCELED);
    CHECK_INT(rc, -EPIPE);
    CHECK_INT(fm_yield(), 0);
}

STORY(a_failure_becomes_rc_in_place_of_an_ecanceled_that_it_caused)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
        rc = fm_sleep(INFINITY);
    }
    CHECK_INT(rc, -EPIPE);
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
        rc = fm_await(fm_go(forever));
    }
    CHECK_INT(rc, -EPIPE);
}

STORY(a_failure_becomes_rc_only_where_rc_is_not_negative)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
        rc = -EAGAIN;
    }
    CHECK_INT(rc, -EAGAIN);
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
        rc = 5;
    }
    CHECK_INT(rc, -EPIPE);
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, 4), 0);
        rc = 5;
    }
    CHECK_INT(rc, 5);
}

STORY(after_a_failure_fm_group_go_returns_ecanceled_and_starts_nothing)
{
    int rc;
    ended = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1, -EPIPE), 0);
        CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
        CHECK_INT(fm_group_go(group, work, 1, 1), -ECANCELED);
        FM_SHIELD(1) {
            CHECK_INT(fm_group_go(group, work, 1, 1), -ECANCELED);
        }
        CHECK_INT(fm_group_count(group), 0);
    }
    CHECK_INT(rc, -EPIPE);
    CHECK_INT(ended, 1);
}

STORY(a_member_that_ends_with_ecanceled_after_a_cancel_has_not_failed)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, forever), 0);
        CHECK_INT(fm_yield(), 0);
        fm_group_cancel(group);
    }
    CHECK_INT(rc, 0);
}

STORY(a_member_that_ends_with_ecanceled_without_a_cancel_has_failed)
{
    int rc;
    ended = cut = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        CHECK_INT(fm_group_go(group, answer, -ECANCELED), 0);
    }
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(cut, 1);
}

STORY(a_cancelled_group_refuses_the_blocks_own_calls_and_has_not_failed)
{
    int rc;
    FM_GROUP(group, rc) {
        fm_group_cancel(group);
        CHECK_INT(fm_yield(), -ECANCELED);
        CHECK_INT(fm_group_go(group, answer, 1), -ECANCELED);
        rc = fm_yield();
    }
    CHECK_INT(rc, 0);
}

static int group_then_cancel(void)
{
    int rc;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
    }
    CHECK_INT(fm_yield(), -ECANCELED);
    return rc;
}

STORY(a_cut_of_the_closing_task_is_passed_on_to_the_members)
{
    int rc;
    ended = cut = 0;
    fm_task *task = fm_go(group_then_cancel);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(cut, 2);
    FM_TIMEOUT(story_span(1), rc) {
        FM_GROUP(group, rc) {
            CHECK_INT(fm_group_go(group, work, 1000, 1), 0);
        }
        CHECK_INT(rc, -ETIMEDOUT);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(cut, 3);
}

struct lend {
    int *sum;
    int value;
};

static int lend(struct lend *self)
{
    CHECK_INT(fm_sleep(story_span(1)), 0);
    *self->sum += self->value;
    return 0;
}

STORY(a_member_may_borrow_what_is_declared_before_the_block)
{
    int rc, sum = 0;
    FM_GROUP(group, rc) {
        for (int i = 1; i <= 4; i++)
            CHECK_INT(fm_group_go(group, lend, &sum, i), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(sum, 10);
}

STORY(members_are_reaped_as_they_end_so_a_group_stays_flat)
{
    int rc;
    uint64_t before = 0;
    FM_GROUP(group, rc, .limit = 4) {
        for (size_t i = 0; i < test_many(50000); i++) {
            CHECK_INT(fm_group_go(group, answer, 1), 0);
            if (i == 10)
                before = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
        }
        CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_BYTES]), before);
        CHECK(fm_group_count(group) <= 4);
    }
    CHECK_INT(rc, 0);
}

STORY(a_group_without_members_ends_at_once)
{
    int rc = 4;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_count(group), 0);
    }
    CHECK_INT(rc, 0);
    fm_group group;
    fm_group_open(&group, NULL);
    CHECK_INT(fm_group_close(&group), 0);
}

STORY(the_function_form_serves_loops)
{
    for (int i = 0; i < 3; i++) {
        fm_group group;
        fm_group_open(&group, NULL);
        CHECK_INT(fm_group_go(&group, work, 1, i == 1 ? -EIO : 0), 0);
        int rc = fm_group_close(&group);
        CHECK_INT(rc, i == 1 ? -EIO : 0);
        if (rc < 0)
            continue;
    }
}

static int start_more(void *arg)
{
    fm_group *group = arg;
    if (ended++ < 20)
        CHECK_INT(fm_group_start(group, start_more, group), 0);
    return fm_sleep(story_span(0.1));
}

STORY(members_may_start_members_also_while_the_group_is_being_closed)
{
    int rc;
    ended = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_start(group, start_more, group), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(ended, 21);
}

struct latecomer {
    fm_group *group;
    size_t when;
};

static int latecomer(struct latecomer *self)
{
    while (fm_group_count(self->group) > self->when)
        CHECK_INT(fm_yield(), 0);
    return fm_group_go(self->group, work, 1, 1);
}

STORY(a_group_whose_last_member_has_ended_while_closing_starts_nothing)
{
    int rc;
    fm_task *late = NULL;
    ended = 0;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_go(group, nap, 0, 0), 0);
        late = fm_go(latecomer, group, 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_await(late), -ECANCELED);
    CHECK_INT(ended, 0);
}

STORY(many_groups_nest_and_each_has_its_own_result)
{
    int outer, inner;
    FM_GROUP(one, outer) {
        CHECK_INT(fm_group_go(one, work, 2, 1), 0);
        FM_GROUP(two, inner) {
            CHECK_INT(fm_group_go(two, work, 1, -EIO), 0);
        }
        CHECK_INT(inner, -EIO);
        CHECK_INT(fm_yield(), 0);
    }
    CHECK_INT(outer, 0);
}

STORY(a_failure_of_an_outer_group_cuts_an_inner_block)
{
    int outer, inner;
    FM_GROUP(one, outer) {
        CHECK_INT(fm_group_go(one, work, 1, -EPIPE), 0);
        FM_GROUP(two, inner) {
            CHECK_INT(fm_group_go(two, work, 1000, 1), 0);
        }
        CHECK_INT(inner, -ECANCELED);
        outer = inner;
    }
    CHECK_INT(outer, -EPIPE);
}
