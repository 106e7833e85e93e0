/*
 * holder.c - the task that runs, as another thread can see it
 *
 * The task may go on and end meanwhile: so whatever is read may be gone.
 */
#include "task/holder.h"

#include "task/meter.h"

#include <string.h>

/* What the task waited for before this turn: its meter knows. */
static void holder_waited(const struct fm__conductor *home,
                          const struct fm__task *task,
                          struct fm__holder *holder)
{
    const struct fm__meters *meters = fm__holder_pointer(holder, &home->meters);
    if (meters == NULL)
        return;
    uint32_t handle =
        (uint32_t)(uintptr_t)fm__holder_pointer(holder, &task->handle);
    uint32_t index = handle & (FM__HANDLE_SLOTS - 1);
    const struct fm__meter *chunk =
        fm__holder_pointer(holder, &meters->chunks[index / FM__HANDLE_CHUNK]);
    if (chunk == NULL)
        return;
    const struct fm__wait_kind *kind =
        fm__holder_pointer(holder, &chunk[index % FM__HANDLE_CHUNK].waited);
    if (kind != NULL)
        fm__holder_string(holder, fm__holder_pointer(holder, &kind->name),
                          holder->waited, sizeof holder->waited);
}

void fm__task_hold(const struct fm__loop *loop, struct fm__holder *holder)
{
    const struct fm__conductor *home =
        (const struct fm__conductor *)(const void *)loop;
    const struct fm__task *task = fm__holder_pointer(holder, home->current);
    if (task == NULL || task == &fm__nobody)
        return;
    fm__holder_string(holder, fm__holder_pointer(holder, &task->name),
                      holder->name, sizeof holder->name);
    holder_waited(home, task, holder);
    const char *label = fm__holder_pointer(holder, &task->label);
    if (label == NULL)
        return;
    fm__holder_string(holder, label, holder->site, sizeof holder->site);
    fm__holder_string(holder, label + strlen(holder->site) + 1, holder->site,
                      sizeof holder->site);
}
