/*
 * tracing.h - the life of a loop's tasks, written into a file
 */
#ifndef FM_TASK_TRACING_H
#define FM_TASK_TRACING_H

struct fm__conductor;

/* Where options or environment ask for one. What cannot be done is said, and
 * the program goes on without. */
void fm__trace_open(struct fm__conductor *home);
/* Once the loop has closed; harmless without a trace. */
void fm__trace_close(struct fm__conductor *home);

#endif
