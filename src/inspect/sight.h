/*
 * sight.h - what a look has read, while it becomes a picture
 *
 * A look reads the loops and all their tasks, and what each task waits for, as
 * numbers: `seen`. Then it puts them in order, joins who waits for whom, and
 * fills in the public records. All memory is kept for the next look.
 */
#ifndef FM_INSPECT_SIGHT_H
#define FM_INSPECT_SIGHT_H

#include "inspect/image.h"
#include "inspect/places.h"

#include <fermata/inspect.h>
#include <string.h>

#define FM__SIGHT_NEVER INT64_MAX
#define FM__KIND_MOST 128 /* bytes of a kind that are read */

/* A text of the image, as it may be shown. */
struct fm__naming {
    const char *text;
    size_t size; /* 0: there is none, and the text is "?" */
};

/* A struct fm__wait_kind of the image. */
struct fm__kind_seen {
    const char *name;
    uint8_t what; /* without FM__WAIT_LISTED */
    bool listed;
    int16_t at;
    uint16_t first;
    uint16_t second;
};

/* A loop. */
struct fm__home_seen {
    uint64_t address;
    uint64_t next;
    uint64_t handles;
    uint64_t meters;
    uint64_t current; /* the task that runs, or none */
    uint64_t backend;
    uint64_t alive;
    uint64_t polls;
    int64_t now;   /* when the loop last asked */
    int64_t clock; /* when it was read */
    uint32_t started;
    int thread;
    int process;
    bool still; /* nobody else can run while it is looked at */
    bool whole;
    struct fm__naming name; /* of the backend */
    size_t first;           /* of its tasks */
    size_t count;
};

/* A task. */
struct fm__task_seen {
    uint64_t slot; /* of the handle */
    uint64_t record;
    uint64_t handle;
    uint64_t bottom;
    uint64_t context[3]; /* stack, frame, where it goes on */
    uint64_t waiter;
    uint64_t blocks;
    uint64_t reaper;
    uint64_t lookout;
    uint64_t owner;
    uint64_t label;
    uint64_t name;
    uint64_t meter; /* address; 0: none */
    uint32_t serial;
    uint32_t turns;
    uint32_t home;   /* place */
    uint32_t parent; /* place */
    uint8_t state;
    bool cancelled;
    bool dense;
    bool gone;       /* read, and no task after all */
    int64_t expires; /* the first timeout around it, or FM__SIGHT_NEVER */
    int64_t cpu;     /* -1: not known */

    /* Its wait. */
    uint32_t kind; /* place, or FM__NO_PLACE */
    uint32_t circle;
    bool doubtful;    /* it seemed to be in a circle, and goes on */
    int fd;           /* -1: none */
    int op;           /* what kind of operation; -1: none */
    int64_t since;    /* 0: not known */
    int64_t when;     /* of its timer, or FM__SIGHT_NEVER */
    uint64_t object;  /* or the reaper, or the lookout */
    uint64_t sources; /* of choices */
    uint64_t times;   /* of these, a bit each, that have not been read */
    size_t choice;    /* the first of them */
    size_t choices;
    uint64_t holder; /* handle */
    uint64_t count;
    uint64_t limit;
    size_t edge; /* the first of those it waits for */
    size_t edges;
};

/* One of what a select waits for. */
struct fm__choice_seen {
    uint32_t kind; /* place */
    uint32_t task; /* that is to end: place, or FM__NO_PLACE */
    int fd;        /* -1: none */
    uint64_t object;
};

struct fm__naming_block;

struct fm_inspect {
    struct fm__image *image;
    struct fm__root root;
    uint64_t root_at;
    bool own; /* the image is of this process */

    struct fm__places named; /* address of a text to its place in names */
    struct fm__room_kept names;
    struct fm__naming_block *texts; /* the newest first */
    struct fm__naming_block *spare;
    struct fm__places kinds_at;
    struct fm__room_kept kinds;
    size_t kind_count;

    struct fm__room_kept homes;
    size_t home_count;
    size_t listed; /* of homes: in their list, before they are looked at */
    struct fm__room_kept seen;
    size_t seen_count;
    size_t skipped;
    struct fm__room_kept sorted; /* changes places with seen */
    struct fm__room_kept batch;
    struct fm__room_kept chunk; /* of a table of handles */

    struct fm__places known; /* records, then handles, reapers or lookouts */
    struct fm__places owners_at;
    struct fm__room_kept owners;
    struct fm__room_kept order;
    struct fm__room_kept edges;
    size_t edge_count;
    struct fm__room_kept choices;
    size_t choice_count;
    unsigned circles;

    struct fm__room_kept loops; /* public */
    struct fm__room_kept tasks;
    struct fm__room_kept told; /* choices */
    fm_picture picture;
};

FM__INLINE const struct fm__layout *
fm__sight_layout(const struct fm_inspect *self)
{
    return &self->root.layout;
}

FM__INLINE struct fm__task_seen *fm__sight_seen(const struct fm_inspect *self)
{
    return self->seen.data;
}

FM__INLINE struct fm__home_seen *fm__sight_homes(const struct fm_inspect *self)
{
    return self->homes.data;
}

FM__INLINE struct fm__choice_seen *
fm__sight_choices(const struct fm_inspect *self)
{
    return self->choices.data;
}

/* NULL: it does not wait, or for what nobody knows. */
FM__INLINE const struct fm__kind_seen *
fm__sight_kind(const struct fm_inspect *self, const struct fm__task_seen *task)
{
    const struct fm__kind_seen *kinds = self->kinds.data;
    return task->kind != FM__NO_PLACE ? &kinds[task->kind] : NULL;
}

/* Of bytes that were read. */
FM__INLINE uint64_t fm__sight_u64(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

FM__INLINE uint32_t fm__sight_u32(const unsigned char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

FM__INLINE uint16_t fm__sight_u16(const unsigned char *bytes)
{
    uint16_t half;
    memcpy(&half, bytes, sizeof half);
    return half;
}

/* When a timer fires; one that is new has a span, as -span - 1. */
FM__INLINE int64_t fm__sight_moment(const struct fm__home_seen *home,
                                    int64_t when)
{
    int64_t moment;
    if (when >= 0)
        return when;
    if (__builtin_sub_overflow(home->now, when + 1, &moment) || moment < 0)
        return FM__SIGHT_NEVER;
    return moment;
}

/* Takes the image, also where it fails: 0, -ENOENT, -EPROTO or -ENOMEM. */
int fm__inspect_begin(fm_inspect **inspect, struct fm__image *image);

/* naming.c: the text at an address, in `naming`; where there is none that may
 * be shown, "?". 0 or -ENOMEM. */
int fm__naming_read(struct fm_inspect *self, uint64_t address,
                    struct fm__naming *naming);
/* The text at the address was read already, where it ends within the bytes. */
int fm__naming_learn(struct fm_inspect *self, uint64_t address,
                     const unsigned char *bytes, size_t size);
void fm__naming_clear(struct fm_inspect *self);
void fm__naming_free(struct fm_inspect *self);

/* Each of these is a step of a look: 0, -ENOMEM, -ESRCH or -EPROTO. */
int fm__homes_look(struct fm_inspect *self);
int fm__owners_look(struct fm_inspect *self);
int fm__order_look(struct fm_inspect *self);
int fm__edges_look(struct fm_inspect *self);
int fm__circles_look(struct fm_inspect *self);
int fm__fill_look(struct fm_inspect *self);
/* Which loops have not run since they were read. */
int fm__confirm_homes(struct fm_inspect *self);

/* All tasks of a loop, added to what was seen. `careful`: each is read until
 * it was twice the same. -EAGAIN: the loop went on meanwhile, which only who
 * is careful does not mind. */
int fm__slots_look(struct fm_inspect *self, const struct fm__home_seen *home,
                   bool careful);
/* Which of the tasks in circles have gone on since they were read; whether some
 * have. */
int fm__confirm_circles(struct fm_inspect *self, bool *doubts);
/* Whether its count of polls is still the same. */
bool fm__confirm_home(struct fm_inspect *self,
                      const struct fm__home_seen *home);

#endif
