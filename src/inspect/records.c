/*
 * records.c - tasks, read many at a time, and again where they change
 *
 * A task of a loop that runs meanwhile is believed when its slot, and in its
 * record handle, waiter and turns, are after all reads what they were before.
 * So what it waits for has to be read after the record, and not with it.
 */
#include "inspect/batch.h"

#define RECORDS_ROUNDS 8 /* of reading a task that changes */
#define RECORDS_PAGE 4096

static void records_forget(struct fm__batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        batch->tasks[i].answer = NULL;
    batch->answers = 0;
}

/* The window: no more than the pages that the record lies in. */
static void records_ask_window(struct fm__batch *batch,
                               struct fm__batch_task *task)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    uint64_t record = task->seen->record, page = RECORDS_PAGE - 1;
    uint64_t least = record + layout->task_size + layout->stack_bottom + 8;
    uint64_t high = record + layout->task_size + FM__BATCH_ABOVE;
    uint64_t low = record - FM__BATCH_BELOW;
    if (low < (record & ~page) || low > record)
        low = record & ~page;
    if (high > ((least + page) & ~page))
        high = (least + page) & ~page;
    task->low = low;
    task->size = 0;
    if (high > low)
        fm__batch_extend(
            batch, task,
            (struct fm__extent){low, task->window, (size_t)(high - low), 0});
}

static int records_hear_windows(struct fm__batch *batch)
{
    size_t asked = batch->asked;
    int rc = fm__batch_hear(batch);
    const struct fm__extent *extent = batch->extents;
    for (size_t i = 0; i < batch->count && asked > 0; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        if (extent->buf == task->window) {
            task->size = extent->got;
            extent++;
            asked--;
        }
    }
    records_forget(batch);
    return rc;
}

static void records_no_wait(struct fm__task_seen *seen)
{
    seen->waiter = seen->blocks = 0;
    seen->kind = FM__NO_PLACE;
    seen->fd = -1;
    seen->op = -1;
    seen->since = 0;
    seen->when = FM__SIGHT_NEVER;
    seen->expires = FM__SIGHT_NEVER;
    seen->object = seen->holder = seen->sources = 0;
    seen->count = seen->limit = 0;
    seen->choice = seen->choices = 0;
    seen->times = 0;
}

static void records_context(const struct fm__layout *layout,
                            struct fm__task_seen *seen,
                            const unsigned char *record)
{
    const unsigned char *context = record + layout->task_context;
    for (size_t i = 0; i < FM__COUNT(seen->context); i++)
        seen->context[i] =
            layout->task_context > 0 ? fm__sight_u64(context + 8 * i) : 0;
}

static void records_parse(const struct fm__layout *layout,
                          struct fm__task_seen *seen,
                          const unsigned char *record)
{
    const unsigned char *head = record + layout->task_size;
    records_no_wait(seen);
    seen->bottom = fm__sight_u64(head + layout->stack_bottom);
    seen->waiter = fm__sight_u64(record + layout->task_waiter);
    seen->blocks = fm__sight_u64(record + layout->task_blocks);
    seen->reaper = fm__sight_u64(record + layout->task_reaper);
    seen->lookout = fm__sight_u64(record + layout->task_lookout);
    seen->owner = fm__sight_u64(record + layout->task_owner);
    seen->label = fm__sight_u64(record + layout->task_label);
    seen->name = fm__sight_u64(record + layout->task_name);
    seen->serial = fm__sight_u32(record + layout->task_serial);
    seen->turns = fm__sight_u32(record + layout->task_turns);
    seen->state = record[layout->task_state];
    seen->cancelled = record[layout->task_cancelled] != 0;
    seen->dense = (record[layout->task_marks] & 1) != 0;
    records_context(layout, seen, record);
    if (seen->state != 0)
        seen->waiter = seen->blocks = 0;
}

/* Whether the record was there, and is this task's. */
static bool records_record(struct fm__batch *batch, struct fm__batch_task *task)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    uint64_t within = task->seen->record - task->low;
    if (within + layout->task_size + layout->stack_bottom + 8 > task->size)
        return false;
    const unsigned char *record = task->window + within;
    if (fm__sight_u64(record + layout->task_handle) != task->seen->handle ||
        record[layout->task_state] > 1)
        return false;
    records_parse(layout, task->seen, record);
    return true;
}

/* A name that the task was given later lies above its record. */
static int records_name(struct fm__batch *batch,
                        const struct fm__batch_task *task)
{
    uint64_t within = task->seen->name - task->low;
    if (within >= task->size)
        return 0;
    return fm__naming_learn(batch->inspect, task->seen->name,
                            task->window + within, task->size - (size_t)within);
}

static int records_records(struct fm__batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        records_ask_window(batch, &batch->tasks[i]);
    int rc = records_hear_windows(batch);
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        task->sound = records_record(batch, task);
        task->seen->gone = !task->sound;
        if (!task->sound)
            records_no_wait(task->seen);
        else if (rc == 0)
            rc = records_name(batch, task);
    }
    return rc;
}

/* The slot may have another task by now, or none. */
static int records_slot(struct fm__batch *batch, struct fm__batch_task *task,
                        const unsigned char *slot)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    struct fm__task_seen *seen = task->seen;
    uint64_t record = fm__sight_u64(slot + layout->slot_task);
    uint64_t generation = fm__sight_u32(slot + layout->slot_generation);
    uint64_t handle = generation << 32 | (seen->handle & UINT32_MAX);
    bool same = record == seen->record && handle == seen->handle;
    seen->record = record;
    seen->handle = handle;
    if (same && task->sound)
        fm__batch_ask(batch, task, record, layout->task_size);
    return 0;
}

static int records_again(struct fm__batch *batch, struct fm__batch_task *task,
                         const unsigned char *record)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    struct fm__task_seen *seen = task->seen;
    seen->gone = fm__sight_u64(record + layout->task_handle) != seen->handle ||
                 fm__sight_u64(record + layout->task_waiter) != seen->waiter ||
                 fm__sight_u32(record + layout->task_turns) != seen->turns;
    return 0;
}

/* Leaves in the batch those that have changed. */
static int records_confirm(struct fm__batch *batch)
{
    size_t size = fm__sight_layout(batch->inspect)->slot_size;
    size_t left = 0;
    records_forget(batch);
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        task->seen->gone = true;
        fm__batch_ask(batch, task, task->seen->slot, size);
    }
    int rc = fm__batch_hear(batch);
    if (rc == 0)
        rc = fm__batch_each(batch, records_slot);
    if (rc == 0)
        rc = fm__batch_each(batch, records_again);
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__task_seen *seen = batch->tasks[i].seen;
        if (seen->gone && seen->record != 0)
            batch->tasks[left++].seen = seen;
    }
    batch->count = left;
    return rc;
}

static int records_meter(struct fm__batch *batch, struct fm__batch_task *task,
                         const unsigned char *cpu)
{
    (void)batch;
    task->seen->cpu = (int64_t)fm__sight_u64(cpu);
    return 0;
}

static int records_meters(struct fm__batch *batch)
{
    records_forget(batch);
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__batch_task *task = &batch->tasks[i];
        if (task->seen->meter != 0)
            fm__batch_ask(batch, task, task->seen->meter, 8);
    }
    int rc = fm__batch_hear(batch);
    return rc == 0 ? fm__batch_each(batch, records_meter) : rc;
}

static int records_round(struct fm__batch *batch)
{
    int rc = records_records(batch);
    if (rc == 0)
        rc = fm__waits_read(batch);
    if (rc == 0)
        rc = fm__blocks_read(batch);
    return rc == 0 ? records_meters(batch) : rc;
}

/* Those that changed whenever they were read: what is still the same task has
 * turns so often that it is ready, or runs. */
static int records_give_up(struct fm__batch *batch)
{
    int rc = records_records(batch);
    for (size_t i = 0; i < batch->count; i++) {
        struct fm__task_seen *seen = batch->tasks[i].seen;
        seen->waiter = 0;
        batch->inspect->skipped += seen->gone;
    }
    return rc;
}

static int records_read_careful(struct fm__batch *batch)
{
    int rc = 0;
    for (int i = 0; i < RECORDS_ROUNDS && batch->count > 0 && rc == 0; i++) {
        rc = records_round(batch);
        if (rc == 0)
            rc = records_confirm(batch);
    }
    return rc == 0 ? records_give_up(batch) : rc;
}

int fm__records_read(struct fm__batch *batch, bool careful)
{
    batch->anew = careful;
    int rc = careful ? records_read_careful(batch) : records_round(batch);
    for (size_t i = 0; i < batch->count && !careful; i++)
        batch->inspect->skipped += batch->tasks[i].seen->gone;
    batch->count = 0;
    return rc;
}
