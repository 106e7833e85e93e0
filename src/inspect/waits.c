/*
 * waits.c - what the tasks of a batch wait for
 *
 * A task has a waiter, that has a kind, and the kind says how to go on from
 * there: a step each, for all tasks of the batch. Where something is not as it
 * should be, what is known so far stands.
 */
#include "inspect/batch.h"

#include <errno.h>

#define WAITS_KINDS 4096 /* that are told apart */

/* What the kind at the address says, in `kind`. */
static int waits_kind_parse(struct fm_inspect *self, uint64_t address,
                            struct fm__kind_seen *kind)
{
    const struct fm__layout *layout = fm__sight_layout(self);
    unsigned char bytes[FM__KIND_MOST];
    struct fm__naming name;
    size_t size = layout->kind_size;
    *kind = (struct fm__kind_seen){.name = "?", .what = FM__WAIT_NOTHING};
    if (fm__image_read(self->image, address, bytes, size) != (ssize_t)size)
        return 0;
    int rc =
        fm__naming_read(self, fm__sight_u64(bytes + layout->kind_name), &name);
    if (rc < 0 || name.size == 0)
        return rc;
    uint8_t what = bytes[layout->kind_what];
    kind->name = name.text;
    kind->listed = (what & FM__WAIT_LISTED) != 0;
    what &= (uint8_t)~FM__WAIT_LISTED;
    kind->what = what <= FM__WAIT_CHOICES ? what : FM__WAIT_NOTHING;
    kind->at = (int16_t)fm__sight_u16(bytes + layout->kind_at);
    kind->first = fm__sight_u16(bytes + layout->kind_first);
    kind->second = fm__sight_u16(bytes + layout->kind_second);
    return 0;
}

int fm__waits_kind(struct fm_inspect *self, uint64_t address, size_t behind,
                   uint32_t *place)
{
    uint64_t kind = address;
    *place = fm__places_find(&self->kinds_at, address);
    if (*place != FM__NO_PLACE || self->kind_count == WAITS_KINDS)
        return 0;
    int rc = fm__kept_fit(&self->kinds, self->kind_count + 1,
                          sizeof(struct fm__kind_seen));
    if (rc < 0)
        return rc;
    struct fm__kind_seen *kinds = self->kinds.data;
    if (behind > 0 &&
        fm__image_read(self->image, address + behind, &kind, 8) != 8)
        kind = 0; /* of which nothing is known */
    rc = waits_kind_parse(self, kind, &kinds[self->kind_count]);
    if (rc < 0)
        return rc;
    *place = (uint32_t)self->kind_count++;
    return fm__places_put(&self->kinds_at, address, *place);
}

/* The object is known: asks for what the kind says is in it. */
static int waits_object(struct fm__batch *batch, struct fm__batch_task *task,
                        uint64_t object)
{
    const struct fm__kind_seen *kind =
        fm__sight_kind(batch->inspect, task->seen);
    uint64_t first = object + kind->first;
    task->seen->object = object;
    if (object == 0)
        return 0;
    if (kind->what == FM__WAIT_MEMBERS)
        task->seen->object = first;
    else if (kind->what == FM__WAIT_DESCRIPTOR)
        fm__batch_ask(batch, task, first, sizeof(int));
    else if (kind->what == FM__WAIT_LOCK || kind->what == FM__WAIT_COUNTED)
        fm__batch_ask(batch, task, first, 8);
    return 0;
}

/* Of tasks: the reaper or the lookout is known, and where a timer is. */
static void waits_tasks(struct fm__batch *batch, struct fm__batch_task *task,
                        const struct fm__kind_seen *kind)
{
    size_t when = fm__sight_layout(batch->inspect)->timer_when;
    uint64_t waiter = task->seen->waiter;
    task->seen->object = waiter + (uint64_t)kind->at;
    if (kind->what == FM__WAIT_LOOKOUT && kind->first != 0)
        fm__batch_ask(batch, task, waiter + kind->first + when, 8);
}

/* Not in a list: asks for what lies in the waiter. */
static void waits_ask(struct fm__batch *batch, struct fm__batch_task *task,
                      const struct fm__kind_seen *kind)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    uint64_t there = task->seen->waiter + (uint64_t)kind->at;
    if (kind->what == FM__WAIT_OPERATION)
        fm__batch_ask(batch, task, there, layout->op_size);
    else if (kind->what == FM__WAIT_TIMER)
        fm__batch_ask(batch, task, there + layout->timer_when, 8);
    else if (kind->what == FM__WAIT_REAPER || kind->what == FM__WAIT_LOOKOUT)
        waits_tasks(batch, task, kind);
    else if (kind->what == FM__WAIT_CHOICES)
        fm__choices_ask(batch, task, there, kind);
    else if (kind->what != FM__WAIT_NOTHING)
        fm__batch_ask(batch, task, there, 8);
}

static int waits_waiter(struct fm__batch *batch, struct fm__batch_task *task,
                        const unsigned char *waiter)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    struct fm__task_seen *seen = task->seen;
    if (fm__sight_u64(waiter + layout->waiter_task) != seen->record)
        return 0;
    uint64_t address = fm__sight_u64(waiter + layout->waiter_kind);
    int rc = fm__waits_kind(batch->inspect, address, 0, &seen->kind);
    if (rc < 0 || seen->kind == FM__NO_PLACE)
        return rc;
    seen->since = (int64_t)fm__sight_u64(waiter + layout->waiter_since);
    const struct fm__kind_seen *kind = fm__sight_kind(batch->inspect, seen);
    if (kind->listed)
        fm__batch_ask(batch, task, seen->waiter + layout->queued_list, 8);
    else
        waits_ask(batch, task, kind);
    return 0;
}

static int waits_there(struct fm__batch *batch, struct fm__batch_task *task,
                       const unsigned char *bytes)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    struct fm__task_seen *seen = task->seen;
    const struct fm__kind_seen *kind = fm__sight_kind(batch->inspect, seen);
    uint64_t word = fm__sight_u64(bytes);
    if (kind->listed)
        return waits_object(batch, task, word - (uint64_t)kind->at);
    if (kind->what == FM__WAIT_OPERATION) {
        seen->op = (int)fm__sight_u32(bytes + layout->op_kind);
        seen->fd = (int)fm__sight_u32(bytes + layout->op_fd);
    } else if (kind->what == FM__WAIT_TIMER || kind->what == FM__WAIT_LOOKOUT) {
        seen->when = fm__sight_moment(batch->home, (int64_t)word);
    } else if (kind->what == FM__WAIT_CHOICES) {
        fm__choices_there(batch, task, bytes);
    } else {
        return waits_object(batch, task, word);
    }
    return 0;
}

static int waits_first(struct fm__batch *batch, struct fm__batch_task *task,
                       const unsigned char *bytes)
{
    struct fm__task_seen *seen = task->seen;
    const struct fm__kind_seen *kind = fm__sight_kind(batch->inspect, seen);
    if (kind->what == FM__WAIT_CHOICES)
        return fm__choices_take(batch, task, bytes);
    if (kind->what == FM__WAIT_DESCRIPTOR) {
        seen->fd = (int)fm__sight_u32(bytes);
    } else if (kind->what == FM__WAIT_LOCK) {
        seen->holder = fm__sight_u64(bytes);
    } else {
        seen->count = kind->first != 0 ? fm__sight_u64(bytes) : 0;
        if (kind->second != 0)
            fm__batch_ask(batch, task, seen->object + kind->second, 8);
    }
    return 0;
}

static int waits_second(struct fm__batch *batch, struct fm__batch_task *task,
                        const unsigned char *bytes)
{
    const struct fm__kind_seen *kind =
        fm__sight_kind(batch->inspect, task->seen);
    if (kind->what == FM__WAIT_CHOICES)
        fm__choices_time(batch, task, bytes);
    else
        task->seen->limit = fm__sight_u64(bytes);
    return 0;
}

int fm__waits_read(struct fm__batch *batch)
{
    static fm__batch_step *const steps[] = {waits_waiter, waits_there,
                                            waits_first, waits_second};
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        if (task->seen->waiter != 0)
            fm__batch_ask(batch, task, task->seen->waiter, layout->waiter_size);
    }
    int rc = fm__batch_hear(batch);
    for (size_t i = 0; i < FM__COUNT(steps) && rc == 0; i++)
        rc = fm__batch_each(batch, steps[i]);
    while (rc == 0 && batch->answers > 0)
        rc = fm__batch_each(batch, waits_second); /* of several times */
    return rc;
}
