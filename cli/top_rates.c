/*
 * top_rates.c - what changes between two looks
 *
 * A task is known again by its handle, a loop by its thread. Who was not there
 * before began at nothing, unless the look before did not see all tasks.
 */
#include "top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOP_UNKNOWN (-1.0)

/* Where tasks are in the picture before: places + 1, by their handles. */
struct top_index {
    const fm_picture *picture;
    double seconds; /* since then */
    size_t *slots;
    size_t mask;
};

static size_t top_index_slot(const struct top_index *self, uint64_t id)
{
    return (size_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & self->mask;
}

static int top_index_make(struct top_index *self, const fm_picture *picture)
{
    self->picture = picture;
    self->mask = 15;
    while (self->mask < 2 * picture->task_count)
        self->mask = 2 * self->mask + 1;
    self->slots = calloc(self->mask + 1, sizeof *self->slots);
    if (self->slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < picture->task_count; i++) {
        size_t slot = top_index_slot(self, picture->tasks[i].id);
        while (self->slots[slot] != 0)
            slot = (slot + 1) & self->mask;
        self->slots[slot] = i + 1;
    }
    return 0;
}

static const fm_picture_task *top_index_find(const struct top_index *self,
                                             uint64_t id)
{
    size_t slot = top_index_slot(self, id);
    for (; self->slots[slot] != 0; slot = (slot + 1) & self->mask) {
        const fm_picture_task *task =
            &self->picture->tasks[self->slots[slot] - 1];
        if (task->id == id)
            return task;
    }
    return NULL;
}

static double top_busy(int64_t before, int64_t now, double seconds)
{
    if (before < 0 || now < before || seconds <= 0)
        return TOP_UNKNOWN;
    return (double)(now - before) / (1e7 * seconds);
}

static void top_task_rates(struct top_rates *rates, size_t place,
                           const struct top_index *index,
                           const fm_picture_task *task)
{
    const fm_picture_task *before = top_index_find(index, task->id);
    rates->turns[place] = TOP_UNKNOWN;
    rates->cpu[place] = TOP_UNKNOWN;
    if (before == NULL && index->picture->skipped > 0)
        return;
    uint32_t turns = task->turns - (before == NULL ? 0 : before->turns);
    int64_t cpu = before == NULL ? 0 : before->cpu;
    rates->turns[place] = turns / index->seconds;
    rates->cpu[place] = top_busy(cpu, task->cpu, index->seconds);
}

static void top_loop_rate(struct top_rates *rates, size_t place,
                          const struct top_look *before,
                          const struct top_look *now)
{
    const fm_picture_loop *loop = &now->picture->loops[place];
    double seconds = now->moment - before->moment;
    for (size_t i = 0; i < before->picture->loop_count && i < TOP_LOOPS; i++) {
        const fm_picture_loop *old = &before->picture->loops[i];
        if (old->thread != loop->thread || old->polls > loop->polls)
            continue;
        rates->loops[place] = (struct top_loop_rates){
            .started = (uint32_t)(loop->started - old->started) / seconds,
            .polls = (double)(loop->polls - old->polls) / seconds,
            .cpu = top_busy(before->threads[i], now->threads[place], seconds)};
    }
}

static void top_loop_turns(struct top_rates *rates, const fm_picture *picture)
{
    for (size_t i = 0; i < picture->task_count; i++) {
        size_t loop = picture->tasks[i].loop;
        if (loop < TOP_LOOPS && rates->turns[i] > 0 &&
            rates->loops[loop].started >= 0)
            rates->loops[loop].turns += rates->turns[i];
    }
}

static int top_rates_room(struct top_rates *rates, const fm_picture *picture)
{
    size_t count = picture->task_count + 1;
    top_rates_fini(rates);
    rates->turns = malloc(count * sizeof *rates->turns);
    rates->cpu = malloc(count * sizeof *rates->cpu);
    if (rates->turns == NULL || rates->cpu == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < picture->task_count; i++) {
        rates->turns[i] = rates->cpu[i] = TOP_UNKNOWN;
        if (picture->tasks[i].cpu >= 0)
            rates->measured = true;
    }
    for (size_t i = 0; i < TOP_LOOPS; i++)
        rates->loops[i] = (struct top_loop_rates){TOP_UNKNOWN, TOP_UNKNOWN,
                                                  TOP_UNKNOWN, TOP_UNKNOWN};
    rates->program = TOP_UNKNOWN;
    return 0;
}

int top_rates_make(struct top_rates *rates, const struct top_look *before,
                   const struct top_look *now)
{
    const fm_picture *picture = now->picture;
    struct top_index index;
    if (top_rates_room(rates, picture) < 0)
        return -ENOMEM;
    if (before == NULL || now->moment <= before->moment)
        return 0;
    if (top_index_make(&index, before->picture) < 0)
        return -ENOMEM;
    index.seconds = now->moment - before->moment;
    for (size_t i = 0; i < picture->task_count; i++)
        top_task_rates(rates, i, &index, &picture->tasks[i]);
    free(index.slots);
    for (size_t i = 0; i < picture->loop_count && i < TOP_LOOPS; i++)
        top_loop_rate(rates, i, before, now);
    top_loop_turns(rates, picture);
    rates->program = top_busy(before->cpu, now->cpu, index.seconds);
    return 0;
}

void top_rates_fini(struct top_rates *rates)
{
    free(rates->turns);
    free(rates->cpu);
    *rates = (struct top_rates){NULL, NULL, 0, false, {{0, 0, 0, 0}}};
}
