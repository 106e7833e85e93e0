/*
 * model_world.c - the rules: cuts, cancels, groups, ends
 */
#include "sim/model_world.h"

#include <errno.h>
#include <fermata/group.h>

void world_event(struct world *world)
{
    world->batch++;
}

void world_wake(struct world *world, int task, int value)
{
    struct world_ready *last = &world->ready[world->ready_count++];
    *last = (struct world_ready){task, world->batch};
    world->tasks[task].state = WORLD_READY;
    world->tasks[task].woken = value;
}

/* "A call that is cut returns -ETIMEDOUT if the innermost timeout block is the
 * one that expired, and -ECANCELED for anything further out." */
int world_reason(struct world_task *task, int depth, bool mark)
{
    bool timeout_seen = false;
    for (int i = depth - 1; i >= 0; i--) {
        struct world_block *block = &task->blocks[i];
        if (block->kind == MODEL_SHIELD) {
            if (!block->cut)
                return 0;
            continue;
        }
        if (block->cut) {
            bool timed_out = block->kind == MODEL_TIMEOUT && !timeout_seen;
            block->caused = block->caused || mark;
            return timed_out ? -ETIMEDOUT : -ECANCELED;
        }
        timeout_seen = timeout_seen || block->kind == MODEL_TIMEOUT;
    }
    return task->cancelled ? -ECANCELED : 0;
}

/* "The grace runs from the first one it hides (from entry, if one was
 * pending): then it stops hiding." */
void world_notice(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    for (int i = 0; i < task->block_count; i++) {
        struct world_block *block = &task->blocks[i];
        if (block->kind != MODEL_SHIELD || block->counting ||
            world_reason(task, i, false) == 0)
            continue;
        block->counting = true;
        if (block->grace <= 0)
            block->cut = true;
        else
            block->due = world->now + block->grace;
    }
}

static void world_leave_queue(struct world_group *group, int task)
{
    int kept = 0;
    for (int i = 0; i < group->waiting_count; i++) {
        if (group->waiting[i] != task)
            group->waiting[kept++] = group->waiting[i];
    }
    group->waiting_count = kept;
}

void world_cancel_awaited(struct world *world, int index)
{
    for (int i = 0; i < MODEL_TASKS; i++) {
        if (world->tasks[index].awaited[i])
            world_cancel(world, i);
    }
}

/* "A cut of the waiter, by cancel or timeout, is passed on to the awaited." */
static void world_cut_wait(struct world *world, int index, int reason)
{
    struct world_task *task = &world->tasks[index];
    switch (task->wait) {
    case WORLD_WANTS_PLACE:
        world_leave_queue(&world->groups[task->wait_group], index);
        world_wake(world, index, reason);
        break;
    case WORLD_AWAITS:
    case WORLD_GATHERS:
        task->wait_cut = true;
        task->fails_fast = false;
        world_cancel_awaited(world, index);
        break;
    case WORLD_CLOSES:
        task->wait_cut = true;
        world_cancel_members(world, task->wait_group);
        break;
    case WORLD_PUTS:
    case WORLD_TAKES:
    case WORLD_HAPPENS:
    case WORLD_LOCKS:
    case WORLD_CHANGES:
        world_cut_sync(world, index, reason);
        break;
    default:
        world_wake(world, index, reason);
    }
}

void world_cut(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    world_notice(world, index);
    if (task->state != WORLD_WAITING || task->wait == WORLD_DRAINS ||
        task->wait == WORLD_RELOCKS)
        return;
    int reason = world_reason(task, task->block_count, true);
    if (reason != 0)
        world_cut_wait(world, index, reason);
}

int world_shields(const struct world_task *task)
{
    int shields = 0;
    for (int i = 0; i < task->block_count; i++)
        shields += task->blocks[i].kind == MODEL_SHIELD;
    return shields;
}

/* Whether the owner's shields hide what it started at this depth of them. */
static bool world_hidden(const struct world_task *owner, int under)
{
    int shields = 0;
    for (int i = 0; i < owner->block_count; i++) {
        const struct world_block *block = &owner->blocks[i];
        if (block->kind == MODEL_SHIELD && ++shields <= under && !block->cut)
            return true;
    }
    return false;
}

static bool world_owns(const struct world *world, int owner, int index)
{
    const struct world_task *task = &world->tasks[index];
    if (task->state == WORLD_UNBORN || task->state == WORLD_ENDED)
        return false;
    if (task->group == MODEL_NONE)
        return task->parent == owner;
    const struct world_group *group = &world->groups[task->group];
    return group->opener == owner && !group->rooted;
}

/* "Marks the task and every live descendant at once"; those in a group that
 * is being closed are reached by way of the wait. */
void world_cancel(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    if (task->state == WORLD_ENDED)
        return;
    task->cancelled = true;
    world_cut(world, index);
    for (int i = 0; i < MODEL_TASKS; i++) {
        if (world_owns(world, index, i) &&
            !world_hidden(task, world->tasks[i].under))
            world_cancel(world, i);
    }
}

void world_cancel_members(struct world *world, int group)
{
    for (int i = 0; i < MODEL_TASKS; i++) {
        const struct world_task *task = &world->tasks[i];
        if (task->group == group && task->state != WORLD_UNBORN)
            world_cancel(world, i);
    }
}

/* "Cancels the members and cuts the block's own calls." */
void world_cut_group(struct world *world, int index)
{
    struct world_group *group = &world->groups[index];
    if (group->cut)
        return;
    group->cut = true;
    world_cancel_members(world, index);
    while (group->waiting_count > 0) {
        int first = group->waiting[0];
        world_leave_queue(group, first);
        world_wake(world, first, -ECANCELED);
    }
    struct world_task *opener = &world->tasks[group->opener];
    for (int i = 0; i < opener->block_count; i++) {
        struct world_block *block = &opener->blocks[i];
        if (block->kind == MODEL_GROUP && block->group == index) {
            block->cut = true;
            world_cut(world, group->opener);
        }
    }
}

/* "Children started inside are reached only when it stops hiding", or ends. */
void world_uncover(struct world *world, int index, bool hid)
{
    struct world_task *task = &world->tasks[index];
    int shields = world_shields(task);
    for (int i = 0; i < MODEL_TASKS; i++) {
        struct world_task *child = &world->tasks[i];
        if (!world_owns(world, index, i) || child->under <= shields)
            continue;
        child->under = shields;
        if (hid && task->cancelled && !world_hidden(task, shields))
            world_cancel(world, i);
    }
}

bool world_has(const struct world *world, int group, int index)
{
    while (index != MODEL_NONE) {
        const struct world_task *task = &world->tasks[index];
        if (task->group == group)
            return true;
        index = task->group != MODEL_NONE
                    ? (world->groups[task->group].rooted
                           ? MODEL_NONE
                           : world->groups[task->group].opener)
                    : task->parent;
    }
    return false;
}

/* "Handed to the one that waited longest." */
void world_free_place(struct world *world, int index)
{
    struct world_group *group = &world->groups[index];
    if (group->waiting_count > 0) {
        int first = group->waiting[0];
        world_leave_queue(group, first);
        world_wake(world, first, 0);
        return;
    }
    if (--group->places > 0 || group->closer == MODEL_NONE)
        return;
    group->cut = true; /* it is closed: nothing is started any more */
    world_wake(world, group->closer, 0);
}

/* "The first failure cancels the members and cuts the block's own calls"; "a
 * member that ends with -ECANCELED after a cancel has not failed". */
static void world_end_member(struct world *world, const struct world_task *task)
{
    struct world_group *group = &world->groups[task->group];
    bool decides = false;
    if (task->result == -ECANCELED && task->cancelled) {
        group->obeyed = true;
    } else if (task->result < 0) {
        if (group->failed++ < 16)
            group->failures[group->failed - 1] = task->result;
        decides = group->policy == FM_FAIL_FAST;
    } else if (group->policy == FM_FIRST_SUCCESS && !group->succeeded) {
        group->succeeded = decides = true;
        group->success = task->result;
    }
    if (decides)
        world_cut_group(world, task->group);
    world_free_place(world, task->group);
}

/* "fm_gather cancels the rest at the first failure." */
static void world_end_awaited(struct world *world, struct world_task *task)
{
    struct world_task *waiter = &world->tasks[task->parent];
    if (waiter->fails_fast && task->result < 0) {
        waiter->fails_fast = false;
        world_cancel_awaited(world, task->parent);
    }
    if (--waiter->left == 0)
        world_wake(world, task->parent, 0);
}

void world_end(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    world_event(world);
    task->state = WORLD_ENDED;
    task->ended = ++world->ends;
    switch (task->listener) {
    case WORLD_NOBODY:
        break;
    case WORLD_WAITER:
        world_end_awaited(world, task);
        break;
    case WORLD_GROUP_HEARS:
        world_end_member(world, task);
        break;
    case WORLD_ROOT_HEARS:
        if (task->result < 0 &&
            !(task->result == -ECANCELED && task->cancelled))
            world->log->detached_failed++;
    }
}

static void world_fire_block(struct world *world, int index,
                             struct world_block *block)
{
    block->due = WORLD_NEVER;
    block->cut = true;
    world_cut(world, index);
    if (block->kind == MODEL_SHIELD && world->tasks[index].cancelled)
        world_cancel(world, index);
}

static bool world_sleeps(const struct world_task *task)
{
    return task->state == WORLD_WAITING &&
           (task->wait == WORLD_SLEEPS || task->wait == WORLD_LOOKS);
}

static void world_fire(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    if (world_sleeps(task) && task->due == world->now)
        world_wake(world, index, 0);
    for (int i = 0; i < task->block_count; i++) {
        if (task->blocks[i].due == world->now)
            world_fire_block(world, index, &task->blocks[i]);
    }
}

static void world_earlier(int64_t due, int64_t *next, int *count)
{
    if (due > *next || due == WORLD_NEVER)
        return;
    *count = due == *next ? *count + 1 : 1;
    *next = due;
}

bool world_next(struct world *world, bool *meet)
{
    int64_t next = WORLD_NEVER;
    int count = 0;
    for (int t = 0; t < MODEL_TASKS; t++) {
        struct world_task *task = &world->tasks[t];
        if (task->state == WORLD_UNBORN || task->state == WORLD_ENDED)
            continue;
        if (world_sleeps(task))
            world_earlier(task->due, &next, &count);
        for (int i = 0; i < task->block_count; i++)
            world_earlier(task->blocks[i].due, &next, &count);
    }
    *meet = count > 1;
    if (count != 1)
        return false;
    world->now = next;
    world_event(world);
    for (int t = 0; t < MODEL_TASKS; t++)
        world_fire(world, t);
    return true;
}
