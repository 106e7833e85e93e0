/*
 * trace_ring.h - what a loop notes for its trace, on the way to the thread
 * that writes it down
 *
 * Invariant: `taken` <= `published` <= `head`, and head - taken is at most
 * FM__TRACE_RECORDS. Records up to `published` are the writer's to read, all
 * others the loop's. A text takes the records after its own, and lies in one
 * piece: there is room for one behind the last.
 */
#ifndef FM_TASK_TRACE_RING_H
#define FM_TASK_TRACE_RING_H

#include "base/atomic.h"

#define FM__TRACE_RECORDS 524288 /* a power of 2; 16 MiB */
#define FM__TRACE_TEXT 256       /* bytes of a text, with its end, at most */
#define FM__TRACE_BEHIND 8       /* records that one takes */

enum fm__trace_step {
    /* Of a task. */
    FM__TRACE_START, /* text: name NUL site; object: handle; value: its parent
                      * and, << 32, its starter, both as `task` */
    FM__TRACE_NAME,  /* text */
    FM__TRACE_RUN,   /* text, where steps were lost: its name */
    FM__TRACE_YIELD, /* it is ready again */
    FM__TRACE_PARK,  /* object: the kind of the wait; value: what for */
    FM__TRACE_WAKE,  /* value: who did, as `task` */
    FM__TRACE_END,   /* value: its result */
    /* Of the loop. */
    FM__TRACE_SUBMIT,   /* object: the operation; kind; value: fd */
    FM__TRACE_COMPLETE, /* object: the operation; value: its result */
    FM__TRACE_POLL,     /* object: operations; value: tasks alive */
    FM__TRACE_POLLED,
    FM__TRACE_MARK,  /* text */
    FM__TRACE_COUNT, /* text; value */
    FM__TRACE_LOST   /* value: so many steps are not here */
};

struct fm__trace_record {
    int64_t when;  /* ns */
    uint32_t task; /* the track: FM__TRACE_LOOP, or a task's */
    uint8_t step;
    uint8_t kind;
    uint8_t parts; /* records that its text takes */
    uint64_t object;
    int64_t value;
};

/* Indices count on, and go round. */
struct fm__trace_ring {
    struct fm__trace_record *records;
    uint32_t head;  /* the loop's: what is published, and what it writes now */
    uint32_t known; /* the loop's: of `taken` */
    uint32_t published;
    uint32_t taken;
};

/* Its text comes after it. */
FM__INLINE struct fm__trace_record *
fm__trace_at(const struct fm__trace_ring *ring, uint32_t index)
{
    return &ring->records[index & (FM__TRACE_RECORDS - 1)];
}

/* Whether there is room for so many more. */
FM__INLINE bool fm__trace_room(struct fm__trace_ring *ring, uint32_t count)
{
    if (FM__LIKELY(ring->head + count - ring->known <= FM__TRACE_RECORDS))
        return true;
    ring->known = fm__atomic_acquire32(&ring->taken);
    return ring->head + count - ring->known <= FM__TRACE_RECORDS;
}

#endif
