/*
 * choices.c - what a select waits for
 *
 * A select has a list of things, and a list of as many sources, in which the
 * timers lie. A thing has a kind, that names the wait for it alone.
 */
#include "inspect/batch.h"

void fm__choices_ask(struct fm__batch *batch, struct fm__batch_task *task,
                     uint64_t there, const struct fm__kind_seen *kind)
{
    size_t size = kind->second + sizeof(uint64_t);
    if (kind->first <= kind->second && size <= FM__BATCH_SCRAP)
        fm__batch_ask(batch, task, there, size);
}

void fm__choices_there(struct fm__batch *batch, struct fm__batch_task *task,
                       const unsigned char *bytes)
{
    const struct fm__kind_seen *kind =
        fm__sight_kind(batch->inspect, task->seen);
    size_t each = fm__sight_layout(batch->inspect)->when_size;
    uint64_t count = fm__sight_u64(bytes + kind->second);
    task->seen->sources = fm__sight_u64(bytes + kind->first);
    task->seen->count = count;
    if (count > 0 && count <= FM__ROOT_CHOICES &&
        count * each <= FM__BATCH_SCRAP)
        fm__batch_ask(batch, task, fm__sight_u64(bytes), (size_t)count * each);
}

/* Asks for the next of the times: where its timer lies. */
static void choices_next(struct fm__batch *batch, struct fm__batch_task *task)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    struct fm__task_seen *seen = task->seen;
    if (seen->times == 0)
        return;
    uint64_t i = (uint64_t)__builtin_ctzll(seen->times);
    seen->times &= seen->times - 1;
    fm__batch_ask(batch, task,
                  seen->sources + i * layout->source_size +
                      layout->source_timer + layout->timer_when,
                  8);
}

void fm__choices_time(struct fm__batch *batch, struct fm__batch_task *task,
                      const unsigned char *bytes)
{
    int64_t when = fm__sight_moment(batch->home, (int64_t)fm__sight_u64(bytes));
    if (when < task->seen->when)
        task->seen->when = when;
    choices_next(batch, task);
}

/* Adds one that is a thing; `place` is its kind's. */
static void choices_add(struct fm__batch *batch, struct fm__task_seen *seen,
                        const unsigned char *when, uint32_t place)
{
    const struct fm__layout *layout = fm__sight_layout(batch->inspect);
    const struct fm__kind_seen *kinds = batch->inspect->kinds.data;
    struct fm__choice_seen *choices = fm__sight_choices(batch->inspect);
    bool is_fd = kinds[place].what == FM__WAIT_DESCRIPTOR;
    uint64_t object = fm__sight_u64(when + layout->when_object);
    if (object == 0 && !is_fd)
        return; /* it is passed over: fm_when_get(NULL) */
    choices[batch->inspect->choice_count++] = (struct fm__choice_seen){
        .kind = place,
        .task = FM__NO_PLACE,
        .fd = is_fd ? (int)fm__sight_u32(when + layout->when_number) : -1,
        .object = object,
    };
    seen->choices++;
}

int fm__choices_take(struct fm__batch *batch, struct fm__batch_task *task,
                     const unsigned char *bytes)
{
    struct fm_inspect *self = batch->inspect;
    const struct fm__layout *layout = fm__sight_layout(self);
    struct fm__task_seen *seen = task->seen;
    seen->choice = self->choice_count;
    int rc = fm__kept_fit(&self->choices, seen->choice + (size_t)seen->count,
                          sizeof(struct fm__choice_seen));
    for (size_t i = 0; i < seen->count && rc == 0; i++) {
        const unsigned char *when = bytes + i * layout->when_size;
        uint64_t kind = fm__sight_u64(when + layout->when_kind);
        uint32_t place = FM__NO_PLACE;
        if (kind != 0)
            rc = fm__waits_kind(self, kind, layout->when_wait, &place);
        if (rc < 0 || place == FM__NO_PLACE)
            continue;
        const struct fm__kind_seen *kinds = self->kinds.data;
        if (kinds[place].what == FM__WAIT_TIMER)
            seen->times |= UINT64_C(1) << i;
        else
            choices_add(batch, seen, when, place);
    }
    choices_next(batch, task);
    return rc;
}
