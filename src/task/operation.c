/*
 * operation.c - submit, park, and stay until the operation has ended
 */
#include "task/operation.h"

#include <errno.h>

static void operation_done(struct fm__op *op)
{
    struct fm__operation *self = FM__CONTAINER(op, struct fm__operation, op);
    fm__wake(&self->waiter, 0);
}

static void operation_cut(struct fm__waiter *waiter, int reason)
{
    (void)reason;
    struct fm__operation *self =
        FM__CONTAINER(waiter, struct fm__operation, waiter);
    fm__op_cancel(&waiter->task->home->loop, &self->op);
}

static const struct fm__wait_kind operation_kind = {
    .cut = operation_cut,
    .name = "operation",
    .what = FM__WAIT_OPERATION,
    .at = FM__WAIT_AT(struct fm__operation, waiter, op),
};

ssize_t fm__operate(struct fm__operation *operation)
{
    struct fm__task *self = fm__current;
    operation->op.done = operation_done;
    if (fm__op_submit(&self->home->loop, &operation->op))
        return operation->op.result;
    /* A cut may have come after the caller's cancel point. */
    if (self->cut && fm__cut_seen(self, NULL) < 0)
        fm__op_cancel(&self->home->loop, &operation->op);
    operation->waiter.kind = &operation_kind;
    fm__park(&operation->waiter);
    if (operation->op.result == -ECANCELED)
        return fm__cut_reason(self);
    return operation->op.result;
}
