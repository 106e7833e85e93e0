/*
 * test_http_date.c - moments as HTTP writes them
 */
#include "harness.h"

#include "proto/http_date.h"

#include <stdlib.h>
#include <time.h>

#define NOW INT64_C(1800000000) /* in January 2027 */

static bool reads(const char *text, int64_t *seconds)
{
    char *copy = malloc(strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    bool read =
        fm__date_read((struct fm__slice){copy, strlen(text)}, NOW, seconds);
    free(copy);
    return read;
}

static void check_is(const char *text, int64_t wanted)
{
    int64_t seconds = -1;
    if (!reads(text, &seconds) || seconds != wanted)
        test_fail(__FILE__, __LINE__, "%s: %lld", text, (long long)seconds);
}

static void check_refused(const char *text)
{
    int64_t seconds;
    if (reads(text, &seconds))
        test_fail(__FILE__, __LINE__, "taken: %s", text);
}

TEST(three_forms_are_read)
{
    check_is("Sun, 06 Nov 1994 08:49:37 GMT", 784111777);
    check_is("Sunday, 06-Nov-94 08:49:37 GMT", 784111777);
    check_is("Sun Nov  6 08:49:37 1994", 784111777);
    check_is("Thu, 01 Jan 1970 00:00:00 GMT", 0);
    check_is("Tue, 29 Feb 2000 23:59:60 GMT", 951868800);
}

TEST(two_digits_are_the_nearest_past_or_future)
{
    int64_t seconds;
    CHECK(reads("Friday, 01-Jan-77 00:00:00 GMT", &seconds));
    CHECK_INT(seconds, 3376684800); /* 2077: 50 years ahead */
    CHECK(reads("Friday, 01-Jan-78 00:00:00 GMT", &seconds));
    CHECK_INT(seconds, 252460800); /* 1978 */
}

TEST(what_is_no_moment_is_refused)
{
    static const char *const bad[] = {
        "",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 1995 08:49:37 GMT",
        "Wed, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Fri, 31 Dec 9999 23:59:60 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06-Nov--4 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994 ",
        "Sun Nov    08:49:37 1994",
        ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,",
    };
    for (size_t i = 0; i < FM__COUNT(bad); i++)
        check_refused(bad[i]);
}

TEST(what_is_written_is_read_and_is_the_systems)
{
    uint64_t seed = test_seed(1);
    for (size_t i = 0; i < test_many(20000); i++) {
        /* From the year 1 to 9999. */
        int64_t seconds =
            (int64_t)(test_random(&seed) % 315537811200) - INT64_C(62135596800);
        char text[FM__DATE_SIZE + 1] = "", other[64];
        struct tm moment;
        time_t same = (time_t)seconds;
        int64_t back = 0;
        fm__date_write(text, seconds);
        gmtime_r(&same, &moment);
        strftime(other, sizeof other, "%a, %d %b ", &moment);
        CHECK(strncmp(text, other, 12) == 0);
        strftime(other, sizeof other, " %H:%M:%S GMT", &moment);
        CHECK(strcmp(text + 16, other) == 0);
        CHECK(reads(text, &back));
        CHECK_INT(back, seconds);
    }
}
