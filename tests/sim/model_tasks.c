/*
 * model_tasks.c - the reference interpreter: starting tasks, waiting for them
 */
#include "sim/model_reference.h"

#include <string.h>

struct world_frame *ref_frame(struct world_task *task)
{
    return &task->frames[task->frame_count - 1];
}

void ref_note(struct world *world, int task, int step, int value)
{
    model_note(world->log, (struct model_event){world->now, task, step, value});
}

void ref_wait(struct world_task *task, enum world_wait wait)
{
    task->state = WORLD_WAITING;
    task->wait = wait;
    task->wait_cut = false;
    task->fails_fast = false;
}

/* The step has its result: the list goes on, or ends. */
void ref_finish(struct world *world, int index, int step, int value)
{
    struct world_task *task = &world->tasks[index];
    struct world_frame *frame = ref_frame(task);
    const struct model_step *what = &world->program->steps[step];
    ref_note(world, index, step, value);
    frame->at = what->next;
    if (model_fails(what, value)) {
        frame->rc = value;
        frame->at = MODEL_NONE;
    }
}

void ref_birth(struct world *world, int index, int starter)
{
    struct world_task *task = &world->tasks[index];
    const struct model_task *what = &world->program->tasks[index];
    *task = (struct world_task){.parent = MODEL_NONE, .group = MODEL_NONE};
    task->frames[0].block = MODEL_NONE;
    task->frames[0].at = what->first;
    task->frame_count = 1;
    if (starter != MODEL_NONE)
        memcpy(task->locals, world->tasks[starter].locals, sizeof task->locals);
    world_event(world);
    world_wake(world, index, MODEL_NONE);
    task->wait = WORLD_YIELDS;
}

int ref_start(struct world *world, int index, int child)
{
    struct world_task *task = &world->tasks[child];
    if (task->state != WORLD_UNBORN)
        return -EINVAL;
    ref_birth(world, child, index);
    task->parent = index;
    task->known = task->held = true;
    task->under = world_shields(&world->tasks[index]);
    return 0;
}

void ref_join(struct world *world, int index, int member, int group)
{
    struct world_task *task = &world->tasks[member];
    ref_birth(world, member, index);
    task->group = group;
    task->under = world->groups[group].under;
    task->listener = WORLD_GROUP_HEARS;
}

/* ---- Waiting for tasks -------------------------------------------------- */

bool ref_holds(const struct world *world, int index, int child)
{
    return child != MODEL_NONE && world->tasks[child].held &&
           world->tasks[child].parent == index;
}

/* Waits for those in `awaited` that live; false when there is none. */
bool ref_await(struct world *world, int index, enum world_wait wait)
{
    struct world_task *task = &world->tasks[index];
    task->left = 0;
    for (int i = 0; i < MODEL_TASKS; i++) {
        struct world_task *child = &world->tasks[i];
        if (!task->awaited[i])
            continue;
        child->held = false;
        if (child->state == WORLD_ENDED)
            continue;
        child->listener = WORLD_WAITER;
        task->left++;
    }
    if (task->left == 0)
        return false;
    ref_wait(task, wait);
    return true;
}

/* "Only if the wait was cut and the child ended with -ECANCELED is the
 * waiter's own reason returned." */
int ref_settled(struct world_task *task, bool obeyed, int result)
{
    if (!task->wait_cut || !obeyed)
        return result;
    int reason = world_reason(task, task->block_count, true);
    return reason != 0 ? reason : result;
}

void ref_awaited(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    int child = world->program->steps[step].task;
    int result = world->tasks[child].result;
    ref_finish(world, index, step,
               ref_settled(task, result == -ECANCELED, result));
}

bool ref_begin_await(struct world *world, int index, int child, bool stop)
{
    struct world_task *task = &world->tasks[index];
    memset(task->awaited, 0, sizeof task->awaited);
    task->awaited[child] = true;
    task->wait_cut = false;
    world_event(world);
    if (!ref_await(world, index, WORLD_AWAITS))
        return false;
    if (stop)
        world_cancel(world, child);
    world_cut(world, index);
    return true;
}

/* "Returns that failure or 0", the first by time; settled: how many. */
void ref_gathered(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    bool gathers = world->program->steps[step].kind == MODEL_GATHER;
    const struct world_task *first = NULL;
    int failed = 0;
    bool obeyed = false;
    for (int i = 0; i < MODEL_TASKS; i++) {
        const struct world_task *child = &world->tasks[i];
        if (!task->awaited[i])
            continue;
        ref_note(world, index, step, child->result);
        failed += child->result < 0;
        obeyed = obeyed || child->result == -ECANCELED;
        if (child->result < 0 && (first == NULL || child->ended < first->ended))
            first = child;
    }
    int value = gathers ? (first != NULL ? first->result : 0) : failed;
    if (!gathers || value == -ECANCELED)
        value = ref_settled(task, obeyed, value);
    ref_finish(world, index, step, value);
}

void ref_begin_gather(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    const struct model_step *what = &world->program->steps[step];
    bool failed = false;
    for (int i = 0; i < MODEL_TASKS; i++) {
        const struct world_task *child = &world->tasks[i];
        task->awaited[i] = i < world->program->task_count && child->held &&
                           model_gathers(world->program, what, index, i);
        failed = failed || (task->awaited[i] && child->state == WORLD_ENDED &&
                            child->result < 0);
    }
    task->wait_cut = false;
    world_event(world);
    if (!ref_await(world, index, WORLD_GATHERS)) {
        ref_gathered(world, index, step);
        return;
    }
    task->fails_fast = what->kind == MODEL_GATHER && !failed;
    world_cut(world, index);
    if (failed && what->kind == MODEL_GATHER)
        world_cancel_awaited(world, index);
}
