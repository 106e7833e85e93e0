/*
 * gather.c - wait for many tasks, and take all their results
 *
 * Invariant: from the first look at the handles on, each of them is either
 * taken and released, or has this gather as its reaper.
 */
#include <fermata/gather.h>

#include "task/handle.h"

#include <errno.h>

struct gather {
    struct fm__waiter waiter;
    struct fm__reaper reaper;
    fm_task *const *tasks;
    size_t count;
    int *results; /* or NULL */
    size_t left;  /* alive */
    size_t failed;
    int failure;   /* the first */
    uint32_t when; /* of a failure before the wait: in the order of ends */
    bool settle;   /* cancel none */
    bool stopping; /* the rest was cancelled */
    bool cut;
    bool obeyed; /* one ended with -ECANCELED */
};

static void gather_cancel(struct gather *gather)
{
    gather->stopping = true;
    for (size_t i = 0; i < gather->count; i++) {
        struct fm__task *task =
            gather->tasks[i] ? fm__handle_find(gather->tasks[i]) : NULL;
        if (task != NULL && task->state == FM__TASK_ALIVE)
            fm__cancel(task);
    }
}

static void gather_note(struct gather *gather, size_t place, int result)
{
    if (gather->results != NULL)
        gather->results[place] = result;
    gather->obeyed = gather->obeyed || result == -ECANCELED;
    if (result >= 0)
        return;
    gather->failed++;
    if (gather->failure == 0)
        gather->failure = result;
}

static void gather_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    struct gather *gather = FM__CONTAINER(reaper, struct gather, reaper);
    gather_note(gather, task->place, task->result);
    fm__task_release(task);
    if (gather->failure < 0 && !gather->settle && !gather->stopping)
        gather_cancel(gather);
    if (--gather->left == 0)
        fm__wake(&gather->waiter, 0);
}

static void gather_cut(struct fm__waiter *waiter, int reason)
{
    struct gather *gather = FM__CONTAINER(waiter, struct gather, waiter);
    (void)reason;
    gather->cut = true;
    gather_cancel(gather);
}

static const struct fm__wait_kind gather_kind = {
    .cut = gather_cut,
    .name = "gather",
    .what = FM__WAIT_REAPER,
    .at = FM__WAIT_AT(struct gather, waiter, reaper),
};

/* It ended before: of such failures too, the first by time counts. */
static void gather_take_ended(struct gather *gather, size_t place,
                              struct fm__task *task)
{
    int result = task->result;
    int32_t later = (int32_t)(task->place - gather->when);
    if (result < 0 && (gather->failure == 0 || later < 0)) {
        gather->failure = result;
        gather->when = task->place;
    }
    gather_note(gather, place, result);
    fm__task_release(task);
}

/* Takes what has ended already, and becomes the reaper of the rest. */
static void gather_take(struct gather *gather, struct fm__task *self)
{
    for (size_t i = 0; i < gather->count; i++) {
        if (gather->tasks[i] == NULL) {
            gather_note(gather, i, -ENOMEM);
            continue;
        }
        struct fm__task *task =
            fm__handle_take(self, gather->tasks[i], "fm_gather");
        if (task->state == FM__TASK_ENDED) {
            self->ended_children--;
            gather_take_ended(gather, i, task);
            continue;
        }
        task->reaper = &gather->reaper;
        task->place = (uint32_t)i;
        gather->left++;
    }
}

static void gather_run(struct gather *gather)
{
    struct fm__task *self = fm__current;
    fm__charge(self, gather->settle ? "fm_settle" : "fm_gather");
    gather_take(gather, self);
    if (gather->left == 0)
        return;
    if (self->cut && fm__cut_reason(self) != 0)
        gather_cut(&gather->waiter, 0);
    else if (gather->failure < 0 && !gather->settle)
        gather_cancel(gather);
    fm__park(&gather->waiter);
}

/* The caller's own reason, where the wait was cut and a task obeyed. */
static int gather_reason(const struct gather *gather)
{
    if (!gather->cut || !gather->obeyed)
        return 0;
    return fm__cut_reason(fm__current);
}

int fm_gather_array(fm_task *const *tasks, size_t count, int *results)
{
    struct gather gather = {
        .waiter = {.kind = &gather_kind},
        .reaper = {gather_reap},
        .tasks = tasks,
        .count = count,
        .results = results,
    };
    gather_run(&gather);
    if (gather.failure != -ECANCELED)
        return gather.failure;
    int reason = gather_reason(&gather);
    return reason != 0 ? reason : gather.failure;
}

int fm_settle(fm_task *const *tasks, size_t count, int *results)
{
    struct gather gather = {
        .waiter = {.kind = &gather_kind},
        .reaper = {gather_reap},
        .tasks = tasks,
        .count = count,
        .results = results,
        .settle = true,
    };
    gather_run(&gather);
    int reason = gather_reason(&gather);
    return reason != 0 ? reason : (int)gather.failed;
}
