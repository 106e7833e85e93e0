/*
 * awaiting.h - a record of something awaited, and a task that waits for some
 *
 * Invariant: a record is linked, in its owner's ring and where it waits, as
 * long as it is pending. `awaited` is set only while the owner is in a wait
 * for it: until the owner was woken, its waiter is that wait's.
 */
#ifndef FM_TASK_AWAITING_H
#define FM_TASK_AWAITING_H

#include "task/record.h"
#include "task/watcher.h"

#include <fermata/awaitable.h>

struct fm__awaitable {
    union {
        struct fm__timer timer;
        struct {
            struct fm__watcher watcher;
            const fm_when *when;
        };
    };
    struct fm__list link;   /* in the ring of owner->awaitables */
    struct fm__task *owner; /* who began it */
    int32_t result;         /* once it is done */
    bool pending;
    bool watched; /* it waits for an object, not for a time */
    bool awaited;
    bool kept; /* done, and not taken */
};

/* On the stack of the task that waits. */
struct fm__awaiting {
    struct fm__waiter waiter;
    const char *caller;
    size_t left; /* that are to be done before it is woken */
    size_t failed;
    int failure; /* the first */
    bool settle; /* goes on after it */
};

/* A record in a frame of this task that has returned. */
FM__NORETURN void fm__awaitable_left(const struct fm__task *task);

/* The newest of the task's records lies below a frame that is alive: that of
 * the public verb, which is the first below the user's. */
FM__INLINE void fm__awaitables_check(const struct fm__task *self)
{
    const char *newest = (const char *)self->awaitables;
    const char *frame = FM__FRAME_END;
    if (FM__UNLIKELY(newest != NULL) && newest < frame &&
        newest > fm__task_stack(self)->bottom)
        fm__awaitable_left(self);
}

/* It is pending: it is done with -ECANCELED. */
void fm__awaitable_withdraw(struct fm__awaitable *awaitable);

#endif
