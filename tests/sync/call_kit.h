/*
 * call_kit.h - what a loop calls back, and what another thread's loop does
 */
#ifndef TESTS_SYNC_CALL_KIT_H
#define TESTS_SYNC_CALL_KIT_H

#include "task/story.h"

#include <pthread.h>

/* fn(arg) between tasks, as the loop calls a timer or a post. */
static inline void call_back(void (*fn)(void *), void *arg)
{
    fm_call call = {.fn = fn, .arg = arg};
    fm_loop_soon(fm_loop_current(), &call);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK(!fm_call_pending(&call));
}

struct elsewhere {
    int (*fn)(void *);
    void *arg;
};

static inline void *call_run(void *elsewhere)
{
    const struct elsewhere *what = elsewhere;
    fm_run(what->fn, what->arg);
    return NULL;
}

/* fn(arg) as the main task of a loop of another thread. */
static inline void call_elsewhere(int (*fn)(void *), void *arg)
{
    pthread_t thread;
    struct elsewhere what = {fn, arg};
    CHECK_INT(pthread_create(&thread, NULL, call_run, &what), 0);
    CHECK_INT(pthread_join(thread, NULL), 0);
}

#endif
