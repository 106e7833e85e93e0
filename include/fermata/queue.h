/*
 * queue.h - a bounded queue between tasks, first come first served
 *
 *     fm_queue *jobs = fm_queue_new(100);
 *
 *     rc = fm_queue_put(jobs, job);       // one task: waits while it is full
 *     rc = fm_queue_get(jobs, &item);     // another: waits while it is empty
 *
 * An item goes straight to the task that has waited longest, so nobody who
 * comes later overtakes it. What is handed over is a pointer: who gets it has
 * what it points to. FM_QUEUE_OF declares queues of anything else, by value.
 * A queue belongs to the loop it was made on.
 */
#ifndef FERMATA_QUEUE_H
#define FERMATA_QUEUE_H

#include <fermata/api.h>
#include <fermata/when.h>
#include <stdbool.h>

/* A queue. One that is NULL, because there was no memory, may be used all the
 * same: whatever waits or tries answers -ENOMEM. */
typedef struct fm_queue fm_queue;

/*
 * Options of a queue; zero is the default: the oldest item comes out first.
 * The functions are given items as they were put, or in a queue by value
 * pointers to them; they must not suspend.
 *
 *   newest_first  the item that was put last comes out first
 *   before        whether a is to come out before b, as "<" would say it;
 *                 among equals the oldest comes first, or the newest, if
 *                 newest_first is set too. It must not use the queue
 *   drop          releases an item that nobody will get, because of
 *                 fm_queue_shutdown or fm_queue_free; the item is its own
 */
typedef struct fm_queue_options {
    bool newest_first;
    bool (*before)(const void *a, const void *b);
    void (*drop)(void *item);
} fm_queue_options;

/*
 *     fm_queue *fm_queue_new(size_t capacity, ...);
 *
 * Makes a queue for at most `capacity` items. With 0 it holds none, so that
 * there is nothing to order: each put waits for a get, and hands its item over
 * by hand, first come first served. A second argument, a `const
 * fm_queue_options *`, is optional and copied. Aborts with a sentence on a
 * thread that runs no loop.
 *
 * Returns the queue, to be ended by fm_queue_free, or NULL without memory.
 */
#define fm_queue_new(...) FM__QUEUE_NEW(__VA_ARGS__, NULL, )

/*
 * FM_QUEUE_OF(name, type) declares a type `name` of queues whose items are
 * values of `type`, and what can be done with them, as static functions. So:
 *
 *     FM_QUEUE_OF(points, struct point);
 *
 *     points *queue = points_new(100, NULL);
 *     rc = points_put(queue, (struct point){1, 2});
 *     rc = points_get(queue, &point);
 *
 * points_new takes the options, or NULL; points_put takes an item, points_get
 * the address of one; _put_try, _get_try, _done, _join, _shutdown, _free,
 * _count, _capacity, _when_get and _when_put are those of fm_queue. An item is
 * copied into the queue and out of it; where a task waits, straight from one
 * to the other. In C++ the type has to be trivially copyable.
 */
#define FM_QUEUE_OF(name, type)                                                \
    FM__QUEUE_LIFE(name, type)                                                 \
    FM__QUEUE_VERBS(name, type)                                                \
    FM__COPIED(type)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Ends a queue. Items that are left in it are given to the queue's `drop`; if
 * it has none they stay whose they were. Aborts with a sentence while a task
 * waits in it. NULL does nothing.
 */
FM_API void fm_queue_free(fm_queue *queue);

/*
 * Adds an item, any pointer, also NULL; waits while the queue is full, in
 * order of arrival.
 *
 * Returns 0: the item is the queue's, or already with the task that gets it;
 * or -ECANCELED or -ETIMEDOUT when cut, -ESHUTDOWN when the queue is shut
 * down, also meanwhile, or -ENOMEM where queue is NULL: then the item is still
 * the caller's.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_queue_put(fm_queue *queue, void *item);

/*
 * Takes the next item; waits while the queue is empty, in order of arrival.
 *
 * Returns 0, and *item is the caller's; or, with *item as it was, -ECANCELED
 * or -ETIMEDOUT when cut: then nothing was taken; -ESHUTDOWN when the queue is
 * shut down and empty, -ENOMEM where queue is NULL.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_queue_get(fm_queue *queue, void **item);

/*
 * fm_queue_put without the wait; no cancel point. May be called wherever the
 * loop calls back, too.
 *
 * Returns 0, -EAGAIN when the queue is full and nobody waits for an item,
 * -ESHUTDOWN when it is shut down, or -ENOMEM where queue is NULL: then the
 * item is still the caller's.
 */
FM_API FM_MUST_USE int fm_queue_put_try(fm_queue *queue, void *item);

/*
 * fm_queue_get without the wait; no cancel point. May be called wherever the
 * loop calls back, too.
 *
 * Returns 0, and *item is the caller's; or, with *item as it was, -EAGAIN
 * when there is none, -ESHUTDOWN when there will be none, -ENOMEM where queue
 * is NULL.
 */
FM_API FM_MUST_USE int fm_queue_get_try(fm_queue *queue, void **item);

/*
 * Says that an item, which was taken before, is done. A task that says so of
 * each it takes lets fm_queue_join wait for the work and not only for the
 * taking. Wakes who joins, when it was the last. Aborts with a sentence when
 * it is said more often than items were taken. Never suspends, and may be
 * called wherever the loop calls back. NULL does nothing.
 */
FM_API void fm_queue_done(fm_queue *queue);

/*
 * Waits until every item that was put is done; returns at once when none is
 * left. Items that are put meanwhile have to be done too.
 *
 * Returns 0, -ECANCELED or -ETIMEDOUT when cut, -ENOMEM where queue is NULL.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_queue_join(fm_queue *queue);

/*
 * Ends the coming of items: from now on each put is refused with -ESHUTDOWN,
 * as are those that wait; gets have what is left, and then -ESHUTDOWN, as have
 * those that wait. `immediate`: what is left is thrown away at once, each item
 * given to the queue's `drop`, and counts as done. May be called again. Never
 * suspends, and may be called wherever the loop calls back. NULL does nothing.
 */
FM_API void fm_queue_shutdown(fm_queue *queue, bool immediate);

/* Returns how many items are in the queue; 0 for NULL. */
FM_API size_t fm_queue_count(const fm_queue *queue);

/* Returns how many items fit into the queue; 0 for NULL. */
FM_API size_t fm_queue_capacity(const fm_queue *queue);

/*
 * For fm_select: ready while fm_queue_get would not wait, also because the
 * queue is shut down; NULL is never ready. Borrows the queue.
 * Returns what to select.
 */
FM_API fm_when fm_when_get(fm_queue *queue);

/*
 * For fm_select: ready while fm_queue_put would not wait, also because the
 * queue is shut down; NULL is never ready. Borrows the queue.
 * Returns what to select.
 */
FM_API fm_when fm_when_put(fm_queue *queue);

/* Private: what the macros above call. */
FM_API FM_MUST_USE fm_queue *fm__queue_new(size_t capacity,
                                           const fm_queue_options *options);
FM_API FM_MUST_USE fm_queue *fm__queue_new_of(size_t capacity, size_t size,
                                              const fm_queue_options *options);
FM_API FM_SUSPENDS FM_MUST_USE int fm__queue_put_copy(fm_queue *queue,
                                                      const void *item);
FM_API FM_SUSPENDS FM_MUST_USE int fm__queue_get_copy(fm_queue *queue,
                                                      void *item);
FM_API FM_SUSPENDS FM_MUST_USE int fm__queue_put_word(fm_queue *queue,
                                                      const void *item);
FM_API FM_SUSPENDS FM_MUST_USE int fm__queue_get_word(fm_queue *queue,
                                                      void *item);
FM_API FM_MUST_USE int fm__queue_put_copy_try(fm_queue *queue,
                                              const void *item);
FM_API FM_MUST_USE int fm__queue_get_copy_try(fm_queue *queue, void *item);

#ifdef __cplusplus
}
#endif

#define FM__QUEUE_NEW(capacity, ...)                                           \
    fm__queue_new((capacity), FM__OPTIONS(fm_queue_options, __VA_ARGS__))

/* `name` is never defined: it stands for an fm_queue. */
#define FM__QUEUE_LIFE(name, type)                                             \
    typedef struct name name;                                                  \
    FM__VERB fm_queue *name##__queue(name *queue)                              \
    {                                                                          \
        void *same = queue;                                                    \
        return FM__STATIC_CAST(fm_queue *, same);                              \
    }                                                                          \
    FM__VERB FM_MUST_USE name *name##_new(size_t capacity,                     \
                                          const fm_queue_options *options)     \
    {                                                                          \
        void *same = fm__queue_new_of(capacity, sizeof(type), options);        \
        return FM__STATIC_CAST(name *, same);                                  \
    }                                                                          \
    FM__VERB void name##_free(name *queue)                                     \
    {                                                                          \
        fm_queue_free(name##__queue(queue));                                   \
    }                                                                          \
    FM__VERB void name##_done(name *queue)                                     \
    {                                                                          \
        fm_queue_done(name##__queue(queue));                                   \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_join(name *queue)                          \
    {                                                                          \
        return fm_queue_join(name##__queue(queue));                            \
    }                                                                          \
    FM__VERB void name##_shutdown(name *queue, bool immediate)                 \
    {                                                                          \
        fm_queue_shutdown(name##__queue(queue), immediate);                    \
    }

#define FM__QUEUE_VERBS(name, type)                                            \
    FM__VERB FM_MUST_USE int name##_put(name *queue, type item)                \
    {                                                                          \
        return sizeof(type) == sizeof(void *)                                  \
                   ? fm__queue_put_word(name##__queue(queue), &item)           \
                   : fm__queue_put_copy(name##__queue(queue), &item);          \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_get(name *queue, type *item)               \
    {                                                                          \
        return sizeof(type) == sizeof(void *)                                  \
                   ? fm__queue_get_word(name##__queue(queue), item)            \
                   : fm__queue_get_copy(name##__queue(queue), item);           \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_put_try(name *queue, type item)            \
    {                                                                          \
        return fm__queue_put_copy_try(name##__queue(queue), &item);            \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_get_try(name *queue, type *item)           \
    {                                                                          \
        return fm__queue_get_copy_try(name##__queue(queue), item);             \
    }                                                                          \
    FM__VERB size_t name##_count(name *queue)                                  \
    {                                                                          \
        return fm_queue_count(name##__queue(queue));                           \
    }                                                                          \
    FM__VERB size_t name##_capacity(name *queue)                               \
    {                                                                          \
        return fm_queue_capacity(name##__queue(queue));                        \
    }                                                                          \
    FM__VERB fm_when name##_when_get(name *queue)                              \
    {                                                                          \
        return fm_when_get(name##__queue(queue));                              \
    }                                                                          \
    FM__VERB fm_when name##_when_put(name *queue)                              \
    {                                                                          \
        return fm_when_put(name##__queue(queue));                              \
    }

#endif
