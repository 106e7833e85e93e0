/*
 * bare_ring.h - io_uring by its three system calls
 *
 * The kernel's interface as of Linux 6.15, of which the headers of most
 * systems have only a part; see io_uring_setup(2), io_uring_enter(2),
 * io_uring_register(2) and the flags that their pages name. Completions come
 * only inside bare_ring_enter: SINGLE_ISSUER and DEFER_TASKRUN, from 6.1 on.
 */
#ifndef BENCH_BARE_RING_H
#define BENCH_BARE_RING_H

#include "bare_server.h"
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct bare_sqe {
    uint8_t opcode;
    uint8_t flags;
    uint16_t priority; /* of accept, recv and send: flags of their own */
    int32_t fd;
    uint64_t offset;
    uint64_t address;
    uint32_t size;
    uint32_t how; /* flags of send, recv, accept */
    uint64_t user_data;
    uint16_t group; /* of provided buffers */
    uint16_t rest[11];
};

struct bare_cqe {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
};

struct bare_params {
    uint32_t sq_entries, cq_entries, flags, cpu, idle, features, wq, rest[3];
    struct {
        uint32_t head, tail, mask, entries, flags, dropped, array, rest;
        uint64_t memory;
    } sq;
    struct {
        uint32_t head, tail, mask, entries, overflow, cqes, flags, rest;
        uint64_t memory;
    } cq;
};

/* One entry of a ring of buffers; the first one's `tail` is the ring's. */
struct bare_buffer {
    uint64_t address;
    uint32_t size;
    uint16_t id;
    uint16_t tail;
};

struct bare_buffers {
    uint64_t address;
    uint32_t entries;
    uint16_t group;
    uint16_t flags;
    uint64_t rest[3];
};

struct bare_wait {
    uint64_t signals;
    uint32_t signals_size;
    uint32_t least; /* microseconds to wait for all of them, from 6.12 on */
    uint64_t limit; /* of the wait for any; 0: none */
};

struct bare_update {
    uint32_t offset, rest;
    uint64_t data;
};

enum {
    BARE_OP_ACCEPT = 13,
    BARE_OP_SEND = 26,
    BARE_OP_RECV = 27,

    BARE_SQE_BUFFER_SELECT = 1 << 5,
    BARE_SQE_SKIP_SUCCESS = 1 << 6,
    BARE_ACCEPT_MULTISHOT = 1 << 0,
    BARE_RECV_MULTISHOT = 1 << 1,

    BARE_CQE_BUFFER = 1 << 0,
    BARE_CQE_MORE = 1 << 1,
    BARE_CQE_SHIFT = 16,

    BARE_SETUP_CQSIZE = 1 << 3,
    BARE_SETUP_CLAMP = 1 << 4,
    BARE_SETUP_SUBMIT_ALL = 1 << 7,
    BARE_SETUP_TASKRUN_FLAG = 1 << 9,
    BARE_SETUP_SINGLE_ISSUER = 1 << 12,
    BARE_SETUP_DEFER_TASKRUN = 1 << 13,
    BARE_SETUP_NO_SQARRAY = 1 << 16,

    BARE_FEATURE_MIN_TIMEOUT = 1 << 15,
    BARE_FEATURE_NO_IOWAIT = 1 << 17,

    BARE_ENTER_GETEVENTS = 1 << 0,
    BARE_ENTER_EXT_ARG = 1 << 3,
    BARE_ENTER_REGISTERED = 1 << 4,
    BARE_ENTER_NO_IOWAIT = 1 << 7,

    BARE_REGISTER_RING = 20,
    BARE_REGISTER_BUFFERS = 22
};

struct bare_ring {
    int fd;      /* as io_uring_enter takes it: registered, if possible */
    int real_fd; /* as everybody else takes it */
    uint32_t features;
    uint32_t *sq_head, *sq_tail, *cq_head, *cq_tail;
    uint32_t sq_mask, cq_mask;
    uint32_t tail; /* entries filled in, of which sq_tail knows at the enter */
    struct bare_sqe *sqes;
    struct bare_cqe *cqes;
    uint32_t enter; /* flags of every enter */
};

static inline void *bare_ring_map(int fd, size_t size, off_t which)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_POPULATE, fd, which);

    if (memory == MAP_FAILED)
        bare_fail("mmap of a ring");
    return memory;
}

static inline void bare_ring_open(struct bare_ring *ring, uint32_t entries,
                                  uint32_t completions)
{
    struct bare_params params = {
        .cq_entries = completions,
        .flags = BARE_SETUP_CQSIZE | BARE_SETUP_CLAMP | BARE_SETUP_SUBMIT_ALL |
                 BARE_SETUP_TASKRUN_FLAG | BARE_SETUP_SINGLE_ISSUER |
                 BARE_SETUP_DEFER_TASKRUN | BARE_SETUP_NO_SQARRAY,
    };
    int fd = (int)syscall(SYS_io_uring_setup, entries, &params);

    if (fd < 0)
        bare_fail("io_uring_setup");
    size_t size = params.cq.cqes + params.cq_entries * sizeof(struct bare_cqe);
    char *rings = bare_ring_map(fd, size, 0);
    ring->sqes = bare_ring_map(fd, params.sq_entries * sizeof(struct bare_sqe),
                               0x10000000);
    ring->sq_head = (uint32_t *)(rings + params.sq.head);
    ring->sq_tail = (uint32_t *)(rings + params.sq.tail);
    ring->cq_head = (uint32_t *)(rings + params.cq.head);
    ring->cq_tail = (uint32_t *)(rings + params.cq.tail);
    ring->cqes = (struct bare_cqe *)(rings + params.cq.cqes);
    ring->sq_mask = params.sq_entries - 1;
    ring->cq_mask = params.cq_entries - 1;
    ring->features = params.features;
    ring->fd = ring->real_fd = fd;
    ring->enter = BARE_ENTER_GETEVENTS | BARE_ENTER_EXT_ARG;
    if (params.features & BARE_FEATURE_NO_IOWAIT)
        ring->enter |= BARE_ENTER_NO_IOWAIT;

    struct bare_update update = {.offset = UINT32_MAX, .data = (uint64_t)fd};
    if (syscall(SYS_io_uring_register, fd, BARE_REGISTER_RING, &update, 1) ==
        1) {
        ring->fd = (int)update.offset;
        ring->enter |= BARE_ENTER_REGISTERED;
    }
}

/*
 * Submits what was filled in and waits for count completions: for `least`
 * microseconds for all of them, then for any.
 */
static inline void bare_ring_enter(struct bare_ring *ring, uint32_t count,
                                   uint32_t least)
{
    struct bare_wait wait = {.signals_size = 8};

    if (ring->features & BARE_FEATURE_MIN_TIMEOUT)
        wait.least = least;
    else
        count = count > 0;
    __atomic_store_n(ring->sq_tail, ring->tail, __ATOMIC_RELEASE);
    uint32_t fresh =
        ring->tail - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE);
    if (syscall(SYS_io_uring_enter, ring->fd, fresh, count, ring->enter, &wait,
                sizeof wait) < 0 &&
        errno != EINTR && errno != ETIME && errno != EBUSY)
        bare_fail("io_uring_enter");
}

/* A cleared entry; enters the kernel when none is left. */
static inline struct bare_sqe *bare_ring_sqe(struct bare_ring *ring)
{
    if (ring->tail - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE) >
        ring->sq_mask)
        bare_ring_enter(ring, 0, 0);
    struct bare_sqe *sqe = &ring->sqes[ring->tail++ & ring->sq_mask];
    memset(sqe, 0, sizeof *sqe);
    return sqe;
}

/* Completions that wait: from *ring->cq_head on, which the caller moves. */
static inline uint32_t bare_ring_ready(const struct bare_ring *ring)
{
    return __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) - *ring->cq_head;
}

/* A ring of provided buffers: count of size bytes each, all given. */
struct bare_pool {
    struct bare_buffer *ring;
    char *memory;
    size_t size;
    uint32_t count;
    uint16_t tail;
};

static inline char *bare_pool_at(const struct bare_pool *pool, uint16_t id)
{
    return pool->memory + id * pool->size;
}

static inline void bare_pool_give(struct bare_pool *pool, uint16_t id)
{
    struct bare_buffer *entry = &pool->ring[pool->tail++ & (pool->count - 1)];

    entry->address = (uint64_t)(uintptr_t)bare_pool_at(pool, id);
    entry->size = (uint32_t)pool->size;
    entry->id = id;
}

/* The kernel sees what was given. */
static inline void bare_pool_publish(struct bare_pool *pool)
{
    __atomic_store_n(&pool->ring->tail, pool->tail, __ATOMIC_RELEASE);
}

static inline void bare_pool_open(struct bare_pool *pool,
                                  const struct bare_ring *ring, uint32_t count,
                                  size_t size)
{
    size_t bytes = count * (size + sizeof(struct bare_buffer));
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (memory == MAP_FAILED)
        bare_fail("mmap of buffers");
    pool->ring = (struct bare_buffer *)memory;
    pool->memory = memory + count * sizeof(struct bare_buffer);
    pool->size = size;
    pool->count = count;
    struct bare_buffers buffers = {
        .address = (uint64_t)(uintptr_t)memory,
        .entries = count,
    };
    if (syscall(SYS_io_uring_register, ring->real_fd, BARE_REGISTER_BUFFERS,
                &buffers, 1) < 0)
        bare_fail("buffers of io_uring");
    for (uint32_t i = 0; i < count; i++)
        bare_pool_give(pool, (uint16_t)i);
    bare_pool_publish(pool);
}

#endif
