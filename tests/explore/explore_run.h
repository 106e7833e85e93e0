/*
 * explore_run.h - runs and threads of a program that is explored
 */
#ifndef TESTS_EXPLORE_RUN_H
#define TESTS_EXPLORE_RUN_H

#include "explore.h"

#include "base/atomic.h"
#include "base/sys_thread.h"

#include <errno.h>
#include <fermata.h>

static inline int run_here(int (*fn)(void *))
{
    fm_run_options options = {.backend = test_backend(), .ignore_sigint = true};
    return fm_run(fn, NULL, &options);
}

struct run_thread {
    struct fm__thread thread;
    int (*fn)(void *); /* its main task */
    int result;
};

static inline void *run_main(void *arg)
{
    struct run_thread *self = arg;
    self->result = run_here(self->fn);
    return NULL;
}

/* A run on a thread of its own: once it is over, so is its stack, with the
 * loop on it. */
static inline void run_begin(struct run_thread *self, int (*fn)(void *))
{
    self->fn = fn;
    fm__thread_start(&self->thread, run_main, self);
}

static inline void run_end(struct run_thread *self)
{
    fm__thread_join(&self->thread);
    HOLDS(self->result == 0);
}

/* Main tasks that begin together: what is explored begins with them, and not
 * while their loops are opened. */
static inline void run_meet(unsigned *begun, unsigned count)
{
    explore_still(++*begun < count);
    while (*begun < count)
        fm__thread_yield();
}

#endif
