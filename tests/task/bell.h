/*
 * bell.h - a thing that can be selected and does nothing else
 */
#ifndef TESTS_TASK_BELL_H
#define TESTS_TASK_BELL_H

#include "task/watcher.h"

#include <errno.h>
#include <fermata.h>

/* Rings are counted, and each may be taken once. */
struct bell {
    struct fm__watchers watchers;
    int rings;
};

static inline bool bell_ready(const fm_when *when)
{
    return ((const struct bell *)when->object)->rings > 0;
}

static inline struct fm__watchers *bell_watchers(const fm_when *when)
{
    return &((struct bell *)when->object)->watchers;
}

static const struct fm__when_kind bell_kind = {
    .ready = bell_ready,
    .watchers = bell_watchers,
};

static inline fm_when when_bell(struct bell *bell)
{
    return (fm_when){.kind = &bell_kind, .object = bell};
}

static inline void bell_ring(struct bell *bell)
{
    bell->rings++;
    fm__watchers_tell(&bell->watchers);
}

static inline int bell_take(struct bell *bell)
{
    if (bell->rings == 0)
        return -EAGAIN;
    bell->rings--;
    return 0;
}

#endif
