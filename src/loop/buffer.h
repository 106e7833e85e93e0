/*
 * buffer.h - the loop's buffers: lent to whoever holds bytes, for as long
 *
 * Bytes that have arrived and bytes that are to leave lie in buffers of one
 * size from one pool, so a connection that is quiet holds none. The last one
 * given back is the first one taken. Their stride is no power of two: alike
 * places of different buffers fall into different sets of the cache.
 */
#ifndef FM_LOOP_BUFFER_H
#define FM_LOOP_BUFFER_H

#include "base/compiler.h"

enum {
    FM__BUFFER_SIZE = 16384,  /* of the bytes in one */
    FM__BUFFERS_MAX = 16384,  /* of a loop: 256 MiB */
    FM__BUFFERS_PER_SLAB = 64 /* made at once: 1 MiB of address space */
};

struct fm__buffer {
    struct fm__buffer *next; /* in whatever chain holds it */
    uint32_t start;          /* the bytes that are there */
    uint32_t end;
    bool own;     /* of no pool, but memory of whoever holds it */
    char pad[47]; /* the bytes begin a line of the cache */
    char bytes[FM__BUFFER_SIZE];
};

struct fm__buffer_slab;

/* All zero is an empty pool. */
struct fm__buffers {
    struct fm__buffer *free;
    struct fm__buffer_slab *slabs;
    size_t made;
    size_t lent;
    size_t most;  /* that may be made; 0: FM__BUFFERS_MAX */
    bool refused; /* there was no memory for more */
};

/* Slow path of the next: a new slab; NULL: no memory, or the limit. */
struct fm__buffer *fm__buffers_grow(struct fm__buffers *buffers);

/* An empty one, or NULL: no memory, or all are lent. */
FM__INLINE struct fm__buffer *fm__buffer_take(struct fm__buffers *buffers)
{
    struct fm__buffer *buffer = buffers->free;
    if (FM__UNLIKELY(buffer == NULL)) {
        buffer = fm__buffers_grow(buffers);
        if (buffer == NULL)
            return NULL;
    }
    buffers->free = buffer->next;
    buffers->lent++;
    buffer->next = NULL;
    buffer->start = 0;
    buffer->end = 0;
    return buffer;
}

FM__INLINE void fm__buffer_give(struct fm__buffers *buffers,
                                struct fm__buffer *buffer)
{
    buffer->next = buffers->free;
    buffers->free = buffer;
    buffers->lent--;
}

FM__INLINE uint32_t fm__buffer_count(const struct fm__buffer *buffer)
{
    return buffer->end - buffer->start;
}

/* Whether a take can succeed without asking for memory. */
FM__INLINE bool fm__buffers_ready(const struct fm__buffers *buffers)
{
    return buffers->free != NULL;
}

/*
 * Half of them are lent. Whoever may hold bytes for long then holds them
 * elsewhere: what is left goes round among those who give it back soon, so
 * that nobody waits for a buffer of somebody who waits for him.
 */
FM__INLINE bool fm__buffers_scarce(const struct fm__buffers *buffers)
{
    size_t most = buffers->most > 0 ? buffers->most : FM__BUFFERS_MAX;
    return buffers->lent >= (buffers->refused ? buffers->made : most) / 2;
}

/* Aborts with a sentence when one is still lent. */
void fm__buffers_close(struct fm__buffers *buffers);

#endif
