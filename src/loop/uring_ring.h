/*
 * uring_ring.h - the two queues that are shared with the kernel
 *
 * Requests go into one, completions come out of the other. Nothing is asked
 * of the kernel until the ring is entered; a full queue of requests enters by
 * itself. Belongs to the thread that opened it.
 */
#ifndef FM_LOOP_URING_RING_H
#define FM_LOOP_URING_RING_H

#include "base/fault.h"
#include "base/sys_ring.h"
#include "loop/uring_probe.h"

enum {
    FM__RING_REQUESTS = 128, /* that lie in the queue at once: 8 KiB */
    FM__RING_COMPLETIONS = 1024,
    FM__RING_COMPLETIONS_FIXED = 8192, /* where they cannot grow */
    FM__RING_COMPLETIONS_MAX = 65536
};

struct fm__ring {
    /* Requests: `tail` runs ahead of what the kernel was told. */
    struct io_uring_sqe *sqes;
    uint32_t sq_mask;
    uint32_t tail;
    uint32_t taken; /* how far the kernel was when it was last entered */
    uint32_t *sq_tail;
    const uint32_t *sq_head;
    const uint32_t *sq_flags;

    /* Completions: `head` runs ahead of what the kernel was told. */
    struct io_uring_cqe *cqes;
    uint32_t cq_mask;
    uint32_t head;
    uint32_t *cq_head;
    const uint32_t *cq_tail;

    int fd;
    int handle; /* to enter by: its index where it is registered */
    unsigned enter_flags;
    bool leaving; /* operations are on their way out: no entry may fail */
    struct fm__uring_offer offer;
    void *queues;
    size_t queues_size;
    size_t sqes_size;
};

/* 0 or -errno; then nothing is left behind. */
int fm__ring_open(struct fm__ring *ring);
void fm__ring_close(struct fm__ring *ring);

/* What was queued goes to the kernel, which may take a part of it: 0, or
 * -errno; then it may be tried again. */
int fm__ring_flush(struct fm__ring *ring);

struct fm__ring_wait {
    unsigned count;    /* of completions, also of those at once */
    unsigned min_wait; /* us, after which one will do */
    int64_t now;       /* the last clock read, ns */
    int64_t deadline;  /* ns, FM__NEVER */
};

/* The same, and completions are made; wait NULL: those that can be at once. */
int fm__ring_enter(struct fm__ring *ring, const struct fm__ring_wait *wait);

/* Waits for one completion, on the way out. */
int fm__ring_drain(struct fm__ring *ring);

/* Completions did not fit: makes room for twice as many. They must all have
 * been taken. */
void fm__ring_grow(struct fm__ring *ring);

/* Room for a request, which must be filled whole; NULL: the queue is full and
 * the kernel takes nothing now. */
FM__INLINE struct io_uring_sqe *fm__ring_request(struct fm__ring *ring)
{
    if (FM__UNLIKELY(fm__fault(FM__DOOR_REQUEST)))
        return NULL;
    if (FM__UNLIKELY(ring->tail - ring->taken > ring->sq_mask) &&
        (fm__ring_flush(ring) < 0 || ring->tail - ring->taken > ring->sq_mask))
        return NULL;
    return &ring->sqes[ring->tail++ & ring->sq_mask];
}

/* The next completion or NULL; it is there until fm__ring_take. */
FM__INLINE const struct io_uring_cqe *fm__ring_peek(const struct fm__ring *ring)
{
    if (ring->head == fm__atomic_acquire32(ring->cq_tail))
        return NULL;
    return &ring->cqes[ring->head & ring->cq_mask];
}

FM__INLINE void fm__ring_take(struct fm__ring *ring)
{
    fm__atomic_release32(ring->cq_head, ++ring->head);
}

FM__INLINE bool fm__ring_overflows(const struct fm__ring *ring)
{
    return (fm__atomic_relaxed32(ring->sq_flags) & IORING_SQ_CQ_OVERFLOW) != 0;
}

/* Whether to enter has a use when nothing is to be waited for. */
FM__INLINE bool fm__ring_restless(const struct fm__ring *ring)
{
    return ring->tail != ring->taken ||
           (fm__atomic_relaxed32(ring->sq_flags) &
            (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

#endif
