/*
 * select_kit.h - a thing that can be selected, and who rings it
 */
#ifndef TESTS_TASK_SELECT_KIT_H
#define TESTS_TASK_SELECT_KIT_H

#include "bell.h"
#include "story.h"

/* Rings after a while. */
struct ringer {
    struct bell *bell;
    double units;
};

static inline int ringer(struct ringer *self)
{
    int rc = fm_sleep(story_span(self->units));
    if (rc == 0)
        bell_ring(self->bell);
    return rc;
}

#endif
