/*
 * test_parameter.c - what stands behind a value
 */
#include "harness.h"
#include "proto/parameter.h"

#include <stdio.h>

/* "name=value;" for each, then "!" where one is none. */
static void list(const char *text, char *out, size_t room)
{
    struct fm__slice rest = fm__slice_of(text);
    struct fm__parameter each;
    size_t size = 0;
    int rc;
    out[0] = '\0';
    while ((rc = fm__parameter_next(&rest, &each)) > 0) {
        char value[128];
        struct fm__pen pen = {value, value + sizeof value, false};
        fm__parameter_write(&pen, &each);
        fm__pen_put(&pen, '\0');
        size += (size_t)snprintf(out + size, room - size, "%.*s=%s;",
                                 (int)each.name.size, each.name.at, value);
    }
    if (rc < 0)
        snprintf(out + size, room - size, "!");
}

static void check_list(const char *text, const char *wanted)
{
    char out[512];
    list(text, out, sizeof out);
    if (strcmp(out, wanted) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\": \"%s\", not \"%s\"", text, out,
                  wanted);
}

TEST(parameters_are_words_and_quoted_texts)
{
    check_list("", "");
    check_list("  ", "");
    check_list(";", "");
    check_list("; a=b", "a=b;");
    check_list(";a=b;c=\"d e\";; f*=g ; ", "a=b;c=d e;f*=g;");
    check_list("; a=\"\"", "a=;");
    check_list("; a=\"b\\\"c\\\\d\"", "a=b\"c\\d;");
    check_list("; a=\"C:\\notes\\new.txt\"", "a=C:\\notes\\new.txt;");
    check_list("; a=\"x;y=z\"; b=c", "a=x;y=z;b=c;");
    check_list("; a=\"\xc3\xa9\t\"", "a=\xc3\xa9\t;");
}

TEST(what_is_no_parameter_is_refused)
{
    static const char *const texts[] = {
        "a=b",        "; a",         "; a=",         "; =b",
        "; a =b",     "; a= b",      "; a=b c=d",    "; a=\"b",
        "; a=\"b\"c", "; a=\"b\\\"", "; a=b,c",      "; a=\"\x01\"",
        "; \"a\"=b",  "; a=b\"c\"",  "; a=\xc3\xa9", "; a=\"\\",
    };
    char out[64];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        list(texts[i], out, sizeof out);
        if (out[0] == '\0' || out[strlen(out) - 1] != '!')
            test_fail(__FILE__, __LINE__, "\"%s\": \"%s\"", texts[i], out);
    }
}

TEST(a_parameter_is_found_once_or_not_at_all)
{
    struct fm__parameter found;
    struct fm__slice text = FM__SLICE("; a=1; Boundary=2; c=3");
    CHECK_INT(fm__parameter_find(text, FM__SLICE("boundary"), &found), 1);
    CHECK(fm__slice_is(found.value, FM__SLICE("2")));
    CHECK_INT(fm__parameter_find(text, FM__SLICE("bound"), &found), 0);
    CHECK_INT(
        fm__parameter_find(FM__SLICE("; a=1; A=1"), FM__SLICE("a"), &found),
        -1);
    CHECK_INT(fm__parameter_find(FM__SLICE("; a=1; b"), FM__SLICE("a"), &found),
              -1);
}

static void check_name(const char *text, bool quoted, const char *wanted)
{
    char value[128];
    struct fm__pen pen = {value, value + sizeof value, false};
    const struct fm__parameter name = {FM__SLICE("name"), fm__slice_of(text),
                                       quoted};
    fm__parameter_write_name(&pen, &name);
    fm__pen_put(&pen, '\0');
    if (strcmp(value, wanted) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\": \"%s\", not \"%s\"", text, value,
                  wanted);
}

TEST(a_name_is_what_a_browser_meant)
{
    check_name("a%22b%0D%0Ac", true, "a\"b\r\nc");
    check_name("100%25%0d%2", true, "100%25%0d%2");
    check_name("%", true, "%");
    check_name("a\\\"b\\c\\", true, "a\"b\\c\\");
    check_name("a%22", false, "a\"");
    check_name("%2%22", true, "%2\"");
}

static void check_extended(const char *text, const char *wanted)
{
    char value[128];
    struct fm__pen pen = {value, value + sizeof value, false};
    bool right = fm__parameter_write_extended(&pen, fm__slice_of(text));
    fm__pen_put(&pen, '\0');
    if (right != (wanted != NULL) || (right && strcmp(value, wanted) != 0))
        test_fail(__FILE__, __LINE__, "\"%s\": \"%s\"", text, value);
}

TEST(an_extended_value_is_utf8_or_none)
{
    check_extended("UTF-8''%e2%82%ac%20rates", "\xe2\x82\xac rates");
    check_extended("utf-8'en'a%2Fb", "a/b");
    check_extended("UTF-8''", "");
    check_extended("UTF-8''%zz", "%zz");
    check_extended("UTF-8''a%00b", NULL);
    check_extended("UTF-8''%ff", NULL);
    check_extended("UTF-8''%e2%82", NULL);
    check_extended("ISO-8859-1''a", NULL);
    check_extended("UTF-8'a", NULL);
    check_extended("a", NULL);
    check_extended("", NULL);
}
