/*
 * sigmask.c - blocks that hold signals
 */
#include <fermata/signal.h>

#include "loop/signals.h"
#include "task/block.h"

#include <errno.h>

struct sigmask {
    struct fm__block block;
    uint64_t set;
};

_Static_assert(sizeof(struct sigmask) <= sizeof(fm_sigmask), "grow the record");

int fm_sigmask_open(fm_sigmask *record, const int *numbers, size_t count)
{
    struct sigmask *mask = (struct sigmask *)record;
    struct fm__task *self = fm__task_self("fm_sigmask_open");
    uint64_t set = fm__signals_set(numbers, count);
    if (set == 0)
        return -EINVAL;
    int rc = fm__signals_hold(&self->home->loop, set);
    if (rc < 0)
        return rc;
    fm__block_push(&mask->block, FM__BLOCK_SIGMASK, "fm_sigmask_open");
    mask->set = set;
    return 0;
}

void fm_sigmask_close(fm_sigmask *record)
{
    struct sigmask *mask = (struct sigmask *)record;
    fm__block_pop(&mask->block, "fm_sigmask_close");
    fm__signals_release(&mask->block.task->home->loop, mask->set);
}

fm_sigmask *fm__sigmask_enter(fm_sigmask *record, int *rc, const int *numbers,
                              size_t count)
{
    *rc = fm_sigmask_open(record, numbers, count);
    if (*rc == 0)
        return record;
    fm__block_settle(&((struct sigmask *)record)->block);
    return NULL;
}

void fm__sigmask_leave(fm_sigmask *record)
{
    if (!fm__block_settled(&((struct sigmask *)record)->block))
        fm_sigmask_close(record);
}
