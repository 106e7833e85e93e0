/*
 * model_text.c - programs and logs, for a person who looks for a difference
 */
#include "sim/model_program.h"

#include <fermata/error.h>
#include <fermata/group.h>
#include <stdio.h>

static const char *text_kind(enum model_kind kind)
{
    static const char *const names[MODEL_KINDS] = {
        [MODEL_NOTHING] = "nothing",
        [MODEL_SLEEP] = "sleep",
        [MODEL_UNTIL] = "sleep until",
        [MODEL_YIELD] = "yield",
        [MODEL_START] = "start",
        [MODEL_AWAIT] = "await",
        [MODEL_STOP] = "stop",
        [MODEL_DETACH] = "detach",
        [MODEL_GATHER] = "gather",
        [MODEL_SETTLE] = "settle",
        [MODEL_CANCEL] = "cancel",
        [MODEL_ASK] = "cancelled?",
        [MODEL_SET] = "set",
        [MODEL_GET] = "get",
        [MODEL_RENEW] = "reschedule",
        [MODEL_GO] = "go",
        [MODEL_HALT] = "cancel group",
        [MODEL_COUNT] = "count",
        [MODEL_TIMEOUT] = "TIMEOUT",
        [MODEL_DEADLINE] = "TIMEOUT_AT",
        [MODEL_SHIELD] = "SHIELD",
        [MODEL_GROUP] = "GROUP",
        [MODEL_SCOPE] = "TASK",
        [MODEL_RETRY] = "RETRY",
        [MODEL_PUT] = "put",
        [MODEL_TAKE] = "get",
        [MODEL_PUT_TRY] = "try put",
        [MODEL_TAKE_TRY] = "try get",
        [MODEL_SHUTDOWN] = "shutdown",
        [MODEL_HAPPENED] = "wait for event",
        [MODEL_HAPPENS] = "set event",
        [MODEL_FORGET] = "clear event",
        [MODEL_CHANGED] = "wait for condition",
        [MODEL_SELECT] = "select",
        [MODEL_NOTIFY] = "notify",
        [MODEL_LOCKED] = "LOCKED",
    };
    return names[kind];
}

static void text_seconds(const struct model_step *step)
{
    printf(" %d s", step->seconds);
}

static void text_group(const struct model_step *step)
{
    static const char *const policies[] = {
        [FM_FAIL_FAST] = "fail fast",
        [FM_COLLECT] = "collect",
        [FM_FIRST_SUCCESS] = "first success",
    };
    printf(" g%d, %s", step->group, policies[step->policy]);
    if (step->limit > 0)
        printf(", limit %d", step->limit);
    if (step->rooted)
        printf(", under the root");
}

static void text_children(const struct model_program *program,
                          const struct model_step *step, int self)
{
    for (int i = 0; i < program->task_count; i++) {
        if (model_gathers(program, step, self, i))
            printf(" #%d", i);
    }
}

static void text_details(const struct model_program *program,
                         const struct model_step *step, int self)
{
    switch (step->kind) {
    case MODEL_SLEEP:
    case MODEL_UNTIL:
    case MODEL_RENEW:
    case MODEL_TIMEOUT:
    case MODEL_DEADLINE:
    case MODEL_SHIELD:
        text_seconds(step);
        break;
    case MODEL_GROUP:
        text_group(step);
        break;
    case MODEL_GATHER:
    case MODEL_SETTLE:
        text_children(program, step, self);
        break;
    case MODEL_PUT:
    case MODEL_TAKE:
    case MODEL_PUT_TRY:
    case MODEL_TAKE_TRY:
    case MODEL_HAPPENED:
    case MODEL_HAPPENS:
    case MODEL_FORGET:
    case MODEL_CHANGED:
    case MODEL_LOCKED:
        printf(" %d", step->object);
        break;
    case MODEL_SELECT:
        printf(" of %#x", (unsigned)step->object);
        if (step->key > 0)
            text_seconds(step);
        break;
    case MODEL_SHUTDOWN:
    case MODEL_NOTIFY:
        printf(" %d, limit %d", step->object, step->limit);
        break;
    case MODEL_SET:
    case MODEL_GET:
        printf(" key %d, %d", step->key, step->value);
        break;
    case MODEL_HALT:
    case MODEL_COUNT:
        printf(" g%d", step->group);
        break;
    case MODEL_GO:
        printf(" g%d", step->group);
        /* fall through */
    default:
        if (step->task != MODEL_NONE)
            printf(" #%d", step->task);
    }
}

static void text_block(const struct model_step *step)
{
    static const char *const leaves[] = {[MODEL_END] = "end",
                                         [MODEL_BREAK] = "break",
                                         [MODEL_RETURN] = "return"};
    if (step->kind >= MODEL_TIMEOUT)
        printf(", leaves by %s with %d", leaves[step->leave], step->value);
}

static void text_list(const struct model_program *program, int self, int first,
                      int depth)
{
    for (int i = first; i != MODEL_NONE; i = program->steps[i].next) {
        const struct model_step *step = &program->steps[i];
        if (step->kind == MODEL_NOTHING && step->first == MODEL_NONE)
            continue;
        printf("  %3d %*s%s", i, 4 * depth, "", text_kind(step->kind));
        text_details(program, step, self);
        text_block(step);
        printf("%s\n", step->stubborn ? ", whatever it returns" : "");
        text_list(program, self, step->first, depth + 1);
    }
}

/* Whether a step that was not taken out starts it. */
static bool text_started(const struct model_program *program, int task)
{
    for (int i = 0; i < program->step_count; i++) {
        const struct model_step *step = &program->steps[i];
        bool starts = step->kind == MODEL_START || step->kind == MODEL_GO ||
                      step->kind == MODEL_SCOPE;
        if (starts && step->task == task)
            return true;
    }
    return task == 0;
}

static void text_queues(const struct model_program *program)
{
    static const char *const orders[MODEL_ORDERS] = {
        "oldest first", "newest first", "least first", "least, newest first"};
    for (int i = 0; i < MODEL_QUEUES; i++)
        printf("queue %d of %d, %s\n", i, program->queues[i].capacity,
               orders[program->queues[i].order]);
}

void model_print(const struct model_program *program)
{
    text_queues(program);
    for (int i = 0; i < program->task_count; i++) {
        const struct model_task *task = &program->tasks[i];
        if (!text_started(program, i))
            continue;
        printf("task #%d", i);
        if (task->member_of != MODEL_NONE)
            printf(", of group g%d", task->member_of);
        printf(", returns %d%s\n", task->value,
               task->swallows ? ", also when it fails" : "");
        text_list(program, i, task->first, 0);
    }
}

void model_print_event(const struct model_program *program,
                       const struct model_event *event)
{
    printf("%10lld s  task #%d: ", (long long)event->second, event->task);
    if (event->step == MODEL_NONE)
        printf("begins\n");
    else
        printf("step %d, %s: %d\n", event->step,
               text_kind(program->steps[event->step].kind), event->value);
}
