/*
 * fuzz_conditions.c - conditions in fields are judged, whatever they say
 *
 * Each line is a letter that tells the field, and its value. What is strongly
 * the same is weakly the same.
 */
#include "fuzz.h"

#include "proto/conditions.h"

static enum fm__field_name field_of(char letter)
{
    switch (letter) {
    case 'm':
        return FM__FIELD_IF_MATCH;
    case 'n':
        return FM__FIELD_IF_NONE_MATCH;
    case 's':
        return FM__FIELD_IF_MODIFIED_SINCE;
    case 'u':
        return FM__FIELD_IF_UNMODIFIED_SINCE;
    case 'i':
        return FM__FIELD_IF_RANGE;
    default:
        return FM__FIELD_RANGE;
    }
}

static void check_tags(const struct fm__version *version, struct fm__slice line)
{
    struct fm__etag tag;
    bool strongly = fm__etag_listed(line, &version->tag, true);
    if (strongly && !fm__etag_listed(line, &version->tag, false))
        fuzz_fail("strongly the same and not weakly");
    if (fm__etag_read(line, &tag) && !fm__etag_listed(line, &tag, false))
        fuzz_fail("a tag that is not itself");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__version version = {.tag = {FM__SLICE("\"a\""), false},
                                  .modified = 784111777,
                                  .now = (int64_t)size};
    struct fm__conditions conditions = {0};
    struct fm__slice rest = {(const char *)bytes, size};
    while (rest.size > 0) {
        size_t end = fm__slice_find(rest, '\n');
        struct fm__slice line = fm__slice_until(rest, end);
        enum fm__field_name name = field_of(fm__slice_at(line, 0));
        line = fm__slice_after(line, 1);
        check_tags(&version, line);
        fm__conditions_take(&conditions, &version, name, line);
        rest = fm__slice_after(rest, end + 1);
    }
    if ((unsigned)fm__conditions_verdict(&conditions) > FM__VERDICT_FAILED)
        fuzz_fail("no verdict");
    if (fm__conditions_range(&conditions).size > size)
        fuzz_fail("a range from nowhere");
    return 0;
}
