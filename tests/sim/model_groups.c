/*
 * model_groups.c - the reference interpreter: groups, as their block sees them
 */
#include "sim/model_reference.h"

#define REF_HAS_TO_WAIT 1

/* A group that cuts starts nothing: its block's own call is refused by it. */
static void ref_refused(struct world *world, int index, int group, int rc)
{
    struct world_task *task = &world->tasks[index];
    if (rc != -ECANCELED || !world->groups[group].cut)
        return;
    for (int i = 0; i < task->block_count; i++) {
        if (task->blocks[i].kind == MODEL_GROUP &&
            task->blocks[i].group == group)
            task->blocks[i].caused = true;
    }
}

/* 0 and a place, or REF_HAS_TO_WAIT, or why it is refused. */
static int ref_take_place(struct world *world, int index, int in)
{
    struct world_task *task = &world->tasks[index];
    struct world_group *group = &world->groups[in];
    int reason = world_reason(task, task->block_count, true);
    if (reason != 0)
        return reason;
    if (group->cut)
        return -ECANCELED;
    if (group->limit == 0 || group->places < group->limit) {
        group->places++;
        return 0;
    }
    return world_has(world, in, index) ? -EAGAIN : REF_HAS_TO_WAIT;
}

void ref_begin_go(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    const struct model_step *what = &world->program->steps[step];
    struct world_group *group = &world->groups[what->group];
    if (!group->open || world->tasks[what->task].state != WORLD_UNBORN) {
        ref_finish(world, index, step, -EINVAL);
        return;
    }
    int rc = ref_take_place(world, index, what->group);
    if (rc == REF_HAS_TO_WAIT) {
        group->waiting[group->waiting_count++] = index;
        task->wait_group = what->group;
        ref_wait(task, WORLD_WANTS_PLACE);
        return;
    }
    if (rc == 0)
        ref_join(world, index, what->task, what->group);
    ref_refused(world, index, what->group, rc);
    ref_finish(world, index, step, rc);
}

/* It was given a place, or refused. */
void ref_gone(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    const struct model_step *what = &world->program->steps[step];
    int rc = task->woken;
    world_event(world);
    if (rc == 0 && world->groups[what->group].cut) {
        world_free_place(world, what->group);
        rc = -ECANCELED;
    }
    if (rc == 0)
        ref_join(world, index, what->task, what->group);
    ref_refused(world, index, what->group, rc);
    ref_finish(world, index, step, rc);
}

void ref_open_group(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    const struct model_step *what = &world->program->steps[step];
    struct world_group *group = &world->groups[what->group];
    *group = (struct world_group){
        .open = true,
        .rooted = what->rooted,
        .opener = index,
        .policy = what->policy,
        .limit = what->limit,
        .closer = MODEL_NONE,
        .under = world_shields(task),
    };
    if (!what->rooted)
        task->blocks[task->block_count++] = (struct world_block){
            .kind = MODEL_GROUP,
            .due = WORLD_NEVER,
            .group = what->group,
        };
}

/* "The first failure ... becomes rc where rc >= 0"; an -ECANCELED that the
 * group itself caused becomes the group's result too. */
void ref_closed(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    struct world_frame *frame = ref_frame(task);
    const struct model_step *what = &world->program->steps[frame->block];
    struct world_group *group = &world->groups[what->group];
    int result = group->succeeded ? group->success : group->failures[0];
    int rc = frame->rc < 0 ? frame->rc : what->value;
    if (result == 0 && !group->succeeded && group->obeyed)
        result = ref_settled(task, true, 0);
    if (group->rooted)
        rc = rc < 0 ? rc : result;
    else if (what->leave != MODEL_RETURN &&
             (frame->caused || (rc >= 0 && (result < 0 || group->succeeded))))
        rc = result;
    group->open = false;
    int step = frame->block;
    for (int i = 0; i < group->failed && i < 16; i++)
        ref_note(world, index, step, group->failures[i]);
    task->frame_count--;
    ref_finish(world, index, step, rc);
}

/* The block is left before its members are waited for, so that only cuts from
 * outside are seen by the wait. */
void ref_begin_close(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    struct world_frame *frame = ref_frame(task);
    const struct model_step *what = &world->program->steps[frame->block];
    struct world_group *group = &world->groups[what->group];
    frame->leaving = true;
    world_event(world);
    if (what->leave != MODEL_END)
        world_cut_group(world, what->group);
    if (!group->rooted) {
        const struct world_block *block = &task->blocks[--task->block_count];
        frame->caused = block->caused && frame->rc == -ECANCELED;
    }
    task->wait_cut = false;
    if (group->places == 0) {
        ref_closed(world, index);
        return;
    }
    group->closer = index;
    task->wait_group = what->group;
    ref_wait(task, WORLD_CLOSES);
    world_cut(world, index);
}
