/*
 * model_reference.h - the parts of the reference interpreter
 *
 * Each `ref_begin_...` either finishes the step at once or leaves the task
 * waiting; the function named in the past tense ends it when the wait is over.
 */
#ifndef TESTS_SIM_MODEL_REFERENCE_H
#define TESTS_SIM_MODEL_REFERENCE_H

#include "sim/model_world.h"

/* The list that the task is in. */
struct world_frame *ref_frame(struct world_task *task);
void ref_note(struct world *world, int task, int step, int value);

/* The step has its result: the list goes on, or ends. */
void ref_finish(struct world *world, int index, int step, int value);
void ref_wait(struct world_task *task, enum world_wait wait);

/* Goes into the list of a block. */
void ref_enter(struct world_task *task, const struct model_step *what,
               int step);

/* A new task, in no hand yet; a child; a member. */
void ref_birth(struct world *world, int index, int starter);
int ref_start(struct world *world, int index, int child);
void ref_join(struct world *world, int index, int member, int group);

/* Whether the task has the handle of this child. */
bool ref_holds(const struct world *world, int index, int child);

/* Waits for those in `awaited` that live; false when there is none. */
bool ref_await(struct world *world, int index, enum world_wait wait);
bool ref_begin_await(struct world *world, int index, int child, bool stop);
void ref_awaited(struct world *world, int index, int step);
void ref_begin_gather(struct world *world, int index, int step);
void ref_gathered(struct world *world, int index, int step);

/* "Only if the wait was cut and the child ended with -ECANCELED is the
 * waiter's own reason returned." */
int ref_settled(struct world_task *task, bool obeyed, int result);

void ref_begin_go(struct world *world, int index, int step);
void ref_gone(struct world *world, int index, int step);
void ref_open_group(struct world *world, int index, int step);
void ref_begin_close(struct world *world, int index);
void ref_closed(struct world *world, int index);

/* Queues, flags, locks and conditions. */
void ref_open_sync(struct world *world);
void ref_begin_sync(struct world *world, int index, int step);
void ref_synced(struct world *world, int index, int step);
void ref_release(struct world *world, int lock);
/* An event is over: a lock that is free and waited for has a holder again, and
 * who looks at what is ready now is told. */
void ref_settle(struct world *world);
/* 0 or an item; -EAGAIN: it would have to wait; -ESHUTDOWN. */
int ref_put(struct world *world, int queue, int item);
int ref_take(struct world *world, int queue);

void ref_begin_select(struct world *world, int index, int step);
void ref_told(struct world *world, int index, int step);
void ref_tell(struct world *world);

/* What the interpreter may get wrong on purpose, so that it shows whether
 * anybody would notice. */
enum ref_mutant {
    REF_RIGHT,
    REF_NEWEST_WAITER,    /* a hand-over goes to who came last */
    REF_OTHER_ORDER,      /* a queue forgets its order */
    REF_OVERFULL,         /* a queue holds one item more */
    REF_OPEN_AFTER_ALL,   /* a queue that is shut takes items */
    REF_ONE_OF_THEM,      /* a flag wakes one task only */
    REF_BARGE,            /* a lock is free for whoever comes first */
    REF_NO_LOCK_REGAINED, /* a condition that is cut forgets its lock */
    REF_LOOKS_ONCE        /* a select that was told does not look again */
};

extern enum ref_mutant ref_mutant;

#endif
