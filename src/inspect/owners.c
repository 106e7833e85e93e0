/*
 * owners.c - whose each task is
 *
 * A task's owner is a record in its parent's, or in a group's. A group says
 * whose it is; many tasks share one, so each is read once.
 */
#include "inspect/sight.h"

#include <errno.h>

enum {
    OWNERS_MOST = 256
}; /* that are read at once */

static uint64_t *owners_list(const struct fm_inspect *self)
{
    return self->owners.data;
}

/* The place of the task that has the owner in its record. */
static uint32_t owners_in_record(const struct fm_inspect *self, uint64_t owner)
{
    uint64_t record = owner - fm__sight_layout(self)->task_children;
    return fm__places_find(&self->known, record);
}

/* Notes a group's owner, once. */
static int owners_note(struct fm_inspect *self, uint64_t owner)
{
    size_t count = self->owners_at.count;
    if (fm__places_find(&self->owners_at, owner) != FM__NO_PLACE)
        return 0;
    int rc = fm__kept_fit(&self->owners, count + 1, sizeof(uint64_t));
    if (rc < 0)
        return rc;
    owners_list(self)[count] = owner;
    return fm__places_put(&self->owners_at, owner, (uint32_t)count);
}

static int owners_collect(struct fm_inspect *self)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    int rc = 0;
    fm__places_clear(&self->known);
    fm__places_clear(&self->owners_at);
    for (size_t i = 0; i < self->seen_count && rc == 0; i++)
        rc = fm__places_put(&self->known, seen[i].record, (uint32_t)i);
    for (size_t i = 0; i < self->seen_count && rc == 0; i++) {
        seen[i].parent = owners_in_record(self, seen[i].owner);
        if (seen[i].parent == FM__NO_PLACE)
            rc = owners_note(self, seen[i].owner);
    }
    return rc;
}

static struct fm__extent owners_extent(const struct fm_inspect *self,
                                       uint64_t *owner)
{
    uint64_t address = *owner + fm__sight_layout(self)->owner_task;
    return (struct fm__extent){address, owner, 8, 0};
}

/* Each address in the list becomes that of the task that is named there. */
static int owners_read(struct fm_inspect *self)
{
    uint64_t *owners = owners_list(self);
    size_t count = self->owners_at.count;
    int rc = fm__kept_fit(&self->chunk, OWNERS_MOST, sizeof(struct fm__extent));
    struct fm__extent *extents = self->chunk.data;
    for (size_t i = 0; i < count && rc == 0; i += OWNERS_MOST) {
        size_t some = count - i < OWNERS_MOST ? count - i : OWNERS_MOST;
        for (size_t n = 0; n < some; n++)
            extents[n] = owners_extent(self, &owners[i + n]);
        rc = fm__image_gather(self->image, extents, some);
        for (size_t n = 0; n < some; n++)
            owners[i + n] = extents[n].got == 8 ? owners[i + n] : 0;
    }
    return rc;
}

int fm__owners_look(struct fm_inspect *self)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    int rc = owners_collect(self);
    if (rc == 0)
        rc = owners_read(self);
    for (size_t i = 0; i < self->seen_count && rc == 0; i++) {
        uint32_t place = fm__places_find(&self->owners_at, seen[i].owner);
        if (seen[i].parent == FM__NO_PLACE && place != FM__NO_PLACE)
            seen[i].parent =
                fm__places_find(&self->known, owners_list(self)[place]);
    }
    return rc;
}
