/*
 * process_record.h - what a process is to its loop
 *
 * Invariant: until `ended` the process's number is its own, also after it has
 * ended, for its end was not taken; then `status` is what is told of it.
 */
#ifndef FM_IO_PROCESS_RECORD_H
#define FM_IO_PROCESS_RECORD_H

#include "base/sys_process.h"
#include "loop/loop_core.h"

#include <fermata/process.h>

struct fm_process {
    struct fm__loop *loop;
    struct fm__guest guest;
    int pid;
    int pidfd;
    int status;
    int stop_signal;
    double grace;
    bool leads; /* a group */
    bool ended;
    bool closing;
    bool terminal;    /* the streams are one */
    unsigned waiting; /* tasks inside a call that waits for it */
    fm_stream *streams[3];
    struct rusage usage;
};

/* Another loop's, or one that is being closed: aborts with a sentence. */
void fm__process_check(const fm_process *process, const char *caller);

/* Takes its end where there is one. Whether it has ended. */
bool fm__process_look(fm_process *process);

/* From now on the loop's end is its end. */
void fm__process_begin(fm_process *process);

/* Waits for its end, and does not take it: 0, or why it was cut. */
int fm__process_await(fm_process *process);

/* Aborts its streams: none is left. */
void fm__process_abort(fm_process *process);

/*
 * The environment of a process: a block of memory for fm__memory_free. -EINVAL
 * for an empty name, -ENOMEM.
 */
int fm__process_environment(const fm_process_options *options, char ***out);

#endif
