/*
 * line.c - waiting in line, and sentences for those who are in a wrong one
 */
#include "sync/line.h"

#include "base/die.h"
#include "task/leave.h"

void fm__line_refuse(const char *caller)
{
    fm__die("%s: tasks of another loop wait here", caller);
}

int fm__line_wait(struct fm__list *line, const struct fm__wait_kind *kind)
{
    struct fm__queued self;
    fm__list_begin(line);
    return fm__park_in_here(line, &self, kind);
}

void fm__line_refuse_holder(const fm_task *holder, const char *caller)
{
    const struct fm__task *self = fm__current;
    const struct fm__task *task = fm__handle_find(holder);
    if (task == self)
        fm__die("%s in task %s (%s): it holds this lock already", caller,
                self->name, fm__site(self));
    if (task == NULL)
        fm__die("%s in task %s (%s): the task that holds this lock has ended "
                "and never released it",
                caller, self->name, fm__site(self));
    fm__die("%s in task %s (%s): task %s (%s) has ended and never released "
            "this lock",
            caller, self->name, fm__site(self), task->name, fm__site(task));
}

void fm__line_refuse_release(const fm_task *holder, const char *caller)
{
    const struct fm__task *self = fm__task_self(caller);
    if (holder == NULL)
        fm__die("%s in task %s (%s): nobody holds this lock", caller,
                self->name, fm__site(self));
    const struct fm__task *task = fm__handle_find(holder);
    if (task == NULL)
        fm__die("%s in task %s (%s): a task that has ended holds this lock",
                caller, self->name, fm__site(self));
    fm__die("%s in task %s (%s): task %s (%s) holds this lock", caller,
            self->name, fm__site(self), task->name, fm__site(task));
}
