/*
 * worker.h - blocking calls on threads of their own
 *
 * Knows no tasks: a call is a struct in its caller's memory, which says what
 * to run and what to do on the loop's thread when that has returned. Calls
 * begin in the order in which they were made. A loop has no threads until it
 * calls one, and then as many as are needed, up to its limit.
 */
#ifndef FM_LOOP_WORKER_H
#define FM_LOOP_WORKER_H

#include "loop/loop_core.h"

#define FM__WORKERS_DEFAULT 32 /* or CPUs + FM__WORKERS_SPARE, if those are */
#define FM__WORKERS_SPARE 4    /* fewer */
#define FM__WORKERS_MAX 1024   /* that can be asked for */

enum fm__call_state {
    FM__CALL_QUEUED,
    FM__CALL_RUNNING,
    FM__CALL_RETURNED /* and `done` is on its way */
};

struct fm__worker;

struct fm__call {
    int (*fn)(void *arg); /* runs on a worker; fm_run is all it may call */
    void *arg;
    /* On the loop's thread, between tasks, once fn has returned. */
    void (*done)(struct fm__call *call);
    int result; /* of fn; valid in `done` */

    /* Private: until `done`, the pool's. */
    struct fm__work work;
    struct fm__list link;
    struct fm__worker *worker; /* that runs it */
    struct fm__loop *loop;
    enum fm__call_state state;
    bool lingers; /* see fm__worker_linger */
};

/* 0: `done` will be called. -ENOMEM, or -EAGAIN where there is no thread and
 * none could be started: nothing happens. */
int fm__worker_call(struct fm__loop *loop, struct fm__call *call);

/* From now on the loop has a pool, so guests that come later leave before it:
 * 0 or -ENOMEM. */
int fm__worker_prepare(struct fm__loop *loop);

/* Takes back a call that has not begun: true, and `done` is not called. */
bool fm__worker_withdraw(struct fm__call *call);

/* Of a call that runs: the loop may close with it, and waits for it then. */
void fm__worker_linger(struct fm__call *call);

/*
 * Lets go of a call that runs: true, `done` is not called, and the struct is
 * the caller's again. When fn has returned, be the loop there or not, the
 * worker calls release(arg).
 */
bool fm__worker_abandon(struct fm__call *call, void (*release)(void *arg));

/* What a loop has of them. */
struct fm__workers_count {
    size_t threads;
    size_t calls;       /* that are waited for */
    uint64_t submitted; /* that there have been */
};

struct fm__workers_count fm__workers_count(const struct fm__loop *loop);

#endif
