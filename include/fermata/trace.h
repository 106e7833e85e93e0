/*
 * trace.h - marks of your own in a trace
 *
 *     fm_trace_mark("cache missed");
 *     fm_trace_count("eggs", eggs);
 *
 * A trace is the life of a loop's tasks as a file, for a viewer such as
 * Perfetto: FERMATA_TRACE names it, or the options of fm_run do. Where none is
 * written, a mark costs a look at a pointer. Both may be called anywhere;
 * outside of a run they do nothing. Neither suspends.
 */
#ifndef FERMATA_TRACE_H
#define FERMATA_TRACE_H

#include <fermata/api.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A mark on the track of the calling task, or of the loop outside of tasks.
 * Of name, which is copied, the trace has 127 bytes.
 */
FM_API void fm_trace_mark(const char *name);

/* The value of a counter from now on: each name is a track of its own. */
FM_API void fm_trace_count(const char *name, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
