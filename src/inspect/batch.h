/*
 * batch.h - many tasks that are read together
 *
 * A read of the image is a system call, whatever it asks for: so what each of
 * the tasks needs next is asked for, and then heard for all of them. What lies
 * in the window, which is the end of the task's stack and the record above it,
 * was read already.
 */
#ifndef FM_INSPECT_BATCH_H
#define FM_INSPECT_BATCH_H

#include "inspect/sight.h"

enum {
    FM__BATCH_MOST = 128,
    FM__BATCH_BELOW = 448, /* bytes of the window below the record */
    FM__BATCH_ABOVE = 128, /* and above it: the head of the stack, a name */
    FM__BATCH_SCRAP = 24 * FM__ROOT_CHOICES /* the most that is asked for
                                             * outside of it: all choices */
};

struct fm__batch_task {
    struct fm__task_seen *seen;
    uint64_t low; /* of the window */
    size_t size;
    unsigned char *window;
    unsigned char *scrap;
    const unsigned char *answer; /* NULL: there is none */
    bool asked;
    bool sound; /* the record is this task's */
};

struct fm__batch {
    struct fm_inspect *inspect;
    const struct fm__home_seen *home;
    size_t count;
    size_t asked;
    size_t answers;
    bool anew; /* windows are no use: all is read when it is asked for */
    struct fm__batch_task tasks[FM__BATCH_MOST];
    struct fm__extent extents[FM__BATCH_MOST];
};

/* One that is read into the memory that is kept; NULL: -ENOMEM. */
struct fm__batch *fm__batch_begin(struct fm_inspect *self,
                                  const struct fm__home_seen *home);

/* Has it read at the next fm__batch_hear, whatever was read of the task. */
void fm__batch_extend(struct fm__batch *batch, struct fm__batch_task *task,
                      struct fm__extent extent);
/* Once for a task between two fm__batch_hear. */
void fm__batch_ask(struct fm__batch *batch, struct fm__batch_task *task,
                   uint64_t address, size_t size);
/* 0 or -ESRCH. */
int fm__batch_hear(struct fm__batch *batch);

/* For each task that has an answer, which is taken; it may ask for more, which
 * is then heard. */
typedef int fm__batch_step(struct fm__batch *batch, struct fm__batch_task *task,
                           const unsigned char *bytes);
int fm__batch_each(struct fm__batch *batch, fm__batch_step *step);

/* Reads the tasks in the batch, each one's slot, record and handle are known;
 * and leaves none in it. */
int fm__records_read(struct fm__batch *batch, bool careful);

/* What the batch does in turn. */
int fm__waits_read(struct fm__batch *batch);
int fm__blocks_read(struct fm__batch *batch);

/* The steps of a wait for choices. */
void fm__choices_ask(struct fm__batch *batch, struct fm__batch_task *task,
                     uint64_t there, const struct fm__kind_seen *kind);
void fm__choices_there(struct fm__batch *batch, struct fm__batch_task *task,
                       const unsigned char *bytes);
void fm__choices_time(struct fm__batch *batch, struct fm__batch_task *task,
                      const unsigned char *bytes);
int fm__choices_take(struct fm__batch *batch, struct fm__batch_task *task,
                     const unsigned char *bytes);

/* The kind at an address, or that its word `behind` points to: its place, or
 * FM__NO_PLACE. 0 or -ENOMEM. */
int fm__waits_kind(struct fm_inspect *self, uint64_t address, size_t behind,
                   uint32_t *place);

#endif
