/*
 * stream_kit.h - a joined pair of streams, and who reads it in a test
 */
#ifndef TESTS_IO_STREAM_KIT_H
#define TESTS_IO_STREAM_KIT_H

#include "io/stream_ends.h"
#include "task/story.h"

static inline void rest(void)
{
    CHECK_INT(fm_sleep(test_simulated() ? 0.05 : 0.0005), 0);
}

static inline void open_pair(fm_stream *ends[2])
{
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
}

static inline void close_pair(fm_stream *ends[2])
{
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

struct reads {
    fm_stream *stream;
    size_t size; /* at most 200000 */
};

static inline int reads(struct reads *self)
{
    static char sink[200000];
    ssize_t rc = fm_read_exactly(self->stream, sink, self->size);
    return rc < 0 ? (int)rc : 0;
}

#endif
