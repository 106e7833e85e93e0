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

/* It can never be ready. */
bool fm__when_skipped(const fm_when *when);

extern const struct fm__when_kind fm__source_fd;

FM__INLINE bool fm__when_is_fd(const fm_when *when)
{
    return when->kind == &fm__source_fd;
}

/* 1: its time has come; 0: not so; or -errno. */
int fm__when_look(const fm_when *when);
/* The same for a descriptor: asks the kernel. */
int fm__when_look_fd(const fm_when *when);

/* Begins and ends to watch it; a descriptor is polled apart. */
void fm__source_begin(struct fm__source *source, const fm_when *when);
void fm__source_end(struct fm__source *source, const fm_when *when);

/* Polls the descriptor, unless that is under way: 0 or -errno. */
int fm__source_poll(struct fm__source *source, const fm_when *when);

#endif
