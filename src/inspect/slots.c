/*
 * slots.c - all tasks of a loop, from its table of handles
 *
 * A handle is generation << 32 | tag | slot, and a record has its own handle:
 * so what a slot points to is a task of this loop, or is passed over.
 */
#include "inspect/batch.h"

#include <errno.h>

struct slots_walk {
    struct fm__batch *batch;
    size_t first; /* of the tasks in the batch, among those seen */
    bool careful;
    uint32_t tag;
    uint32_t home;   /* place */
    uint64_t slots;  /* where this chunk is */
    uint64_t meters; /* and its meters, or 0 */
    uint32_t index;  /* of its first slot */
};

/* Keeps those that were tasks. */
static void slots_keep(struct fm_inspect *self, size_t first)
{
    struct fm__task_seen *seen = fm__sight_seen(self);
    size_t kept = first;
    for (size_t i = first; i < self->seen_count; i++) {
        if (!seen[i].gone)
            seen[kept++] = seen[i];
    }
    self->seen_count = kept;
}

static int slots_flush(struct slots_walk *walk)
{
    struct fm__batch *batch = walk->batch;
    struct fm_inspect *self = batch->inspect;
    struct fm__task_seen *seen = fm__sight_seen(self);
    for (size_t i = 0; i < batch->count; i++)
        batch->tasks[i].seen = &seen[walk->first + i];
    int rc = fm__records_read(batch, walk->careful);
    slots_keep(self, walk->first);
    walk->first = self->seen_count;
    if (rc < 0 || walk->careful || batch->home->still)
        return rc;
    return fm__confirm_home(self, batch->home) ? 0 : -EAGAIN;
}

static int slots_add(struct slots_walk *walk, uint32_t index,
                     const unsigned char *slot)
{
    struct fm_inspect *self = walk->batch->inspect;
    const struct fm__layout *layout = fm__sight_layout(self);
    uint64_t generation = fm__sight_u32(slot + layout->slot_generation);
    uint64_t record = fm__sight_u64(slot + layout->slot_task);
    if (record == 0)
        return 0;
    int rc = fm__kept_fit(&self->seen, self->seen_count + 1,
                          sizeof(struct fm__task_seen));
    if (rc < 0)
        return rc;
    uint64_t meter =
        walk->meters + layout->meter_cpu + (uint64_t)index * layout->meter_size;
    fm__sight_seen(self)[self->seen_count++] = (struct fm__task_seen){
        .slot = walk->slots + (uint64_t)index * layout->slot_size,
        .record = record,
        .handle = generation << 32 | (walk->tag | (walk->index + index)),
        .meter = walk->meters != 0 ? meter : 0,
        .home = walk->home,
        .parent = FM__NO_PLACE,
        .cpu = -1,
    };
    if (++walk->batch->count < FM__BATCH_MOST)
        return 0;
    return slots_flush(walk);
}

/* 0: there is none, or it cannot be read. */
static uint64_t slots_pointer(struct fm_inspect *self, uint64_t address)
{
    uint64_t pointer = 0;
    return fm__image_read(self->image, address, &pointer, 8) == 8 ? pointer : 0;
}

/* The chunk at walk->slots; where it cannot be read, there was some task. */
static int slots_chunk(struct slots_walk *walk)
{
    struct fm_inspect *self = walk->batch->inspect;
    const struct fm__layout *layout = fm__sight_layout(self);
    size_t size = (size_t)layout->handles_chunk * layout->slot_size;
    int rc = fm__kept_fit(&self->chunk, size, 1);
    if (rc < 0)
        return rc;
    const unsigned char *bytes = self->chunk.data;
    ssize_t got =
        fm__image_read(self->image, walk->slots, self->chunk.data, size);
    uint32_t count = got > 0 ? (uint32_t)((size_t)got / layout->slot_size) : 0;
    self->skipped += count < layout->handles_chunk;
    for (uint32_t i = 0; i < count && rc == 0; i++)
        rc = slots_add(walk, i, bytes + (size_t)i * layout->slot_size);
    return rc;
}

static int slots_table(struct slots_walk *walk, uint64_t table, uint32_t count)
{
    struct fm_inspect *self = walk->batch->inspect;
    const struct fm__layout *layout = fm__sight_layout(self);
    uint64_t meters = walk->batch->home->meters;
    uint64_t chunks = table + layout->handles_chunks;
    int rc = 0;
    for (uint64_t i = 0; i * layout->handles_chunk < count && rc == 0; i++) {
        walk->index = (uint32_t)(i * layout->handles_chunk);
        walk->slots = slots_pointer(self, chunks + 8 * i);
        walk->meters = 0;
        if (meters != 0)
            walk->meters =
                slots_pointer(self, meters + layout->meter_chunks + 8 * i);
        rc = slots_chunk(walk);
    }
    return rc == 0 ? slots_flush(walk) : rc;
}

int fm__slots_look(struct fm_inspect *self, const struct fm__home_seen *home,
                   bool careful)
{
    const struct fm__layout *layout = fm__sight_layout(self);
    uint32_t most = UINT32_C(1) << layout->handles_slot_bits, count = 0, tag;
    struct fm__extent extents[] = {
        {home->handles + layout->handles_count, &count, 4, 0},
        {home->handles + layout->handles_tag, &tag, 4, 0},
    };
    int rc = fm__image_gather(self->image, extents, FM__COUNT(extents));
    if (rc < 0)
        return rc;
    if (extents[0].got < 4 || extents[1].got < 4 || count > most ||
        (tag & (most - 1)) != 0)
        return -EPROTO;
    struct slots_walk walk = {
        .batch = fm__batch_begin(self, home),
        .first = self->seen_count,
        .careful = careful,
        .tag = tag,
        .home = (uint32_t)self->home_count,
    };
    return walk.batch != NULL ? slots_table(&walk, home->handles, count)
                              : -ENOMEM;
}
