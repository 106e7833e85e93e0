/*
 * handle.c - the table of handles: opening, growing, refusing
 */
#include "task/handle.h"

#include "base/die.h"
#include "base/memory.h"

#include <errno.h>

static struct fm__atomic_word handle_loops;

int fm__handles_open(struct fm__conductor *home)
{
    home->handles = fm__memory_new(sizeof *home->handles);
    if (home->handles == NULL)
        return -ENOMEM;
    uint32_t number = (uint32_t)fm__atomic_add_relaxed(&handle_loops, 1);
    home->handles->tag = number << FM__HANDLE_SLOT_BITS;
    home->handles->free = FM__HANDLE_NONE;
    return 0;
}

void fm__handles_close(struct fm__conductor *home)
{
    for (uint32_t i = 0; i * FM__HANDLE_CHUNK < home->handles->count; i++)
        fm__memory_free(home->handles->chunks[i]);
    fm__memory_free(home->handles);
}

/* A chunk more, chained so that low slots come first. */
bool fm__handles_grow(struct fm__handles *handles)
{
    uint32_t first = handles->count;
    if (first == FM__HANDLE_SLOTS)
        return false;
    struct fm__handle_slot *chunk =
        fm__memory_new(FM__HANDLE_CHUNK * sizeof *chunk);
    if (chunk == NULL)
        return false;
    for (uint32_t i = 0; i < FM__HANDLE_CHUNK; i++)
        chunk[i] = (struct fm__handle_slot){NULL, 1, first + i + 1};
    chunk[FM__HANDLE_CHUNK - 1].next_free = handles->free;
    handles->chunks[first / FM__HANDLE_CHUNK] = chunk;
    handles->count += FM__HANDLE_CHUNK;
    handles->free = first;
    return true;
}

struct fm__task *fm__handle_find(const fm_task *handle)
{
    if (FM__UNLIKELY(fm__home == NULL))
        fm__task_none("a verb on a task's handle");
    return fm__handle_look(fm__home->handles, handle);
}

void fm__handle_refuse(const struct fm__task *task, const char *caller)
{
    const struct fm__task *self = fm__current;
    if (task == NULL)
        fm__die("%s in task %s (%s): the handle was consumed before, or is "
                "none",
                caller, self->name, fm__site(self));
    if (task->owner != &self->children)
        fm__die("%s in task %s (%s): task %s (%s) was not started by it, so "
                "its handle is not its to consume",
                caller, self->name, fm__site(self), task->name, fm__site(task));
    fm__die("%s in task %s (%s): the handle of %s is given twice", caller,
            self->name, fm__site(self), task->name);
}
