/*
 * model_world.h - what the reference interpreter knows of tasks
 *
 * The rules of tasks, cuts, blocks and groups, written down from the words of
 * the design's promises with no thought of speed: everything is searched for,
 * nothing is cached. Shares no code with src/.
 */
#ifndef TESTS_SIM_MODEL_WORLD_H
#define TESTS_SIM_MODEL_WORLD_H

#include "sim/model_program.h"

#define WORLD_NEVER INT64_MAX

enum world_state {
    WORLD_UNBORN,
    WORLD_READY,
    WORLD_RUNNING,
    WORLD_WAITING,
    WORLD_ENDED
};

enum world_wait {
    WORLD_YIELDS, /* was made ready at once */
    WORLD_SLEEPS,
    WORLD_WANTS_PLACE, /* in a group that is at its limit */
    WORLD_AWAITS,
    WORLD_GATHERS, /* also settles */
    WORLD_CLOSES,  /* a group */
    WORLD_PUTS,
    WORLD_TAKES,
    WORLD_HAPPENS, /* waits for a flag */
    WORLD_LOOKS,   /* selects */
    WORLD_LOCKS,
    WORLD_CHANGES, /* waits for a condition */
    WORLD_RELOCKS, /* has waited for it, and cannot be cut */
    WORLD_DRAINS   /* its function has returned; its children have not */
};

/* Who hears of a task's end. */
enum world_listener {
    WORLD_NOBODY, /* yet: its starter holds the handle */
    WORLD_WAITER, /* the starter, who awaits, gathers, settles or drains */
    WORLD_GROUP_HEARS,
    WORLD_ROOT_HEARS
};

struct world_block {
    enum model_kind kind; /* MODEL_TIMEOUT, MODEL_SHIELD or MODEL_GROUP */
    bool cut;      /* time is up; or the group cuts; a shield: hides no more */
    bool caused;   /* a call was refused or a wait cut because of it */
    bool counting; /* a shield's grace runs */
    bool movable;  /* a timeout of the function form */
    int64_t due;
    int grace;
    int group;
};

/* A list that is being gone through. */
struct world_frame {
    int block; /* the step whose list it is; MODEL_NONE: the task's own */
    int at;    /* the next step */
    int rc;    /* the failure that ended it */
    int tries;
    bool leaving; /* the block waits for its end */
    bool caused;  /* a group's: rc is its own cut */
};

struct world_task {
    enum world_state state;
    bool begun;
    bool known; /* there is a handle for strangers */
    bool held;  /* its starter has not consumed the handle */
    bool cancelled;
    int parent; /* whose child, or MODEL_NONE */
    int group;  /* whose member, or MODEL_NONE */
    int under;  /* shields of its owner that it was started in */
    enum world_listener listener;
    int result;
    int64_t ended; /* the how-manieth end that was */

    struct world_block blocks[MODEL_DEPTH + 1];
    int block_count;
    struct world_frame frames[MODEL_DEPTH + 2];
    int frame_count;

    enum world_wait wait;
    int64_t due;
    int woken;
    bool wait_cut;
    bool awaited[MODEL_TASKS]; /* the tasks it waits for */
    int left;                  /* of them */
    bool fails_fast;           /* a failure of one of them cancels the others */
    int wait_group;
    int wait_object;
    int item;     /* that it puts, or was given */
    int relocked; /* the result when it has its lock again */
    int locals[MODEL_LOCALS];
};

struct world_group {
    bool open;
    bool rooted;
    bool cut;
    int opener;
    int under; /* shields of the opener when it was opened */
    int policy;
    int limit;
    int places; /* of members, and of those who were given one */
    int waiting[MODEL_TASKS];
    int waiting_count;
    int closer;       /* or MODEL_NONE */
    int failures[16]; /* the first ones */
    int failed;
    int success;
    bool succeeded;
    bool obeyed; /* a member ended with ECANCELED after a cancel */
};

/* Tasks in the order in which they came; those of one batch were sent there
 * by one event, in no order that is promised. */
struct world_line {
    int tasks[MODEL_TASKS];
    unsigned batches[MODEL_TASKS];
    int count;
};

struct world_queue {
    int items[MODEL_TASKS]; /* the oldest first */
    int count;
    bool shut;
    struct world_line putters;
    struct world_line takers;
};

struct world_flag {
    bool set;
    struct world_line line;
};

struct world_lock {
    int holder; /* a task, or MODEL_NONE */
    struct world_line line;
    struct world_line condition;
};

/* Ready tasks in order; those of one batch became ready by one event. */
struct world_ready {
    int task;
    unsigned batch;
};

struct world {
    const struct model_program *program;
    const struct model_log *real;
    struct model_log *log;
    struct world_task tasks[MODEL_TASKS];
    struct world_group groups[MODEL_GROUPS];
    struct world_queue queues[MODEL_QUEUES];
    struct world_flag flags[MODEL_FLAGS];
    struct world_lock locks[MODEL_LOCKS];
    struct world_ready ready[MODEL_TASKS];
    int ready_count;
    unsigned batch;
    int64_t now;
    int64_t ends;
};

/* What follows became ready by another event than what came before. */
void world_event(struct world *world);

void world_wake(struct world *world, int task, int value);

/* The task and its children have ended. */
void world_end(struct world *world, int task);

/* Why a call of the task is refused now, or 0; marks the block that is the
 * cause. The first `depth` blocks are looked at: all, or those outside one. */
int world_reason(struct world_task *task, int depth, bool mark);

/* A cut of the task may have come into sight. */
void world_cut(struct world *world, int task);
void world_cancel(struct world *world, int task);
void world_cut_group(struct world *world, int group);
void world_cancel_members(struct world *world, int group);
/* Those that the task waits for. */
void world_cancel_awaited(struct world *world, int task);

/* Starts the grace of each shield that hides a cut now. */
void world_notice(struct world *world, int task);
int world_shields(const struct world_task *task);
/* The last block was a shield and has been closed; whether it still hid. */
void world_uncover(struct world *world, int task, bool hid);

/* Its wait for an object of sync/ has been cut. */
void world_cut_sync(struct world *world, int task, int reason);

/* Whether the task is a member of the group, or below one. */
bool world_has(const struct world *world, int group, int task);
void world_free_place(struct world *world, int group);

/* Jumps to the next moment at which a timer is due, and fires it. False: there
 * is none, or two meet. */
bool world_next(struct world *world, bool *meet);

#endif
