/*
 * root.h - where a reader from outside begins
 *
 * An ELF note, owner "fermata" and type 1, has the distance from itself to
 * the root of its process. The root has the list of loops, and where in each
 * record of the library what lies: so a reader needs neither symbols nor the
 * version of the library that it was made for. Readers are the library's own
 * picture.c and the commands of gdb.
 *
 * What is there is added to at the end, and `size` says how much there is;
 * where something comes to mean something else, `version` counts on.
 */
#ifndef FM_INSPECT_ROOT_H
#define FM_INSPECT_ROOT_H

#include "base/atomic.h"

#define FM__ROOT_MAGIC "fermata"
#define FM__ROOT_VERSION 1
#define FM__NOTE_TYPE 1
#define FM__ROOT_CHOICES 64 /* of a select, at most */

/* What a struct fm__wait_kind says of `at`, from the waiter on or, where
 * FM__WAIT_LISTED is added, of the list that it waits in, backwards: the
 * object begins so many bytes before the list's head. `first` and `second` are
 * of the object. */
enum fm__wait_what {
    FM__WAIT_NOTHING,
    FM__WAIT_OPERATION,  /* there: the fm__op */
    FM__WAIT_TIMER,      /* there: the fm__timer */
    FM__WAIT_REAPER,     /* there: the reaper of those that are to end */
    FM__WAIT_MEMBERS,    /* there: a pointer; `first`: the reaper in that */
    FM__WAIT_LOOKOUT,    /* there: the lookout of those of which some are;
                          * `first`: from the waiter to a timer, 0: none */
    FM__WAIT_TASK,       /* there: a pointer to the task that is to go on */
    FM__WAIT_DESCRIPTOR, /* there: a pointer; `first`: its int, an fd */
    FM__WAIT_LOCK,       /* there: a pointer; `first`: its holder's handle */
    FM__WAIT_COUNTED,    /* a pointer; `first`, `second`: size_t, of how many;
                          * 0: not said */
    FM__WAIT_OBJECT,     /* a pointer */
    FM__WAIT_CHOICES     /* there: a pointer to fm_whens; `first`, `second`:
                          * from there to one to fm__sources, and to how many
                          * there are of both. In the kind of an fm_when TASK
                          * is a handle, its object, DESCRIPTOR its number, and
                          * TIMER a time, whose timer is in the source */
};

#define FM__WAIT_LISTED 0x80 /* beside one of these */

/* Offsets; each a record that is named. */
struct fm__layout {
    /* The one of a thread that runs a loop. */
    uint32_t home_size;
    uint32_t home_next;    /* pointer to the next one */
    uint32_t home_loop;    /* the loop in it */
    uint32_t home_handles; /* pointer to the table of handles */
    uint32_t home_current; /* pointer to a pointer to the task that runs */
    uint32_t home_alive;   /* size_t */
    uint32_t home_started; /* uint32_t: the lower half of what is there */
    uint32_t home_meters;  /* pointer; NULL: nothing is measured */
    /* Of its loop. */
    uint32_t loop_now;     /* int64_t: ns of the last clock that was read */
    uint32_t loop_polls;   /* uint64_t: odd while it waits */
    uint32_t loop_backend; /* pointer to a record with a name */
    uint32_t backend_name; /* pointer to a string */
    uint32_t loop_thread;  /* int: its number */
    uint32_t loop_process; /* int: the pid it belongs to */
    /* Handles: generation << 32 | tag | slot. */
    uint32_t handles_count;  /* uint32_t: slots */
    uint32_t handles_tag;    /* uint32_t: in place */
    uint32_t handles_chunks; /* the array of pointers to chunks */
    uint32_t handles_chunk;  /* slots in a chunk */
    uint32_t handles_slot_bits;
    uint32_t slot_size;
    uint32_t slot_task;       /* pointer, NULL while it is free */
    uint32_t slot_generation; /* uint32_t */
    /* A task. */
    uint32_t task_size; /* of the record: the head of its stack comes next */
    uint32_t task_handle;
    uint32_t task_context; /* pointers: stack, frame, where it goes on */
    uint32_t task_waiter;
    uint32_t task_blocks;
    uint32_t task_reaper;
    uint32_t task_lookout;
    uint32_t task_owner;
    uint32_t task_children; /* the owner that is in it */
    uint32_t task_label;    /* name NUL site */
    uint32_t task_name;
    uint32_t task_serial;    /* uint32_t */
    uint32_t task_turns;     /* uint32_t */
    uint32_t task_state;     /* uint8_t: 0 alive, 1 ended */
    uint32_t task_cancelled; /* bool */
    uint32_t task_marks;     /* uint8_t: bit 0 is a dense stack */
    uint32_t owner_task;     /* pointer to whose it is; NULL: the root's */
    uint32_t stack_bottom;   /* in the head: pointer */
    /* A waiter, on its task's stack. */
    uint32_t waiter_size;
    uint32_t waiter_task;
    uint32_t waiter_kind;  /* pointer to a constant */
    uint32_t waiter_since; /* int64_t: ns */
    uint32_t queued_list;  /* pointer to the list it waits in */
    uint32_t kind_size;
    uint32_t kind_name; /* pointer to a string */
    uint32_t kind_what; /* uint8_t */
    uint32_t kind_at;   /* int16_t */
    uint32_t kind_first;
    uint32_t kind_second;
    /* What it waits for. */
    uint32_t op_size;
    uint32_t op_kind; /* int: names are op_names */
    uint32_t op_fd;
    uint32_t timer_when; /* int64_t: ns, or -span - 1 until the turn ends */
    uint32_t block_outer;
    uint32_t block_kind;       /* uint8_t */
    uint32_t block_is_timeout; /* what that says of one */
    uint32_t block_timer;      /* in a timeout */
    /* A meter: the chunks of home_meters are as those of the handles. */
    uint32_t meter_chunks;
    uint32_t meter_size;
    uint32_t meter_cpu; /* int64_t: ns */
    /* One of the things that are selected, and what its kind is beside. */
    uint32_t when_size;
    uint32_t when_kind;   /* pointer to a constant */
    uint32_t when_object; /* pointer */
    uint32_t when_number; /* int64_t: an fd is its lower half */
    uint32_t when_wait;   /* in that constant: pointer to a kind of waiter */
    uint32_t source_size;
    uint32_t source_timer; /* in the fm__source of a time */
};

struct fm__root {
    char magic[8];
    uint32_t version;
    uint32_t size;               /* of all this */
    const char *release;         /* the version of the library */
    const char *const *op_names; /* by kind */
    uint64_t op_count;
    struct fm__atomic_ptr first; /* home */
    struct fm__layout layout;    /* last: what is added comes behind it */
};

extern struct fm__root fm__root;

#endif
