/*
 * fuzz_range.c - no range reaches beyond its thing or into another one
 *
 * The first byte is the size of the thing.
 */
#include "fuzz.h"

#include "proto/range.h"

static bool apart(struct fm__range one, struct fm__range other)
{
    return one.at + one.size < other.at || other.at + other.size < one.at;
}

static void check(const struct fm__ranges *ranges, int64_t size)
{
    for (unsigned i = 0; i < ranges->count; i++) {
        struct fm__range each = ranges->each[i];
        if (each.at < 0 || each.size < 1 || each.at > size - each.size)
            fuzz_fail("a range beyond the thing");
        for (unsigned other = 0; other < i; other++)
            if (!apart(ranges->each[other], each))
                fuzz_fail("ranges that are not apart");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__ranges ranges;
    if (size < 1)
        return 0;
    const char *text = (const char *)bytes + 1;
    int64_t whole = bytes[0] == 255 ? INT64_MAX : bytes[0];
    int count =
        fm__ranges_read(&ranges, (struct fm__slice){text, size - 1}, whole);
    if (count > FM__RANGES || (count > 0 && count != (int)ranges.count))
        fuzz_fail("a wrong count");
    if (count > 0)
        check(&ranges, whole);
    return 0;
}
