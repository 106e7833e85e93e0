/*
 * depths.h - how deep the stacks of tasks were
 *
 * A stack that is taken is made clean below its new task, so that what is
 * found there when the task ends is its own. On small pages that reads each
 * page of a stack, and writes those that were written to.
 */
#ifndef FM_TASK_DEPTHS_H
#define FM_TASK_DEPTHS_H

#include "task/record.h"

/* Where the option or FERMATA_STACKS asks for it, home->depths; 0, -ENOMEM. */
int fm__depths_open(struct fm__conductor *home);

/* Reports, on stderr, what was found. */
void fm__depths_close(struct fm__conductor *home);

#endif
