/*
 * test_access_record.c - lines of a log, as servers write them, are read
 */
#include "harness.h"
#include "proto/access_line.h"
#include "proto/http_date.h"

#include <errno.h>
#include <fermata/access_log.h>
#include <stdio.h>
#include <string.h>

#define COMBINED                                                               \
    "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /a?b HTTP/1.1\" 200 6 "  \
    "\"http://example.org/\" \"curl/8\""
#define REPLY "] \"GET / HTTP/1.1\" 200 6"

static char line[FM__ACCESS_LINE + 1];

static int parse(const char *text, fm_access_record *record)
{
    snprintf(line, sizeof line, "%s", text);
    return fm_access_record_parse(line, record);
}

static fm_access_record parsed(const char *text)
{
    fm_access_record record = {0};
    if (parse(text, &record) != 0)
        test_fail(__FILE__, __LINE__, "not read: %s", text);
    return record;
}

static void check_same(const char *text, const char *wanted)
{
    if (text == NULL || strcmp(text, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s, not %s", text, wanted);
}

TEST(a_combined_line_is_read)
{
    fm_access_record record = parsed(COMBINED);
    CHECK_INT(record.time, 784111777);
    check_same(record.peer, "192.0.2.1");
    check_same(record.user, "");
    check_same(record.method, "GET");
    check_same(record.target, "/a?b");
    check_same(record.protocol, "HTTP/1.1");
    check_same(record.referer, "http://example.org/");
    check_same(record.agent, "curl/8");
    CHECK_INT(record.status, 200);
    CHECK_INT(record.bytes, 6);
}

TEST(a_common_line_ends_before_the_referer)
{
    fm_access_record record =
        parsed("::1 ident frank [10/Oct/2000:13:55:36 -0700] "
               "\"GET /apache_pb.gif HTTP/1.0\" 200 -");
    CHECK_INT(record.time, 971211336);
    check_same(record.peer, "::1");
    check_same(record.user, "frank");
    check_same(record.protocol, "HTTP/1.0");
    check_same(record.referer, "");
    check_same(record.agent, "");
    CHECK_INT(record.bytes, 0);
}

TEST(what_others_have_added_is_not_looked_at)
{
    check_same(parsed(COMBINED " \"10.0.0.1\" 0.003 [").agent, "curl/8");
    CHECK_INT(parse(COMBINED "x", &(fm_access_record){0}), -EBADMSG);
}

/* A line that is cut is none, but for where a common one ends. */
TEST(no_part_of_a_line_is_one_but_the_common_line)
{
    const char *text = COMBINED;
    const char *common = strstr(text, " \"http");
    fm_access_record record = {.status = 7};
    for (size_t size = 0; size < strlen(text); size++) {
        char part[sizeof COMBINED] = "";
        memcpy(part, text, size);
        if (text + size == common)
            CHECK_INT(parse(part, &record), 0);
        else
            CHECK_INT(parse(part, &record), -EBADMSG);
        CHECK_INT(record.status, text + size < common ? 7 : 200);
    }
}

TEST(every_zone_leads_to_the_same_moment)
{
    static const char *const moments[] = {
        "06/Nov/1994:08:49:37 +0000", "06/Nov/1994:09:49:37 +0100",
        "06/Nov/1994:14:19:37 +0530", "05/Nov/1994:20:49:37 -1200",
        "06/Nov/1994:22:49:37 +1400", "06/Nov/1994:05:19:37 -0330",
    };
    char text[128];
    for (size_t i = 0; i < FM__COUNT(moments); i++) {
        snprintf(text, sizeof text, "- - - [%s%s", moments[i], REPLY);
        CHECK_INT(parsed(text).time, 784111777);
    }
}

TEST(what_is_no_moment_is_refused)
{
    static const char *const moments[] = {
        "31/Feb/1994:08:49:37 +0000", "06/Nox/1994:08:49:37 +0000",
        "06/Nov/1994:24:49:37 +0000", "06/Nov/1994:08:60:37 +0000",
        "06/Nov/1994 08:49:37 +0000", "06-Nov-1994:08:49:37 +0000",
        "06/Nov/1994:08:49:37  0000", "06/Nov/1994:08:49:37 +2400",
        "06/Nov/1994:08:49:37 +0060", "06/Nov/1994:08:49:37 +00a0",
        "6/Nov/1994:08:49:37 +0000",  "06/Nov/1994:08:49:37 Z",
        "1994-11-06T08:49:37+00:00",
    };
    char text[128];
    for (size_t i = 0; i < FM__COUNT(moments); i++) {
        snprintf(text, sizeof text, "- - - [%s%s", moments[i], REPLY);
        CHECK_INT(parse(text, &(fm_access_record){0}), -EBADMSG);
    }
}

static fm_access_record requested(const char *request)
{
    char text[256];
    snprintf(text, sizeof text,
             "- - - [06/Nov/1994:08:49:37 +0000] \"%s\" 400 0", request);
    return parsed(text);
}

TEST(a_request_that_is_not_three_words_is_all_target)
{
    fm_access_record record = requested("GET /a b c HTTP/1.1");
    check_same(record.method, "GET");
    check_same(record.target, "/a b c");
    check_same(record.protocol, "HTTP/1.1");
    static const char *const others[] = {"GET /", "hello", "", " "};
    for (size_t i = 0; i < FM__COUNT(others); i++) {
        record = requested(others[i]);
        check_same(record.method, "");
        check_same(record.target, others[i]);
        check_same(record.protocol, "");
    }
    check_same(requested("-").target, "");
}

TEST(escapes_are_undone_and_a_nul_is_not)
{
    check_same(requested("a\\\"b\\\\c\\n\\r\\t\\b\\v\\x41\\xff\\x0A").target,
               "a\"b\\c\n\r\t\b\vA\xff\n");
    check_same(requested("\\x00\\x4\\x\\q\\xg1").target,
               "\\x00\\x4\\x\\q\\xg1");
    CHECK_INT(parse("- - - [06/Nov/1994:08:49:37 +0000] \"a\\\" 200 0",
                    &(fm_access_record){0}),
              -EBADMSG);
}

static int replied(const char *reply, fm_access_record *record)
{
    char text[256];
    snprintf(text, sizeof text,
             "- - - [06/Nov/1994:08:49:37 +0000] \"GET / HTTP/1.1\" %s", reply);
    return parse(text, record);
}

TEST(numbers_have_their_limits)
{
    static const char *const wrong[] = {"1000 0",
                                        "200 18446744073709551616",
                                        "200 99999999999999999999",
                                        "-1 0",
                                        "200 -1",
                                        "200 1k",
                                        "200",
                                        "200 ",
                                        " 200 0",
                                        "+1 0",
                                        "20x 0"};
    fm_access_record record = {0};
    for (size_t i = 0; i < FM__COUNT(wrong); i++)
        CHECK_INT(replied(wrong[i], &record), -EBADMSG);
    CHECK_INT(replied("999 18446744073709551615", &record), 0);
    CHECK_INT(record.status, 999);
    CHECK(record.bytes == UINT64_MAX);
    CHECK_INT(replied("- -", &record), 0);
    CHECK_INT(record.status, 0);
    CHECK_INT(record.bytes, 0);
}

/* Every byte but a NUL, which no text of C has. */
TEST(what_is_written_is_read_as_it_was)
{
    char bytes[256], date[FM__DATE_SIZE];
    for (int i = 0; i < 255; i++)
        bytes[i] = (char)(i + 1);
    bytes[255] = '\0';
    fm__date_write(date, 784111777);
    const struct fm__access_line written = {
        .date = date,
        .peer = FM__SLICE("2001:db8::1"),
        .method = FM__SLICE("PUT"),
        .target = fm__slice_of(bytes),
        .protocol = FM__SLICE("HTTP/2"),
        .referer = fm__slice_of(bytes),
        .agent = fm__slice_of(bytes),
        .status = 404,
        .size = UINT64_MAX,
    };
    struct fm__pen pen = {line, line + FM__ACCESS_LINE, false};
    fm__access_line_combined(&pen, &written);
    pen.at[-1] = '\0';
    fm_access_record record;
    CHECK_INT(fm_access_record_parse(line, &record), 0);
    CHECK_INT(record.time, 784111777);
    check_same(record.peer, "2001:db8::1");
    check_same(record.method, "PUT");
    check_same(record.target, bytes);
    check_same(record.protocol, "HTTP/2");
    check_same(record.referer, bytes);
    check_same(record.agent, bytes);
    CHECK_INT(record.status, 404);
    CHECK(record.bytes == UINT64_MAX);
}
