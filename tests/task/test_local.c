/*
 * test_local.c - values that travel with a task
 */
#include "story.h"

#include "base/fault.h"

static fm_local key, other_key;
static char red[] = "red", green[] = "green", blue[] = "blue";

static int see(void **out)
{
    *out = fm_local_get(&key);
    return 0;
}

static int local_see(void *arg)
{
    return see(arg);
}

STORY(a_local_that_was_never_set_is_null)
{
    void *seen = red;
    CHECK(fm_local_get(&key) == NULL);
    CHECK_INT(fm_await(fm_start(local_see, &seen)), 0);
    CHECK(seen == NULL);
}

STORY(a_task_sees_the_values_its_starter_had_at_the_start)
{
    void *early, *late;
    CHECK_INT(fm_local_set(&key, red), 0);
    fm_task *first = fm_start(local_see, &early);
    CHECK_INT(fm_local_set(&key, green), 0);
    fm_task *second = fm_start(local_see, &late);
    CHECK_INT(fm_gather(first, second), 0);
    CHECK(early == red);
    CHECK(late == green);
}

static int local_paint(void *arg)
{
    CHECK(fm_local_get(&key) == red);
    CHECK_INT(fm_local_set(&key, arg), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK(fm_local_get(&key) == arg);
    return 0;
}

STORY(what_a_task_sets_is_seen_by_nobody_else)
{
    CHECK_INT(fm_local_set(&key, red), 0);
    CHECK_INT(
        fm_gather(fm_start(local_paint, green), fm_start(local_paint, blue)),
        0);
    CHECK(fm_local_get(&key) == red);
}

static int local_hand_down(void *arg)
{
    CHECK_INT(fm_local_set(&key, blue), 0);
    return fm_await(fm_start(local_see, arg));
}

STORY(what_a_task_sets_is_inherited_by_those_it_starts_later)
{
    void *seen = NULL;
    CHECK_INT(fm_await(fm_start(local_hand_down, &seen)), 0);
    CHECK(seen == blue);
    CHECK(fm_local_get(&key) == NULL);
}

STORY(members_of_a_group_inherit_from_whoever_starts_them)
{
    int rc;
    void *seen = NULL;
    CHECK_INT(fm_local_set(&key, green), 0);
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_start(group, local_see, &seen), 0);
    }
    CHECK(seen == green);
}

STORY(keys_do_not_touch_each_other_and_may_be_set_to_null)
{
    CHECK_INT(fm_local_set(&key, red), 0);
    CHECK_INT(fm_local_set(&other_key, green), 0);
    CHECK(fm_local_get(&key) == red);
    CHECK_INT(fm_local_set(&key, NULL), 0);
    CHECK(fm_local_get(&key) == NULL);
    CHECK(fm_local_get(&other_key) == green);
}

STORY(a_value_outlives_the_task_that_it_was_inherited_from)
{
    void *seen = NULL;
    CHECK_INT(fm_local_set(&key, red), 0);
    fm_task *child = fm_start(local_see, &seen);
    CHECK_INT(fm_local_set(&key, NULL), 0);
    CHECK_INT(fm_await(child), 0);
    CHECK(seen == red);
}

STORY(a_task_has_at_most_64_keys)
{
    static fm_local keys[65];
    for (int i = 0; i < 64; i++)
        CHECK_INT(fm_local_set(&keys[i], red), 0);
    CHECK_INT(fm_local_set(&keys[64], red), -ENOSPC);
    CHECK(fm_local_get(&keys[64]) == NULL);
    CHECK_INT(fm_local_set(&keys[63], blue), 0);
    CHECK(fm_local_get(&keys[63]) == blue);
}

STORY(without_memory_nothing_has_changed)
{
    struct fm__fault_plan plan = {.from_then_on = true};
    CHECK_INT(fm_local_set(&key, red), 0);
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    fm__fault_plan = &plan;
    int rc = fm_local_set(&other_key, green);
    fm__fault_plan = NULL;
    CHECK_INT(rc, -ENOMEM);
    CHECK(fm_local_get(&other_key) == NULL);
    CHECK(fm_local_get(&key) == red);
}
