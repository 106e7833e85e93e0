/*
 * model_sync.c - the reference interpreter: queues, flags, locks, conditions
 *
 * "Wake-ups are FIFO, and a value, a lock or a permit is handed to the one
 * that waited longest." Who was handed one has it: a cut that comes later
 * shows at its next call.
 */
#include "sim/model_reference.h"

#include <string.h>

enum ref_mutant ref_mutant;

/* ---- Lines --------------------------------------------------------------- */

static void line_join(struct world *world, struct world_line *line, int task)
{
    line->batches[line->count] = world->batch;
    line->tasks[line->count++] = task;
}

static void line_cut(struct world_line *line, int place)
{
    line->count--;
    for (int i = place; i < line->count; i++) {
        line->tasks[i] = line->tasks[i + 1];
        line->batches[i] = line->batches[i + 1];
    }
}

static void line_leave(struct world_line *line, int task)
{
    for (int i = line->count - 1; i >= 0; i--) {
        if (line->tasks[i] == task)
            line_cut(line, i);
    }
}

/* How far ahead in reality the task is told something. */
static int line_ahead(const struct world *world, int task)
{
    int i = world->log->count;
    while (i < world->real->count && world->real->events[i].task != task)
        i++;
    return i;
}

/* The first in line, or MODEL_NONE; among those that one event sent there, the
 * one that went on first in reality. */
static int line_shift(struct world *world, struct world_line *line)
{
    int chosen = 0;
    if (line->count == 0)
        return MODEL_NONE;
    for (int i = 1; i < line->count; i++) {
        if (line->batches[i] == line->batches[0] &&
            line_ahead(world, line->tasks[i]) <
                line_ahead(world, line->tasks[chosen]))
            chosen = i;
    }
    if (ref_mutant == REF_NEWEST_WAITER)
        chosen = line->count - 1;
    int task = line->tasks[chosen];
    line_cut(line, chosen);
    return task;
}

/* By an event of its own. */
static void line_wake(struct world *world, int task, int value)
{
    world_event(world);
    world_wake(world, task, value);
}

static void line_wake_all(struct world *world, struct world_line *line,
                          int value)
{
    while (line->count > 0) {
        line_wake(world, line_shift(world, line), value);
        if (ref_mutant == REF_ONE_OF_THEM)
            return;
    }
}

static void line_wait(struct world *world, int index, enum world_wait wait,
                      struct world_line *line)
{
    ref_wait(&world->tasks[index], wait);
    world_event(world);
    line_join(world, line, index);
}

/* ---- Queues -------------------------------------------------------------- */

/* Whether item a comes out before b, which is older. */
static bool queue_prefers(enum model_order order, int a, int b)
{
    if (ref_mutant == REF_OTHER_ORDER)
        return false;
    if (order == MODEL_NEWEST)
        return true;
    if (order == MODEL_OLDEST)
        return false;
    return model_rank(a) < model_rank(b) ||
           (model_rank(a) == model_rank(b) && order == MODEL_LEAST_NEWEST);
}

static int queue_shift(struct world_queue *queue, enum model_order order)
{
    int chosen = 0;
    for (int i = 1; i < queue->count; i++) {
        if (queue_prefers(order, queue->items[i], queue->items[chosen]))
            chosen = i;
    }
    int item = queue->items[chosen];
    queue->count--;
    for (int i = chosen; i < queue->count; i++)
        queue->items[i] = queue->items[i + 1];
    return item;
}

int ref_put(struct world *world, int place, int item)
{
    struct world_queue *queue = &world->queues[place];
    int capacity = world->program->queues[place].capacity;
    if (queue->shut && ref_mutant != REF_OPEN_AFTER_ALL)
        return -ESHUTDOWN;
    int taker = line_shift(world, &queue->takers);
    if (taker != MODEL_NONE) {
        world->tasks[taker].item = item;
        line_wake(world, taker, 0);
        return 0;
    }
    if (queue->count >= capacity + (ref_mutant == REF_OVERFULL))
        return -EAGAIN;
    queue->items[queue->count++] = item;
    return 0;
}

/* The place goes to the first putter. */
int ref_take(struct world *world, int place)
{
    struct world_queue *queue = &world->queues[place];
    int putter = line_shift(world, &queue->putters);
    int item = putter != MODEL_NONE ? world->tasks[putter].item : -EAGAIN;
    if (queue->count > 0) {
        item = queue_shift(queue, world->program->queues[place].order);
        if (putter != MODEL_NONE)
            queue->items[queue->count++] = world->tasks[putter].item;
    }
    if (putter != MODEL_NONE)
        line_wake(world, putter, 0);
    return item < 0 && queue->shut ? -ESHUTDOWN : item;
}

static void queue_shut(struct world *world, int place, bool immediately)
{
    struct world_queue *queue = &world->queues[place];
    queue->shut = true;
    line_wake_all(world, &queue->takers, -ESHUTDOWN);
    line_wake_all(world, &queue->putters, -ESHUTDOWN);
    if (immediately)
        queue->count = 0;
}

/* ---- Locks and conditions ------------------------------------------------ */

/* The task goes on, as the holder. */
static void lock_grant(struct world *world, int lock, int index)
{
    const struct world_task *task = &world->tasks[index];
    world->locks[lock].holder = index;
    world_wake(world, index, task->wait == WORLD_RELOCKS ? task->relocked : 0);
}

void ref_release(struct world *world, int place)
{
    struct world_lock *lock = &world->locks[place];
    lock->holder = MODEL_NONE;
    int next = line_shift(world, &lock->line);
    if (next == MODEL_NONE)
        return;
    world_event(world);
    lock_grant(world, place, next);
    if (ref_mutant == REF_BARGE)
        lock->holder = MODEL_NONE;
}

/* From the condition's line into the lock's, where nothing cuts it. Of those
 * whom one cut sends there together any may be the first, so nobody is given
 * the lock before all are in line. */
static void lock_regain(struct world *world, int place, int index, int result)
{
    struct world_lock *lock = &world->locks[place];
    world->tasks[index].wait = WORLD_RELOCKS;
    world->tasks[index].relocked = result;
    if (result < 0 && ref_mutant == REF_NO_LOCK_REGAINED)
        world_wake(world, index, result);
    else
        line_join(world, &lock->line, index);
}

void ref_settle(struct world *world)
{
    for (int i = 0; i < MODEL_LOCKS; i++) {
        struct world_lock *lock = &world->locks[i];
        if (lock->holder == MODEL_NONE && lock->line.count > 0)
            lock_grant(world, i, line_shift(world, &lock->line));
    }
    ref_tell(world);
}

static void lock_notify(struct world *world, int place, int count)
{
    struct world_line *line = &world->locks[place].condition;
    for (int left = count; line->count > 0 && (count == 0 || left > 0);
         left--) {
        int first = line_shift(world, line);
        world_event(world);
        lock_regain(world, place, first, 0);
    }
}

/* ---- Steps --------------------------------------------------------------- */

void ref_open_sync(struct world *world)
{
    for (int i = 0; i < MODEL_LOCKS; i++)
        world->locks[i].holder = MODEL_NONE;
}

void world_cut_sync(struct world *world, int index, int reason)
{
    const struct world_task *task = &world->tasks[index];
    int place = task->wait_object;
    for (int i = 0; i < MODEL_QUEUES; i++) {
        line_leave(&world->queues[i].putters, index);
        line_leave(&world->queues[i].takers, index);
    }
    for (int i = 0; i < MODEL_FLAGS; i++)
        line_leave(&world->flags[i].line, index);
    for (int i = 0; i < MODEL_LOCKS; i++) {
        line_leave(&world->locks[i].line, index);
        line_leave(&world->locks[i].condition, index);
    }
    if (task->wait == WORLD_CHANGES)
        lock_regain(world, place, index, reason);
    else
        world_wake(world, index, reason);
}

/* Steps that never wait. */
static int sync_simple(struct world *world, const struct model_step *what,
                       int step)
{
    struct world_flag *flag = &world->flags[what->object % MODEL_FLAGS];
    switch (what->kind) {
    case MODEL_PUT_TRY:
        return ref_put(world, what->object, step + 1);
    case MODEL_TAKE_TRY:
        return ref_take(world, what->object);
    case MODEL_SHUTDOWN:
        queue_shut(world, what->object, what->limit > 0);
        return 0;
    case MODEL_HAPPENS:
        flag->set = true;
        line_wake_all(world, &flag->line, 0);
        return 0;
    case MODEL_FORGET:
        flag->set = false;
        return 0;
    default:
        lock_notify(world, what->object, what->limit);
        return 0;
    }
}

static void sync_queue(struct world *world, int index, int step)
{
    const struct model_step *what = &world->program->steps[step];
    struct world_queue *queue = &world->queues[what->object];
    bool puts = what->kind == MODEL_PUT;
    int rc = puts ? ref_put(world, what->object, step + 1)
                  : ref_take(world, what->object);
    world->tasks[index].item = step + 1;
    if (rc != -EAGAIN)
        ref_finish(world, index, step, rc);
    else if (puts)
        line_wait(world, index, WORLD_PUTS, &queue->putters);
    else
        line_wait(world, index, WORLD_TAKES, &queue->takers);
}

static void sync_lock(struct world *world, int index, int step)
{
    const struct model_step *what = &world->program->steps[step];
    struct world_lock *lock = &world->locks[what->object];
    if (lock->holder != MODEL_NONE) {
        line_wait(world, index, WORLD_LOCKS, &lock->line);
        return;
    }
    lock->holder = index;
    ref_enter(&world->tasks[index], what, step);
}

static void sync_wait(struct world *world, int index, int step)
{
    const struct model_step *what = &world->program->steps[step];
    switch (what->kind) {
    case MODEL_HAPPENED:
        if (world->flags[what->object].set)
            ref_finish(world, index, step, 0);
        else
            line_wait(world, index, WORLD_HAPPENS,
                      &world->flags[what->object].line);
        break;
    case MODEL_CHANGED:
        ref_release(world, what->object);
        line_wait(world, index, WORLD_CHANGES,
                  &world->locks[what->object].condition);
        break;
    case MODEL_LOCKED:
        sync_lock(world, index, step);
        break;
    default:
        sync_queue(world, index, step);
    }
}

static bool sync_waits(enum model_kind kind)
{
    return kind == MODEL_PUT || kind == MODEL_TAKE || kind == MODEL_HAPPENED ||
           kind == MODEL_CHANGED || kind == MODEL_LOCKED;
}

void ref_begin_sync(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    const struct model_step *what = &world->program->steps[step];
    if (!sync_waits(what->kind)) {
        ref_finish(world, index, step, sync_simple(world, what, step));
        return;
    }
    int reason = world_reason(task, task->block_count, true);
    task->wait_object = what->object;
    if (reason != 0)
        ref_finish(world, index, step, reason);
    else
        sync_wait(world, index, step);
}

/* The wait is over. */
void ref_synced(struct world *world, int index, int step)
{
    struct world_task *task = &world->tasks[index];
    int value = task->woken;
    if (value == 0 && task->wait == WORLD_LOCKS)
        ref_enter(task, &world->program->steps[step], step);
    else if (value == 0 && task->wait == WORLD_TAKES)
        ref_finish(world, index, step, task->item);
    else
        ref_finish(world, index, step, value);
}
