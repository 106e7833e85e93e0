/*
 * batch.c - questions about many tasks, asked with few system calls
 */
#include "inspect/batch.h"

static size_t batch_max(size_t one, size_t other)
{
    return one > other ? one : other;
}

struct fm__batch *fm__batch_begin(struct fm_inspect *self,
                                  const struct fm__home_seen *home)
{
    size_t record = fm__sight_layout(self)->task_size;
    size_t window = FM__BATCH_BELOW + record + FM__BATCH_ABOVE;
    size_t scrap = batch_max(record, FM__BATCH_SCRAP);
    size_t size = sizeof(struct fm__batch) + FM__BATCH_MOST * (window + scrap);
    if (fm__kept_fit(&self->batch, size, 1) < 0)
        return NULL;
    struct fm__batch *batch = self->batch.data;
    unsigned char *bytes = (unsigned char *)(batch + 1);
    batch->inspect = self;
    batch->home = home;
    batch->count = 0;
    batch->asked = 0;
    batch->answers = 0;
    batch->anew = false;
    for (size_t i = 0; i < FM__BATCH_MOST; i++) {
        batch->tasks[i] =
            (struct fm__batch_task){.window = bytes, .scrap = bytes + window};
        bytes += window + scrap;
    }
    return batch;
}

void fm__batch_extend(struct fm__batch *batch, struct fm__batch_task *task,
                      struct fm__extent extent)
{
    batch->extents[batch->asked++] = extent;
    task->asked = true;
}

void fm__batch_ask(struct fm__batch *batch, struct fm__batch_task *task,
                   uint64_t address, size_t size)
{
    uint64_t within = address - task->low;
    if (batch->anew || within >= task->size || size > task->size - within) {
        fm__batch_extend(batch, task,
                         (struct fm__extent){address, task->scrap, size, 0});
        return;
    }
    task->answer = task->window + within;
    batch->answers++;
}

int fm__batch_hear(struct fm__batch *batch)
{
    const struct fm__extent *extent = batch->extents;
    if (batch->asked == 0)
        return 0;
    int rc =
        fm__image_gather(batch->inspect->image, batch->extents, batch->asked);
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        if (!task->asked)
            continue;
        task->answer = extent->got == extent->size ? extent->buf : NULL;
        batch->answers += task->answer != NULL;
        task->asked = false;
        extent++;
    }
    batch->asked = 0;
    return rc;
}

int fm__batch_each(struct fm__batch *batch, fm__batch_step *step)
{
    if (batch->answers == 0)
        return 0;
    batch->answers = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        const unsigned char *bytes = task->answer;
        task->answer = NULL;
        int rc = bytes != NULL ? step(batch, task, bytes) : 0;
        if (rc < 0)
            return rc;
    }
    return fm__batch_hear(batch);
}
