/*
 * detach.c - tasks under the root, which nobody awaits
 */
#include "task/handle.h"

#include <fermata/error.h>

static void detach_report(const struct fm__task *task)
{
    fm__report(FM_REPORT_DETACHED_FAILED, task, NULL,
               "detached task %s (%s) failed: %s", task->name, fm__site(task),
               fm_strerror(task->result));
}

static void detach_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    (void)reaper;
    bool obeyed = task->cancelled && task->result == -ECANCELED;
    if (task->result < 0 && !obeyed)
        detach_report(task);
    fm__task_release(task);
}

int fm_detach(fm_task *handle)
{
    static struct fm__reaper reaper = {detach_reap};
    struct fm__task *self = fm__task_self("fm_detach");
    if (handle == NULL)
        return -ENOMEM;
    struct fm__task *task = fm__handle_take(self, handle, "fm_detach");
    if (task->state == FM__TASK_ENDED) {
        self->ended_children--;
        detach_reap(&reaper, task);
        return 0;
    }
    struct fm__owner *root = &self->home->root;
    if (task->arrivals != NULL)
        fm__arrivals_leave(task);
    task->reaper = &reaper;
    task->under = 0;
    task->owner = root;
    fm__list_remove(&task->link);
    fm__list_push(&root->members, &task->link);
    return 0;
}
