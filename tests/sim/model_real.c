/*
 * model_real.c - a random program, run by Fermata
 *
 * Each step is one call or one block of the public interface, and its result
 * is noted at once: who goes on after a wait says so before anything else.
 */
#include "sim/model_real.h"

#include <fermata.h>
#include <stdlib.h>
#include <string.h>

#include "task/record.h"

enum real_handle {
    REAL_NEVER,
    REAL_HELD,
    REAL_CONSUMED
};

/* The innermost timeout around a step, for MODEL_RENEW. */
struct real_frame {
    int task;
    fm_timeout *timeout;
};

static const struct model_program *real_program;
static struct model_log *real_log;
static fm_task *real_tasks[MODEL_TASKS];
static enum real_handle real_handles[MODEL_TASKS];
static fm_group *real_groups[MODEL_GROUPS];
static fm_group_errors real_errors[MODEL_GROUPS];
static fm_local real_keys[MODEL_LOCALS];
static int64_t real_began;

static int64_t real_moment(int seconds)
{
    return real_began + seconds * FM_SECOND;
}

static void real_note(int task, int step, int value)
{
    struct model_event event = {
        .second = (fm_now() - real_began) / FM_SECOND,
        .task = task,
        .step = step,
        .value = value,
    };
    model_note(real_log, event);
    real_log->trace = fm__home->loop.trace_hash;
}

struct real_task {
    int index;
};

static int real_task(struct real_task *args);

/* The other way to start one: the pointer is shared. */
static int real_shared(void *index)
{
    return real_task(&(struct real_task){*(int *)index});
}

static int *real_index(int task)
{
    static int indices[MODEL_TASKS];
    indices[task] = task;
    return &indices[task];
}

static fm_task *real_start(int task)
{
    if (real_handles[task] != REAL_NEVER)
        return NULL;
    if (task % 2 == 0)
        real_tasks[task] = fm_go(real_task, task);
    else
        real_tasks[task] = fm_start(real_shared, real_index(task));
    real_handles[task] = REAL_HELD;
    return real_tasks[task];
}

static int real_go(const struct model_step *step)
{
    fm_group *group = real_groups[step->group];
    int rc;
    if (group == NULL || real_handles[step->task] != REAL_NEVER)
        return -EINVAL;
    real_handles[step->task] = REAL_CONSUMED;
    if (step->task % 2 == 0)
        rc = fm_group_go(group, real_task, step->task);
    else
        rc = fm_group_start(group, real_shared, real_index(step->task));
    if (rc < 0)
        real_handles[step->task] = REAL_NEVER;
    return rc;
}

/* A verb that consumes one handle. */
static int real_consume(const struct model_step *step)
{
    int task = step->task;
    if (task == MODEL_NONE || real_handles[task] != REAL_HELD)
        return -EINVAL;
    real_handles[task] = REAL_CONSUMED;
    if (step->kind == MODEL_AWAIT)
        return fm_await(real_tasks[task]);
    if (step->kind == MODEL_STOP)
        return fm_stop(real_tasks[task]);
    return fm_detach(real_tasks[task]);
}

static int real_gather(const struct model_step *step, int self)
{
    fm_task *tasks[MODEL_TASKS];
    int results[MODEL_TASKS];
    size_t count = 0;
    for (int i = 0; i < real_program->task_count; i++) {
        if (!model_gathers(real_program, step, self, i) ||
            real_handles[i] != REAL_HELD)
            continue;
        real_handles[i] = REAL_CONSUMED;
        tasks[count++] = real_tasks[i];
    }
    int rc = step->kind == MODEL_GATHER ? fm_gather_array(tasks, count, results)
                                        : fm_settle(tasks, count, results);
    for (size_t i = 0; i < count; i++)
        real_note(self, (int)(step - real_program->steps), results[i]);
    return rc;
}

static int real_cancel(const struct model_step *step)
{
    int task = step->task % real_program->task_count;
    return real_tasks[task] != NULL ? fm_cancel(real_tasks[task]) : -EINVAL;
}

static int real_group(const struct model_step *step)
{
    fm_group *group = real_groups[step->group];
    if (group == NULL)
        return -EINVAL;
    if (step->kind == MODEL_COUNT)
        return (int)fm_group_count(group);
    fm_group_cancel(group);
    return 0;
}

static int real_local(const struct model_step *step)
{
    const fm_local *key = &real_keys[step->key];
    if (step->kind == MODEL_SET)
        return fm_local_set(key, (void *)(intptr_t)step->value);
    return (int)(intptr_t)fm_local_get(key);
}

static int real_renew(const struct model_step *step,
                      const struct real_frame *frame)
{
    if (frame->timeout == NULL)
        return -EINVAL;
    return fm_timeout_reschedule(frame->timeout, step->seconds);
}

static int real_call(const struct model_step *step, struct real_frame *frame)
{
    switch (step->kind) {
    case MODEL_SLEEP:
        return fm_sleep(step->seconds);
    case MODEL_UNTIL:
        return fm_sleep_until(real_moment(step->seconds));
    case MODEL_YIELD:
        return fm_yield();
    case MODEL_START:
        return real_start(step->task) != NULL ? 0 : -EINVAL;
    case MODEL_AWAIT:
    case MODEL_STOP:
    case MODEL_DETACH:
        return real_consume(step);
    case MODEL_GATHER:
    case MODEL_SETTLE:
        return real_gather(step, frame->task);
    case MODEL_CANCEL:
        return real_cancel(step);
    case MODEL_ASK:
        return fm_cancelled();
    case MODEL_SET:
    case MODEL_GET:
        return real_local(step);
    case MODEL_RENEW:
        return real_renew(step, frame);
    case MODEL_GO:
        return real_go(step);
    case MODEL_HALT:
    case MODEL_COUNT:
        return real_group(step);
    default:
        return real_sync(step, (int)(step - real_program->steps));
    }
}

static int real_list(const struct model_step *block, struct real_frame *frame);

static int real_timeout_open(const struct model_step *step,
                             struct real_frame *frame)
{
    fm_timeout timeout;
    struct real_frame inner = {frame->task, &timeout};
    if (step->kind == MODEL_TIMEOUT)
        fm_timeout_open(&timeout, step->seconds);
    else
        fm_timeout_open_at(&timeout, real_moment(step->seconds));
    return fm_timeout_close(&timeout, real_list(step, &inner));
}

/* By function where the block ends by itself, or else by macro. */
static int real_timeout(const struct model_step *step, struct real_frame *frame)
{
    struct real_frame inner = {frame->task, NULL};
    int rc;
    if (step->leave == MODEL_END)
        return real_timeout_open(step, frame);
    FM_TIMEOUT(step->seconds, rc) {
        rc = real_list(step, &inner);
        if (step->leave == MODEL_RETURN)
            return rc;
        break;
    }
    return rc;
}

static int real_deadline(const struct model_step *step,
                         struct real_frame *frame)
{
    struct real_frame inner = {frame->task, NULL};
    int rc;
    if (step->leave == MODEL_END)
        return real_timeout_open(step, frame);
    FM_TIMEOUT_AT(real_moment(step->seconds), rc) {
        rc = real_list(step, &inner);
        if (step->leave == MODEL_RETURN)
            return rc;
        break;
    }
    return rc;
}

static int real_shield(const struct model_step *step, struct real_frame *frame)
{
    int rc = 0;
    FM_SHIELD(step->seconds) {
        rc = real_list(step, frame);
        if (step->leave == MODEL_RETURN)
            return rc;
    }
    return rc;
}

/* Under the root: by function, as it is no block of the task. */
static int real_group_open(const struct model_step *step,
                           struct real_frame *frame)
{
    const fm_group_options options = {
        .policy = (fm_group_policy)step->policy,
        .limit = (unsigned)step->limit,
        .errors = &real_errors[step->group],
        .under_root = true,
    };
    fm_group group;
    fm_group_open(&group, &options);
    real_groups[step->group] = &group;
    int rc = real_list(step, frame);
    if (step->leave != MODEL_END)
        fm_group_cancel(&group);
    int result = fm_group_close(&group);
    return rc < 0 ? rc : result;
}

static int real_group_block(const struct model_step *step,
                            struct real_frame *frame)
{
    int rc;
    if (step->rooted)
        return real_group_open(step, frame);
    FM_GROUP(group, rc, .policy = (fm_group_policy)step->policy,
             .limit = (unsigned)step->limit,
             .errors = &real_errors[step->group]) {
        real_groups[step->group] = group;
        rc = real_list(step, frame);
        if (step->leave == MODEL_RETURN)
            return rc;
        if (step->leave == MODEL_BREAK)
            break;
    }
    return rc;
}

static int real_scope(const struct model_step *step, struct real_frame *frame)
{
    FM_TASK task = real_start(step->task);
    if (task == NULL)
        return -EINVAL;
    return real_list(step, frame);
}

static int real_retry(const struct model_step *step, struct real_frame *frame)
{
    int rc = -ETIMEDOUT;
    for (int i = 0; rc == -ETIMEDOUT && i < MODEL_TRIES; i++)
        rc = real_list(step, frame);
    return rc;
}

static int real_locked(const struct model_step *step, struct real_frame *frame)
{
    int rc;
    FM_LOCKED(real_lock(step), rc) {
        rc = real_list(step, frame);
        if (step->leave == MODEL_RETURN)
            return rc;
        if (step->leave == MODEL_BREAK)
            break;
    }
    return rc;
}

static int real_step(const struct model_step *step, struct real_frame *frame)
{
    switch (step->kind) {
    case MODEL_TIMEOUT:
        return real_timeout(step, frame);
    case MODEL_DEADLINE:
        return real_deadline(step, frame);
    case MODEL_SHIELD:
        return real_shield(step, frame);
    case MODEL_GROUP:
        return real_group_block(step, frame);
    case MODEL_SCOPE:
        return real_scope(step, frame);
    case MODEL_RETRY:
        return real_retry(step, frame);
    case MODEL_LOCKED:
        return real_locked(step, frame);
    default:
        return real_call(step, frame);
    }
}

/* The block is over: its group is gone, or the handle of its task. */
static void real_left(const struct model_step *step, int task)
{
    if (step->kind == MODEL_SCOPE)
        real_handles[step->task] = REAL_CONSUMED;
    if (step->kind != MODEL_GROUP)
        return;
    const fm_group_errors *errors = &real_errors[step->group];
    int index = (int)(step - real_program->steps);
    real_groups[step->group] = NULL;
    for (size_t i = 0; i < errors->count && i < 16; i++)
        real_note(task, index, errors->first[i]);
}

/* 0, or the failure that ended it. */
static int real_steps(int first, struct real_frame *frame)
{
    for (int i = first; i != MODEL_NONE; i = real_program->steps[i].next) {
        const struct model_step *step = &real_program->steps[i];
        if (step->kind == MODEL_NOTHING)
            continue;
        int rc = real_step(step, frame);
        real_left(step, frame->task);
        real_note(frame->task, i, rc);
        if (model_fails(step, rc))
            return rc;
    }
    return 0;
}

static int real_list(const struct model_step *block, struct real_frame *frame)
{
    int rc = real_steps(block->first, frame);
    return rc < 0 ? rc : block->value;
}

static int real_task(struct real_task *args)
{
    const struct model_task *task = &real_program->tasks[args->index];
    struct real_frame frame = {args->index, NULL};
    real_tasks[args->index] = fm_self();
    real_note(args->index, MODEL_NONE, 0);
    int rc = real_steps(task->first, &frame);
    return rc < 0 && !task->swallows ? rc : task->value;
}

static int real_main(void *arg)
{
    (void)arg;
    real_began = fm_now();
    real_sync_open(real_program);
    return real_task(&(struct real_task){0});
}

static void real_report(const fm_report *report, void *arg)
{
    struct model_log *log = arg;
    if (report->kind == FM_REPORT_UNCONSUMED)
        log->unconsumed++;
    if (report->kind == FM_REPORT_DETACHED_FAILED)
        log->detached_failed++;
}

void model_run(const struct model_program *program, uint64_t seed,
               struct model_log *log)
{
    const fm_run_options options = {
        .backend = "sim",
        .seed = seed,
        .stack_size = 64 * 1024,
        .ignore_sigint = true,
        .on_report = real_report,
        .on_report_arg = log,
    };
    memset(log, 0, sizeof *log);
    memset(real_tasks, 0, sizeof real_tasks);
    memset(real_handles, 0, sizeof real_handles);
    memset(real_groups, 0, sizeof real_groups);
    real_program = program;
    real_log = log;
    log->result = fm_run(real_main, NULL, &options);
    real_sync_close();
}
