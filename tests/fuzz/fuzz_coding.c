/*
 * fuzz_coding.c - a field said twice says what it said once
 */
#include "fuzz.h"

#include "proto/codings.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__codings once = {0}, twice = {0};
    const struct fm__slice field = {(const char *)bytes, size};
    fm__codings_take(&once, field);
    fm__codings_take(&twice, field);
    fm__codings_take(&twice, field);
    for (unsigned i = 0; i < FM__CODINGS; i++)
        if (fm__codings_has(&once, (enum fm__coding)i) !=
            fm__codings_has(&twice, (enum fm__coding)i))
            fuzz_fail("another meaning the second time");
    return 0;
}
