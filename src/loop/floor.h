/*
 * floor.h - what fermata/loop.h promises, beside the loop's own floor
 *
 * Functions of users are called from work of the loop, never from inside a
 * poll, a submit or a cancel. All that is due stands in one list, in the
 * order in which it became due, and may leave it again: which the loop's
 * queue of work, whose nodes know no predecessor, does not offer.
 */
#ifndef FM_LOOP_FLOOR_H
#define FM_LOOP_FLOOR_H

#include "loop/loop_core.h"

#include <fermata/loop.h>

/* Due: `run` is called once, with the node in no list. */
struct fm__due {
    struct fm__list link;
    void (*run)(struct fm__due *due);
};

/* Whose loops a thread may use: its own mark, NULL in a forked child. */
extern FM__PER_THREAD const void *fm__thread_mark;

/* For fm__loop_open: the loop is the calling thread's. */
void fm__callbacks_init(struct fm__loop *loop);

/* Appends; the loop runs it in the next turn. */
void fm__callbacks_due(struct fm__loop *loop, struct fm__due *due);

/* For what no function that the loop calls may do. */
void fm__callbacks_outside(const struct fm__loop *loop, const char *caller);

/* A turn that waits, and all that is ready after it. */
void fm__callbacks_pass(struct fm__loop *loop);

/* All that is ready: after a turn. */
void fm__callbacks_run_ready(struct fm__loop *loop);

/* From now on somebody else waits for the loop, and has to be rung for. */
void fm__loop_rest(struct fm__loop *loop);

/* Before the loop is closed: drops calls, ends watches and operations, and
 * waits for them. */
void fm__callbacks_end(struct fm__loop *loop);

/* A call that waits at the end of somebody's list, as pending as any: taken
 * back or dropped, it leaves that. All of a list become due, in its order. */
void fm__call_wait(struct fm__loop *loop, fm_call *record,
                   struct fm__list *list);
void fm__calls_due(struct fm__loop *loop, struct fm__list *list);

/* Takes back, ends or asks to stop all of them. */
void fm__calls_drop(struct fm__loop *loop);
void fm__watches_end(struct fm__loop *loop);
void fm__traps_end(struct fm__loop *loop);
void fm__requests_cancel(struct fm__loop *loop);
void fm__jobs_cancel(struct fm__loop *loop);

/* Whether a watch that is closed keeps the descriptor for a moment: then it
 * closes that too. */
bool fm__watches_close_fd(struct fm__loop *loop, int fd);

/* Where the loop is not of this thread: a sentence that names both. */
FM__NORETURN void fm__loop_stranger(const struct fm__loop *loop,
                                    const char *caller);

/* What each function of the public loop begins with. */
FM__INLINE void fm__loop_check(const struct fm__loop *loop, const char *caller)
{
    if (FM__UNLIKELY(loop->thread != fm__thread_mark))
        fm__loop_stranger(loop, caller);
}

#endif
