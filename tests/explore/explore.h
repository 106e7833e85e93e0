/*
 * explore.h - a small program of threads under every schedule
 *
 *     static void deliver(void *self)          the program's first thread
 *     {
 *         fm__thread_start(&thread, post, self);      and others, by the door
 *         ...
 *         HOLDS(read == 1);
 *     }
 *
 *     TEST(a_post_is_read_once)
 *     {
 *         explore(deliver, &state, sizeof state);     zero for each schedule
 *     }
 *
 * Linked with the library as built with FM__EXPLORE, whose threads are then
 * coroutines of one real thread. One may overtake another before each
 * operation of base/atomic.h, each call of base/sys_thread.h, and each ring of
 * a bell; explore.c chooses, explore_doors.c stands in the doors.
 */
#ifndef TESTS_EXPLORE_H
#define TESTS_EXPLORE_H

#include "harness.h"

#include "base/compiler.h"

/* Runs the program under each schedule with at most two preemptions, three in
 * a full sweep, the fewest first. It fails at the first schedule of which
 * something does not hold, and prints that; or where there was no choice. */
void explore(void (*program)(void *self), void *self, size_t size);

/* The same with another bound: how many schedules there were; 0: one fails,
 * and is in explore_found. Prints nothing. */
unsigned long explore_within(unsigned bound, void (*program)(void *self),
                             void *self, size_t size);

/* What fails, and by which schedule: for FERMATA_SCHEDULE. */
struct explore_finding {
    char reason[256];
    char schedule[256];
    const char *file;
    int line;
};
extern struct explore_finding explore_found;

/* Ends this schedule: the first reason counts. */
FM__NORETURN void explore_fail(const char *file, int line, const char *format,
                               ...) FM__FORMAT(3, 4);

#define HOLDS(expr)                                                            \
    do {                                                                       \
        if (!(expr))                                                           \
            explore_fail(__FILE__, __LINE__, "%s does not hold", #expr);       \
    } while (0)

/* Nobody may touch that any more in this schedule. */
void explore_gone(void *start, size_t size);

/* While it prepares what is explored, a program may keep to one schedule. */
void explore_still(bool still);

/* A signal that this thread is interrupted by: whatever handles it now does.
 * One that is raised in the handler comes afterwards. */
void explore_signal(int number);

/* The machine has no room for another thread in this schedule. */
void explore_refuse_threads(void);

#endif
