/*
 * fault.h - make the k-th door fail, and count what is still held
 *
 * The plan belongs to one thread; without one a door costs a load and a
 * branch. `fail_at` counts from 1; with `from_then_on` every later one fails
 * too. The ledger is the whole process's: what is held must be what was held
 * before, once a loop has closed. Tasks, stacks, timers and operations are
 * counted by their loop, which cannot close while one is left.
 */
#ifndef FM_BASE_FAULT_H
#define FM_BASE_FAULT_H

#include "base/atomic.h"

#include <errno.h>

enum fm__door {
    FM__DOOR_MEMORY,
    FM__DOOR_SYSTEM,
    FM__DOOR_OPERATION,
    FM__DOOR_REQUEST, /* io_uring: finds the queue of requests full */
    FM__DOOR_CANCEL,  /* io_uring: comes too late, as if EALREADY */
    FM__DOORS
};

struct fm__fault_plan {
    uint64_t passed[FM__DOORS];
    uint64_t fail_at[FM__DOORS];
    unsigned often[FM__DOORS]; /* of 1000 passages so many fail too */
    uint64_t chance;           /* decides which */
    bool from_then_on;
    bool spare_waits;  /* no wait for events counts: without, nothing goes on */
    bool shorten;      /* operations move one byte, or datagram, where they
                        * would fail */
    int error;         /* calls and operations fail with it; 0 is -EIO */
    bool small_ring;   /* io_uring has queues of two from its opening */
    bool shadow_stack; /* the kernel says that one is active */
    size_t page;       /* a page has so many bytes; 0: what it has */
    bool old_kernel;   /* processes are started as before Linux 5.2 */
};

extern FM__PER_THREAD struct fm__fault_plan *fm__fault_plan;

bool fm__fault_count(struct fm__fault_plan *plan, enum fm__door door);

/* Whether this passage is the one that fails. */
FM__INLINE bool fm__fault(enum fm__door door)
{
    struct fm__fault_plan *plan = fm__fault_plan;
    return FM__UNLIKELY(plan != NULL) && fm__fault_count(plan, door);
}

/* What it fails with; 0 when it does not. */
FM__INLINE int fm__fault_error(enum fm__door door)
{
    if (!fm__fault(door))
        return 0;
    return fm__fault_plan->error != 0 ? fm__fault_plan->error : -EIO;
}

enum fm__held {
    FM__HELD_BYTES,
    FM__HELD_BLOCKS,
    FM__HELD_DESCRIPTORS,
    FM__HELD_MAPPINGS,
    FM__HELD_THREADS, /* neither joined nor detached */
    FM__HELD_KINDS
};

extern struct fm__atomic_word fm__ledger[FM__HELD_KINDS];
const char *fm__held_name(enum fm__held kind);

FM__INLINE void fm__hold(enum fm__held kind, uint64_t count)
{
    fm__atomic_add_relaxed(&fm__ledger[kind], count);
}

FM__INLINE void fm__release(enum fm__held kind, uint64_t count)
{
    fm__atomic_add_relaxed(&fm__ledger[kind], 0 - count);
}

#endif
