/*
 * uring_ring.c - sets up, maps, enters and grows the ring
 *
 * Invariant: [taken, tail) are the requests that the kernel has not got. It is
 * read back after each entry, because an entry may take a part only.
 */
#include "loop/uring_ring.h"

#include "base/die.h"
#include "base/sys.h"
#include "loop/wheel.h"

#include <errno.h>

#define RING_FLAGS                                                             \
    (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |                 \
     IORING_SETUP_SUBMIT_ALL | IORING_SETUP_TASKRUN_FLAG |                     \
     IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP)
#define RING_SMALL 2       /* entries, where a test asks for it */
#define RING_WORKERS 4     /* threads of the kernel for what must block */
#define RING_FAR (1 << 30) /* s: a limit that is none */

static void *uring_ring_at(const struct fm__ring *ring, uint32_t offset)
{
    return (char *)ring->queues + offset;
}

/* With an array between the requests would be taken in its order. */
static void uring_ring_lay_array(struct fm__ring *ring,
                                 const struct io_uring_params *p)
{
    uint32_t *array = uring_ring_at(ring, p->sq_off.array);
    for (uint32_t i = 0; i < p->sq_entries; i++)
        array[i] = i;
}

static void uring_ring_lay(struct fm__ring *ring,
                           const struct io_uring_params *p)
{
    ring->sq_mask = p->sq_entries - 1;
    ring->sq_head = uring_ring_at(ring, p->sq_off.head);
    ring->sq_tail = uring_ring_at(ring, p->sq_off.tail);
    ring->sq_flags = uring_ring_at(ring, p->sq_off.flags);
    ring->cq_mask = p->cq_entries - 1;
    ring->cqes = uring_ring_at(ring, p->cq_off.cqes);
    ring->cq_head = uring_ring_at(ring, p->cq_off.head);
    ring->cq_tail = uring_ring_at(ring, p->cq_off.tail);
    ring->taken = fm__atomic_acquire32(ring->sq_head);
    ring->tail = fm__atomic_relaxed32(ring->sq_tail);
    ring->head = fm__atomic_relaxed32(ring->cq_head);
    if (!ring->offer.no_array)
        uring_ring_lay_array(ring, p);
}

static size_t uring_ring_queues_size(const struct fm__ring *ring,
                                     const struct io_uring_params *p)
{
    size_t cq = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
    size_t sq = ring->offer.no_array
                    ? 0
                    : p->sq_off.array + p->sq_entries * sizeof(uint32_t);
    return cq > sq ? cq : sq;
}

static void uring_ring_unmap(struct fm__ring *ring)
{
    if (ring->queues != NULL)
        fm__sys_unmap(ring->queues, ring->queues_size);
    if (ring->sqes != NULL)
        fm__sys_unmap(ring->sqes, ring->sqes_size);
    ring->queues = NULL;
    ring->sqes = NULL;
}

typedef void *uring_ring_mapper(int fd, size_t size, uint64_t offset);

static int uring_ring_map(struct fm__ring *ring,
                          const struct io_uring_params *p,
                          uring_ring_mapper *map)
{
    ring->queues_size = uring_ring_queues_size(ring, p);
    ring->sqes_size = p->sq_entries * sizeof(struct io_uring_sqe);
    ring->queues = map(ring->fd, ring->queues_size, IORING_OFF_SQ_RING);
    ring->sqes = map(ring->fd, ring->sqes_size, IORING_OFF_SQES);
    if (ring->queues == NULL || ring->sqes == NULL) {
        uring_ring_unmap(ring);
        return -ENOMEM;
    }
    uring_ring_lay(ring, p);
    return 0;
}

/* Descriptor and size of completions; with an array before Linux 6.6. */
static int uring_ring_setup(struct fm__ring *ring, struct io_uring_params *p,
                            unsigned completions)
{
    bool small = fm__fault_plan != NULL && fm__fault_plan->small_ring;
    unsigned requests = small ? RING_SMALL : FM__RING_REQUESTS;
    const struct io_uring_params ask = {
        .flags = RING_FLAGS, .cq_entries = small ? RING_SMALL : completions};
    *p = ask;
    p->flags |= FM__URING_NO_SQARRAY;
    ring->fd = fm__sys_ring_open(requests, p);
    ring->offer.no_array = ring->fd != -EINVAL;
    if (!ring->offer.no_array) {
        *p = ask;
        ring->fd = fm__sys_ring_open(requests, p);
    }
    return ring->fd < 0 ? ring->fd : 0;
}

/* By index an entry spares the kernel a look at a table that threads share. */
static void uring_ring_register(struct fm__ring *ring)
{
    unsigned workers[2] = {RING_WORKERS, RING_WORKERS};
    int index = fm__sys_ring_index(ring->fd);
    ring->handle = index < 0 ? ring->fd : index;
    if (index >= 0)
        ring->enter_flags |= IORING_ENTER_REGISTERED_RING;
    if (ring->offer.no_iowait)
        ring->enter_flags |= FM__URING_NO_IOWAIT;
    fm__sys_ring_register(ring->fd, IORING_REGISTER_IOWQ_MAX_WORKERS, workers,
                          2);
}

/* Where completions cannot grow there is room for more from the start, which
 * is known only once a ring was asked. */
static int uring_ring_try(struct fm__ring *ring, unsigned completions)
{
    struct io_uring_params p;
    *ring = (struct fm__ring){0};
    int rc = uring_ring_setup(ring, &p, completions);
    if (rc < 0)
        return rc;
    rc = fm__uring_probe(ring->fd, p.features, &ring->offer);
    if (rc == 0)
        rc = uring_ring_map(ring, &p, fm__sys_ring_map);
    if (rc < 0)
        fm__sys_close(ring->fd);
    return rc;
}

int fm__ring_open(struct fm__ring *ring)
{
    int rc = uring_ring_try(ring, FM__RING_COMPLETIONS);
    if (rc == 0 && !ring->offer.resize) {
        fm__ring_close(ring);
        rc = uring_ring_try(ring, FM__RING_COMPLETIONS_FIXED);
    }
    if (rc == 0)
        uring_ring_register(ring);
    return rc == -EINVAL ? -EOPNOTSUPP : rc;
}

/* Where it is registered the thread holds it too. */
void fm__ring_close(struct fm__ring *ring)
{
    if (ring->enter_flags & IORING_ENTER_REGISTERED_RING)
        fm__sys_ring_drop_index(ring->fd, ring->handle);
    uring_ring_unmap(ring);
    fm__sys_close(ring->fd);
}

static struct fm__sys_enter uring_ring_prepare(struct fm__ring *ring)
{
    fm__atomic_release32(ring->sq_tail, ring->tail);
    return (struct fm__sys_enter){
        .ring = ring->fd,
        .handle = ring->handle,
        .submit = ring->tail - ring->taken,
        .flags = ring->enter_flags,
    };
}

static int uring_ring_call(struct fm__ring *ring,
                           const struct fm__sys_enter *enter)
{
    int rc = fm__sys_ring_enter(enter);
    if (FM__UNLIKELY(rc < 0 && ring->leaving))
        rc = fm__sys_ring_leave(enter);
    ring->taken = fm__atomic_acquire32(ring->sq_head);
    return rc < 0 ? rc : 0;
}

int fm__ring_flush(struct fm__ring *ring)
{
    const struct fm__sys_enter enter = uring_ring_prepare(ring);
    return uring_ring_call(ring, &enter);
}

int fm__ring_drain(struct fm__ring *ring)
{
    struct fm__sys_enter enter = uring_ring_prepare(ring);
    enter.flags |= IORING_ENTER_GETEVENTS;
    enter.wait = 1;
    ring->leaving = true;
    return uring_ring_call(ring, &enter);
}

/* In the kernel's terms: a moment from Linux 6.12 on, a span before. */
static struct __kernel_timespec uring_ring_limit(const struct fm__ring *ring,
                                                 int64_t deadline)
{
    int64_t ns = deadline;
    if (deadline == FM__NEVER)
        return (struct __kernel_timespec){.tv_sec = RING_FAR};
    if (!ring->offer.min_wait)
        ns -= fm__sys_clock();
    if (ns < 0)
        ns = 0;
    return (struct __kernel_timespec){.tv_sec = ns / 1000000000,
                                      .tv_nsec = ns % 1000000000};
}

static int uring_ring_wait(struct fm__ring *ring, struct fm__sys_enter enter,
                           const struct fm__ring_wait *wait)
{
    unsigned min_wait = wait->count > 1 ? wait->min_wait : 0;
    if (wait->deadline - wait->now <= (int64_t)min_wait * 1000)
        min_wait = 0;
    enter.wait = min_wait > 0 ? wait->count : 1;
    if (min_wait == 0 && wait->deadline == FM__NEVER)
        return uring_ring_call(ring, &enter);

    const struct __kernel_timespec limit =
        uring_ring_limit(ring, wait->deadline);
    const struct fm__uring_wait until = {
        .min_wait_usec = min_wait,
        .timeout = (uint64_t)(uintptr_t)&limit,
    };
    enter.until = &until;
    if (ring->offer.min_wait)
        enter.flags |= FM__URING_ABS_TIMER;
    return uring_ring_call(ring, &enter);
}

int fm__ring_enter(struct fm__ring *ring, const struct fm__ring_wait *wait)
{
    struct fm__sys_enter enter = uring_ring_prepare(ring);
    enter.flags |= IORING_ENTER_GETEVENTS;
    if (wait != NULL)
        return uring_ring_wait(ring, enter, wait);
    return uring_ring_call(ring, &enter);
}

/* The kernel moves what is in the queues over to the new ones, so from there
 * on there is no way back; the old mappings go first to make place. */
void fm__ring_grow(struct fm__ring *ring)
{
    struct io_uring_params p = {
        .flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
        .sq_entries = ring->sq_mask + 1,
        .cq_entries = 2 * (ring->cq_mask + 1),
    };
    if (!ring->offer.resize || p.cq_entries > FM__RING_COMPLETIONS_MAX)
        return;
    fm__atomic_release32(ring->sq_tail, ring->tail);
    if (fm__sys_ring_register(ring->fd, FM__URING_RESIZE_RINGS, &p, 1) < 0)
        return;
    uring_ring_unmap(ring);
    if (uring_ring_map(ring, &p, fm__sys_ring_remap) < 0)
        fm__die("there is no memory to map a ring that has grown");
}
