/*
 * picture_kit.h - tasks that look at themselves and each other
 */
#ifndef TESTS_INSPECT_PICTURE_KIT_H
#define TESTS_INSPECT_PICTURE_KIT_H

#include "task/story.h"

#include "inspect/view.h"

#define CHECK_TEXT(left, right)                                                \
    do {                                                                       \
        const char *check_l = (left), *check_r = (right);                      \
        if (strcmp(check_l, check_r) != 0)                                     \
            test_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #left,   \
                      check_l, check_r);                                       \
    } while (0)

/* Lets all tasks take so many turns. */
static inline void settle(int turns)
{
    for (int i = 0; i < turns; i++)
        CHECK_INT(fm_yield(), 0);
}

/* A picture after so many turns. */
static inline void look(struct view *view, int turns)
{
    settle(turns);
    view_look(view);
    CHECK(view_sound(view->picture));
}

/* Awaits one that never ends. */
static inline int mother(void)
{
    FM_TASK child = fm_go(forever);
    return fm_await(child);
}

/* Waits for a group of two, of which one ends at once. */
static inline int group_of_two(void)
{
    int rc;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, answer, 0);
        if (rc == 0)
            rc = fm_group_go(group, nap, 1000, 0);
    }
    return rc;
}

#endif
