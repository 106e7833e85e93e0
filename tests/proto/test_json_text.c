/*
 * test_json_text.c - any bytes as a text of JSON, and how deep one is
 */
#include "proto/json_text.h"

#include "harness.h"

#include <string.h>

static void check_text(const char *bytes, const char *wanted)
{
    char out[256];
    struct fm__pen pen = {out, out + sizeof out - 1, false};
    fm__json_text(&pen, fm__slice_of(bytes));
    *pen.at = '\0';
    if (strcmp(out, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s, not %s", out, wanted);
}

TEST(what_is_plain_stays_as_it_is)
{
    check_text("", "\"\"");
    check_text("a b/c'd<e>", "\"a b/c'd<e>\"");
    check_text("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5",
               "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5\"");
    check_text("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
               "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"");
}

TEST(what_ends_a_text_or_controls_a_terminal_is_escaped)
{
    check_text("a\"b\\c", "\"a\\\"b\\\\c\"");
    check_text("\n\r\t\x1b[31m\x7f",
               "\"\\u000a\\u000d\\u0009\\u001b[31m\\u007f\"");
    check_text("\xc2\x9b\xc2\x9f\xc2\xa0", "\"\\u009b\\u009f\xc2\xa0\"");
}

TEST(bytes_that_are_no_utf_8_are_characters_of_their_number)
{
    check_text("\x80\xff", "\"\\u0080\\u00ff\"");
    check_text("\xc0\xaf", "\"\\u00c0\\u00af\""); /* too long */
    check_text("\xe0\x9f\xbf", "\"\\u00e0\\u009f\\u00bf\"");
    check_text("\xf0\x8f\xbf\xbf", "\"\\u00f0\\u008f\\u00bf\\u00bf\"");
    check_text("\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\""); /* half a pair */
    check_text("\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"");
    check_text("\xf5\x80\x80\x80", "\"\\u00f5\\u0080\\u0080\\u0080\"");
    check_text("\xe2\x82", "\"\\u00e2\\u0082\""); /* cut off */
    check_text("\xe2\x82x", "\"\\u00e2\\u0082x\"");
}

TEST(a_text_has_room_for_what_each_byte_may_become)
{
    char bytes[256], out[256 * FM__JSON_GROWTH + 2];
    struct fm__pen pen = {out, out + sizeof out, false};
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    fm__json_text(&pen, (struct fm__slice){bytes, sizeof bytes});
    CHECK(!pen.full);
    memset(bytes, 1, sizeof bytes);
    pen = (struct fm__pen){out, out + sizeof out, false};
    fm__json_text(&pen, (struct fm__slice){bytes, sizeof bytes});
    CHECK(!pen.full);
    CHECK(pen.at == out + sizeof out);
}

static void check_deep(const char *json, unsigned depth, size_t wanted)
{
    CHECK_INT(fm__json_too_deep(fm__slice_of(json), depth), wanted);
}

TEST(the_bracket_that_is_one_too_many_is_found)
{
    check_deep("", 0, 0);
    check_deep("1", 0, 1);
    check_deep("[]", 0, 0);
    check_deep("[]", 1, 2);
    check_deep("[[]]", 1, 1);
    check_deep("[{\"a\":[]}]", 2, 6);
    check_deep("[{\"a\":[]}]", 3, 10);
    check_deep("[[],[],{}]", 2, 10);
    check_deep("]]]][[", 1, 5);
}

TEST(brackets_in_a_text_do_not_count)
{
    check_deep("[\"[[[\"]", 1, 7);
    check_deep("[\"\\\"[[\"]", 1, 8);
    check_deep("[\"\\\\\",[]]", 1, 6);
    check_deep("[\"[[", 1, 4);
    check_deep("[\"\\", 1, 3);
}
