/*
 * model_reference.c - goes through a program step by step, without Fermata
 *
 * A task is a stack of lists. It is gone through until it has to wait; what
 * it waits for decides what its next turn begins with.
 */
#include "sim/model_reference.h"

#include <string.h>

/* ---- Blocks ------------------------------------------------------------- */

void ref_enter(struct world_task *task, const struct model_step *what, int step)
{
    task->frames[task->frame_count++] = (struct world_frame){
        .block = step,
        .at = what->first,
    };
}

static struct world_block *ref_push(struct world_task *task,
                                    enum model_kind kind)
{
    struct world_block *block = &task->blocks[task->block_count++];
    *block = (struct world_block){.kind = kind, .due = WORLD_NEVER};
    return block;
}

static void ref_open(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    const struct model_step *what = &world->program->steps[step];
    int64_t due = what->seconds;
    struct world_block *block;
    switch (what->kind) {
    case MODEL_TIMEOUT:
        due += world->now;
        /* fall through */
    case MODEL_DEADLINE:
        block = ref_push(task, MODEL_TIMEOUT);
        block->movable = what->leave == MODEL_END;
        block->cut = due <= world->now;
        block->due = block->cut ? WORLD_NEVER : due;
        break;
    case MODEL_SHIELD:
        block = ref_push(task, MODEL_SHIELD);
        block->grace = what->seconds;
        world_notice(world, index);
        break;
    case MODEL_GROUP:
        ref_open_group(world, index, step);
        break;
    default:
        break;
    }
    ref_enter(task, what, step);
}

/* "At the block's end an -ECANCELED that this block caused becomes
 * -ETIMEDOUT, unless an outer cancel is pending." */
static int ref_close_timeout(struct world_task *task,
                             const struct model_step *what, int rc)
{
    const struct world_block *block = &task->blocks[--task->block_count];
    if (what->leave != MODEL_RETURN && rc == -ECANCELED && block->cut &&
        block->caused && world_reason(task, task->block_count, false) == 0)
        return -ETIMEDOUT;
    return rc;
}

/* The list of a block has ended. */
static void ref_close(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    struct world_frame *frame = ref_frame(task);
    int step = frame->block;
    const struct model_step *what = &world->program->steps[step];
    int rc = frame->rc < 0 ? frame->rc : what->value;
    switch (what->kind) {
    case MODEL_GROUP:
        ref_begin_close(world, index);
        return;
    case MODEL_SCOPE:
        frame->leaving = true;
        if (world->tasks[what->task].held &&
            ref_begin_await(world, index, what->task, true))
            return;
        break;
    case MODEL_RETRY:
        if (rc == -ETIMEDOUT && ++frame->tries < MODEL_TRIES) {
            frame->rc = 0;
            frame->at = what->first;
            return;
        }
        break;
    case MODEL_SHIELD:
        world_event(world);
        task->block_count--;
        world_uncover(world, index, !task->blocks[task->block_count].cut);
        break;
    case MODEL_LOCKED:
        ref_release(world, what->object);
        break;
    default:
        rc = ref_close_timeout(task, what, rc);
    }
    task->frame_count--;
    ref_finish(world, index, step, rc);
}

/* The task of an FM_TASK has been stopped; what fm_stop says is lost. */
static void ref_leave_scope(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    const struct world_frame *frame = ref_frame(task);
    int step = frame->block;
    const struct model_step *what = &world->program->steps[step];
    int rc = frame->rc < 0 ? frame->rc : what->value;
    int result = world->tasks[what->task].result;
    ref_settled(task, result == -ECANCELED, result);
    task->frame_count--;
    ref_finish(world, index, step, rc);
}

/* ---- Steps -------------------------------------------------------------- */

static void ref_sleep(struct world *world, int index, int step, int64_t due)
{
    struct world_task *task = &world->tasks[index];
    int reason = world_reason(task, task->block_count, true);
    if (reason != 0) {
        ref_finish(world, index, step, reason);
    } else if (due > world->now) {
        ref_wait(task, WORLD_SLEEPS);
        task->due = due;
    } else {
        task->wait = WORLD_YIELDS;
        world_event(world);
        world_wake(world, index, 0);
    }
}

static int ref_detach(struct world *world, int child)
{
    struct world_task *task = &world->tasks[child];
    task->held = false;
    task->listener = WORLD_ROOT_HEARS;
    task->under = 0;
    task->parent = MODEL_NONE;
    if (task->state == WORLD_ENDED && task->result < 0 &&
        !(task->result == -ECANCELED && task->cancelled))
        world->log->detached_failed++;
    return 0;
}

static int ref_cancel(struct world *world, int target)
{
    target %= world->program->task_count;
    if (!world->tasks[target].known)
        return -EINVAL;
    if (world->tasks[target].state == WORLD_ENDED)
        return -ESRCH;
    world_event(world);
    world_cancel(world, target);
    return 0;
}

static int ref_renew(struct world *world, int index, int seconds)
{
    struct world_task *task = &world->tasks[index];
    int i = task->block_count - 1;
    while (task->blocks[i].kind != MODEL_TIMEOUT)
        i--;
    struct world_block *block = &task->blocks[i];
    if (!block->movable)
        return -EINVAL;
    if (block->cut)
        return -EALREADY;
    block->cut = seconds <= 0;
    block->due = block->cut ? WORLD_NEVER : world->now + seconds;
    world_cut(world, index);
    return 0;
}

static int ref_group(struct world *world, const struct model_step *what)
{
    const struct world_group *group = &world->groups[what->group];
    if (!group->open)
        return -EINVAL;
    if (what->kind == MODEL_COUNT)
        return group->places;
    world_event(world);
    world_cut_group(world, what->group);
    return 0;
}

/* Steps that have their result at once. */
static int ref_simple(struct world *world, int index,
                      const struct model_step *what)
{
    struct world_task *task = &world->tasks[index];
    switch (what->kind) {
    case MODEL_START:
        return ref_start(world, index, what->task);
    case MODEL_CANCEL:
        return ref_cancel(world, what->task);
    case MODEL_ASK:
        return world_reason(task, task->block_count, false);
    case MODEL_SET:
        task->locals[what->key] = what->value;
        return 0;
    case MODEL_GET:
        return task->locals[what->key];
    case MODEL_RENEW:
        return ref_renew(world, index, what->seconds);
    default:
        return ref_group(world, what);
    }
}

static void ref_verb(struct world *world, int index, int step)
{
    const struct model_step *what = &world->program->steps[step];
    bool stop = what->kind == MODEL_STOP;
    if (!ref_holds(world, index, what->task))
        ref_finish(world, index, step, -EINVAL);
    else if (what->kind == MODEL_DETACH)
        ref_finish(world, index, step, ref_detach(world, what->task));
    else if (!ref_begin_await(world, index, what->task, stop))
        ref_awaited(world, index, step);
}

static void ref_step(struct world *world, int index, int step)
{
    const struct model_step *what = &world->program->steps[step];
    switch (what->kind) {
    case MODEL_NOTHING:
        ref_frame(&world->tasks[index])->at = what->next;
        break;
    case MODEL_SLEEP:
        ref_sleep(world, index, step, world->now + what->seconds);
        break;
    case MODEL_UNTIL:
        ref_sleep(world, index, step, what->seconds);
        break;
    case MODEL_YIELD:
        ref_sleep(world, index, step, world->now);
        break;
    case MODEL_AWAIT:
    case MODEL_STOP:
    case MODEL_DETACH:
        ref_verb(world, index, step);
        break;
    case MODEL_GATHER:
    case MODEL_SETTLE:
        ref_begin_gather(world, index, step);
        break;
    case MODEL_GO:
        ref_begin_go(world, index, step);
        break;
    case MODEL_SCOPE:
        if (ref_start(world, index, what->task) < 0)
            ref_finish(world, index, step, -EINVAL);
        else
            ref_open(world, index, step);
        break;
    case MODEL_TIMEOUT:
    case MODEL_DEADLINE:
    case MODEL_SHIELD:
    case MODEL_GROUP:
    case MODEL_RETRY:
        ref_open(world, index, step);
        break;
    case MODEL_SELECT:
        ref_begin_select(world, index, step);
        break;
    default:
        if (model_is_shared(what->kind)) {
            ref_begin_sync(world, index, step);
            break;
        }
        ref_finish(world, index, step, ref_simple(world, index, what));
    }
}

/* "When a task's function returns, children still running are cancelled and
 * waited for." */
static void ref_return(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    const struct model_task *what = &world->program->tasks[index];
    int rc = ref_frame(task)->rc;
    task->result = rc < 0 && !what->swallows ? rc : what->value;
    task->frame_count = 0;
    for (int i = 0; i < MODEL_TASKS; i++) {
        task->awaited[i] = ref_holds(world, index, i);
        world->log->unconsumed += task->awaited[i];
    }
    world_event(world);
    if (ref_await(world, index, WORLD_DRAINS))
        world_cancel_awaited(world, index);
    else
        world_end(world, index);
}

static void ref_go_further(struct world *world, int index)
{
    const struct world_frame *frame = ref_frame(&world->tasks[index]);
    if (frame->at != MODEL_NONE)
        ref_step(world, index, frame->at);
    else if (frame->block != MODEL_NONE)
        ref_close(world, index);
    else
        ref_return(world, index);
}

/* What its wait has come to. */
static void ref_resume(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    const struct world_frame *frame;
    if (task->wait == WORLD_DRAINS) {
        world_end(world, index);
        return;
    }
    frame = ref_frame(task);
    switch (task->wait) {
    case WORLD_YIELDS:
    case WORLD_SLEEPS:
        ref_finish(world, index, frame->at, task->woken);
        break;
    case WORLD_WANTS_PLACE:
        ref_gone(world, index, frame->at);
        break;
    case WORLD_AWAITS:
        if (frame->leaving)
            ref_leave_scope(world, index);
        else
            ref_awaited(world, index, frame->at);
        break;
    case WORLD_GATHERS:
        ref_gathered(world, index, frame->at);
        break;
    case WORLD_CLOSES:
        ref_closed(world, index);
        break;
    case WORLD_LOOKS:
        ref_told(world, index, frame->at);
        break;
    default:
        ref_synced(world, index, frame->at);
    }
}

static void ref_run(struct world *world, int index)
{
    struct world_task *task = &world->tasks[index];
    task->state = WORLD_RUNNING;
    if (task->begun) {
        ref_resume(world, index);
    } else {
        task->begun = task->known = true;
        ref_note(world, index, MODEL_NONE, 0);
    }
    ref_settle(world);
    while (task->state == WORLD_RUNNING) {
        ref_go_further(world, index);
        ref_settle(world);
    }
}

/* The next in the queue; among those that one event made ready together, the
 * one that went on first in reality. */
static int ref_next(struct world *world)
{
    const struct model_log *real = world->real;
    int chosen = 0, place = world->log->count;
    for (int i = 0; i < world->ready_count && place < real->count; i++) {
        if (world->ready[i].batch != world->ready[0].batch)
            break;
        if (world->ready[i].task == real->events[place].task)
            chosen = i;
    }
    int task = world->ready[chosen].task;
    world->ready_count--;
    memmove(&world->ready[chosen], &world->ready[chosen + 1],
            sizeof world->ready[0] * (size_t)(world->ready_count - chosen));
    return task;
}

bool model_predict(const struct model_program *program,
                   const struct model_log *real, struct model_log *log)
{
    struct world world = {.program = program, .real = real, .log = log};
    bool meet = false;
    memset(log, 0, sizeof *log);
    ref_open_sync(&world);
    ref_birth(&world, 0, MODEL_NONE);
    do {
        ref_settle(&world);
        while (world.ready_count > 0)
            ref_run(&world, ref_next(&world));
    } while (world_next(&world, &meet));
    for (int i = 0; i < MODEL_TASKS; i++) {
        enum world_state state = world.tasks[i].state;
        meet = meet || (state != WORLD_UNBORN && state != WORLD_ENDED);
    }
    log->result = world.tasks[0].result;
    return !meet && log->count < MODEL_EVENTS;
}
