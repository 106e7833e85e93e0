/*
 * test_stream_memory.c - the promises of streams, over a pair in memory
 */
#include "io/check_stream.h"

static int memory_pair(fm_stream *ends[2], const fm_stream_options *options)
{
    return fm_stream_pair(ends, options);
}

static const struct check_carrier memory_carrier = {.pair = memory_pair,
                                                    .resets = true};

CHECK_STREAM(over_memory, &memory_carrier)
