/*
 * await.c - wait for one task and take its result
 *
 * A cut of the waiter goes on to the awaited one; the waiter stays until that
 * has ended, so nothing it lent is in use any more.
 */
#include "task/handle.h"

#include <errno.h>

struct await {
    struct fm__waiter waiter;
    struct fm__reaper reaper;
    struct fm__task *task;
    int result;
    bool cut;
};

static void await_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    struct await *await = FM__CONTAINER(reaper, struct await, reaper);
    await->result = task->result;
    fm__task_release(task);
    fm__wake(&await->waiter, 0);
}

static void await_cut(struct fm__waiter *waiter, int reason)
{
    struct await *await = FM__CONTAINER(waiter, struct await, waiter);
    (void)reason;
    await->cut = true;
    fm__cancel(await->task);
}

static const struct fm__wait_kind await_kind = {
    .cut = await_cut,
    .name = "await",
    .what = FM__WAIT_REAPER,
    .at = FM__WAIT_AT(struct await, waiter, reaper),
};

/* It has ended already: nothing to wait for. */
static int await_take(struct fm__task *self, struct fm__task *task)
{
    int result = task->result;
    self->ended_children--;
    fm__task_release(task);
    return result;
}

static int await_end(struct fm__task *self, struct fm__task *task)
{
    struct await await = {
        .waiter = {.kind = &await_kind},
        .reaper = {await_reap},
        .task = task,
    };
    task->reaper = &await.reaper;
    if (self->cut && fm__cut_reason(self) != 0)
        await_cut(&await.waiter, 0);
    fm__park(&await.waiter);
    if (await.result != -ECANCELED || !await.cut)
        return await.result;
    int reason = fm__cut_reason(self);
    return reason != 0 ? reason : await.result;
}

int fm_await(fm_task *handle)
{
    struct fm__task *self = fm__current;
    fm__charge(self, "fm_await");
    if (handle == NULL)
        return -ENOMEM;
    struct fm__task *task = fm__handle_take(self, handle, "fm_await");
    if (task->state == FM__TASK_ENDED)
        return await_take(self, task);
    return await_end(self, task);
}

int fm_stop(fm_task *handle)
{
    struct fm__task *self = fm__current;
    fm__charge(self, "fm_stop");
    if (handle == NULL)
        return -ENOMEM;
    struct fm__task *task = fm__handle_take(self, handle, "fm_stop");
    if (task->state == FM__TASK_ENDED)
        return await_take(self, task);
    fm__cancel(task);
    return await_end(self, task);
}

void fm__task_scope_end(fm_task **handle)
{
    const struct fm__task *task =
        *handle != NULL ? fm__handle_find(*handle) : NULL;
    /* Gone, or under the root: it was consumed. */
    if (task != NULL && task->owner == &fm__current->children)
        (void)fm_stop(*handle);
}
