/*
 * test_stream_pipe.c - the promises of streams, one way, over a pipe
 */
#include "io/check_stream.h"

static int pipe_pair(fm_stream *ends[2], const fm_stream_options *options)
{
    fm_stream *pipe[2];
    int rc = fm_pipe(pipe, options);
    if (rc < 0)
        return rc;
    ends[0] = pipe[1];
    ends[1] = pipe[0];
    return 0;
}

static const struct check_carrier pipe_carrier = {.pair = pipe_pair,
                                                  .one_way = true};

CHECK_STREAM_ONE_WAY(over_a_pipe, &pipe_carrier)
