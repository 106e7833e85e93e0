/*
 * handle.c - the table of handles: opening, growing, refusing
 */
#include "task/handle.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_thread.h"

#include <errno.h>

static struct fm__atomic_word handle_loops;
/* Whose the loops are, by the numbers in their handles; 0: that of none. */
static struct fm__atomic_word handle_threads[FM__HANDLE_LOOPS];

static struct fm__atomic_word *handle_thread(uint32_t tag)
{
    return &handle_threads[tag >> FM__HANDLE_SLOT_BITS];
}

int fm__handles_open(struct fm__conductor *home)
{
    home->handles = fm__memory_new(sizeof *home->handles);
    if (home->handles == NULL)
        return -ENOMEM;
    uint32_t number = (uint32_t)fm__atomic_add_relaxed(&handle_loops, 1);
    home->handles->tag = number << FM__HANDLE_SLOT_BITS;
    home->handles->free = FM__HANDLE_NONE;
    fm__atomic_store(handle_thread(home->handles->tag),
                     (uint64_t)fm__thread_number());
    return 0;
}

void fm__handles_close(struct fm__conductor *home)
{
    fm__atomic_store(handle_thread(home->handles->tag), 0);
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

/* Returns where its loop has ended, or is this thread's. */
static void handle_check_thread(const fm_task *handle, const char *caller)
{
    char mine[FM__THREAD_TEXT], its[FM__THREAD_TEXT];
    int number =
        (int)fm__atomic_load(handle_thread((uint32_t)(uintptr_t)handle));
    if (number == 0 || number == fm__thread_number() || fm__forked)
        return;
    fm__die("%s was called on %s for a task of the loop of %s", caller,
            fm__thread_text(fm__thread_number(), mine),
            fm__thread_text(number, its));
}

struct fm__task *fm__handle_find(const fm_task *handle)
{
    static const char caller[] = "a verb on a task's handle";
    struct fm__task *task = NULL;
    if (FM__LIKELY(fm__home != NULL))
        task = fm__handle_look(fm__home->handles, handle);
    if (FM__UNLIKELY(task == NULL))
        handle_check_thread(handle, caller);
    if (FM__UNLIKELY(fm__home == NULL))
        fm__task_none(caller);
    return task;
}

void fm__handle_refuse(const struct fm__task *task, const fm_task *handle,
                       const char *caller)
{
    const struct fm__task *self = fm__current;
    if (task == NULL)
        handle_check_thread(handle, caller);
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
