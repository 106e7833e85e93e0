/*
 * queue_record.h - what a queue is
 *
 * Items lie in places, all in the queue's own block of memory. In a queue
 * that is first in, first out, the places are a ring; in one that is last in,
 * first out, a stack; where the items have an order of their own, a heap of
 * entries says which place is next, and behind its end are those that are
 * free.
 */
#ifndef FM_SYNC_QUEUE_RECORD_H
#define FM_SYNC_QUEUE_RECORD_H

#include "task/record.h"
#include "task/watcher.h"

#include <fermata/queue.h>
#include <string.h>

enum fm__queue_kind {
    FM__QUEUE_RING,
    FM__QUEUE_STACK,
    FM__QUEUE_HEAP
};

struct fm__queue_entry {
    uint64_t serial; /* the how-manieth item to come */
    size_t place;
};

/* Putting and getting without a wait touch the first line of the cache, and
 * a few words of the second. */
struct fm_queue {
    struct fm__conductor *home;
    size_t capacity;
    size_t count;
    size_t first;            /* of a ring: the oldest item's place */
    struct fm__list getters; /* struct queue_waiter */
    struct fm__list putters;
    size_t unfinished; /* items that were put and are not done */
    size_t size;       /* of an item, in bytes */
    uint8_t kind;
    bool shut;
    bool pointers; /* an item is one, and stands for what it points to */
    bool newest;   /* of a heap: among equals the newest is first */
    struct fm__watchers get_watchers;
    struct fm__watchers put_watchers;
    struct fm__list joiners;
    bool (*before)(const void *a, const void *b);
    void (*drop)(void *item);
    struct fm__queue_entry *heap;
    uint64_t serial; /* of a heap: how many items have come */
    _Alignas(16) unsigned char places[];
};

/* What the functions of the user are given for the item that lies there. */
FM__INLINE void *fm__queue_item(const fm_queue *queue, void *place)
{
    void *item = place;
    if (queue->pointers)
        memcpy(&item, place, sizeof item);
    return item;
}

FM__INLINE void *fm__queue_place(fm_queue *queue, size_t index, size_t size)
{
    return queue->places + index * size;
}

/* Where the queue is no ring: puts an item in; there is room. */
void fm__queue_sort_in(fm_queue *queue, const void *item);
/* Takes out the next of the items; there is one. */
void *fm__queue_sort_out(fm_queue *queue);

/* The next item, of so many bytes, taken out; it lies there until another is
 * put in. There is one. */
FM__INLINE void *fm__queue_shift(fm_queue *queue, size_t size)
{
    if (FM__UNLIKELY(queue->kind != FM__QUEUE_RING))
        return fm__queue_sort_out(queue);
    size_t place = queue->first;
    if (++queue->first == queue->capacity)
        queue->first = 0;
    queue->count--;
    return fm__queue_place(queue, place, size);
}

#endif
