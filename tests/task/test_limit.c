/*
 * test_limit.c - the limit of a group: who waits, for how long, and who not
 */
#include "story.h"

static int alive, most;

static int count_alive(void)
{
    if (++alive > most)
        most = alive;
    int rc = fm_sleep(story_span(1));
    alive--;
    return rc;
}

STORY(a_limit_makes_fm_group_go_wait)
{
    int rc;
    alive = most = 0;
    FM_GROUP(group, rc, .limit = 3) {
        for (int i = 0; i < 10; i++) {
            CHECK_INT(fm_group_go(group, count_alive), 0);
            CHECK(fm_group_count(group) <= 3);
        }
    }
    CHECK_INT(rc, 0);
    CHECK_INT(most, 3);
    CHECK_INT(alive, 0);
}

static int order[16], ordered;

struct join {
    fm_group *group;
    int name;
};

static int note_order(void *arg)
{
    order[ordered++ % 16] = *(int *)arg;
    return fm_yield();
}

static int join(struct join *self)
{
    return fm_group_start(self->group, note_order, &self->name);
}

STORY(the_place_is_handed_to_the_one_that_waited_longest)
{
    int rc;
    fm_task *joiners[6];
    ordered = 0;
    FM_GROUP(group, rc, .limit = 1) {
        CHECK_INT(fm_group_go(group, nap, 0, 0), 0);
        for (int i = 0; i < 6; i++)
            joiners[i] = fm_go(join, group, i);
        CHECK_INT(fm_gather_array(joiners, 6, NULL), 0);
    }
    CHECK_INT(rc, 0);
    for (int i = 0; i < 6; i++)
        CHECK_INT(order[i], i);
}

static int ask_for_more(void *arg)
{
    int rc = fm_group_go((fm_group *)arg, answer, 1);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    return rc;
}

static int ask_below(void *arg)
{
    return fm_await(fm_start(ask_for_more, arg));
}

STORY(a_member_of_the_same_group_gets_eagain_at_the_limit)
{
    fm_group group;
    fm_group_errors errors;
    fm_group_open(&group, &(fm_group_options){.policy = FM_COLLECT,
                                              .limit = 2,
                                              .errors = &errors});
    CHECK_INT(fm_group_start(&group, ask_for_more, &group), 0);
    CHECK_INT(fm_group_start(&group, ask_below, &group), 0);
    CHECK_INT(fm_group_close(&group), -EAGAIN);
    CHECK_INT(errors.count, 2);
    CHECK_INT(errors.first[1], -EAGAIN);
}

STORY(the_first_failure_becomes_rc_also_for_a_task_that_waited_at_the_limit)
{
    int rc;
    FM_GROUP(group, rc, .limit = 1) {
        rc = fm_group_go(group, nap, 1, -EPIPE);
        if (rc == 0)
            rc = fm_group_go(group, answer, 1);
        CHECK_INT(rc, -ECANCELED);
    }
    CHECK_INT(rc, -EPIPE);
}

STORY(a_cut_ends_the_wait_at_the_limit_and_starts_nothing)
{
    int rc;
    fm_group group;
    fm_group_open(&group, &(fm_group_options){.limit = 1});
    CHECK_INT(fm_group_go(&group, nap, 3, 1), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_group_go(&group, nap, 3, 1);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_group_count(&group), 1);
    CHECK_INT(fm_group_close(&group), 0);
}

STORY(those_who_wait_at_the_limit_are_refused_when_the_group_is_cancelled)
{
    int rc;
    fm_task *joiners[3];
    ordered = 0;
    FM_GROUP(group, rc, .limit = 1) {
        CHECK_INT(fm_group_go(group, forever), 0);
        for (int i = 0; i < 3; i++)
            joiners[i] = fm_go(join, group, i);
        CHECK_INT(fm_yield(), 0);
        fm_group_cancel(group);
        for (int i = 0; i < 3; i++)
            CHECK_INT(fm_await(joiners[i]), -ECANCELED);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(ordered, 0);
}

STORY(a_group_is_not_closed_before_those_who_wait_at_its_limit_have_ended)
{
    int rc;
    fm_task *joiners[3];
    ordered = 0;
    FM_GROUP(group, rc, .limit = 1) {
        CHECK_INT(fm_group_go(group, nap, 0, 0), 0);
        for (int i = 0; i < 3; i++)
            joiners[i] = fm_go(join, group, i);
        CHECK_INT(fm_yield(), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(ordered, 3);
    CHECK_INT(fm_gather_array(joiners, 3, NULL), 0);
}

struct pass_on {
    fm_task *victim;
};

static int cancel_later(struct pass_on *self)
{
    return fm_cancel(self->victim);
}

static int end_and_cancel(void *arg)
{
    struct pass_on self = {arg};
    return cancel_later(&self) < 0 ? 1 : 0;
}

static int pass_on_at_the_limit(void *arg)
{
    fm_group *group = arg;
    int rc = fm_group_go(group, answer, 1);
    CHECK_INT(fm_yield(), -ECANCELED);
    return rc;
}

STORY(a_place_that_was_handed_over_before_a_cancel_is_used)
{
    fm_group group;
    fm_group_open(&group, &(fm_group_options){.limit = 1});
    fm_task *waits = fm_start(pass_on_at_the_limit, &group);
    /* The member cancels the waiting task only after that has its place. */
    CHECK_INT(fm_group_go(&group, answer, 1), 0);
    fm_task *killer = fm_start(end_and_cancel, waits);
    CHECK_INT(fm_await(waits), 0);
    CHECK_INT(fm_await(killer), 0);
    CHECK_INT(fm_group_close(&group), 0);
}

STORY(a_limit_of_zero_is_no_limit)
{
    int rc;
    size_t count = test_many(2000);
    FM_GROUP(group, rc, .limit = 0) {
        for (size_t i = 0; i < count; i++)
            CHECK_INT(fm_group_go(group, forever), 0);
        CHECK_INT(fm_group_count(group), count);
        fm_group_cancel(group);
    }
    CHECK_INT(rc, 0);
}
