/*
 * fuzz_scan.c - the scan of this machine and the plain one end at the same byte
 *
 * From every byte of the input on, so that each place in a vector is tried.
 */
#include "fuzz.h"

#include "fuzz/plain_head.h"
#include "proto/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes;
    for (size_t at = 0; at <= size && at <= 64; at++) {
        size_t left = size - at;
        if (fm__scan_token(text + at, left) !=
            plain_scan_token(text + at, left))
            fuzz_fail("a token that ends at two places");
        if (fm__scan_value(text + at, left) !=
            plain_scan_value(text + at, left))
            fuzz_fail("a value that ends at two places");
        if (fm__scan_target(text + at, left) !=
            plain_scan_target(text + at, left))
            fuzz_fail("a target that ends at two places");
    }
    return 0;
}
