/*
 * observer.h - who hears of each step of a loop and its tasks
 *
 * For what measures and what traces: in most loops there is nobody, and then a
 * step costs no more than the look at a byte that the hot paths take anyway.
 * Observers come before the first task and stay until the loop has ended.
 */
#ifndef FM_LOOP_OBSERVER_H
#define FM_LOOP_OBSERVER_H

#include "loop/loop_core.h"

/* What has happened, and to what: `subject`. */
enum fm__event {
    FM__EVENT_START,    /* a task: it is ready for its first turn */
    FM__EVENT_NAME,     /* a task: it has another name */
    FM__EVENT_RUN,      /* a task: it goes on, right after this */
    FM__EVENT_LEAVE,    /* a task: others go on; it waits where it has a waiter,
                         * else it is ready */
    FM__EVENT_WAKE,     /* a task: it is ready */
    FM__EVENT_END,      /* a task, with its result; it goes away after this */
    FM__EVENT_SUBMIT,   /* a fm__op */
    FM__EVENT_COMPLETE, /* a fm__op, with its result; also right after SUBMIT */
    FM__EVENT_POLL,     /* NULL: the kernel is asked, and may be waited for */
    FM__EVENT_POLLED,   /* NULL: it has answered; `now` is new */
    FM__EVENT_FIRE      /* a fm__timer that is due, before it fires */
};

struct fm__observer {
    struct fm__list link;
    void (*notice)(struct fm__observer *observer, enum fm__event event,
                   const void *subject);
};

void fm__loop_observe(struct fm__loop *loop, struct fm__observer *observer);

/* The observers, in the order in which they came. Not inlined: its frame would
 * cost those that tell where nobody hears. */
FM__NOINLINE void fm__loop_tell(struct fm__loop *loop, enum fm__event event,
                                const void *subject);

FM__INLINE void fm__loop_notice(struct fm__loop *loop, enum fm__event event,
                                const void *subject)
{
    if (FM__UNLIKELY(loop->observed))
        fm__loop_tell(loop, event, subject);
}

#endif
