/*
 * stagger.h - starts that keep a distance
 *
 * Between two starts of a group there is a span of time, unless a member has
 * failed in between: RFC 8305, section 5, for any race.
 *
 * Invariant: a task waits in line only while the next start is not free. It
 * is handed to the one that waited longest, who uses it or passes it on.
 */
#ifndef FM_TASK_STAGGER_H
#define FM_TASK_STAGGER_H

#include "task/record.h"

enum fm__stagger_state {
    FM__STAGGER_FREE,   /* the next start may be at once */
    FM__STAGGER_HANDED, /* somebody is about to start */
    FM__STAGGER_KEPT    /* until the timer fires or a member fails */
};

struct fm__stagger {
    int64_t span; /* ns; 0: starts keep no distance */
    struct fm__timer timer;
    struct fm__list line; /* struct fm__queued */
    enum fm__stagger_state state;
};

/* Aborts with a sentence where it is NaN. */
void fm__stagger_init(struct fm__stagger *stagger, double seconds);

/* Waits to be handed the next start: 0 or the reason of a cut. Who is, tells
 * that a member was started, or passes it on. */
int fm__stagger_wait(struct fm__stagger *stagger);
void fm__stagger_started(struct fm__stagger *stagger, struct fm__loop *loop);
void fm__stagger_pass(struct fm__stagger *stagger);

/* A member has ended without success. */
void fm__stagger_failed(struct fm__stagger *stagger, struct fm__loop *loop);

/* Refuses those in line; they find the group cut. */
void fm__stagger_refuse(struct fm__stagger *stagger);
void fm__stagger_end(struct fm__stagger *stagger, struct fm__loop *loop);

#endif
