/*
 * test_stream_pair.c - the promises of streams, over a pair of Unix sockets
 */
#include "io/check_stream.h"
#include "io/stream_ends.h"

static const struct check_carrier pair_carrier = {.pair = stream_ends_pair};

CHECK_STREAM(over_a_pair, &pair_carrier)
