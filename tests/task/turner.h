/*
 * turner.h - a task that ends after so many turns, whatever the time is
 */
#ifndef TESTS_TASK_TURNER_H
#define TESTS_TASK_TURNER_H

#include "story.h"

struct turner {
    int turns;
    int result;
};

static inline int turner(struct turner *self)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < self->turns; i++)
        rc = fm_yield();
    return rc < 0 ? rc : self->result;
}

#endif
