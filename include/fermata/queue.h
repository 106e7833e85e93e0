/*
 * queue.h - a bounded queue of pointers between tasks, first come first served
 *
 *     fm_queue *jobs = fm_queue_new(100);
 *
 *     rc = fm_queue_put(jobs, job);       one task: waits while it is full
 *     rc = fm_queue_get(jobs, &item);     another: waits while it is empty
 *
 * An item goes straight to the task that has waited longest, so nobody who
 * comes later overtakes it. What is handed over is the pointer: who gets it
 * has what it points to. A queue belongs to the loop it was made on.
 */
#ifndef FERMATA_QUEUE_H
#define FERMATA_QUEUE_H

#include <fermata/api.h>

/* A queue. One that is NULL, because there was no memory, may be used all the
 * same: whatever waits or tries answers -ENOMEM. */
typedef struct fm_queue fm_queue;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a queue for at most `capacity` items. With 0 it holds none: each put
 * waits for a get, and hands its item over by hand. Aborts with a sentence on
 * a thread that runs no loop.
 *
 * Returns the queue, to be ended by fm_queue_free, or NULL without memory.
 */
FM_API FM_MUST_USE fm_queue *fm_queue_new(size_t capacity);

/*
 * Ends a queue. Items that are left in it stay whose they were. Aborts with a
 * sentence while a task waits in it. NULL does nothing.
 */
FM_API void fm_queue_free(fm_queue *queue);

/*
 * Adds an item, any pointer, also NULL; waits while the queue is full, in
 * order of arrival.
 *
 * Returns 0: the item is the queue's, or already with the task that gets it;
 * or -ECANCELED or -ETIMEDOUT when cut, or -ENOMEM where queue is NULL: then
 * the item is still the caller's.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_queue_put(fm_queue *queue, void *item);

/*
 * Takes the oldest item; waits while the queue is empty, in order of arrival.
 *
 * Returns 0, and *item is the caller's; or, with *item as it was, -ECANCELED
 * or -ETIMEDOUT when cut: then nothing was taken; -ENOMEM where queue is NULL.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_queue_get(fm_queue *queue, void **item);

/*
 * fm_queue_put without the wait; no cancel point. May be called wherever the
 * loop calls back, too.
 *
 * Returns 0, -EAGAIN when the queue is full and nobody waits for an item, or
 * -ENOMEM where queue is NULL: then the item is still the caller's.
 */
FM_API FM_MUST_USE int fm_queue_put_try(fm_queue *queue, void *item);

/*
 * fm_queue_get without the wait; no cancel point. May be called wherever the
 * loop calls back, too.
 *
 * Returns 0, and *item is the caller's; or, with *item as it was, -EAGAIN
 * when there is none, -ENOMEM where queue is NULL.
 */
FM_API FM_MUST_USE int fm_queue_get_try(fm_queue *queue, void **item);

/* Returns how many items are in the queue; 0 for NULL. */
FM_API size_t fm_queue_count(const fm_queue *queue);

/* Returns how many items fit into the queue; 0 for NULL. */
FM_API size_t fm_queue_capacity(const fm_queue *queue);

#ifdef __cplusplus
}
#endif

#endif
