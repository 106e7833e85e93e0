/*
 * queue.c - a bounded queue between tasks
 *
 * Invariant: a task waits in `getters` only while the queue is empty and no
 * task waits in `putters`, and in `putters` only while it is full. An item
 * goes straight from the task that brings it to the task that waits for it,
 * so a latecomer can never overtake a task that waited.
 *
 * Pointers and items of other sizes go through the same functions, which are
 * inlined for each: for pointers the size is a constant.
 */
#include "sync/queue_record.h"

#include "base/die.h"
#include "base/memory.h"
#include "task/leave.h"

#include <errno.h>

/* Sizes of an item: a constant, or what the queue's record says. */
enum {
    QUEUE_POINTER = sizeof(void *),
    QUEUE_OWN = 0
};

/* On the stack of the task that waits. */
struct queue_waiter {
    struct fm__queued queued;
    const void *from; /* a putter's item */
    void *to;         /* where a getter's goes */
};

/* ---- Its life ------------------------------------------------------------ */

/* Bytes of a queue's whole block, or 0 where there cannot be so many. */
static size_t queue_bytes(size_t capacity, size_t size, bool heap)
{
    size_t each = size + (heap ? sizeof(struct fm__queue_entry) : 0);
    size_t most = SIZE_MAX - sizeof(fm_queue) - sizeof(uint64_t);
    if (each < size || (capacity > 0 && each > most / capacity))
        return 0;
    return sizeof(fm_queue) + sizeof(uint64_t) + capacity * each;
}

/* The entries lie behind the places. */
static void queue_init_heap(fm_queue *queue)
{
    size_t bytes = queue->capacity * queue->size;
    size_t align = sizeof(uint64_t);
    void *behind = queue->places + (bytes + align - 1) / align * align;
    queue->heap = behind;
    for (size_t i = 0; i < queue->capacity; i++)
        queue->heap[i].place = i;
}

static void queue_init(fm_queue *queue, const fm_queue_options *options)
{
    queue->home = fm__home;
    queue->before = options->before;
    queue->drop = options->drop;
    queue->newest = options->newest_first;
    if (options->before != NULL)
        queue->kind = FM__QUEUE_HEAP;
    else if (options->newest_first)
        queue->kind = FM__QUEUE_STACK;
    if (queue->kind == FM__QUEUE_HEAP)
        queue_init_heap(queue);
    fm__list_init(&queue->getters);
    fm__list_init(&queue->putters);
    fm__list_init(&queue->joiners);
}

static fm_queue *queue_make(size_t capacity, size_t size, bool pointers,
                            const fm_queue_options *options)
{
    const fm_queue_options none = {0};
    if (options == NULL)
        options = &none;
    if (fm__home == NULL)
        fm__task_none("fm_queue_new");
    size_t bytes = queue_bytes(capacity, size, options->before != NULL);
    fm_queue *queue = bytes > 0 ? fm__memory_new(bytes) : NULL;
    if (queue == NULL)
        return NULL;
    queue->capacity = capacity;
    queue->size = size;
    queue->pointers = pointers;
    queue_init(queue, options);
    return queue;
}

fm_queue *fm__queue_new(size_t capacity, const fm_queue_options *options)
{
    return queue_make(capacity, QUEUE_POINTER, true, options);
}

fm_queue *fm__queue_new_of(size_t capacity, size_t size,
                           const fm_queue_options *options)
{
    return queue_make(capacity, size, false, options);
}

/* ---- Places -------------------------------------------------------------- */

/* 0, or why nothing can be done with it. */
static int queue_check(const fm_queue *queue, const char *caller)
{
    if (FM__UNLIKELY(queue == NULL))
        return -ENOMEM;
    if (FM__UNLIKELY(queue->home != fm__home))
        fm__die("%s: the queue belongs to another loop", caller);
    return 0;
}

/* Where the size is a constant, one move; the most usual ones need no call. */
FM__INLINE void queue_copy(void *to, const void *from, size_t size)
{
    if (size == sizeof(uint64_t))
        memcpy(to, from, sizeof(uint64_t));
    else if (size == sizeof(uint32_t))
        memcpy(to, from, sizeof(uint32_t));
    else
        memcpy(to, from, size);
}

/* There is room. */
FM__INLINE void queue_push(fm_queue *queue, const void *item, size_t size)
{
    if (FM__UNLIKELY(queue->kind != FM__QUEUE_RING)) {
        fm__queue_sort_in(queue, item);
        return;
    }
    size_t place = queue->first + queue->count++;
    if (place >= queue->capacity)
        place -= queue->capacity;
    queue_copy(fm__queue_place(queue, place, size), item, size);
}

/* The one that waits longest, taken out to be woken; or NULL. */
FM__INLINE struct queue_waiter *queue_first(struct fm__list *list)
{
    struct fm__list *link = list->next;
    if (link == list)
        return NULL;
    fm__list_cut(link);
    return FM__CONTAINER(link, struct queue_waiter, queued.link);
}

/* ---- Putting and getting ------------------------------------------------- */

/* True: the item is where it belongs. */
FM__INLINE bool queue_take_in(fm_queue *queue, const void *item, size_t size)
{
    if (size == QUEUE_OWN)
        size = queue->size;
    struct queue_waiter *getter = queue_first(&queue->getters);
    if (getter != NULL) {
        queue->unfinished++;
        queue_copy(getter->to, item, size);
        fm__wake(&getter->queued.waiter, 0);
        return true;
    }
    if (queue->count == queue->capacity)
        return false;
    queue->unfinished++;
    queue_push(queue, item, size);
    fm__watchers_tell(&queue->get_watchers);
    return true;
}

/* The place it leaves goes to the putter that has waited longest. Where there
 * are no places, it is that putter's item. */
FM__INLINE bool queue_give_out(fm_queue *queue, void *item, size_t size)
{
    if (size == QUEUE_OWN)
        size = queue->size;
    struct queue_waiter *putter = queue_first(&queue->putters);
    if (queue->count > 0)
        queue_copy(item, fm__queue_shift(queue, size), size);
    else if (putter != NULL)
        queue_copy(item, putter->from, size);
    else
        return false;
    if (putter == NULL) {
        fm__watchers_tell(&queue->put_watchers);
        return true;
    }
    queue->unfinished++;
    if (queue->capacity > 0)
        queue_push(queue, putter->from, size);
    fm__wake(&putter->queued.waiter, 0);
    return true;
}

static const struct fm__wait_kind queue_put_kind = {
    .cut = fm__park_cut,
    .name = "queue put",
    .what = FM__WAIT_LISTED | FM__WAIT_COUNTED,
    .at = FM__WAIT_BACK(fm_queue, putters),
    .first = offsetof(fm_queue, count),
    .second = offsetof(fm_queue, capacity),
};

static const struct fm__wait_kind queue_get_kind = {
    .cut = fm__park_cut,
    .name = "queue get",
    .what = FM__WAIT_LISTED | FM__WAIT_COUNTED,
    .at = FM__WAIT_BACK(fm_queue, getters),
    .first = offsetof(fm_queue, count),
    .second = offsetof(fm_queue, capacity),
};

/* Who looks does so when it runs: by then this one waits. */
static int queue_wait_to_put(fm_queue *queue, const void *item)
{
    struct queue_waiter self = {.from = item};
    if (queue->capacity == 0)
        fm__watchers_tell(&queue->get_watchers);
    return fm__park_in_here(&queue->putters, &self.queued, &queue_put_kind);
}

static int queue_wait_to_get(fm_queue *queue, void *item)
{
    struct queue_waiter self = {.to = item};
    if (queue->capacity == 0)
        fm__watchers_tell(&queue->put_watchers);
    return fm__park_in_here(&queue->getters, &self.queued, &queue_get_kind);
}

FM__INLINE int queue_put(fm_queue *queue, const void *item, size_t size)
{
    int rc = fm__checkpoint(fm__current, "fm_queue_put");
    if (rc == 0)
        rc = queue_check(queue, "fm_queue_put");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__UNLIKELY(queue->shut))
        return -ESHUTDOWN;
    if (queue_take_in(queue, item, size))
        return 0;
    return queue_wait_to_put(queue, item);
}

FM__INLINE int queue_get(fm_queue *queue, void *item, size_t size)
{
    int rc = fm__checkpoint(fm__current, "fm_queue_get");
    if (rc == 0)
        rc = queue_check(queue, "fm_queue_get");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (queue_give_out(queue, item, size))
        return 0;
    if (queue->shut)
        return -ESHUTDOWN;
    return queue_wait_to_get(queue, item);
}

FM__INLINE int queue_put_try(fm_queue *queue, const void *item, size_t size)
{
    int rc = queue_check(queue, "fm_queue_put_try");
    if (rc < 0)
        return rc;
    if (FM__UNLIKELY(queue->shut))
        return -ESHUTDOWN;
    return queue_take_in(queue, item, size) ? 0 : -EAGAIN;
}

FM__INLINE int queue_get_try(fm_queue *queue, void *item, size_t size)
{
    int rc = queue_check(queue, "fm_queue_get_try");
    if (rc < 0)
        return rc;
    if (queue_give_out(queue, item, size))
        return 0;
    return queue->shut ? -ESHUTDOWN : -EAGAIN;
}

int fm_queue_put(fm_queue *queue, void *item)
{
    return queue_put(queue, &item, QUEUE_POINTER);
}

int fm_queue_get(fm_queue *queue, void **item)
{
    return queue_get(queue, item, QUEUE_POINTER);
}

int fm_queue_put_try(fm_queue *queue, void *item)
{
    return queue_put_try(queue, &item, QUEUE_POINTER);
}

int fm_queue_get_try(fm_queue *queue, void **item)
{
    return queue_get_try(queue, item, QUEUE_POINTER);
}

/* Of items that are as large as a pointer. */
int fm__queue_put_word(fm_queue *queue, const void *item)
{
    return queue_put(queue, item, QUEUE_POINTER);
}

int fm__queue_get_word(fm_queue *queue, void *item)
{
    return queue_get(queue, item, QUEUE_POINTER);
}

int fm__queue_put_copy(fm_queue *queue, const void *item)
{
    return queue_put(queue, item, QUEUE_OWN);
}

int fm__queue_get_copy(fm_queue *queue, void *item)
{
    return queue_get(queue, item, QUEUE_OWN);
}

int fm__queue_put_copy_try(fm_queue *queue, const void *item)
{
    return queue_put_try(queue, item, QUEUE_OWN);
}

int fm__queue_get_copy_try(fm_queue *queue, void *item)
{
    return queue_get_try(queue, item, QUEUE_OWN);
}

/* ---- Looking ------------------------------------------------------------- */

static bool queue_can_get(const fm_when *when)
{
    const fm_queue *queue = when->object;
    if (queue_check(queue, "fm_when_get") < 0)
        return false;
    return queue->count > 0 || queue->shut || !fm__list_empty(&queue->putters);
}

static struct fm__watchers *queue_get_watchers(const fm_when *when)
{
    return &((fm_queue *)when->object)->get_watchers;
}

static bool queue_can_put(const fm_when *when)
{
    const fm_queue *queue = when->object;
    if (queue_check(queue, "fm_when_put") < 0)
        return false;
    return queue->count < queue->capacity || queue->shut ||
           !fm__list_empty(&queue->getters);
}

static struct fm__watchers *queue_put_watchers(const fm_when *when)
{
    return &((fm_queue *)when->object)->put_watchers;
}

static const struct fm__when_kind queue_when_get = {
    .ready = queue_can_get,
    .watchers = queue_get_watchers,
    .wait = &queue_get_kind,
};
static const struct fm__when_kind queue_when_put = {
    .ready = queue_can_put,
    .watchers = queue_put_watchers,
    .wait = &queue_put_kind,
};

fm_when fm_when_get(fm_queue *queue)
{
    return (fm_when){.kind = &queue_when_get, .object = queue};
}

fm_when fm_when_put(fm_queue *queue)
{
    return (fm_when){.kind = &queue_when_put, .object = queue};
}

size_t fm_queue_count(const fm_queue *queue)
{
    return queue != NULL ? queue->count : 0;
}

size_t fm_queue_capacity(const fm_queue *queue)
{
    return queue != NULL ? queue->capacity : 0;
}
