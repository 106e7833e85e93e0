/*
 * line_kit.h - who came when, and what a storm of cuts does to those in line
 */
#ifndef TESTS_SYNC_LINE_KIT_H
#define TESTS_SYNC_LINE_KIT_H

#include "task/story.h"

#include <pthread.h>

/* What was noted, in order. */
static int noted[4096];
static size_t noted_count;

static inline void note(int name)
{
    if (noted_count < 4096)
        noted[noted_count] = name;
    noted_count++;
}

static inline void note_nothing(void)
{
    noted_count = 0;
}

/* They were noted, and nothing else was, in this order. */
#define CHECK_NOTED(...)                                                       \
    do {                                                                       \
        const int expected[] = {__VA_ARGS__};                                  \
        CHECK_INT(noted_count, sizeof expected / sizeof expected[0]);          \
        CHECK(memcmp(noted, expected, sizeof expected) == 0);                  \
    } while (0)

/* Runs fn as the main task of another thread's loop. */
struct elsewhere {
    int (*fn)(void *arg);
    void *arg;
};

static inline void *elsewhere_run(void *arg)
{
    struct elsewhere *self = arg;
    fm_run(self->fn, self->arg);
    return NULL;
}

static inline void elsewhere(int (*fn)(void *arg), void *arg)
{
    pthread_t thread;
    struct elsewhere self = {fn, arg};
    CHECK_INT(pthread_create(&thread, NULL, elsewhere_run, &self), 0);
    CHECK_INT(pthread_join(thread, NULL), 0);
}

/* Has fn(arg) called by the loop, outside every task. */
static inline void call_back(void (*fn)(void *arg), void *arg)
{
    fm_remote *remote = fm_remote_get();
    CHECK_INT(fm_post(remote, fn, arg), 0);
    fm_remote_put(remote);
}

/* ---- A storm ------------------------------------------------------------ */

enum {
    STORM = 64
};

/*
 * Starts many tasks of one kind, cuts any of them at any time, and waits for
 * all. What must hold is checked by them and by the caller.
 */
struct storm {
    int (*fn)(void *arg);
    void *arg;
    uint64_t chance;
    bool all; /* in the end: or else every other one of them */
};

static inline size_t storm_draw(struct storm *storm, size_t below)
{
    return test_random(&storm->chance) % below;
}

static inline void storm_run(struct storm *storm)
{
    fm_task *tasks[STORM];
    for (size_t i = 0; i < STORM; i++) {
        tasks[i] = fm_start(storm->fn, storm->arg);
        for (size_t cuts = storm_draw(storm, 3); cuts > 0; cuts--)
            fm_cancel(tasks[storm_draw(storm, i + 1)]);
        if (storm_draw(storm, 3) == 0)
            CHECK_INT(fm_yield(), 0);
    }
    for (size_t i = 0; i < STORM; i += storm->all ? 1 : 2)
        fm_cancel(tasks[i]);
    CHECK(fm_settle(tasks, STORM, NULL) >= 0);
}

#endif
