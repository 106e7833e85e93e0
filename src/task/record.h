/*
 * record.h - what a task is
 *
 * The record lies at the top of the task's own stack, so starting a task
 * takes one stack and one slot of the handle table, and nothing else. It is
 * gone as soon as the task is released: whoever holds on to a task longer
 * holds a handle, whose generation tells.
 *
 * Invariant: `credit` is the one word a cancel point looks at. It is above 0
 * only while nothing is to be done there; `cut` says that a reason to refuse
 * may be visible, and fm__cut_reason whether it is.
 *
 * What is FM_API here is for libraries of ours.
 */
#ifndef FM_TASK_RECORD_H
#define FM_TASK_RECORD_H

#include "coro/arena.h"
#include "coro/coro.h"
#include "coro/fitness.h"
#include "inspect/root.h"
#include "loop/observer.h"

#include <fermata/dense.h>
#include <fermata/group.h>
#include <fermata/report.h>
#include <fermata/run.h>
#include <fermata/task.h>

enum {
    FM__BUDGET = 128, /* operations before a task that never waits yields */
    FM__NAME_SIZE = FM__STACK_SPARE,
    FM__DENSE_ARGS = 256 /* bytes that are copied for a dense task */
};

struct fm__task;
struct fm__waiter;

/* A kind of wait: a constant of each place that waits. Readers from outside
 * have it too. */
struct fm__wait_kind {
    /* The task is cut while it waits here: end the wait by fm__wake with the
     * reason, or pass the cut on and stay. NULL: this wait is not cut. */
    void (*cut)(struct fm__waiter *waiter, int reason);
    const char *name; /* as people say it: "queue get" */
    uint8_t what;     /* enum fm__wait_what, which says what the rest is */
    int16_t at;
    uint16_t first;
    uint16_t second;
};

/* For `at`: from the waiter to what else is in the record that has both; back
 * from a list's head to what begins with it. */
#define FM__WAIT_AT(type, waiter, field)                                       \
    ((int16_t)((int)offsetof(type, field) - (int)offsetof(type, waiter)))
#define FM__WAIT_BACK(type, list) ((int16_t)offsetof(type, list))

/* Where a task waits; on its stack, so waiting allocates nothing. */
struct fm__waiter {
    struct fm__task *task;
    const struct fm__wait_kind *kind;
    int64_t since; /* the loop's clock when it began, ns */
};

/* A waiter in a list, FIFO. */
struct fm__queued {
    struct fm__waiter waiter;
    struct fm__list link;
    struct fm__list *list;
};

/* Who hears of a task's end, once; called on the ending task's stack. It
 * takes the result and releases the task. */
struct fm__reaper {
    void (*reap)(struct fm__reaper *reaper, struct fm__task *task);
};

/* Who looks at a task's end and takes nothing: its starter, while that waits
 * for more than one thing. Called once, on the ending task's stack; the task
 * is kept. */
struct fm__lookout {
    void (*ended)(struct fm__lookout *lookout, struct fm__task *task);
};

/* Tasks that are gone through in the order in which they end: wait.h. */
struct fm__arrivals;

/* Tasks that belong together: the children of a task, or a group. */
struct fm__owner {
    struct fm__list members; /* alive, or ended and not yet consumed */
    struct fm__task *task;   /* whose children or group; NULL: the root's */
};

enum fm__block_kind {
    FM__BLOCK_TIMEOUT,
    FM__BLOCK_SHIELD,
    FM__BLOCK_GROUP,
    FM__BLOCK_SIGMASK, /* cuts nothing, hides nothing */
    FM__BLOCK_HOLD,    /* neither: a lock or a permit */
    FM__BLOCK_WARD     /* cuts when whoever watches over it sets `cut`, and
                        * calls fm__recut of its task */
};

/* An open block: timeout, shield or group; first in each one's record. */
struct fm__block {
    struct fm__block *outer;
    struct fm__task *task; /* whose block it is */
    uint8_t kind;
    bool cut;    /* time is up, or the group cuts; a shield: hides no more */
    bool caused; /* a call was refused, or a wait cut, because of it */
    bool opened;
};

enum fm__task_state {
    FM__TASK_ALIVE,
    FM__TASK_ENDED /* and kept for its starter */
};

enum fm__task_mark {
    FM__MARK_DENSE = 1,   /* on a stack without a guard */
    FM__MARK_OBSERVED = 2 /* somebody hears of its turns */
};

/* A switch between tasks touches the first line of the cache alone. What lies
 * from credit to place is zero in each new task. The record ends right below
 * the head of its stack. */
struct fm__task {
    struct fm__work work; /* ready: in the loop's queue */
    struct fm__coro coro;
    struct fm__conductor *home;
    int16_t credit;
    union {
        struct {
            bool cut;
            uint8_t marks; /* enum fm__task_mark */
        };
        uint16_t watched; /* 0: nothing is to be done when it is left */
    };
    uint32_t turns;            /* how often it was left; goes round */
    struct fm__waiter *waiter; /* NULL while running or ready */
    struct fm__block *blocks;  /* the innermost */
    struct fm__reaper *reaper;
    struct fm__lookout *lookout;   /* NULL unless its starter waits */
    struct fm__arrivals *arrivals; /* NULL: in none */
    struct fm__list *awaitables;   /* the newest that is pending; a ring */
    union {
        int32_t woken;  /* what fm__park returns */
        int32_t result; /* once ended, when it parks no more */
    };
    uint16_t refusals; /* in a row; no more than are reported */
    uint16_t charged;  /* calls while cut, since it last yielded */
    uint32_t ended_children;
    uint16_t shields; /* open shields */
    uint16_t under;   /* of the starter's shields, when this was started */
    uint8_t state;
    bool cancelled;    /* marked; never taken back */
    bool bare;         /* fn takes nothing */
    bool walking : 1;  /* in the list of a cancel's walk */
    bool unreaped : 1; /* it was reported that too many are */
    bool covered : 1;  /* has started a child inside a shield that is open */
    uint32_t place;    /* in a gather's results; kept: in the order of ends */
    uint32_t serial;   /* the how-manieth of its loop */
    uint32_t index;    /* among the arrivals */
    struct fm__list arrival;
    struct fm__owner children;
    struct fm__owner *owner;
    struct fm__list link; /* in owner->members */
    struct fm__task *walk_next;
    fm_task *handle;
    fm__fn fn;
    void *args;
    const char *label; /* name NUL site */
    const char *name;
    struct fm__locals *locals;
};

/* What the record takes, in whole lines of the cache. */
#define FM__TASK_SIZE ((sizeof(struct fm__task) + 63) / 64 * 64)
#if !defined(FM__TOOLS) && !defined(FM__UCONTEXT)
_Static_assert(FM__TASK_SIZE <= 256, "dense.h promises the room");
#endif

FM__INLINE struct fm__stack *fm__task_stack(const struct fm__task *task)
{
    return (struct fm__stack *)((uintptr_t)task + FM__TASK_SIZE);
}

/* The one of a thread that runs a loop. */
struct fm__conductor {
    struct fm__loop loop; /* first: work finds home by its loop */
    struct fm__arena arena;
    struct fm__handles *handles;
    struct fm__coro thread;
    struct fm__sanitized thread_tools;
    struct fm__owner root;
    struct fm__task *walk; /* of a cancel, while `walking` */
    bool walking;
    size_t alive;
    struct fm__task **current;  /* the thread's fm__current, for others */
    struct fm__conductor *next; /* in the root's list */
    struct fm__meters *meters;  /* NULL: nothing is measured */
    int16_t budget;
    unsigned stack_class;
    unsigned dense_looks;       /* starts until signals are looked at again */
    struct fm__code dense_code; /* found fit for dense stacks */
    uint64_t serials;           /* tasks that were started */
    uint32_t kept; /* tasks that ended before somebody waited for them */
    fm_run_options options;
    struct fm__depths *depths; /* likewise of stacks */
    struct fm__sites *sites;
    struct fm__trace *trace; /* NULL: none is written */
};

/* The task that runs, or fm__nobody; the conductor of this thread, or NULL. */
FM__SHARED_VARIABLE extern FM__PER_THREAD struct fm__task *fm__current;
extern FM__PER_THREAD struct fm__conductor *fm__home;
extern struct fm__task fm__nobody;
/* This is a forked child of a thread that ran a loop. */
extern FM__PER_THREAD bool fm__forked;

/* The running task; aborts with a sentence naming the caller outside one. */
FM_API struct fm__task *fm__task_self(const char *caller);
FM__NORETURN void fm__task_none(const char *caller);

/* How a task is started. */
struct fm__start {
    fm__fn fn;
    const void *args; /* copied when shape is not 0 */
    uint32_t shape;   /* size, and alignment << 16 */
    const char *label;
    const fm_task_options *options; /* or NULL */
};

#define FM__SHARED UINT32_MAX /* a shape: args is passed on as it is */

/* Dies with a sentence where the task, which is dense, has run over the end of
 * its stack or stands on another one. */
void fm__canary_look(const struct fm__task *task);

/* A task whose options ask for a dense stack is about to be started: dies with
 * a sentence where there are none. */
void fm__canary_require(struct fm__conductor *home,
                        const struct fm__start *its);

/* A new task, ready to run; NULL without memory. */
struct fm__task *fm__task_new(struct fm__conductor *home,
                              struct fm__owner *owner,
                              const struct fm__start *start);

/* The first frame of every task. */
FM__NORETURN void fm__task_main(void *task);

/* Gives back all of an ended task. */
void fm__task_release(struct fm__task *task);

/* A child has ended, and is kept for its starter. */
void fm__task_keep(struct fm__task *task);

/* Runs a ready task from the loop's stack. */
void fm__task_resume(struct fm__work *work);

/* park and wake: what everything above is written with. Like all that asks
 * fm__blocks_check and is not public, a park has a frame of its own, whatever
 * the optimiser sees: its caller may have a block in its own. */
FM__NOINLINE int fm__park(struct fm__waiter *waiter);
void fm__wake(struct fm__waiter *waiter, int result);

/* Parks at the end of a list; the kind's cut, as fm__park_cut, takes it out of
 * there. */
FM__NOINLINE int fm__park_in(struct fm__list *list, struct fm__queued *queued,
                             const struct fm__wait_kind *kind);
void fm__park_cut(struct fm__waiter *waiter, int reason);
/* Wakes the first of a list with the result; false when it is empty. */
bool fm__wake_first(struct fm__list *list, int result);

FM_API int fm__checkpoint_slow(struct fm__task *self, const char *caller);
void fm__charge_slow(struct fm__task *self, const char *caller);
/* It has worked for long: the next checkpoint is a turn of others. */
FM_API void fm__tire(struct fm__task *self);

/* What each suspending function begins with: 0, or the reason to refuse. */
FM__INLINE int fm__checkpoint(struct fm__task *self, const char *caller)
{
    if (FM__LIKELY(--self->credit > 0))
        return 0;
    return fm__checkpoint_slow(self, caller);
}

/* What each settling function begins with: it is charged, never refused. */
FM__INLINE void fm__charge(struct fm__task *self, const char *caller)
{
    if (FM__UNLIKELY(--self->credit <= 0))
        fm__charge_slow(self, caller);
}

/* Why the task's calls are refused now: 0, -ECANCELED or -ETIMEDOUT. Marks
 * the block that is the cause. */
int fm__cut_reason(struct fm__task *task);
/* The same without marking, seen from outside `inner` (NULL: from inside). */
int fm__cut_seen(const struct fm__task *task, const struct fm__block *inner);

/* A cut of this task came, or came into sight: ends or tells its wait. */
FM_API void fm__recut(struct fm__task *task);

/* Marks the task and its live descendants. */
void fm__cancel(struct fm__task *task);

/* Arrivals: a task of theirs has ended and is kept; or is about to go away. */
void fm__arrive(struct fm__task *task);
void fm__arrivals_leave(struct fm__task *task);

/* The task's function has returned: what it awaits is withdrawn. */
FM__NOINLINE void fm__awaitables_end(struct fm__task *self);

/* The parent has returned and cancelled this child: a generator ends then also
 * where it yields in a shield, for nobody will ask any more. */
void fm__gen_left(const struct fm__task *child);

/* Blocks: push and pop check the order. */
FM_API void fm__block_push(struct fm__block *block, enum fm__block_kind kind,
                           const char *caller);
FM_API void fm__block_pop(struct fm__block *block, const char *caller);

FM__NORETURN void fm__blocks_left(const struct fm__task *self);

/* A record below the caller's frame was left by longjmp: found before what
 * lies there now is taken for it, or written over it. */
FM__INLINE void fm__blocks_check(const struct fm__task *self)
{
    const char *block = (const char *)self->blocks;
    const char *frame = FM__FRAME_END;
    if (FM__UNLIKELY(block != NULL) && block < frame &&
        block > fm__task_stack(self)->bottom)
        fm__blocks_left(self);
}

/* Handles. */
int fm__handles_open(struct fm__conductor *home);
void fm__handles_close(struct fm__conductor *home);
/* The live task, or NULL if it is gone. */
struct fm__task *fm__handle_find(const fm_task *handle);

/* Locals. */
struct fm__locals *fm__locals_share(struct fm__locals *locals);
void fm__locals_drop(struct fm__locals *locals);

/* Reports, and the sentences in them. */
void fm__sentence(char *line, size_t size, const char *format, ...)
    FM__FORMAT(3, 4);
const char *fm__site(const struct fm__task *task);
/* About a task, or NULL: about this thread's loop; and another one that has
 * to do with it, or NULL. */
void fm__report(fm_report_kind kind, const struct fm__task *task,
                const struct fm__task *other, const char *format, ...)
    FM__FORMAT(4, 5);

/* A loop can be seen from outside, or no longer. */
void fm__root_add(struct fm__conductor *home);
void fm__root_remove(struct fm__conductor *home);
/* In a forked child: none of the loops is there. */
void fm__root_forget(void);

/* Every live task, the root's first, each after its owner; arg is passed. */
void fm__each_task(struct fm__conductor *home,
                   void (*visit)(struct fm__task *task, void *arg), void *arg);

/* The loop's `deadlocked`: names the tasks, before the program ends. */
void fm__tell_deadlock(struct fm__loop *loop);

/*
 * The probe of cancellation sweeps, one a thread, NULL in production: cancels
 * the task that passes the k-th point of its kind, or whom `victim` names.
 */
enum fm__probe_phase {
    FM__PROBE_BEFORE, /* at the k-th cancel point, before it is checked */
    FM__PROBE_PARKED, /* during the k-th wait, a turn after it began */
    FM__PROBE_WOKEN,  /* right after the k-th wait was ended by its event */
    FM__PROBE_PHASES
};

struct fm__probe {
    uint64_t passed[FM__PROBE_PHASES];
    enum fm__probe_phase phase;
    uint64_t cancel_at; /* 0: only count */
    /* NULL: who passes; else who is cancelled in its place, or NULL. */
    struct fm__task *(*victim)(struct fm__task *passing);
    struct fm__work work;
    fm_task *target;
};

/* Set before a run is opened, and as long as it is open. */
extern FM__PER_THREAD struct fm__probe *fm__probe;

/* Cancels the probe's victim; passing may be NULL when it is gone. */
void fm__probe_strike(struct fm__task *passing);

#endif
