/*
 * block.c - the stack of a task's open blocks
 *
 * The records lie in the caller's frames. A block that is closed out of order
 * was jumped into (goto) or out of (longjmp): the record would be garbage, so
 * the program ends with a sentence.
 */
#include "task/block.h"

#include "base/die.h"

void fm__blocks_left(const struct fm__task *self)
{
    if ((self->marks & FM__MARK_DENSE) !=
        0) /* or its frame is on another stack */
        fm__canary_look(self);
    fm__die("task %s (%s) left an open block by longjmp", self->name,
            fm__site(self));
}

void fm__block_push(struct fm__block *block, enum fm__block_kind kind,
                    const char *caller)
{
    struct fm__task *self = fm__task_self(caller);
    fm__blocks_check(self);
    block->outer = self->blocks;
    block->task = self;
    block->kind = (uint8_t)kind;
    block->cut = false;
    block->caused = false;
    block->opened = true;
    self->blocks = block;
}

void fm__block_check(const struct fm__block *block, const char *caller)
{
    const struct fm__task *self = fm__task_self(caller);
    if (FM__UNLIKELY(self->blocks != block))
        fm__die("%s in task %s (%s): this is not the innermost open block: "
                "was it jumped into by goto, or one left by longjmp?",
                caller, self->name, fm__site(self));
}

void fm__block_pop(struct fm__block *block, const char *caller)
{
    fm__block_check(block, caller);
    fm__current->blocks = block->outer;
    block->opened = false;
}

void fm__block_settle(struct fm__block *block)
{
    block->outer = block;
}

/* Forgotten at once: at the same place there may be garbage next time. */
bool fm__block_settled(struct fm__block *block)
{
    if (block->outer != block)
        return false;
    block->outer = NULL;
    return true;
}
