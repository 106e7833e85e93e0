/*
 * uring_buffers.c - the loop's buffers in the kernel's hands, before bytes
 *
 * The kernel takes a buffer when bytes have arrived, so a quiet connection
 * holds none. It takes them in the order in which it got them: as few as do
 * are in its hands, so that they are warm when their turn comes again. Twice
 * as many once they have run out.
 *
 * Invariant: each name is in `free`, or its buffer is the kernel's; a buffer
 * whose bytes have arrived has no name any more.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "loop/uring_world.h"

#include <errno.h>
#include <sys/mman.h>

#define URING_RING_SIZE (FM__URING_BUFFERS * sizeof(struct io_uring_buf))

int fm__uring_buffers_open(struct fm__uring_world *world)
{
    struct fm__uring_pool *pool = &world->pool;
    pool->ring = fm__sys_map(URING_RING_SIZE);
    if (pool->ring == NULL)
        return -ENOMEM;
    struct io_uring_buf_reg reg = {
        .ring_addr = (uint64_t)(uintptr_t)pool->ring,
        .ring_entries = FM__URING_BUFFERS,
    };
    int rc = fm__sys_advise(pool->ring, URING_RING_SIZE, MADV_DONTFORK);
    if (rc == 0)
        rc = fm__sys_ring_register(world->ring.fd, IORING_REGISTER_PBUF_RING,
                                   &reg, 1);
    if (rc < 0) {
        fm__sys_unmap(pool->ring, URING_RING_SIZE);
        return rc;
    }
    pool->free_count = FM__URING_BUFFERS;
    for (unsigned i = 0; i < FM__URING_BUFFERS; i++)
        pool->free[i] = (uint16_t)(FM__URING_BUFFERS - 1 - i);
    return 0;
}

/* After the ring: the kernel fills no more of them. */
void fm__uring_buffers_close(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_pool *pool = &world->pool;
    for (size_t i = 0; i < pool->free_count; i++)
        pool->named[pool->free[i]] = NULL;
    for (size_t i = 0; i < FM__URING_BUFFERS; i++) {
        if (pool->named[i] != NULL)
            fm__buffer_give(&loop->buffers, pool->named[i]);
    }
    fm__sys_unmap(pool->ring, URING_RING_SIZE);
}

void fm__uring_buffers_fill(struct fm__loop *loop)
{
    struct fm__uring_world *world = loop->world;
    struct fm__uring_pool *pool = &world->pool;
    if (pool->there >= pool->level)
        return;
    while (pool->there < pool->level && pool->free_count > 0) {
        struct fm__buffer *buffer = fm__buffer_take(&loop->buffers);
        if (buffer == NULL)
            break;
        uint16_t name = pool->free[--pool->free_count];
        struct io_uring_buf *entry =
            &pool->ring->bufs[pool->tail++ % FM__URING_BUFFERS];
        entry->addr = (uint64_t)(uintptr_t)buffer->bytes;
        entry->len = FM__BUFFER_SIZE;
        entry->bid = name;
        pool->named[name] = buffer;
        pool->there++;
    }
    fm__atomic_release16(&pool->ring->tail, pool->tail);
}

void fm__uring_buffers_ran_out(struct fm__uring_world *world)
{
    struct fm__uring_pool *pool = &world->pool;
    if (pool->level < FM__URING_BUFFERS)
        pool->level = (uint16_t)(pool->level * 2);
}
