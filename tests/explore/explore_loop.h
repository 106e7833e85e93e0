/*
 * explore_loop.h - a loop without tasks, in a program that is explored
 */
#ifndef TESTS_EXPLORE_LOOP_H
#define TESTS_EXPLORE_LOOP_H

#include "explore.h"

#include "base/sys_thread.h"
#include "loop/loop_core.h"
#include "loop/mailbox.h"

static inline void loop_open(struct fm__loop *loop)
{
    HOLDS(fm__loop_open(loop, test_backend(), 1) == 0);
}

/* A full turn, and what it made ready. */
static inline void loop_turn(struct fm__loop *loop)
{
    struct fm__work *work;
    fm__loop_turn(loop);
    while ((work = fm__loop_next(loop)) != NULL)
        work->run(work);
}

/* Nobody may touch it afterwards, ring its bell, or run anything on it. */
static inline void loop_close(struct fm__loop *loop)
{
    fm__loop_close(loop);
    explore_gone(loop, sizeof *loop);
}

#endif
