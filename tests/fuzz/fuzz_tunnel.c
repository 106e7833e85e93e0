/*
 * fuzz_tunnel.c - whatever a proxy answers to CONNECT is read to the end of its
 * head, no byte further, and the same however it is cut into pieces
 */
#include "fuzz.h"

#include "proto/tunnel.h"

#include <fermata/error.h>

enum {
    SHORT = 512, /* up to here at every byte */
    PARTS = 8    /* of what is longer */
};

static ssize_t answer_check(const uint8_t *bytes, size_t size)
{
    int status = 0;
    uint8_t *copy = fuzz_copy(bytes, size);
    ssize_t rc = fm__tunnel_answered(copy, size, &status);
    free(copy);
    if (rc > 0 && ((size_t)rc > size || rc > FM__TUNNEL_LIMIT))
        fuzz_fail("an answer takes more bytes than there are");
    if (rc > 0 && (status < 100 || status > 999))
        fuzz_fail("a status that is none");
    if (rc > 0 && (fm__tunnel_refusal(status) == 0) != (status / 100 == 2))
        fuzz_fail("a tunnel that a refusal opens");
    if (rc < 0 && rc != -FM_EPROXY)
        fuzz_fail("what is no answer is another error");
    if (rc == 0 && size >= FM__TUNNEL_LIMIT)
        fuzz_fail("an answer that is too long is waited for");
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size > FM__TUNNEL_LIMIT + 16)
        return 0;
    ssize_t whole = answer_check(bytes, size);
    ssize_t rc = 0;
    size_t step = size > SHORT ? size / PARTS : 1;
    for (size_t part = 0; part < size && rc == 0; part += step) {
        rc = answer_check(bytes, part);
        if (rc != 0 && rc != whole)
            fuzz_fail("an answer is read otherwise when it comes in pieces");
    }
    return 0;
}
