/*
 * test_model_finds.c - what random programs have found, each kept as a story
 */
#include "task/story.h"

STORY(of_failures_before_a_gather_the_first_by_time_counts)
{
    fm_task *late = fm_go(nap, .units = 2, .result = -EPIPE);
    fm_task *early = fm_go(nap, .units = 1, .result = -EPROTO);
    CHECK_INT(fm_sleep(story_span(5)), 0);
    CHECK_INT(fm_gather(late, early), -EPROTO);
}

STORY(an_ecanceled_of_the_group_is_replaced_under_an_outer_cut_too)
{
    fm_timeout timeout;
    int rc;
    CHECK_INT(fm_timeout_open(&timeout, 1000), 0);
    FM_GROUP(group, rc) {
        fm_group_cancel(group);
        rc = fm_yield();
        CHECK_INT(rc, -ECANCELED);
        CHECK_INT(fm_timeout_reschedule(&timeout, 0), 0);
    }
    CHECK_INT(rc, 0);
    /* Nobody cancelled this task: its timeout is all that may be seen. */
    CHECK_INT(fm_timeout_close(&timeout, rc), 0);
    CHECK_INT(fm_yield(), 0);
}

static int halt(void *group)
{
    int rc = fm_yield();
    fm_group_cancel(group);
    return rc;
}

static int halt_at_once(void *group)
{
    fm_group_cancel(group);
    return 0;
}

static int yield_once(void)
{
    return fm_yield();
}

STORY(a_place_handed_over_as_the_group_is_cut_is_refused_by_the_group)
{
    fm_task *halter = NULL;
    int rc;
    FM_GROUP(group, rc, .limit = 1) {
        rc = fm_group_go(group, yield_once);
        halter = fm_start(halt, group);
        if (rc == 0)
            rc = fm_group_go(group, yield_once);
        CHECK_INT(rc, -ECANCELED);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_await(halter), 0);
}

static int fails(void)
{
    return -EIO;
}

STORY(a_start_handed_over_as_the_group_is_cut_is_refused_by_the_group)
{
    fm_task *halter = NULL;
    int rc;
    FM_GROUP(group, rc, .policy = FM_FIRST_SUCCESS, .stagger = INFINITY) {
        CHECK_INT(fm_group_go(group, fails), 0);
        halter = fm_start(halt_at_once, group);
        rc = fm_group_go(group, yield_once);
        CHECK_INT(rc, -ECANCELED);
    }
    CHECK(rc < 0);
    CHECK_INT(fm_await(halter), 0);
}

struct told {
    int *rc;
};

static int told(struct told *self)
{
    *self->rc = fm_yield();
    return 0;
}

STORY(the_end_of_a_shield_reaches_only_the_children_it_hid)
{
    static int outside, inside;
    outside = inside = -EPROTO;
    CHECK_INT(fm_cancel(fm_self()), 0);
    fm_task *before = fm_go(told, &outside);
    fm_task *within = NULL;
    FM_SHIELD(0) {
        within = fm_go(told, &inside);
    }
    CHECK_INT(fm_detach(before), 0);
    CHECK_INT(fm_detach(within), 0);
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_sleep(story_span(1)), 0);
    }
    CHECK_INT(outside, 0);
    CHECK_INT(inside, 0);
}
