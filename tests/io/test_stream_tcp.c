/*
 * test_stream_tcp.c - the promises of streams, over TCP
 */
#include "io/check_stream.h"
#include "io/stream_ends.h"

static const struct check_carrier tcp_carrier = {.pair = stream_ends_tcp,
                                                 .resets = true};

CHECK_STREAM(over_tcp, &tcp_carrier)
