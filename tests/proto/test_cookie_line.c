/*
 * test_cookie_line.c - lines of a file of cookies
 */
#include "harness.h"

#include "proto/cookie_line.h"

#include <inttypes.h>
#include <stdio.h>

/* Each line: "domain|path|name|value|expires|flags " */
static const char *told(struct fm__slice file)
{
    static char out[1024];
    struct fm__cookie_line line;
    size_t size = 0;
    out[0] = '\0';
    while (fm__cookie_line_next(&file, &line))
        size += (size_t)snprintf(
            out + size, sizeof out - size,
            "%.*s|%.*s|%.*s|%.*s|%" PRId64 "|%s%s%s ", (int)line.domain.size,
            line.domain.at, (int)line.path.size, line.path.at,
            (int)line.name.size, line.name.at, (int)line.value.size,
            line.value.at, line.expires, line.subdomains ? "d" : "",
            line.secure ? "s" : "", line.http_only ? "h" : "");
    return out;
}

static const char *const rows[][2] = {
    {"x.y\tFALSE\t/\tFALSE\t0\ta\tb\n", "x.y|/|a|b|0| "},
    {"x.y\tFALSE\t/\tFALSE\t0\ta\tb", "x.y|/|a|b|0| "},
    {"x.y\tFALSE\t/\tFALSE\t0\ta\tb\r\n", "x.y|/|a|b|0| "},
    {".x.y\tTRUE\t/p\tTRUE\t5\ta\tb\n", "x.y|/p|a|b|5|ds "},
    {"x.y\tTRUE\t/\tFALSE\t5\ta\tb\n", "x.y|/|a|b|5|d "},
    {"#HttpOnly_.x.y\tTRUE\t/\tTRUE\t5\ta\tb\n", "x.y|/|a|b|5|dsh "},
    {"# comment\n\n#\nx.y\tFALSE\t/\tFALSE\t0\ta\tb\n", "x.y|/|a|b|0| "},
    {"#x.y\tFALSE\t/\tFALSE\t0\ta\tb\n", ""},
    {"#HttpOnly_#x.y\tFALSE\t/\tFALSE\t0\ta\tb\n", ""},
    {"x.y\tFALSE\t/\tFALSE\t0\ta\t\n", "x.y|/|a||0| "},
    {"x.y\tFALSE\t/\tFALSE\t0\ta\n", "x.y|/|a||0| "},
    {"x.y\tFALSE\t/\tFALSE\t0\t\tb\n", "x.y|/||b|0| "},
    {"x.y\tFALSE\t/\tFALSE\t0\n", ""},
    {"x.y\tFALSE\t/\tFALSE\t0\ta\tb\t\n", ""},
    {"x.y\tFALSE\t/\tFALSE\t0\ta\tb\tc\n", ""},
    {"\tFALSE\t/\tFALSE\t0\ta\tb\n", ""},
    {"..x.y\tTRUE\t/\tFALSE\t0\ta\tb\n", ""},
    {".#x.y\tTRUE\t/\tFALSE\t0\ta\tb\n", ""},
    {".\tTRUE\t/\tFALSE\t0\ta\tb\n", ""},
    {"x.y FALSE / FALSE 0 a b\n", ""},
    {"x.y\tFALSE\t/\tFALSE\t-5\ta\tb\n", "x.y|/|a|b|0| "},
    {"x.y\tFALSE\t/\tFALSE\t999999999999999999\ta\tb\n",
     "x.y|/|a|b|999999999999999999| "},
    {"x.y\tFALSE\t/\tFALSE\t9999999999999999999\ta\tb\n",
     "x.y|/|a|b|9223372036854775807| "},
    {"x.y\tfalse\t/\ttrue\t0\ta\tb\n", "x.y|/|a|b|0| "},
    {"x.y\tFALSE\t/\tFALSE\t0\ta\tb\nz\tFALSE\t/\tFALSE\t0\tc\td\n",
     "x.y|/|a|b|0| z|/|c|d|0| "},
    {"", ""},
};

TEST(each_kind_of_line_is_read_or_passed_over)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *said = told(fm__slice_of(rows[i][0]));
        if (strcmp(said, rows[i][1]) != 0)
            test_fail(__FILE__, __LINE__, "%s: %s, not %s", rows[i][0], said,
                      rows[i][1]);
    }
}

TEST(what_is_written_is_read_again)
{
    static const char wanted[] = "#HttpOnly_.x.y\tTRUE\t/p\tTRUE\t5\t\tb c\n";
    struct fm__slice file = fm__slice_of(wanted);
    struct fm__cookie_line line;
    char text[128];
    struct fm__pen pen = {text, text + sizeof text, false};
    CHECK(fm__cookie_line_next(&file, &line));
    CHECK(fm__cookie_line_write(&line, &pen));
    CHECK(fm__slice_is(fm__pen_since(&pen, text), fm__slice_of(wanted)));
}

TEST(what_there_is_no_place_for_is_not_written)
{
    struct fm__cookie_line line = {.domain = FM__SLICE("x.y"),
                                   .path = FM__SLICE("/"),
                                   .name = FM__SLICE("a"),
                                   .value = FM__SLICE("b\tc")};
    char text[128];
    struct fm__pen pen = {text, text + sizeof text, false};
    CHECK(!fm__cookie_line_write(&line, &pen));
    line.value = FM__SLICE("b");
    line.path = FM__SLICE("/\nx");
    CHECK(!fm__cookie_line_write(&line, &pen));
    line.path = FM__SLICE("/");
    line.domain = FM__SLICE("#x.y");
    CHECK(!fm__cookie_line_write(&line, &pen));
    line.domain = FM__SLICE(".x.y");
    CHECK(!fm__cookie_line_write(&line, &pen));
    CHECK(pen.at == text);
}
