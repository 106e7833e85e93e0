/*
 * awaitable_kit.h - records that sleep, and what is left of them
 */
#ifndef TESTS_TASK_AWAITABLE_KIT_H
#define TESTS_TASK_AWAITABLE_KIT_H

#include "select_kit.h"

#include "task/record.h"

/* Timers that are armed. */
static inline size_t timers(void)
{
    return fm__home->loop.wheel.count;
}

static inline int64_t units(double count)
{
    return (int64_t)(story_span(count) * 1e9);
}

static inline void naps_begin(fm_awaitable *naps, size_t count, double step)
{
    for (size_t i = 0; i < count; i++)
        CHECK_INT(
            fm_awaitable_sleep(&naps[i], story_span(step * (double)(i + 1))),
            0);
}

#endif
