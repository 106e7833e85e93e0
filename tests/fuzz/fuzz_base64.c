/*
 * fuzz_base64.c - letters that are read are those that would be written
 */
#include "fuzz.h"

#include "proto/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = fuzz_copy(bytes, size);
    char *plain = fuzz_copy(bytes, size), *again = fuzz_copy(bytes, size);
    struct fm__slice letters = {copy, size};
    struct fm__pen out = {plain, plain + size, false};
    struct fm__pen back = {again, again + size, false};
    if (fm__base64_decode(&out, letters)) {
        fm__base64_encode(&back, fm__pen_since(&out, plain));
        if (back.full || !fm__slice_is(fm__pen_since(&back, again), letters))
            fuzz_fail("other letters than those that were read");
    }
    free(copy);
    free(plain);
    free(again);
    return 0;
}
