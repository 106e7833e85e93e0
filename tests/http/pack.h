/*
 * pack.h - bytes in a content coding, for tests
 */
#ifndef TESTS_HTTP_PACK_H
#define TESTS_HTTP_PACK_H

#include "harness.h"

#include "http/coder.h"

#include <stdlib.h>

/* What text becomes, at most `room` bytes: how many. */
static inline size_t pack(const char *coding, struct fm__slice text, void *out,
                          size_t room)
{
    const struct fm__coder *coder = fm__coder_find(fm__slice_of(coding));
    struct fm__flow flow = {(const unsigned char *)text.at, text.size, out,
                            room};
    void *state = NULL;
    CHECK(coder != NULL);
    CHECK_INT(coder->encoder.open(&state, coder->encoder.usual), 0);
    CHECK_INT(coder->encoder.run(state, &flow, FM__CODER_FINISH), 1);
    coder->encoder.close(state);
    return room - flow.out_size;
}

/* The same of so many zeros, in memory of the caller's. */
static inline size_t pack_zeros(const char *coding, size_t zeros, void *out,
                                size_t room)
{
    char *plain = calloc(1, zeros);
    size_t size = pack(coding, (struct fm__slice){plain, zeros}, out, room);
    free(plain);
    return size;
}

#endif
