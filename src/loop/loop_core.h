/*
 * loop_core.h - the loop of one thread: ready work, timers, operations
 *
 * Knows no tasks. Work is a node with a function; a turn runs exactly the
 * work that was ready when it began, in the order in which it became ready.
 * A light turn ends by swapping two lists; a full one reads the clock, arms
 * and fires timers, and asks the backend. Light turns in a row are bounded by
 * `lights`, which shrinks when full turns come more than 50 us apart.
 */
#ifndef FM_LOOP_CORE_H
#define FM_LOOP_CORE_H

#include "base/atomic.h"
#include "loop/backend.h"
#include "loop/wheel.h"

struct fm__work {
    struct fm__work *next;
    void (*run)(struct fm__work *work);
};

/* A FIFO of work; `last` is valid while `first` is not NULL. */
struct fm__work_queue {
    struct fm__work *first;
    struct fm__work *last;
};

/* Something to do at the end of a full turn, before the backend is asked:
 * what a turn has written leaves together. */
struct fm__cork {
    struct fm__list link;
    void (*flush)(struct fm__cork *cork);
};

/* Who waits for a descriptor to be free: `fed` when this loop has closed one,
 * in order of waiting, once. It may make things ready and nothing else. */
struct fm__hungry {
    struct fm__list link;
    void (*fed)(struct fm__hungry *hungry);
};

/* What ends with the loop, if it did not before: `leave` is called when the
 * loop closes, and may start, cancel and wait for nothing but operations. */
struct fm__guest {
    struct fm__list link;
    void (*leave)(struct fm__guest *guest);
};

/* What fermata/loop.h adds: see floor.h. */
struct fm__callbacks {
    struct fm__list due;      /* to be called, in order */
    struct fm__list timed;    /* calls that wait for their moment */
    struct fm__list requests; /* operations of users, in flight */
    struct fm__list jobs;     /* calls of theirs, on threads */
    struct fm__list traps;
    struct fm__list watches;
    struct fm__list parting; /* watches that are closed, but for a poll */
    struct fm__work work;    /* calls what is due */
    bool queued;             /* work is ready */
    bool running;            /* fm_loop_run, fm_loop_step or the close */
    bool closing;            /* nothing is started any more */
};

struct fm__mailbox;
struct fm__watchdog;
struct fm__workers;

struct fm__loop {
    struct fm__work_queue batch; /* left of this turn */
    struct fm__work_queue ready; /* for the next turn */
    unsigned lights_left;        /* light turns before the next full one */
    unsigned lights;             /* what lights_left is refilled with */
    int64_t now;                 /* the last clock read, ns */
    int64_t opened;              /* the first */
    struct fm__list arming;      /* timers whose span is not yet a moment */
    struct fm__list corks;       /* to be flushed at the turn's end */
    struct fm__list guests;
    struct fm__list hungry;
    struct fm__list listeners;    /* to signals; the longest there first */
    struct fm__workers *workers;  /* its threads; NULL: none so far */
    unsigned workers_limit;       /* 0: as worker.h says */
    struct fm__mailbox *mailbox;  /* NULL: nobody asked for it so far */
    struct fm_resolver *resolver; /* the floor net's; NULL: likewise */
    struct fm__buffers buffers;
    struct fm__wheel wheel;
    const struct fm__backend *backend;
    void *world; /* the backend's */
    size_t operations;
    uint64_t submitted;     /* of these, since the loop was opened */
    size_t cancelling;      /* of these, asked to stop */
    uint64_t chance;        /* of fm__loop_random, in a real world */
    size_t remote_expected; /* other threads that may still post */
    size_t remote_possible; /* and those for whom no moment is held up */
    bool stopping;          /* run returns after the work in hand */
    bool traced;            /* by seed: order is shuffled, events are hashed */
    bool observed;          /* by observers, or by the probe of sweeps */
    uint64_t trace_hash;    /* equal seeds give equal hashes */
    struct fm__list observers;
    uint64_t polls; /* counted as it begins and as it ends: odd meanwhile */

    /* What other threads may touch. */
    struct fm__atomic_ptr posted;     /* a stack of work, newest first */
    struct fm__atomic_word sleeping;  /* 1: somebody must ring */
    struct fm__atomic_word interrupt; /* set by signal handlers */
    int bell;                         /* an eventfd */
    void (*interrupted)(struct fm__loop *loop); /* fm__signals_dispatch */
    /* Nothing can ever happen again, as only the simulator knows: NULL, or
     * makes something ready, or else the loop dies with a sentence. */
    void (*deadlocked)(struct fm__loop *loop);
    void *owner; /* of the floor above */
    struct fm__callbacks callbacks;
    struct fm__watchdog *watchdog; /* NULL: nobody watches */
    const void *thread;            /* whose it is: its fm__thread_mark */
    int thread_number;             /* the same for people */
    int process;                   /* another one in a forked child */
};

/* name: "epoll", "sim", "auto" or NULL; the loop is in the caller's memory.
 * 0, -EINVAL for an unknown name, or what the kernel says. */
int fm__loop_open(struct fm__loop *loop, const char *name, uint64_t seed);

/* Tells the guests, newest first, and waits for operations that were asked to
 * stop. Aborts with a sentence when others, timers or buffers are left. */
void fm__loop_close(struct fm__loop *loop);

/* The run ends when the work in hand is done. */
void fm__loop_stop(struct fm__loop *loop);

/* The end of a turn: arms, polls, fires; waits when nothing is ready. */
void fm__loop_turn(struct fm__loop *loop);

FM__INLINE void fm__loop_ready(struct fm__loop *loop, struct fm__work *work)
{
    work->next = NULL;
    if (loop->ready.first == NULL)
        loop->ready.first = work;
    else
        loop->ready.last->next = work;
    loop->ready.last = work;
}

/*
 * The next work of this turn, or of the next one where a light turn will do;
 * NULL: the turn has to end in full.
 */
FM__INLINE struct fm__work *fm__loop_next(struct fm__loop *loop)
{
    struct fm__work *work = loop->batch.first;
    if (FM__UNLIKELY(work == NULL)) {
        if (loop->lights_left == 0 || !fm__list_empty(&loop->arming))
            return NULL;
        work = loop->ready.first;
        if (work == NULL)
            return NULL;
        loop->lights_left--;
        loop->batch.last = loop->ready.last;
        loop->ready.first = NULL;
    }
    loop->batch.first = work->next;
    return work;
}

/*
 * Timers: fire is called inside a turn's end and may only make things ready.
 * A span counts from the end of the turn; spans of 0 or less fire then.
 */
FM__INLINE void fm__timer_init(struct fm__timer *timer,
                               void (*fire)(struct fm__timer *timer))
{
    fm__list_init(&timer->link);
    timer->when = FM__NEVER;
    timer->fire = fire;
}

FM__INLINE void fm__timer_arm(struct fm__loop *loop, struct fm__timer *timer,
                              int64_t span)
{
    timer->when = span > 0 ? -span - 1 : -1; /* negative: still a span */
    fm__list_push(&loop->arming, &timer->link);
}

void fm__timer_arm_at(struct fm__loop *loop, struct fm__timer *timer,
                      int64_t when);

/* When it fires, at the earliest; FM__NEVER when it is not armed. */
int64_t fm__timer_moment(struct fm__loop *loop, const struct fm__timer *timer);

/* Harmless when it is not armed or has fired. */
FM__INLINE void fm__timer_disarm(struct fm__loop *loop, struct fm__timer *timer)
{
    if (fm__list_empty(&timer->link))
        return;
    if (timer->when >= 0)
        loop->wheel.count--;
    fm__list_remove(&timer->link);
}

/* Once in a turn, however often it is asked for. */
FM__INLINE void fm__loop_cork(struct fm__loop *loop, struct fm__cork *cork)
{
    if (fm__list_empty(&cork->link))
        fm__list_push(&loop->corks, &cork->link);
}

FM__INLINE void fm__loop_guest(struct fm__loop *loop, struct fm__guest *guest)
{
    fm__list_push(&loop->guests, &guest->link);
}

/* Closes a descriptor of the backend's world: 0 or -errno. */
int fm__loop_close_fd(struct fm__loop *loop, int fd);

/* For backends: a descriptor was closed later than it was asked for. */
void fm__loop_feed(struct fm__loop *loop);

/* Operations: see op.h. True: done already, `done` will not be called. */
bool fm__op_submit(struct fm__loop *loop, struct fm__op *op);
void fm__op_cancel(struct fm__loop *loop, struct fm__op *op);

/* For backends. */
void fm__op_complete(struct fm__loop *loop, struct fm__op *op, ssize_t result);

/* From any thread: work becomes ready, in order of posting. */
void fm__loop_post(struct fm__loop *loop, struct fm__work *work);

/* Runs all that is ready or posted, without a turn: before a close. */
void fm__loop_finish(struct fm__loop *loop);

/* From any thread or a signal handler: `interrupted` is called on the loop. */
void fm__loop_interrupt(struct fm__loop *loop);

/* From any thread: a loop that sleeps looks again. */
void fm__loop_ring(struct fm__loop *loop);

/* Who wants its attention from now on has to ring; whether somebody does. */
void fm__loop_asleep(struct fm__loop *loop);
bool fm__loop_called(struct fm__loop *loop);

/* For backends that sleep: whether to, and what follows. Who rings writes to
 * `bell`; whether to read it is the backend's business. */
bool fm__loop_may_sleep(struct fm__loop *loop);
void fm__loop_awake(struct fm__loop *loop);

/* One more thing that happened, for the trace hash. */
FM__INLINE void fm__loop_trace(struct fm__loop *loop, uint64_t event)
{
    if (FM__UNLIKELY(loop->traced))
        loop->trace_hash = (loop->trace_hash ^ event) * UINT64_C(0x100000001b3);
}

/* A number by chance: of the seeded sequence in a world that has one, so that
 * equal seeds give equal stories; elsewhere different in each loop. */
uint64_t fm__loop_random(struct fm__loop *loop);

/* The moment now, read from the world's clock. */
FM__INLINE int64_t fm__loop_now(struct fm__loop *loop)
{
    return loop->backend->now(loop);
}

#endif
