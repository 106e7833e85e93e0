/*
 * test_access_line.c - lines of a log, whatever a client has sent
 */
#include "proto/access_line.h"

#include "harness.h"

#include <string.h>

static char out[FM__ACCESS_LINE + 1];

static struct fm__access_line plain(void)
{
    return (struct fm__access_line){
        .date = "Sun, 06 Nov 1994 08:49:37 GMT",
        .peer = FM__SLICE("192.0.2.1"),
        .method = FM__SLICE("GET"),
        .target = FM__SLICE("/a?b"),
        .protocol = FM__SLICE("HTTP/1.1"),
        .host = FM__SLICE("example.org"),
        .referer = FM__SLICE("http://example.org/"),
        .agent = FM__SLICE("curl/8"),
        .status = 200,
        .size = 6,
        .time = 1002003456,
    };
}

static void check_same(const char *text, const char *wanted)
{
    if (strcmp(text, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s, not %s", text, wanted);
}

typedef void write_line(struct fm__pen *pen,
                        const struct fm__access_line *line);

static const char *written(write_line *write,
                           const struct fm__access_line *line)
{
    struct fm__pen pen = {out, out + FM__ACCESS_LINE, false};
    write(&pen, line);
    CHECK(!pen.full);
    *pen.at = '\0';
    return out;
}

TEST(a_line_is_what_others_read_as_combined)
{
    const struct fm__access_line line = plain();
    check_same(written(fm__access_line_combined, &line),
               "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /a?b "
               "HTTP/1.1\" 200 6 \"http://example.org/\" \"curl/8\"\n");
}

TEST(a_line_of_json_has_all_that_is_known)
{
    struct fm__access_line line = plain();
    check_same(written(fm__access_line_json, &line),
               "{\"time\":\"1994-11-06T08:49:37Z\",\"peer\":\"192.0.2.1\","
               "\"method\":\"GET\",\"target\":\"/a?b\",\"protocol\":"
               "\"HTTP/1.1\",\"status\":200,\"bytes\":6,\"seconds\":1.002003,"
               "\"host\":\"example.org\",\"referer\":\"http://example.org/\","
               "\"agent\":\"curl/8\"}\n");
    line.peer = line.referer = line.agent = line.method = line.target =
        FM__SLICE("");
    check_same(written(fm__access_line_json, &line),
               "{\"time\":\"1994-11-06T08:49:37Z\",\"protocol\":\"HTTP/1.1\","
               "\"status\":200,\"bytes\":6,\"seconds\":1.002003,"
               "\"host\":\"example.org\"}\n");
    check_same(written(fm__access_line_combined, &line),
               "- - - [06/Nov/1994:08:49:37 +0000] \"- - HTTP/1.1\" 200 6 "
               "\"-\" \"-\"\n");
}

TEST(each_month_has_its_number)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};
    for (int i = 0; i < 12; i++) {
        char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
        char wanted[] = "{\"time\":\"1994-00-06T08:49:37Z\"";
        struct fm__access_line line = plain();
        memcpy(date + 8, months[i], 3);
        wanted[14] = (char)('0' + (i + 1) / 10);
        wanted[15] = (char)('0' + (i + 1) % 10);
        line.date = date;
        const char *text = written(fm__access_line_json, &line);
        CHECK(strncmp(text, wanted, strlen(wanted)) == 0);
    }
}

/* Every text is these bytes. */
static struct fm__access_line filled(struct fm__slice text)
{
    struct fm__access_line line = plain();
    line.peer = line.method = line.target = line.protocol = line.host =
        line.referer = line.agent = text;
    return line;
}

TEST(every_byte_is_one_printable_line)
{
    write_line *const writers[] = {fm__access_line_combined,
                                   fm__access_line_json};
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    const struct fm__access_line line =
        filled((struct fm__slice){bytes, sizeof bytes});
    for (size_t i = 0; i < 2; i++) {
        const char *text = written(writers[i], &line);
        size_t size = strlen(text);
        CHECK(text[size - 1] == '\n');
        for (size_t at = 0; at + 1 < size; at++)
            CHECK((unsigned char)text[at] >= ' ' && text[at] != 0x7f);
    }
}

TEST(no_text_ends_the_quotes_it_stands_in)
{
    const struct fm__access_line line = filled(FM__SLICE("a\" \"b\\"));
    check_same(written(fm__access_line_combined, &line),
               "a\\\" \\\"b\\\\ - - [06/Nov/1994:08:49:37 +0000] "
               "\"a\\\" \\\"b\\\\ a\\\" \\\"b\\\\ a\\\" \\\"b\\\\\" 200 6 "
               "\"a\\\" \\\"b\\\\\" \"a\\\" \\\"b\\\\\"\n");
}

static size_t size_of(write_line *write, char byte, size_t size)
{
    static char bytes[FM__ACCESS_TEXT + 2];
    memset(bytes, byte, sizeof bytes);
    const struct fm__access_line line = filled((struct fm__slice){bytes, size});
    return strlen(written(write, &line));
}

TEST(a_text_has_its_limit_and_the_longest_line_has_room)
{
    write_line *const writers[] = {fm__access_line_combined,
                                   fm__access_line_json};
    for (size_t i = 0; i < 2; i++) {
        size_t texts = i == 0 ? 6 : 7; /* the host is in JSON alone */
        size_t limit = size_of(writers[i], 'a', FM__ACCESS_TEXT);
        CHECK_INT(size_of(writers[i], 'a', FM__ACCESS_TEXT + 1),
                  limit + 3 * texts);
        CHECK_INT(size_of(writers[i], 'a', FM__ACCESS_TEXT - 1), limit - texts);
        CHECK(size_of(writers[i], 1, FM__ACCESS_TEXT + 1) < FM__ACCESS_LINE);
    }
}
