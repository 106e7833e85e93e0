/*
 * fuzz_content_range.c - what is a part lies within its thing
 */
#include "fuzz.h"

#include "proto/content_range.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__content_range range;
    const struct fm__slice text = {(const char *)bytes, size};
    if (!fm__content_range_read(text, &range))
        return 0;
    if (range.first < 0 || range.last < range.first)
        fuzz_fail("a part that ends before it begins");
    if (range.total != -1 && range.total <= range.last)
        fuzz_fail("a part beyond its thing");
    return 0;
}
