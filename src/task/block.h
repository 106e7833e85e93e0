/*
 * block.h - what cancelling has to know of shields and groups
 */
#ifndef FM_TASK_BLOCK_H
#define FM_TASK_BLOCK_H

#include "task/record.h"

/* A block with a time limit, in its fm_timeout. */
struct fm__timeout {
    struct fm__block block;
    struct fm__timer timer;
    int *rc; /* of the macro; NULL for the function form */
};

/* Aborts with a sentence unless the block is the innermost open one. */
void fm__block_check(const struct fm__block *block, const char *caller);

/*
 * A macro's block that is closed before its scope ends, or was never opened,
 * is settled. The end of the scope asks once: what is neither settled nor
 * open there was jumped into, and its record is garbage.
 */
void fm__block_settle(struct fm__block *block);
bool fm__block_settled(struct fm__block *block);

/* Starts the grace of each shield that now hides a cut. */
void fm__shields_notice(struct fm__task *task);

/*
 * The level, from 1, of the outermost shield that hides; UINT_MAX: none. A
 * child that was started under that many shields or more is hidden by it.
 */
unsigned fm__shield_outermost(const struct fm__task *task);

/* The members of a group's block. */
const struct fm__owner *fm__group_owner(const struct fm__block *block);

/* Those that the task waits for, because it closes their group; or NULL. No
 * block has them any more. */
const struct fm__owner *fm__group_closing(const struct fm__task *task);

#endif
