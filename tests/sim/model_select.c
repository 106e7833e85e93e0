/*
 * model_select.c - the reference interpreter: waiting for one of many things
 *
 * "They look and take nothing": whoever is told looks again when its turn
 * comes, and waits on if somebody was faster.
 */
#include "sim/model_reference.h"

static bool select_can_take(const struct world *world, int place)
{
    const struct world_queue *queue = &world->queues[place];
    return queue->count > 0 || queue->shut || queue->putters.count > 0;
}

static bool select_can_put(const struct world *world, int place)
{
    const struct world_queue *queue = &world->queues[place];
    return queue->count < world->program->queues[place].capacity ||
           queue->shut || queue->takers.count > 0;
}

static bool select_ready(const struct world *world, int thing, int64_t due)
{
    switch (thing) {
    case MODEL_CAN_TAKE:
    case MODEL_CAN_TAKE_SECOND:
        return select_can_take(world, thing / 2);
    case MODEL_CAN_PUT:
    case MODEL_CAN_PUT_SECOND:
        return select_can_put(world, thing / 2);
    case MODEL_IS_SET:
        return world->flags[0].set;
    default:
        return due <= world->now;
    }
}

/* The first that is ready, in the order given, or MODEL_NONE. */
static int select_look(const struct world *world, int index, int step)
{
    int things = world->program->steps[step].object | 1 << MODEL_TIME;
    for (int i = 0; i < MODEL_THINGS; i++) {
        if ((things & 1 << i) != 0 &&
            select_ready(world, i, world->tasks[index].due))
            return i;
    }
    return MODEL_NONE;
}

/* "The _try verb right after cannot fail." */
static void select_act(struct world *world, int index, int step, int thing)
{
    int rc = 0;
    if (thing == MODEL_CAN_TAKE || thing == MODEL_CAN_TAKE_SECOND)
        rc = ref_take(world, thing / 2);
    else if (thing == MODEL_CAN_PUT || thing == MODEL_CAN_PUT_SECOND)
        rc = ref_put(world, thing / 2, step + 1);
    ref_finish(world, index, step, model_selected(thing, rc));
}

void ref_begin_select(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    const struct model_step *what = &world->program->steps[step];
    int reason = world_reason(task, task->block_count, true);
    if (reason != 0) {
        ref_finish(world, index, step, reason);
        return;
    }
    task->due = what->key > 0 ? world->now + what->seconds : WORLD_NEVER;
    int thing = select_look(world, index, step);
    if (thing != MODEL_NONE)
        select_act(world, index, step, thing);
    else
        ref_wait(task, WORLD_LOOKS);
}

/* A cut that came between being told and looking is seen if nothing is ready
 * any more. */
void ref_told(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    int thing = select_look(world, index, step);
    if (task->woken < 0) {
        ref_finish(world, index, step, task->woken);
        return;
    }
    if (thing != MODEL_NONE) {
        select_act(world, index, step, thing);
        return;
    }
    int reason = world_reason(task, task->block_count, true);
    if (reason == 0 && ref_mutant == REF_LOOKS_ONCE)
        reason = -EAGAIN;
    if (reason != 0)
        ref_finish(world, index, step, reason);
    else
        ref_wait(task, WORLD_LOOKS);
}

void ref_tell(struct world *world)
{
    world_event(world);
    for (int i = 0; i < MODEL_TASKS; i++) {
        const struct world_task *task = &world->tasks[i];
        if (task->state != WORLD_WAITING || task->wait != WORLD_LOOKS)
            continue;
        int step = ref_frame(&world->tasks[i])->at;
        if (select_look(world, i, step) != MODEL_NONE)
            world_wake(world, i, 0);
    }
}
