/*
 * test_stream_unix.c - the promises of streams, over local sockets
 */
#include "io/check_stream.h"
#include "io/stream_ends.h"

static const struct check_carrier local_carrier = {.pair = stream_ends_local};

CHECK_STREAM(over_local_sockets, &local_carrier)
