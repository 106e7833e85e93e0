/*
 * pipe.c - streams over a pipe of the system's
 */
#include <fermata/pipe.h>

#include "io/stream_record.h"

int fm__pipe(fm_stream *ends[2], const fm_stream_options *options)
{
    struct fm__loop *loop = &fm__task_self("fm_pipe")->home->loop;
    fm_stream *reading, *writing;
    int fds[2];
    int rc = loop->backend->pair(loop, FM__PAIR_PIPE, fds);
    if (rc < 0)
        return rc;
    rc = fm__stream_new(loop, fds[0], options, &reading);
    if (rc < 0)
        goto close_both;
    rc = fm__stream_new(loop, fds[1], options, &writing);
    if (rc < 0)
        goto close_reading;
    ends[0] = reading;
    ends[1] = writing;
    return 0;

close_reading:
    fm_abort(reading);
    fds[0] = -1;
close_both:
    if (fds[0] >= 0)
        fm__loop_close_fd(loop, fds[0]);
    fm__loop_close_fd(loop, fds[1]);
    return rc;
}
