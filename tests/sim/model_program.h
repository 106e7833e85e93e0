/*
 * model_program.h - random programs of tasks, and the logs they leave
 *
 * A program is a tree of steps for each of its tasks, drawn from a seed or
 * from a fuzzer's bytes. It is run by Fermata (model_real.c) and predicted by
 * an interpreter that shares no code with it (model_reference.c); both leave
 * a log of what each task was told, and when.
 *
 * Spans are whole seconds, of virtual time, so that the microseconds which
 * the simulated world takes for its looks cannot reorder anything; a program
 * in which two timers meet in the same second is not compared.
 */
#ifndef TESTS_SIM_MODEL_PROGRAM_H
#define TESTS_SIM_MODEL_PROGRAM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_TASKS = 24, /* tasks of a program, the main one too */
    MODEL_STEPS =
        60, /* run twice, fewer than a budget: no call yields unasked */
    MODEL_GROUPS = 8,
    MODEL_DEPTH = 6,  /* of blocks in a task */
    MODEL_LOCALS = 2, /* keys */
    MODEL_TRIES = 2,  /* of a retried list */
    MODEL_QUEUES = 2,
    MODEL_FLAGS = 1,    /* fm_event; events are what a log is made of */
    MODEL_LOCKS = 1,    /* each with one condition */
    MODEL_EVENTS = 2000 /* of a log */
};

enum model_kind {
    MODEL_NOTHING,  /* a step that was taken out */
    MODEL_SLEEP,    /* seconds; zero or less yields */
    MODEL_UNTIL,    /* seconds since the program began */
    MODEL_YIELD,    /* */
    MODEL_START,    /* task: a child */
    MODEL_AWAIT,    /* task */
    MODEL_STOP,     /* task */
    MODEL_DETACH,   /* task */
    MODEL_GATHER,   /* tasks: each child that is still unconsumed */
    MODEL_SETTLE,   /* the same */
    MODEL_CANCEL,   /* task: any */
    MODEL_ASK,      /* fm_cancelled */
    MODEL_SET,      /* key, value */
    MODEL_GET,      /* key */
    MODEL_RENEW,    /* seconds: of the innermost timeout, from now */
    MODEL_GO,       /* task, group: a member */
    MODEL_HALT,     /* group: fm_group_cancel */
    MODEL_COUNT,    /* group: fm_group_count */
    MODEL_PUT,      /* object: a queue; the item says which step put it */
    MODEL_TAKE,     /* object: a queue; the item */
    MODEL_PUT_TRY,  /* the same two, without a wait */
    MODEL_TAKE_TRY, /* */
    MODEL_SHUTDOWN, /* object: a queue; limit: immediately */
    MODEL_HAPPENED, /* object: a flag, which is waited for */
    MODEL_HAPPENS,  /* object: a flag, which is set */
    MODEL_FORGET,   /* object: a flag, which is cleared */
    MODEL_CHANGED,  /* object: the lock that is held; its condition */
    MODEL_SELECT,   /* object: a set of things; seconds, key: with a time */
    MODEL_NOTIFY,   /* object: a condition; limit: so many; 0: all */
    MODEL_TIMEOUT,  /* seconds; a block */
    MODEL_DEADLINE, /* seconds since the program began; a block */
    MODEL_SHIELD,   /* seconds of grace; a block */
    MODEL_GROUP,    /* group, policy, limit; a block */
    MODEL_SCOPE,    /* task: an FM_TASK; a block */
    MODEL_RETRY,    /* a block, again while it ends with -ETIMEDOUT */
    MODEL_LOCKED,   /* object: a lock; a block */
    MODEL_KINDS
};

enum model_leave {
    MODEL_END,   /* a block falls off its end */
    MODEL_BREAK, /* by break */
    MODEL_RETURN /* by return, with the value the block had inside */
};

#define MODEL_NONE (-1)

struct model_step {
    enum model_kind kind;
    enum model_leave leave;
    bool stubborn; /* its failure does not end the list */
    bool rooted;   /* a group: under the root */
    int seconds;
    int task;
    int group;
    int policy;
    int limit;
    int key;
    int object; /* of those of its sort */
    int value;  /* of MODEL_SET; of a block whose list ends well */
    int first;  /* a block's list: its first step, or MODEL_NONE */
    int next;   /* in the list, or MODEL_NONE */
};

struct model_task {
    int first;
    int parent;
    int member_of; /* a group, or MODEL_NONE */
    int value;     /* what it returns */
    bool swallows; /* also when its list has failed; else the failure */
};

/* What a MODEL_SELECT may look at, in this order; bits of its object but for
 * the time. It then does at once what it was told would not wait. */
enum model_thing {
    MODEL_CAN_TAKE, /* from the first queue */
    MODEL_CAN_PUT,
    MODEL_CAN_TAKE_SECOND, /* from the second */
    MODEL_CAN_PUT_SECOND,
    MODEL_IS_SET, /* the first flag */
    MODEL_TIME,   /* has passed */
    MODEL_THINGS
};

/* What a select noted: which thing, and the result of its verb. */
static inline int model_selected(int thing, int rc)
{
    return rc < 0 ? rc : 100 * (thing + 1) + rc;
}

/* Which item comes out of a queue first. */
enum model_order {
    MODEL_OLDEST,
    MODEL_NEWEST,
    MODEL_LEAST,        /* by rank; of equal ones the oldest */
    MODEL_LEAST_NEWEST, /* of equal ones the newest */
    MODEL_ORDERS
};

struct model_queue {
    int capacity;
    enum model_order order;
};

struct model_program {
    int step_count;
    int task_count;
    int group_count;
    struct model_step steps[MODEL_STEPS];
    struct model_task tasks[MODEL_TASKS];
    struct model_queue queues[MODEL_QUEUES];
};

static inline int model_rank(int item)
{
    return item % 5;
}

/* Whether the step gathers this child of its task, if it has its handle. */
static inline bool model_gathers(const struct model_program *program,
                                 const struct model_step *step, int self,
                                 int child)
{
    const struct model_task *task = &program->tasks[child];
    return task->parent == self && task->member_of == MODEL_NONE &&
           (step->limit == 0 || (step->limit & 1 << child % 3) != 0);
}

/* Steps of what tasks share. */
static inline bool model_is_shared(enum model_kind kind)
{
    return (kind >= MODEL_PUT && kind <= MODEL_NOTIFY) || kind == MODEL_LOCKED;
}

/* Whether the list ends with this step. -EINVAL says that there was nothing
 * to be done, such as a handle that had been consumed. */
static inline bool model_fails(const struct model_step *step, int value)
{
    return value < 0 && value != -EINVAL && !step->stubborn;
}

/* Where chance comes from: bytes while there are any, or else the seed. */
struct model_source {
    uint64_t seed; /* 0: bytes alone, and zeros after the last */
    const uint8_t *bytes;
    size_t size;
};

void model_draw(struct model_program *program, struct model_source *source);

/* The program as text that a person can follow. */
void model_print(const struct model_program *program);

/* What a task was told: the result of a step, or MODEL_NONE as it began. */
struct model_event {
    int64_t second;
    int task;
    int step;
    int value;
};

struct model_log {
    struct model_event events[MODEL_EVENTS];
    int count;
    int result;     /* of fm_run */
    int unconsumed; /* reports of either kind */
    int detached_failed;
    uint64_t trace; /* hash of the loop's trace at the last event */
};

static inline void model_note(struct model_log *log, struct model_event event)
{
    if (log->count < MODEL_EVENTS)
        log->events[log->count++] = event;
}

void model_print_event(const struct model_program *program,
                       const struct model_event *event);

/* Runs it on Fermata, under the simulator with this seed. */
void model_run(const struct model_program *program, uint64_t seed,
               struct model_log *log);

/*
 * Predicts the log. Where the design promises no order, among tasks that one
 * cut or one moment wakes together, the interpreter takes the order which
 * `real` says they went on in: nothing else is taken from there.
 *
 * Returns false when the program is not to be compared: two timers meet, or
 * it can never end.
 */
bool model_predict(const struct model_program *program,
                   const struct model_log *real, struct model_log *log);

#endif
