/*
 * hold.c - blocks that hold a lock or a permit
 */
#include "sync/hold.h"

struct hold {
    struct fm__block block;
    void *object;
};

_Static_assert(sizeof(struct hold) <= sizeof(struct fm__hold),
               "grow the record");

struct fm__hold *fm__hold_enter(struct fm__hold *record, void *object, int rc)
{
    struct hold *hold = (struct hold *)record;
    if (rc < 0) {
        fm__block_settle(&hold->block);
        return NULL;
    }
    fm__block_push(&hold->block, FM__BLOCK_HOLD, "a block that holds");
    hold->object = object;
    return record;
}

void *fm__hold_leave(struct fm__hold *record, const char *caller)
{
    struct hold *hold = (struct hold *)record;
    if (fm__block_settled(&hold->block))
        return NULL;
    fm__block_pop(&hold->block, caller);
    return hold->object;
}

bool fm__hold_found(const struct fm__task *task, const void *object)
{
    const struct fm__block *block = task->blocks;
    for (; block != NULL; block = block->outer) {
        if (block->kind == FM__BLOCK_HOLD &&
            FM__CONTAINER(block, const struct hold, block)->object == object)
            return true;
    }
    return false;
}
