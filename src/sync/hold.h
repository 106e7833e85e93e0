/*
 * hold.h - blocks that hold a lock or a permit, and release it at their end
 *
 * They are blocks like timeouts and groups, which cut and hide nothing: so
 * one that is jumped into or out of is caught, and a task can be asked what
 * its blocks hold.
 */
#ifndef FM_SYNC_HOLD_H
#define FM_SYNC_HOLD_H

#include "task/block.h"

/* Begins the block that holds the object, where it was acquired (rc 0).
 * Returns the record, or NULL: the block is skipped. */
struct fm__hold *fm__hold_enter(struct fm__hold *record, void *object, int rc);

/* At the end of its scope: what is to be released; NULL for a block that was
 * skipped. The caller's name is for the sentence. */
void *fm__hold_leave(struct fm__hold *record, const char *caller);

/* Whether the task is in a block that holds the object. */
bool fm__hold_found(const struct fm__task *task, const void *object);

#endif
