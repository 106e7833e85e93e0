/*
 * test_conditions.c - tags, and what a request wants only under a condition
 */
#include "harness.h"

#include "proto/conditions.h"

#include <stdio.h>
#include <stdlib.h>

#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"
#define SECONDS 784111777

static struct fm__version version;

static void begin(const char *tag, int64_t now)
{
    version = (struct fm__version){.modified = SECONDS, .now = now};
    CHECK(fm__etag_read(fm__slice_of(tag), &version.tag));
}

/* ---- tags ---------------------------------------------------------------- */

static bool reads(const char *text, struct fm__etag *tag)
{
    size_t size = strlen(text);
    char *copy = malloc(size + 1);
    memcpy(copy, text, size);
    bool read = fm__etag_read((struct fm__slice){copy, size}, tag);
    free(copy);
    return read;
}

TEST(a_tag_is_quoted_and_may_be_weak)
{
    static const char *const bad[] = {
        "",        "a",        "\"",         "\"a",       "a\"",
        "W/",      "W/\"",     "w/\"a\"",    "W/a",       "\"a\"b",
        "\"a b\"", "\"a\tb\"", "\"a\\\"b\"", "\"a\x7f\"", " \"a\"",
        "\"a\" ",  "W/ \"a\"", "*",          "''",
    };
    struct fm__etag tag;
    CHECK(reads("\"a,b!\xc3\xa4~\"", &tag) && !tag.weak);
    CHECK_INT(tag.text.size, 9);
    CHECK(reads("W/\"\"", &tag) && tag.weak);
    CHECK_INT(tag.text.size, 2);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (reads(bad[i], &tag))
            test_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
}

/* Whether the list has "a", weakly and strongly. */
static const struct {
    const char *list;
    bool weakly;
    bool strongly;
} lists[] = {
    {"\"a\"", true, true},
    {"W/\"a\"", true, false},
    {"\"b\"", false, false},
    {"*", true, true},
    {" * ", true, true},
    {"\"*\"", false, false},
    {"\"b\", \"a\"", true, true},
    {"\"b\",\"a\"", true, true},
    {"\"b\" ,\t,, W/\"a\" ,", true, false},
    {"W/\"a\", \"a\"", true, true},
    {"\"b,\"a\"", false, false},
    {"\"b,\", \"a\"", true, true},
    {"\"b\" \"a\"", false, false},
    {"\"a\" \"b\"", false, false},
    {"b, \"a\"", false, false},
    {"\"a\", b", true, true},
    {"*, \"b\"", false, false},
    {"\"A\"", false, false},
    {"", false, false},
    {",", false, false},
    {"\"a", false, false},
};

TEST(a_list_of_tags_is_searched)
{
    begin("\"a\"", SECONDS);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct fm__slice list = fm__slice_of(lists[i].list);
        if (fm__etag_listed(list, &version.tag, false) != lists[i].weakly ||
            fm__etag_listed(list, &version.tag, true) != lists[i].strongly)
            test_fail(__FILE__, __LINE__, "%s", lists[i].list);
    }
    begin("W/\"a\"", SECONDS);
    CHECK(fm__etag_listed(FM__SLICE("\"a\""), &version.tag, false));
    CHECK(fm__etag_listed(FM__SLICE("W/\"a\""), &version.tag, false));
    CHECK(!fm__etag_listed(FM__SLICE("\"a\""), &version.tag, true));
    CHECK(!fm__etag_listed(FM__SLICE("W/\"a\""), &version.tag, true));
    CHECK(fm__etag_listed(FM__SLICE("*"), &version.tag, true));
}

/* ---- conditions ---------------------------------------------------------- */

static struct fm__conditions conditions;

/* Lines of "name: value". */
static enum fm__verdict judged(const char *fields)
{
    memset(&conditions, 0, sizeof conditions);
    struct fm__slice rest = fm__slice_of(fields);
    while (rest.size > 0) {
        size_t end = fm__slice_find(rest, '\n');
        struct fm__slice line = fm__slice_until(rest, end);
        size_t colon = fm__slice_find(line, ':');
        fm__conditions_take(&conditions, &version,
                            fm__field_find(fm__slice_until(line, colon)),
                            fm__slice_trim(fm__slice_after(line, colon + 1)));
        rest = fm__slice_after(rest, end + 1);
    }
    return fm__conditions_verdict(&conditions);
}

#define MATCH "If-Match: "
#define NONE "If-None-Match: "
#define SINCE "If-Modified-Since: "
#define UNTIL "If-Unmodified-Since: "

/* In the order of RFC 9110, 13.2.2. */
static const struct {
    const char *fields;
    int status;
} verdicts[] = {
    {"", 200},
    {"Accept: */*\n", 200},
    {MATCH "\"a\"", 200},
    {MATCH "\"b\"", 412},
    {MATCH "*", 200},
    {MATCH "W/\"a\"", 412},
    {MATCH "\"b\"\n" MATCH "\"a\"", 200},
    {MATCH "nonsense", 412},
    {UNTIL THEN, 200},
    {UNTIL AFTER, 200},
    {UNTIL BEFORE, 412},
    {UNTIL "nonsense", 200},
    {UNTIL BEFORE "\n" UNTIL BEFORE, 200},
    {MATCH "\"a\"\n" UNTIL BEFORE, 200},
    {MATCH "\"b\"\n" UNTIL AFTER, 412},
    {NONE "\"a\"", 304},
    {NONE "W/\"a\"", 304},
    {NONE "\"b\"", 200},
    {NONE "*", 304},
    {NONE "\"b\", \"a\"", 304},
    {NONE "\"b\"\n" NONE "\"a\"", 304},
    {NONE "\"a\"\n" NONE "\"b\"", 304},
    {NONE "nonsense", 200},
    {SINCE THEN, 304},
    {SINCE AFTER, 304},
    {SINCE BEFORE, 200},
    {SINCE "nonsense", 200},
    {SINCE THEN "\n" SINCE THEN, 200},
    {SINCE "Sunday, 06-Nov-94 08:49:37 GMT", 304},
    {SINCE "Sun Nov  6 08:49:37 1994", 304},
    {NONE "\"b\"\n" SINCE AFTER, 200},
    {NONE "\"a\"\n" SINCE BEFORE, 304},
    {MATCH "\"a\"\n" NONE "\"a\"", 304},
    {MATCH "\"b\"\n" NONE "\"a\"", 412},
    {NONE "\"a\"\n" MATCH "\"b\"", 412},
    {UNTIL BEFORE "\n" NONE "\"a\"", 412},
    {UNTIL AFTER "\n" SINCE THEN, 304},
};

TEST(conditions_are_judged_in_the_order_of_the_rfc)
{
    static const int statuses[] = {200, 304, 412};
    begin("\"a\"", SECONDS + 1000);
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        int status = statuses[judged(verdicts[i].fields)];
        if (status != verdicts[i].status)
            test_fail(__FILE__, __LINE__, "%s: %d", verdicts[i].fields, status);
    }
}

#define RANGE "Range: bytes=1-2\n"

static const struct {
    const char *fields;
    bool counts;
} ranges[] = {
    {RANGE, true},
    {"", false},
    {RANGE RANGE, false},
    {RANGE "If-Range: \"a\"", true},
    {"If-Range: \"a\"\n" RANGE, true},
    {RANGE "If-Range: W/\"a\"", false},
    {RANGE "If-Range: \"b\"", false},
    {RANGE "If-Range: *", false},
    {RANGE "If-Range: \"b\", \"a\"", false},
    {RANGE "If-Range: \"a\"\nIf-Range: \"a\"", false},
    {RANGE "If-Range: " THEN, true},
    {RANGE "If-Range: " BEFORE, false},
    {RANGE "If-Range: " AFTER, false},
    {RANGE "If-Range: nonsense", false},
};

TEST(a_range_counts_under_its_condition)
{
    begin("\"a\"", SECONDS + 1000);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        judged(ranges[i].fields);
        bool counts = fm__conditions_range(&conditions).size > 0;
        if (counts != ranges[i].counts)
            test_fail(__FILE__, __LINE__, "%s", ranges[i].fields);
    }
}

/* There may be another version in the same second. */
TEST(a_date_of_this_second_is_no_condition_of_a_range)
{
    begin("\"a\"", SECONDS);
    judged(RANGE "If-Range: " THEN);
    CHECK_INT(fm__conditions_range(&conditions).size, 0);
    begin("\"a\"", SECONDS + 1);
    judged(RANGE "If-Range: " THEN);
    CHECK_INT(fm__conditions_range(&conditions).size, 9);
    begin("W/\"a\"", SECONDS + 1000);
    judged(RANGE "If-Range: W/\"a\"");
    CHECK_INT(fm__conditions_range(&conditions).size, 0);
}
