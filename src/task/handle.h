/*
 * handle.h - slots and generations, outside the stacks
 *
 * A handle is generation << 32 | loop << 24 | slot. A slot whose generations
 * are used up is never used again, so a stale handle cannot come to mean
 * another task. The loop's number is there so that a handle of another
 * thread's loop is a stranger and not a neighbour.
 */
#ifndef FM_TASK_HANDLE_H
#define FM_TASK_HANDLE_H

#include "task/record.h"

#define FM__HANDLE_SLOT_BITS 24
#define FM__HANDLE_SLOTS (UINT32_C(1) << FM__HANDLE_SLOT_BITS)
#define FM__HANDLE_LOOPS 256 /* that handles tell apart */
#define FM__HANDLE_CHUNK 1024
#define FM__HANDLE_NONE UINT32_MAX

struct fm__handle_slot {
    struct fm__task *task; /* NULL while free */
    uint32_t generation;   /* of the next or present use; 0: used up */
    uint32_t next_free;
};

struct fm__handles {
    uint32_t free; /* the last one freed */
    uint32_t count;
    uint32_t tag; /* the loop's number, in place */
    struct fm__handle_slot *chunks[FM__HANDLE_SLOTS / FM__HANDLE_CHUNK];
};

bool fm__handles_grow(struct fm__handles *handles);

FM__INLINE struct fm__handle_slot *fm__handle_slot(struct fm__handles *handles,
                                                   uint32_t index)
{
    struct fm__handle_slot *chunk = handles->chunks[index / FM__HANDLE_CHUNK];
    return &chunk[index % FM__HANDLE_CHUNK];
}

/* NULL without memory. */
FM__INLINE fm_task *fm__handle_new(struct fm__handles *handles,
                                   struct fm__task *task)
{
    if (FM__UNLIKELY(handles->free == FM__HANDLE_NONE) &&
        !fm__handles_grow(handles))
        return NULL;
    uint32_t index = handles->free;
    struct fm__handle_slot *slot = fm__handle_slot(handles, index);
    handles->free = slot->next_free;
    slot->task = task;
    uintptr_t handle = (uintptr_t)slot->generation << 32;
    return (fm_task *)(handle | handles->tag | index);
}

FM__INLINE void fm__handle_free(struct fm__handles *handles, fm_task *handle)
{
    uint32_t index = (uint32_t)(uintptr_t)handle & (FM__HANDLE_SLOTS - 1);
    struct fm__handle_slot *slot = fm__handle_slot(handles, index);
    slot->task = NULL;
    if (FM__UNLIKELY(++slot->generation == 0))
        return;
    slot->next_free = handles->free;
    handles->free = index;
}

FM__INLINE struct fm__task *fm__handle_look(struct fm__handles *handles,
                                            const fm_task *handle)
{
    uint32_t low = (uint32_t)(uintptr_t)handle;
    uint32_t index = low & (FM__HANDLE_SLOTS - 1);
    if (FM__UNLIKELY(index >= handles->count || low - index != handles->tag))
        return NULL;
    struct fm__handle_slot *slot = fm__handle_slot(handles, index);
    bool same = slot->generation == (uint32_t)((uintptr_t)handle >> 32);
    return FM__LIKELY(same) ? slot->task : NULL;
}

FM__NORETURN void fm__handle_refuse(const struct fm__task *task,
                                    const fm_task *handle, const char *caller);

/* For its starter, who consumes it; aborts with a sentence otherwise. */
FM__INLINE struct fm__task *fm__handle_take(struct fm__task *self,
                                            fm_task *handle, const char *caller)
{
    struct fm__task *task = fm__handle_look(self->home->handles, handle);
    if (FM__UNLIKELY(task == NULL || task->owner != &self->children ||
                     task->reaper != NULL))
        fm__handle_refuse(task, handle, caller);
    return task;
}

#endif
