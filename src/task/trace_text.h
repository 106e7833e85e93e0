/*
 * trace_text.h - what a loop has noted, as trace events in JSON
 *
 * Invariant: each slice that was begun is ended once, in order, also where
 * steps between are missing: what is open is known for each track.
 */
#ifndef FM_TASK_TRACE_TEXT_H
#define FM_TASK_TRACE_TEXT_H

#include "task/trace_ring.h"
#include "task/trace_table.h"

#define FM__TRACE_BUFFER 65536
#define FM__TRACE_LINES 4096 /* what one step takes, at most */
#define FM__TRACE_LOOP 1     /* the track of the loop; tasks come after it */
#define FM__TRACE_CLOSING 96 /* what the end of a slice takes, at most */

struct fm__trace_text {
    char *bytes; /* FM__TRACE_BUFFER of them */
    size_t used;
    /* Called where less than FM__TRACE_LINES are free; makes all free. */
    void (*flush)(struct fm__trace_text *text);
    struct fm__trace_table tasks;
    struct fm__trace_table operations;
    int process;  /* how the trace calls the loop */
    int64_t last; /* the moment of the last step */
    uint32_t flows;
    uint64_t ended; /* a task that still wakes others; 0: none */
    int64_t result; /* its */
    bool polling;
    bool poor; /* memory has run out: much is missing */
    int64_t alive;
    int64_t in_flight;
};

/* What comes first. */
struct fm__trace_title {
    char program[32];
    const char *backend;
    int64_t when;
    bool virtual;
};

void fm__trace_begin(struct fm__trace_text *text,
                     const struct fm__trace_title *title);
void fm__trace_tell(struct fm__trace_text *text,
                    const struct fm__trace_record *record);
/* Ends all that is open. */
void fm__trace_settle(struct fm__trace_text *text);
/* The last event: why nothing follows. */
void fm__trace_end(struct fm__trace_text *text, const char *why, uint64_t lost);
/* Bytes that settling and the end take, at most. */
uint64_t fm__trace_rest(const struct fm__trace_text *text);

#endif
