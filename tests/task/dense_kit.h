/*
 * dense_kit.h - dense tasks where they can be had, and others elsewhere
 */
#ifndef TESTS_DENSE_KIT_H
#define TESTS_DENSE_KIT_H

#include "harness.h"

#include <fermata.h>

/* Where they are refused, the same tasks run on guarded stacks. */
static inline size_t dense_size(void)
{
    return fm_dense_refused() == NULL ? FM_STACK_DENSE : 64 * 1024;
}

/* Awaits fn(arg) as a dense task. */
static inline int dense_run(int (*fn)(void *), void *arg)
{
    const fm_task_options options = {
        .name = "small",
        .stack_size = dense_size(),
    };
    return fm_await(fm_start(fn, arg, &options));
}

#endif
