/*
 * fuzz_socks.c - whatever a SOCKS proxy says is read to its end, no byte
 * further, and the same however it is cut into pieces
 *
 * The first byte chooses which answer is read.
 */
#include "fuzz.h"

#include "proto/socks.h"

#include <fermata/error.h>

enum answer {
    CHOSEN,
    LOGGED_IN,
    ANSWERED,
    ANSWERS
};

static ssize_t answer_read(enum answer answer, const uint8_t *bytes,
                           size_t size)
{
    enum fm__socks_method method = FM__SOCKS_NOBODY;
    int number = 0;
    switch (answer) {
    case CHOSEN:
        return fm__socks_chosen(bytes, size, &method);
    case LOGGED_IN:
        return fm__socks_logged_in(bytes, size);
    default:
        return fm__socks_answered(bytes, size, &number);
    }
}

static ssize_t answer_check(enum answer answer, const uint8_t *bytes,
                            size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);
    ssize_t rc = answer_read(answer, copy, size);
    free(copy);
    if (rc > 0 && ((size_t)rc > size || rc > FM__SOCKS_LONGEST))
        fuzz_fail("an answer takes more bytes than there are");
    if (rc < 0 && (rc > -FM_EPROXY || rc < -FM_EPROXYFAMILY))
        fuzz_fail("a refusal is none of a proxy's errors");
    if (rc == 0 && size >= FM__SOCKS_LONGEST)
        fuzz_fail("an answer that is too long is waited for");
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > FM__SOCKS_LONGEST + 16)
        return 0;
    enum answer answer = (enum answer)(bytes[0] % ANSWERS);
    bytes++;
    size--;
    ssize_t whole = answer_check(answer, bytes, size);
    ssize_t rc = 0;
    for (size_t part = 0; part < size && rc == 0; part++) {
        rc = answer_check(answer, bytes, part);
        if (rc != 0 && rc != whole)
            fuzz_fail("an answer is read otherwise when it comes in pieces");
    }
    return 0;
}
