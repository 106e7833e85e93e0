/*
 * gen_kit.h - generators for tests
 */
#ifndef TESTS_TASK_GEN_KIT_H
#define TESTS_TASK_GEN_KIT_H

#include "story.h"

/* Yields from, from + 1, ... to, and returns `result`. */
struct count {
    int from, to, result;
};

static inline int count(struct count *self)
{
    int rc = 0;
    for (int i = self->from; rc == 0 && i <= self->to; i++)
        rc = fm_gen_yield(&i);
    return rc < 0 ? rc : self->result;
}

/* Takes all that it yields: how many, or what it failed with; and the sum. */
static inline int drain(fm_gen *gen, int *sum)
{
    int value = 0, rc, values = 0;
    *sum = 0;
    while ((rc = fm_gen_next(gen, &value)) == 1) {
        *sum += value;
        values++;
    }
    return rc < 0 ? rc : values;
}

#endif
