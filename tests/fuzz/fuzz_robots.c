/*
 * fuzz_robots.c - any bytes are rules, and they match what a matcher that tries
 * everything says
 *
 * Up to the first NUL is a pattern, up to the second a target, and the rest is
 * a robots.txt.
 */
#include "fuzz.h"

#include "proto/robots_text.h"

#include <fermata/robots.h>

/* From which bytes of the target on the rest of the pattern may match: a bit
 * for each is set and moved on, one byte of the pattern after the other. */
static bool matches(struct fm__slice pattern, struct fm__slice target)
{
    bool whole = pattern.size > 0 && pattern.at[pattern.size - 1] == '$';
    size_t last = target.size;
    bool *from = calloc(last + 1, 1), found = false;
    from[0] = true;
    for (size_t i = 0; i < pattern.size - whole; i++) {
        bool any = pattern.at[i] == '*';
        for (size_t at = any ? 1 : last + 1; any && at <= last; at++)
            from[at] = from[at] || from[at - 1];
        for (size_t at = any ? 0 : last + 1; at-- > 0;)
            from[at] =
                at > 0 && from[at - 1] && target.at[at - 1] == pattern.at[i];
    }
    for (size_t at = whole ? last : 0; at <= last; at++)
        found = found || from[at];
    free(from);
    return found;
}

static struct fm__slice part(struct fm__slice *rest)
{
    size_t end = fm__slice_find(*rest, '\0');
    struct fm__slice part = fm__slice_until(*rest, end);
    *rest = fm__slice_after(*rest, end + 1);
    return fm__slice_until(part, 512);
}

static void check_matches(struct fm__slice value, struct fm__slice wanted)
{
    char one[1536], other[1536], again[1536];
    struct fm__pen pen = {one, one + 3 * value.size, false};
    struct fm__slice pattern = fm__robots_pattern(&pen, value);
    pen = (struct fm__pen){other, other + 3 * wanted.size, false};
    struct fm__slice target = fm__robots_target(&pen, wanted);
    if (pen.full || fm__slice_find(target, '*') < target.size)
        fuzz_fail("a target that is not fit to be compared");
    if (fm__robots_matches(pattern, target) != matches(pattern, target))
        fuzz_fail("a match that is none, or none that is one");
    pen = (struct fm__pen){again, again + sizeof again, false};
    if (!fm__slice_is(fm__robots_target(&pen, target), target))
        fuzz_fail("a target that changes when it is written again");
}

static void check_rules(struct fm__slice text, struct fm__slice target)
{
    fm_robots *robots;
    char *asked = fuzz_copy(target.at, target.size + 1);
    char *copy = fuzz_copy(text.at, text.size);
    asked[target.size] = '\0';
    if (fm_robots_parse(copy, text.size, "fuzz", &robots) == 0) {
        if (!(fm_robots_delay(robots) >= 0))
            fuzz_fail("a delay that is none");
        fm_robots_allowed(robots, asked);
        if (!fm_robots_allowed(robots, "/robots.txt"))
            fuzz_fail("a robots.txt that is not to be read");
        fm_robots_free(robots);
    }
    free(asked);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = calloc(1, size + 1);
    memcpy(copy, bytes, size);
    struct fm__slice rest = {copy, size};
    struct fm__slice pattern = part(&rest), target = part(&rest);
    check_matches(pattern, target);
    check_rules(rest, target);
    free(copy);
    return 0;
}
