/*
 * local.c - values that travel with a task
 *
 * Tasks share a map until one of them sets a value: then it has a map of its
 * own. So a start costs one count, and nobody sees another's change.
 */
#include <fermata/local.h>

#include "base/memory.h"
#include "task/record.h"

#include <errno.h>

#define LOCAL_MAX 64

struct local_entry {
    const fm_local *key;
    void *value;
};

struct fm__locals {
    size_t shared; /* tasks that have it */
    size_t count;
    struct local_entry entries[];
};

struct fm__locals *fm__locals_share(struct fm__locals *locals)
{
    if (locals != NULL)
        locals->shared++;
    return locals;
}

void fm__locals_drop(struct fm__locals *locals)
{
    if (locals != NULL && --locals->shared == 0)
        fm__memory_free(locals);
}

static struct local_entry *local_find(struct fm__locals *locals,
                                      const fm_local *key)
{
    size_t count = locals != NULL ? locals->count : 0;
    for (size_t i = 0; i < count; i++) {
        if (locals->entries[i].key == key)
            return &locals->entries[i];
    }
    return NULL;
}

/* A map of the task's own, with room for one key more. */
static struct fm__locals *local_copy(const struct fm__locals *locals)
{
    size_t count = locals != NULL ? locals->count : 0;
    struct fm__locals *copy =
        fm__memory_new(sizeof *copy + (count + 1) * sizeof copy->entries[0]);
    if (copy == NULL)
        return NULL;
    copy->shared = 1;
    copy->count = count;
    for (size_t i = 0; i < count; i++)
        copy->entries[i] = locals->entries[i];
    return copy;
}

void *fm_local_get(const fm_local *key)
{
    struct fm__task *self = fm__task_self("fm_local_get");
    const struct local_entry *entry = local_find(self->locals, key);
    return entry != NULL ? entry->value : NULL;
}

int fm_local_set(const fm_local *key, void *value)
{
    struct fm__task *self = fm__task_self("fm_local_set");
    struct fm__locals *locals = self->locals;
    struct local_entry *entry = local_find(locals, key);
    if (entry != NULL && locals->shared == 1) {
        entry->value = value;
        return 0;
    }
    if (entry == NULL && locals != NULL && locals->count == LOCAL_MAX)
        return -ENOSPC;
    struct fm__locals *copy = local_copy(locals);
    if (copy == NULL)
        return -ENOMEM;
    entry = local_find(copy, key);
    if (entry == NULL)
        entry = &copy->entries[copy->count++];
    *entry = (struct local_entry){key, value};
    fm__locals_drop(locals);
    self->locals = copy;
    return 0;
}
