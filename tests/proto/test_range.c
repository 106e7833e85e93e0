/*
 * test_range.c - which bytes of a thing are asked for
 */
#include "harness.h"

#include "proto/range.h"

#include <stdio.h>
#include <stdlib.h>

/* "at+size at+size", "all" or "none" */
static const char *told(const char *field, int64_t size)
{
    static char text[512];
    struct fm__ranges ranges;
    size_t length = strlen(field), at = 0;
    char *copy = malloc(length + 1); /* without a NUL, to its last byte */
    memcpy(copy, field, length);
    int count =
        fm__ranges_read(&ranges, (struct fm__slice){copy, length}, size);
    free(copy);
    if (count <= 0)
        return count == 0 ? "all" : "none";
    CHECK_INT(count, ranges.count);
    for (int i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%lld+%lld",
                               i > 0 ? " " : "", (long long)ranges.each[i].at,
                               (long long)ranges.each[i].size);
    return text;
}

static const struct {
    const char *field;
    const char *of_10000;
} table[] = {
    /* RFC 9110, 14.1.2 */
    {"bytes=0-499", "0+500"},
    {"bytes=500-999", "500+500"},
    {"bytes=-500", "9500+500"},
    {"bytes=9500-", "9500+500"},
    {"bytes=0-0,-1", "0+1 9999+1"},
    {"bytes= 0-999, 4500-5499, -1000", "0+1000 4500+1000 9000+1000"},
    {"bytes=500-600,601-999", "500+500"},
    {"bytes=500-700,601-999", "500+500"},
    /* the ends */
    {"bytes=0-", "0+10000"},
    {"bytes=0-9999", "0+10000"},
    {"bytes=0-10000", "0+10000"},
    {"bytes=9999-", "9999+1"},
    {"bytes=9999-9999", "9999+1"},
    {"bytes=10000-", "none"},
    {"bytes=10000-20000", "none"},
    {"bytes=-0", "none"},
    {"bytes=-1", "9999+1"},
    {"bytes=-10000", "0+10000"},
    {"bytes=-10001", "0+10000"},
    {"bytes=10000-,-0", "none"},
    {"bytes=10000-,5-5", "5+1"},
    {"bytes=000-001", "0+2"},
    /* large numbers */
    {"bytes=9223372036854775807-", "none"},
    {"bytes=9223372036854775808-", "none"},
    {"bytes=99999999999999999999999999-", "none"},
    {"bytes=1-99999999999999999999999999", "1+9999"},
    {"bytes=-99999999999999999999999999", "0+10000"},
    {"bytes=18446744073709551616-18446744073709551617", "none"},
    /* what is no range, all of it then */
    {"", "all"},
    {"bytes", "all"},
    {"bytes=", "all"},
    {"bytes=,", "all"},
    {"bytes=-", "all"},
    {"bytes=a-b", "all"},
    {"bytes=0x1-2", "all"},
    {"bytes=5-4", "all"},
    {"bytes=1-2,5-4", "all"},
    {"bytes=1-2x", "all"},
    {"bytes=1 -2", "all"},
    {"bytes=1- 2", "all"},
    {"bytes=1", "all"},
    {"bytes=--1", "all"},
    {"bytes=-1-2", "all"},
    {"bytes=+1-2", "all"},
    {"bytes=1-2-3", "all"},
    {"bytes=1-2;3-4", "all"},
    {"bytes =1-2", "all"},
    {" bytes=1-2", "all"},
    {"items=1-2", "all"},
    {"BYTES=1-2", "1+2"},
    /* lists */
    {"bytes=,,1-2 ,\t, 5-6,", "1+2 5+2"},
};

TEST(a_range_is_read_as_the_rfc_has_it)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *got = told(table[i].field, 10000);
        if (strcmp(got, table[i].of_10000) != 0)
            test_fail(__FILE__, __LINE__, "%s: %s", table[i].field, got);
    }
}

static void check_told(const char *field, int64_t size, const char *wanted)
{
    const char *got = told(field, size);
    if (strcmp(got, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s of %lld: %s", field, (long long)size,
                  got);
}

TEST(what_has_no_bytes_has_no_ranges)
{
    check_told("bytes=0-", 0, "none");
    check_told("bytes=0-0", 0, "none");
    check_told("bytes=-0", 0, "none");
    check_told("bytes=-1", 0, "all");
    check_told("bytes=0-,-1", 0, "all");
    check_told("bytes=0-", 1, "0+1");
    check_told("bytes=-5", INT64_MAX, "9223372036854775802+5");
    check_told("bytes=0-", INT64_MAX, "0+9223372036854775807");
}

TEST(eight_ranges_are_taken_and_nine_are_not)
{
    check_told("bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14", 100,
               "0+1 2+1 4+1 6+1 8+1 10+1 12+1 14+1");
    check_told("bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16", 100, "all");
    check_told("bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0", 100, "all");
}

TEST(ranges_that_overlap_are_sent_once)
{
    check_told("bytes=0-,0-,0-,0-,0-,0-,0-,0-", 100, "0+100");
    check_told("bytes=5-9,1-2,3-3", 100, "5+5 1+3");
    check_told("bytes=10-19,30-39,0-0,15-35", 100, "10+30 0+1");
    check_told("bytes=30-39,10-19,0-0,15-35", 100, "10+30 0+1");
    check_told("bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,0-12", 100, "0+13");
    check_told("bytes=-1,0-98,50-", 100, "0+100");
    check_told("bytes=-1,0-97", 100, "99+1 0+98");
}
