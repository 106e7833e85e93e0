/*
 * blocks.c - the timeouts around the tasks of a batch
 *
 * The blocks of each task are a chain, the innermost first; what other blocks
 * are is not asked.
 */
#include "inspect/batch.h"

#define BLOCKS_MOST 64 /* of a task; more are not looked at */

/* From the block on, all that is of interest in one that is a timeout. */
static size_t blocks_size(const struct fm__layout *layout)
{
    return (size_t)layout->block_timer + layout->timer_when + 8;
}

/* The chain goes on with `blocks`. */
static int blocks_step(struct fm__batch *batch, struct fm__batch_task *task,
                       const unsigned char *block)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    struct fm__task_seen *seen = task->seen;
    const unsigned char *timer = block + layout->block_timer;
    if (block[layout->block_kind] == layout->block_is_timeout) {
        int64_t when = fm__sight_moment(
            batch->home, (int64_t)fm__sight_u64(timer + layout->timer_when));
        seen->expires = when < seen->expires ? when : seen->expires;
    }
    seen->blocks = fm__sight_u64(block + layout->block_outer);
    if (seen->blocks != 0)
        fm__batch_ask(batch, task, seen->blocks, blocks_size(layout));
    return 0;
}

int fm__blocks_read(struct fm__batch *batch)
{
    size_t size = blocks_size(fm__sight_layout(batch->inspect));
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        if (task->seen->blocks != 0)
            fm__batch_ask(batch, task, task->seen->blocks, size);
    }
    int rc = fm__batch_hear(batch);
    for (int i = 0; i < BLOCKS_MOST && batch->answers > 0 && rc == 0; i++)
        rc = fm__batch_each(batch, blocks_step);
    return rc;
}
