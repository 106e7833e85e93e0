/*
 * test_deadlock.c - who waits for nothing is named, one after the other
 *
 * In the simulator alone: elsewhere a signal or a peer might still come.
 */
#include "story.h"

#include <errno.h>

static int waits_for_ever(void)
{
    return fm_sleep(INFINITY);
}

static int outermost(void)
{
    return fm_sleep(INFINITY);
}

static int innermost(void)
{
    return fm_sleep(INFINITY);
}

static int a_child(void)
{
    return fm_sleep(INFINITY);
}

/* In the inner group, or at its end. */
static void wait_in_groups(double inside)
{
    int rc;
    FM_TASK child = fm_go(a_child);
    FM_GROUP(outer, rc) {
        rc = fm_group_go(outer, outermost);
        FM_SHIELD(1) {
            FM_GROUP(inner, rc) {
                rc = fm_group_go(inner, innermost);
                fm_sleep(inside);
            }
        }
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_stop(child), -ECANCELED);
}

static void wait_inside(void)
{
    wait_in_groups(INFINITY);
}

static void wait_at_the_end(void)
{
    wait_in_groups(0);
}

static void check_all_named(void (*body)(void))
{
    CHECK_DOOMED(body, "4 tasks wait for each other");
    CHECK_DOOMED(body, "    a_child 1000000");
    CHECK_DOOMED(body, "    outermost 1000000");
    CHECK_DOOMED(body, "    innermost 1000000");
}

TEST(a_deadlock_names_children_and_the_members_of_every_open_group)
{
    check_all_named(wait_inside);
}

TEST(a_deadlock_names_also_the_members_of_a_group_that_is_being_closed)
{
    check_all_named(wait_at_the_end);
}

static void wait_by_the_dozen(void)
{
    int rc;
    FM_GROUP(group, rc) {
        for (int i = 0; i < 36; i++)
            CHECK_INT(fm_group_go(group, waits_for_ever), 0);
    }
}

TEST(a_deadlock_of_many_names_twenty_and_counts_the_others)
{
    CHECK_DOOMED(wait_by_the_dozen, "37 tasks wait for each other");
    CHECK_DOOMED(wait_by_the_dozen, "    and 17 more");
}

static fm_lock one, other;

static int second_taker(void)
{
    int rc;
    FM_LOCKED(&other, rc) {
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_lock_acquire(&one), 0);
    }
    return rc;
}

static void wait_in_a_circle(void)
{
    int rc;
    FM_TASK taker = fm_go(second_taker);
    FM_LOCKED(&one, rc) {
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_lock_acquire(&other), 0);
    }
}

TEST(a_deadlock_says_who_waits_for_whom)
{
    CHECK_DOOMED(wait_in_a_circle, "2 tasks wait for each other");
    CHECK_DOOMED(wait_in_a_circle,
                 "): lock, held by second_taker 100000001 [circle 1]\n");
    CHECK_DOOMED(wait_in_a_circle, "    second_taker 100000001 (started at ");
    CHECK_DOOMED(wait_in_a_circle,
                 "): lock, held by story_main 100000000 [circle 1]\n");
}

TEST(a_deadlock_says_what_else_is_waited_for)
{
    CHECK_DOOMED(wait_at_the_end, "): group close: innermost 100000003\n");
}
