/*
 * explore_thread.h - what the explorer and its doors share
 */
#ifndef TESTS_EXPLORE_THREAD_H
#define TESTS_EXPLORE_THREAD_H

#include "coro/coro.h"
#include "explore.h"

enum {
    EXPLORE_THREADS = 6, /* at once, the program's first among them */
    EXPLORE_STACK = 256 * 1024
};

struct explore_thread {
    struct fm__coro coro;
    struct fm__sanitized tools;
    void *stack;
    void *(*run)(void *arg);
    void *arg;
    bool over;     /* run has returned */
    bool held;     /* neither joined nor detached */
    bool handling; /* a signal */
    bool raised;   /* another one, meanwhile */

    /* Valid while it waits; may is NULL while it does not. */
    bool (*may)(const struct explore_thread *self); /* go on */
    const char *what;                               /* it waits for */
    const void *subject;
    struct fm__mutex *mutex; /* of a condition's wait */
    uint64_t mark;           /* of steps, or of rings */
    int64_t until;           /* by the explorer's clock; 0: for ever */
    bool told;               /* its condition was signalled */
};

struct explorer {
    struct explore_thread threads[EXPLORE_THREADS];
    struct explore_thread *here; /* who runs; NULL: nobody explores */
    unsigned count;              /* of threads so far in this schedule */
    uint64_t steps;
    uint64_t rings; /* of any bell */
    int64_t clock;
    bool refuses; /* threads */
    bool still;   /* the first of each choice is taken */
};

extern struct explorer explorer;

/* Here another thread may go first. */
void explore_step(void);

/* Waits until `may`, or for `until`: what a thread waits for is in its struct
 * but for these. */
void explore_wait(bool (*may)(const struct explore_thread *self),
                  const char *what, const void *subject);

/* One of so many, from 0, of which the first few are within the bound. */
unsigned explore_choose(unsigned count, unsigned offered);

/* A new thread; it has not run yet. */
struct explore_thread *explore_begin(void *(*run)(void *arg), void *arg);

/* Fails where memory that is gone is touched. */
void explore_touch(const void *word);

/* The stacks; and one schedule, whose first thread runs that. */
void explore_open(void);
void explore_run(void *(*run)(void *arg), void *arg, unsigned bound);
void explore_close(void);

/* Where the stack of the thread that runs lies. */
void explore_stack(void **bottom, size_t *size);

/* Ends the schedule here and now: its threads never go on. */
FM__NORETURN void explore_leave(void);

/* As explore_fail, between schedules: it returns. */
void explore_note(const char *file, int line, const char *format, ...)
    FM__FORMAT(3, 4);

/* explore_locks.c: what a thread may wait for. */
bool explore_told(const struct explore_thread *self);
bool explore_yielded(const struct explore_thread *self);
bool explore_mutex_free(const struct fm__mutex *mutex);

/* explore_gone.c: memory of the library's, freed between schedules. */
void explore_gone_block(void *block);
void explore_gone_mapping(void *start, size_t size);
void explore_bury(void);

#endif
