/*
 * sweep_dense.c - scenarios: tasks on stacks of a kilobyte
 */
#include "fault/sweep.h"
#include "task/dense_kit.h"

struct small_naps {
    int ticks;
};

static int small_naps(struct small_naps *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(self->ticks);
    return sweep_end(block, rc);
}

static int dense_members(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(g, rc, .stack_size = dense_size()) {
        for (int i = 0; rc == 0 && i < 3; i++)
            rc = fm_group_go(g, small_naps, i);
    }
    return rc;
}

/* Itself small, it has others that are not. */
static int small_gathers(void *arg)
{
    void *block;
    (void)arg;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_gather(fm_go(small_naps, 1), fm_go(small_naps, 2));
    return sweep_end(block, rc);
}

static int small_holds(void *arg)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0) {
        FM_LOCKED((fm_lock *)arg, rc) {
            rc = sweep_sleep(1);
        }
    }
    return sweep_end(block, rc);
}

static int dense_parents(void *arg)
{
    const fm_task_options options = {.stack_size = dense_size()};
    return fm_gather(fm_start(small_gathers, arg, &options),
                     fm_start(small_gathers, arg, &options));
}

static int dense_holders(void *arg)
{
    const fm_task_options options = {.stack_size = dense_size()};
    fm_lock lock = {0};
    (void)arg;
    return fm_gather(fm_start(small_holds, &lock, &options),
                     fm_start(small_holds, &lock, &options));
}

struct small_gets {
    fm_queue *queue;
};

static int small_gets(struct small_gets *self)
{
    void *block, *item;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_queue_get(self->queue, &item);
    return sweep_end(block, rc);
}

static int dense_getters(void *arg)
{
    fm_queue *queue = fm_queue_new(1);
    int rc;
    (void)arg;
    FM_GROUP(g, rc, .stack_size = dense_size()) {
        for (int i = 0; rc == 0 && i < 3; i++)
            rc = fm_group_go(g, small_gets, queue);
        for (int i = 0; rc == 0 && i < 3; i++)
            rc = fm_queue_put(queue, queue);
        if (rc < 0)
            fm_group_cancel(g);
    }
    fm_queue_free(queue);
    return rc;
}

const struct scenario sweep_dense[] = {
    {.name = "dense-members", .main = dense_members},
    {.name = "dense-parents", .main = dense_parents},
    {.name = "dense-holders", .main = dense_holders},
    {.name = "dense-getters", .main = dense_getters},
    {.name = NULL},
};
