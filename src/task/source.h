/*
 * source.h - one of the things that a select waits for, while it waits
 *
 * What has a list of watchers is watched; a task has a lookout, a time a
 * timer, a descriptor an operation. All of it lies on the selecting task's
 * stack.
 */
#ifndef FM_TASK_SOURCE_H
#define FM_TASK_SOURCE_H

#include "task/record.h"
#include "task/watcher.h"

#include <errno.h>

struct fm__select;

struct fm__source {
    struct fm__select *select;
    bool fired; /* the timer */
    union {
        struct fm__watcher watcher;
        struct fm__lookout lookout;
        struct fm__timer timer;
        struct fm__op op;
    };
};

/* A task that waits for the first of many. */
struct fm__select {
    struct fm__waiter waiter;
    const fm_when *whens;
    struct fm__source *sources;
    size_t count;
    size_t flying; /* operations */
    bool parked;   /* until it is told, or cut */
    bool told;     /* something may be ready, since it last looked */
    bool draining; /* waits for the last of the operations */
};

/* Kinds that are no objects with watchers; the others have some. */
extern const struct fm__when_kind fm__when_task;
extern const struct fm__when_kind fm__when_span;
extern const struct fm__when_kind fm__when_moment;
extern const struct fm__when_kind fm__when_descriptor;

#define FM__WHEN_NO_SPAN (-1) /* of fm_when_after(NaN) */

FM__INLINE bool fm__when_is_fd(const fm_when *when)
{
    return when->kind == &fm__when_descriptor;
}

/* It can never be ready. */
FM__INLINE bool fm__when_skipped(const fm_when *when)
{
    const struct fm__when_kind *kind = when->kind;
    if (FM__LIKELY(when->object != NULL))
        return kind == NULL;
    return kind == NULL || kind->watchers != NULL || kind == &fm__when_task;
}

/* 1: it is ready; 0: not so; or -errno. For all but descriptors. */
FM__INLINE int fm__when_look(const fm_when *when)
{
    if (FM__UNLIKELY(when->kind == &fm__when_span &&
                     when->number == FM__WHEN_NO_SPAN))
        return -EINVAL;
    return when->kind->ready(when);
}

/* The same for a descriptor: asks the kernel. */
int fm__when_look_fd(const fm_when *when);

/* Begins and ends to watch it; a descriptor is polled apart. */
void fm__source_begin_other(struct fm__source *source, const fm_when *when);
void fm__source_end_other(struct fm__source *source, const fm_when *when);
void fm__source_looked(struct fm__watcher *watcher);

FM__INLINE bool fm__source_watches(const fm_when *when)
{
    return when->object != NULL && when->kind != NULL &&
           when->kind->watchers != NULL;
}

FM__INLINE void fm__source_begin(struct fm__source *source, const fm_when *when)
{
    source->fired = false;
    if (FM__LIKELY(fm__source_watches(when))) {
        source->watcher.look = fm__source_looked;
        fm__watch(when->kind->watchers(when), &source->watcher);
    } else if (!fm__when_skipped(when)) {
        fm__source_begin_other(source, when);
    }
}

FM__INLINE void fm__source_end(struct fm__source *source, const fm_when *when)
{
    if (FM__LIKELY(fm__source_watches(when)))
        fm__list_cut(&source->watcher.link);
    else if (!fm__when_skipped(when))
        fm__source_end_other(source, when);
}

/* Polls the descriptor, unless that is under way: 0 or -errno. */
int fm__source_poll(struct fm__source *source, const fm_when *when);

#endif
