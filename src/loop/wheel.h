/*
 * wheel.h - timers: a hierarchical wheel with nanosecond deadlines
 *
 * Level L has 64 slots of 64^L ns each; a timer lies on the level of the
 * highest bit in which its deadline differs from `now`. So all timers of a
 * level are due before any of the next, cancel is one unlink, and a timer
 * that is cancelled before its time is never touched in between.
 */
#ifndef FM_LOOP_WHEEL_H
#define FM_LOOP_WHEEL_H

#include "base/list.h"

#define FM__NEVER INT64_MAX

enum {
    FM__WHEEL_BITS = 6,
    FM__WHEEL_SLOTS = 1 << FM__WHEEL_BITS,
    FM__WHEEL_LEVELS = 11 /* 66 bits: all of an int64_t */
};

struct fm__timer {
    struct fm__list link; /* in a slot, or in the loop's list of new ones */
    int64_t when;         /* ns; a span until the turn's end made it a moment */
    void (*fire)(struct fm__timer *timer);
};

struct fm__wheel {
    int64_t now;    /* nothing that is linked is due before */
    size_t count;   /* timers linked */
    uint64_t level; /* bit L: level L has a timer */
    /* NULL, or is told of each timer that is due, before it fires. */
    void (*due)(struct fm__wheel *wheel, struct fm__timer *timer);
    uint64_t slots[FM__WHEEL_LEVELS];
    struct fm__list lists[FM__WHEEL_LEVELS][FM__WHEEL_SLOTS];
};

void fm__wheel_init(struct fm__wheel *wheel, int64_t now);

/* timer->when is a moment; one that has passed is due at once. */
void fm__wheel_add(struct fm__wheel *wheel, struct fm__timer *timer);

void fm__wheel_remove(struct fm__wheel *wheel, struct fm__timer *timer);

/* Fires all that is due at `now`, in order of time, then of adding. Firing
 * may remove timers but must not add any. */
void fm__wheel_advance(struct fm__wheel *wheel, int64_t now);

/* A moment at or before the first deadline, close to it; FM__NEVER if none. */
int64_t fm__wheel_next(struct fm__wheel *wheel);

#endif
