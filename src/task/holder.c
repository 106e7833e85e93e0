/*
 * holder.c - the task that runs, as another thread can see it
 *
 * The task may go on and end meanwhile: so whatever is read may be gone.
 */
#include "task/holder.h"

#include "task/record.h"

#include <string.h>

void fm__task_hold(const struct fm__loop *loop, struct fm__holder *holder)
{
    const struct fm__conductor *home =
        (const struct fm__conductor *)(const void *)loop;
    const struct fm__task *task = fm__holder_pointer(holder, home->current);
    if (task == NULL || task == &fm__nobody)
        return;
    fm__holder_string(holder, fm__holder_pointer(holder, &task->name),
                      holder->name, sizeof holder->name);
    const char *label = fm__holder_pointer(holder, &task->label);
    if (label == NULL)
        return;
    fm__holder_string(holder, label, holder->site, sizeof holder->site);
    fm__holder_string(holder, label + strlen(holder->site) + 1, holder->site,
                      sizeof holder->site);
}
