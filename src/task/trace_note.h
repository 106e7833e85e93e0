/*
 * trace_note.h - what a loop's observer notes for its trace
 */
#ifndef FM_TASK_TRACE_NOTE_H
#define FM_TASK_TRACE_NOTE_H

#include "loop/observer.h"
#include "task/record.h"
#include "task/trace_file.h"

struct fm__trace {
    struct fm__observer observer;
    struct fm__conductor *home;
    struct fm__loop *loop; /* its */
    struct fm__trace_file file;
    uint64_t missing; /* steps since the last that was noted */
    int64_t left;     /* when a turn ended, right before this; 0: none did */
    bool hurried;     /* the writer was told that much is to be done */
};

/* A note is begun with the task that it is about, NULL or fm__nobody for the
 * loop, and added where it is complete. One whose `when` is 0 is of now. */
struct fm__trace_record fm__trace_record(const struct fm__task *task,
                                         enum fm__trace_step step);
void fm__trace_add(struct fm__trace *trace, const struct fm__trace_record *its);
/* And a text: the first 127 bytes of one string, and the last 127 of a second
 * one, or NULL. */
void fm__trace_add_text(struct fm__trace *trace,
                        const struct fm__trace_record *its, const char *string,
                        const char *second);

/* What the observer hears. */
void fm__trace_notice(struct fm__observer *observer, enum fm__event event,
                      const void *subject);

#endif
