/*
 * sim_calendar.c - chance, and what is due when
 *
 * A binary heap by `due`. An operation leaves it only by being taken, so one
 * that was cancelled is taken too and completes then.
 */
#include "base/memory.h"
#include "base/random.h"
#include "loop/sim_world.h"

#include <assert.h>
#include <errno.h>

#define SIM_DELAY_MAX 2000000 /* ns */

uint64_t fm__sim_random(struct fm__sim_world *world)
{
    return fm__random(&world->random);
}

bool fm__sim_chance(struct fm__sim_world *world, unsigned chances, unsigned of)
{
    return fm__sim_random(world) % of < chances;
}

int fm__sim_calendar_reserve(struct fm__sim_world *world, size_t count)
{
    if (count <= world->calendar_size)
        return 0;
    size_t size = world->calendar_size > 0 ? world->calendar_size * 2 : 64;
    assert(count <= size); /* operations come one by one */
    struct fm__op **calendar =
        fm__memory_resize(world->calendar, size * sizeof(struct fm__op *));
    if (calendar == NULL)
        return -ENOMEM;
    world->calendar = calendar;
    world->calendar_size = size;
    return 0;
}

void fm__sim_calendar_add(struct fm__sim_world *world, struct fm__op *op)
{
    struct fm__op **heap = world->calendar;
    size_t i = world->calendar_count++;
    for (; i > 0 && heap[(i - 1) / 2]->due > op->due; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = op;
}

/* Puts op where the first one was, and then in its place. */
static void sim_calendar_sink(struct fm__sim_world *world, struct fm__op *op)
{
    struct fm__op **heap = world->calendar;
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < world->calendar_count &&
            heap[child + 1]->due < heap[child]->due)
            child++;
        if (child >= world->calendar_count || heap[child]->due >= op->due)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = op;
}

struct fm__op *fm__sim_calendar_take(struct fm__sim_world *world)
{
    if (fm__sim_calendar_next(world) > world->clock ||
        world->calendar_count == 0)
        return NULL;
    struct fm__op *first = world->calendar[0];
    world->calendar_count--;
    if (world->calendar_count > 0)
        sim_calendar_sink(world, world->calendar[world->calendar_count]);
    return first;
}

int64_t fm__sim_calendar_next(const struct fm__sim_world *world)
{
    return world->calendar_count > 0 ? world->calendar[0]->due : FM__NEVER;
}

void fm__sim_schedule(struct fm__sim_world *world, struct fm__op *op)
{
    int64_t delay = 0;
    if (!world->options.prompt && fm__sim_chance(world, 3, 4))
        delay = (int64_t)(fm__sim_random(world) % SIM_DELAY_MAX);
    op->due = world->clock + delay;
    fm__sim_calendar_add(world, op);
}

static void sim_wake_op(struct fm__sim_world *world, struct fm__list *item)
{
    struct fm__op *op = FM__CONTAINER(item, struct fm__op, link);
    if (op->due == FM__NEVER)
        fm__sim_schedule(world, op);
}

void fm__sim_wake(struct fm__sim_world *world, struct fm__sim_end *end)
{
    if (!fm__list_empty(&end->readers))
        sim_wake_op(world, end->readers.next);
    if (!fm__list_empty(&end->writers))
        sim_wake_op(world, end->writers.next);
    for (struct fm__list *item = end->pollers.next; item != &end->pollers;
         item = item->next)
        sim_wake_op(world, item);
}
