/*
 * trace_event.h - an event of a trace, as viewers want it
 *
 * All are of the moment text->last, and of a track.
 */
#ifndef FM_TASK_TRACE_EVENT_H
#define FM_TASK_TRACE_EVENT_H

#include "task/trace_json.h"

/* Begins one; members may follow, and then one of the two below. Phases are
 * 'B' and 'E' of a slice, 'X' of a whole one, 'b' and 'e' of an operation. */
void fm__trace_event(struct fm__trace_text *text, char phase, uint32_t track);
void fm__trace_named(struct fm__trace_text *text, char phase, uint32_t track,
                     const char *name);
void fm__trace_instant(struct fm__trace_text *text, uint32_t track,
                       const char *name);
void fm__trace_done(struct fm__trace_text *text);
/* Where its arguments came last. */
void fm__trace_done_args(struct fm__trace_text *text);

/* What a viewer is to call a track, or the whole. wide: what, and how */
void fm__trace_label(struct fm__trace_text *text, const char *what,
                     uint32_t track, const char *name);
void fm__trace_counter(struct fm__trace_text *text, const char *name,
                       int64_t count);
/* 's': an arrow begins; 'f': it ends here. */
void fm__trace_arrow(struct fm__trace_text *text, char phase, uint32_t track,
                     uint32_t flow);

#endif
