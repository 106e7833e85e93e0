/*
 * test_stream_taking.c - the promises of streams, where descriptors may come
 */
#include "io/check_stream.h"
#include "io/stream_ends.h"

static int taking_pair(fm_stream *ends[2], const fm_stream_options *options)
{
    fm_stream_options taking = {0};
    if (options != NULL)
        taking = *options;
    taking.descriptors = 4;
    return stream_ends_local(ends, &taking);
}

static const struct check_carrier taking_carrier = {.pair = taking_pair};

CHECK_STREAM(over_sockets_that_take, &taking_carrier)
