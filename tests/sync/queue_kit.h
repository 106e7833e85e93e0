/*
 * queue_kit.h - items that are numbers, and tasks that put and get one
 */
#ifndef TESTS_SYNC_QUEUE_KIT_H
#define TESTS_SYNC_QUEUE_KIT_H

#include "task/story.h"

/* Items are numbers, as pointers into this. */
static char numbers[4096];

static inline void *item_of(size_t number)
{
    return &numbers[number];
}

static inline size_t number_of(const void *item)
{
    return (size_t)((const char *)item - numbers);
}

struct put {
    fm_queue *queue;
    size_t number;
};

static inline int put(struct put *self)
{
    return fm_queue_put(self->queue, item_of(self->number));
}

/* Returns the number it got. */
struct get {
    fm_queue *queue;
};

static inline int get(struct get *self)
{
    void *item = NULL;
    int rc = fm_queue_get(self->queue, &item);
    return rc < 0 ? rc : (int)number_of(item);
}

/* The number, or the code. */
static inline int get_try(fm_queue *queue)
{
    void *item = NULL;
    int rc = fm_queue_get_try(queue, &item);
    return rc < 0 ? rc : (int)number_of(item);
}

#endif
