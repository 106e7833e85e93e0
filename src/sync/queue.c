/*
 * queue.c - a bounded FIFO of pointers between tasks
 *
 * Invariant: a task waits in `getters` only while the ring is empty and no
 * task waits in `putters`, and in `putters` only while the ring is full. An
 * item goes straight from the task that brings it to the task that waits for
 * it, so a latecomer can never overtake a task that waited.
 */
#include <fermata/queue.h>

#include "base/die.h"
#include "base/memory.h"
#include "task/record.h"

#include <errno.h>

struct fm_queue {
    struct fm__conductor *home;
    size_t capacity;
    size_t count;
    size_t first;            /* the oldest item's place in the ring */
    struct fm__list getters; /* struct queue_waiter */
    struct fm__list putters;
    void *ring[];
};

/* On the stack of the task that waits. */
struct queue_waiter {
    struct fm__queued queued;
    void *item; /* a putter's own; a getter's, once it was woken */
};

fm_queue *fm_queue_new(size_t capacity)
{
    if (fm__home == NULL)
        fm__task_none("fm_queue_new");
    if (capacity > (SIZE_MAX - sizeof(fm_queue)) / sizeof(void *))
        return NULL;
    fm_queue *queue = fm__memory_new(sizeof *queue + capacity * sizeof(void *));
    if (queue == NULL)
        return NULL;
    queue->home = fm__home;
    queue->capacity = capacity;
    fm__list_init(&queue->getters);
    fm__list_init(&queue->putters);
    return queue;
}

void fm_queue_free(fm_queue *queue)
{
    if (queue == NULL)
        return;
    if (!fm__list_empty(&queue->getters) || !fm__list_empty(&queue->putters))
        fm__die("fm_queue_free: a task waits in this queue");
    fm__memory_free(queue);
}

/* 0, or why nothing can be done with it. */
static int queue_check(const fm_queue *queue, const char *caller)
{
    if (FM__UNLIKELY(queue == NULL))
        return -ENOMEM;
    if (FM__UNLIKELY(queue->home != fm__home))
        fm__die("%s: the queue belongs to another loop", caller);
    return 0;
}

static void queue_push(fm_queue *queue, void *item)
{
    size_t place = queue->first + queue->count++;
    if (place >= queue->capacity)
        place -= queue->capacity;
    queue->ring[place] = item;
}

static void *queue_shift(fm_queue *queue)
{
    void *item = queue->ring[queue->first];
    if (++queue->first == queue->capacity)
        queue->first = 0;
    queue->count--;
    return item;
}

static struct queue_waiter *queue_first(struct fm__list *list)
{
    struct fm__list *link = fm__list_shift(list);
    if (link == NULL)
        return NULL;
    return FM__CONTAINER(link, struct queue_waiter, queued.link);
}

/* True: the item is where it belongs. */
static bool queue_take_in(fm_queue *queue, void *item)
{
    struct queue_waiter *getter = queue_first(&queue->getters);
    if (getter != NULL) {
        getter->item = item;
        fm__wake(&getter->queued.waiter, 0);
        return true;
    }
    if (queue->count == queue->capacity)
        return false;
    queue_push(queue, item);
    return true;
}

/* The oldest item; the place it leaves goes to the putter that has waited
 * longest. Where there are no places, the oldest is that putter's. */
static bool queue_give_out(fm_queue *queue, void **item)
{
    struct queue_waiter *putter = queue_first(&queue->putters);
    if (queue->count > 0)
        *item = queue_shift(queue);
    else if (putter != NULL)
        *item = putter->item;
    else
        return false;
    if (putter != NULL && queue->capacity > 0)
        queue_push(queue, putter->item);
    if (putter != NULL)
        fm__wake(&putter->queued.waiter, 0);
    return true;
}

int fm_queue_put_try(fm_queue *queue, void *item)
{
    int rc = queue_check(queue, "fm_queue_put_try");
    if (rc < 0)
        return rc;
    return queue_take_in(queue, item) ? 0 : -EAGAIN;
}

int fm_queue_get_try(fm_queue *queue, void **item)
{
    int rc = queue_check(queue, "fm_queue_get_try");
    if (rc < 0)
        return rc;
    return queue_give_out(queue, item) ? 0 : -EAGAIN;
}

int fm_queue_put(fm_queue *queue, void *item)
{
    int rc = fm__checkpoint(fm__current, "fm_queue_put");
    if (rc == 0)
        rc = queue_check(queue, "fm_queue_put");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (queue_take_in(queue, item))
        return 0;
    struct queue_waiter self = {.item = item};
    return fm__park_in(&queue->putters, &self.queued);
}

int fm_queue_get(fm_queue *queue, void **item)
{
    int rc = fm__checkpoint(fm__current, "fm_queue_get");
    if (rc == 0)
        rc = queue_check(queue, "fm_queue_get");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (queue_give_out(queue, item))
        return 0;
    struct queue_waiter self = {.item = NULL};
    rc = fm__park_in(&queue->getters, &self.queued);
    if (rc == 0)
        *item = self.item;
    return rc;
}

size_t fm_queue_count(const fm_queue *queue)
{
    return queue != NULL ? queue->count : 0;
}

size_t fm_queue_capacity(const fm_queue *queue)
{
    return queue != NULL ? queue->capacity : 0;
}
