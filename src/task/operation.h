/*
 * operation.h - a task waits for an operation
 *
 * The operation and its buffer may lie on the task's stack, because the task
 * is not resumed before the operation's own completion. Cut, it asks the
 * operation to stop and goes on waiting; an operation that had succeeded all
 * the same keeps its result, and the cut shows at the task's next call.
 */
#ifndef FM_TASK_OPERATION_H
#define FM_TASK_OPERATION_H

#include "task/record.h"

struct fm__operation {
    struct fm__op op; /* kind, fd and what belongs to it, by the caller */
    struct fm__waiter waiter;
};

/* Submits it and waits. Returns its result, or the reason of the cut that
 * stopped it. The caller has passed a cancel point. */
ssize_t fm__operate(struct fm__operation *operation);

#endif
