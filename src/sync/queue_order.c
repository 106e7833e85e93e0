/*
 * queue_order.c - queues whose next item is not the oldest
 *
 * Invariant of a heap: no entry is to come out before the one above it, and
 * the entries name each place once, those of free places last. The entries
 * move, the items stay where they are.
 */
#include "sync/queue_record.h"

static void *queue_order_item(fm_queue *queue,
                              const struct fm__queue_entry *entry)
{
    void *place = fm__queue_place(queue, entry->place, queue->size);
    return fm__queue_item(queue, place);
}

/* Whether a is to come out before b. Of equals it is the older one, or where
 * the newest is to be first, the younger: one question tells. */
static bool queue_order_before(fm_queue *queue, const struct fm__queue_entry *a,
                               const struct fm__queue_entry *b)
{
    bool older = a->serial < b->serial;
    if (older == queue->newest)
        return queue->before(queue_order_item(queue, a),
                             queue_order_item(queue, b));
    return !queue->before(queue_order_item(queue, b),
                          queue_order_item(queue, a));
}

static void queue_order_rise(fm_queue *queue, size_t at)
{
    struct fm__queue_entry *heap = queue->heap, moved = heap[at];
    for (size_t above; at > 0; at = above) {
        above = (at - 1) / 2;
        if (!queue_order_before(queue, &moved, &heap[above]))
            break;
        heap[at] = heap[above];
    }
    heap[at] = moved;
}

static void queue_order_sink(fm_queue *queue)
{
    struct fm__queue_entry *heap = queue->heap, moved = heap[0];
    size_t at = 0, below;
    while ((below = 2 * at + 1) < queue->count) {
        if (below + 1 < queue->count &&
            queue_order_before(queue, &heap[below + 1], &heap[below]))
            below++;
        if (!queue_order_before(queue, &heap[below], &moved))
            break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = moved;
}

void fm__queue_sort_in(fm_queue *queue, const void *item)
{
    size_t last = queue->count++, place = last;
    bool heap = queue->kind == FM__QUEUE_HEAP;
    if (heap) {
        place = queue->heap[last].place;
        queue->heap[last].serial = queue->serial++;
    }
    memcpy(fm__queue_place(queue, place, queue->size), item, queue->size);
    if (heap)
        queue_order_rise(queue, last);
}

void *fm__queue_sort_out(fm_queue *queue)
{
    size_t last = --queue->count, place = last;
    if (queue->kind == FM__QUEUE_HEAP) {
        place = queue->heap[0].place;
        queue->heap[0] = queue->heap[last];
        queue->heap[last].place = place;
        queue_order_sink(queue);
    }
    return fm__queue_place(queue, place, queue->size);
}
