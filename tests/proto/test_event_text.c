/*
 * test_event_text.c - streams of events, whole and in pieces, and what is
 * written
 */
#include "harness.h"

#include "proto/event_text.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>

enum {
    ROOM = 8192
};

/* All that was read: "type|id|data;" of each event, and what went wrong. */
static struct {
    char said[ROOM];
    size_t size;
    int64_t retry;
    char last_id[FM__EVENT_ID];
} heard;

static void say(const char *bytes, size_t size)
{
    if (heard.size + size >= sizeof heard.said)
        return;
    memcpy(heard.said + heard.size, bytes, size);
    heard.size += size;
    heard.said[heard.size] = '\0';
}

static void say_event(const struct fm__event_reader *reader)
{
    say(reader->type, strlen(reader->type));
    say("|", 1);
    say(reader->last_id, strlen(reader->last_id));
    say("|", 1);
    say(reader->text, reader->size);
    say(";", 1);
    CHECK_INT(reader->text[reader->size], '\0');
}

/* In as little room as there has to be. */
static int read_piece(struct fm__event_reader *reader, struct fm__slice bytes)
{
    static char text[ROOM];
    int rc = FM__EVENT_WHOLE;
    reader->text = text;
    while (rc > FM__EVENT_MORE) {
        rc = fm__event_read(reader, &bytes);
        if (rc == FM__EVENT_WHOLE)
            say_event(reader);
        if (rc == FM__EVENT_ROOM)
            reader->room++;
        if (reader->room > sizeof text)
            return -1;
    }
    return rc;
}

static void read_all(const char *bytes, size_t size, size_t first)
{
    struct fm__event_reader reader;
    memset(&heard, 0, sizeof heard);
    fm__event_reader_init(&reader);
    int rc = read_piece(&reader, (struct fm__slice){bytes, first});
    for (size_t at = first; rc == 0 && at < size; at++)
        rc = read_piece(&reader, (struct fm__slice){bytes + at, 1});
    if (rc < 0)
        say("!", 1);
    heard.retry = reader.retry;
    memcpy(heard.last_id, reader.last_id, sizeof heard.last_id);
}

/* At every split, and byte by byte behind it. */
static void check_read(const char *bytes, size_t size, const char *wanted)
{
    for (size_t first = 0; first <= size; first++) {
        read_all(bytes, size, first);
        if (strcmp(heard.said, wanted) != 0)
            test_fail(__FILE__, __LINE__, "\"%s\" at %zu: \"%s\", not \"%s\"",
                      bytes, first, heard.said, wanted);
    }
}

#define CHECK_READ(literal, wanted)                                            \
    check_read(literal, sizeof(literal) - 1, wanted)

TEST(examples_of_the_standard_are_read)
{
    CHECK_READ("data: This is the first message.\n\n"
               "data: This is the second message, it\n"
               "data: has two lines.\n\n"
               "data: This is the third message.\n\n",
               "||This is the first message.;"
               "||This is the second message, it\nhas two lines.;"
               "||This is the third message.;");
    CHECK_READ("event: add\ndata: 73857293\n\n"
               "event: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
               "add||73857293;remove||2153;add||113411;");
    CHECK_READ("data: YHOO\ndata: +2\ndata: 10\n\n", "||YHOO\n+2\n10;");
    CHECK_READ(": test stream\n\ndata: first event\nid: 1\n\n"
               "data:second event\nid\n\ndata:  third event\n",
               "|1|first event;||second event;");
    CHECK_READ("data\n\ndata\ndata\n\ndata:", "||;||\n;");
    CHECK_READ("data:test\n\ndata: test\n\n", "||test;||test;");
}

TEST(lines_end_by_lf_or_cr_or_both)
{
    CHECK_READ("data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", "||a\nb;||c;");
    CHECK_READ("data: a\rdata: b\r\rdata: c\r\r", "||a\nb;||c;");
    CHECK_READ("data: a\r\ndata: b\rdata: c\n\r\n", "||a\nb\nc;");
    CHECK_READ("data: a\n\rdata: b\r\n\n", "||a;||b;");
    CHECK_READ("data: a\r\n\rdata: b\r\r\n", "||a;||b;");
}

/* Who has to wait for an LF would have it only with the next event. */
TEST(an_event_is_there_at_the_cr_of_its_empty_line)
{
    read_all("data: a\r\r", 9, 9);
    CHECK(strcmp(heard.said, "||a;") == 0);
    read_all("data: a\r\n\r", 10, 0);
    CHECK(strcmp(heard.said, "||a;") == 0);
}

TEST(a_mark_may_come_once_at_the_beginning)
{
    CHECK_READ("\xef\xbb\xbf"
               "data: a\n\n",
               "||a;");
    CHECK_READ("\xef\xbb\xbf\n\xef\xbb\xbf"
               "data: a\n\ndata: b\n\n",
               "||b;");
    CHECK_READ("\xef\xbb\xbf\xef\xbb\xbf"
               "data: a\n\n",
               "");
    CHECK_READ("\xef\xbb"
               "data: a\n\ndata: b\n\n",
               "||b;");
    CHECK_READ("\xef\xbb\xbf: comment\ndata: a\n\n", "||a;");
}

TEST(an_id_stays_until_another_one_is_said)
{
    CHECK_READ("id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
               "|1|a;|1|b;||c;");
    CHECK_READ("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", "|1|a;|1|b;");
    CHECK_READ("id: 1\n\ndata: b\n\n", "|1|b;");
    CHECK_READ("id: 1\ndata: a\n\nid: 2\n", "|1|a;");
    CHECK(strcmp(heard.last_id, "1") == 0);
    CHECK_READ("id: 1\n\nid: 2\n\n", "");
    CHECK(strcmp(heard.last_id, "2") == 0);
}

TEST(a_type_is_of_one_event)
{
    CHECK_READ("event: a\ndata: 1\n\ndata: 2\n\n", "a||1;||2;");
    CHECK_READ("event: a\n\ndata: 2\n\n", "||2;");
    CHECK_READ("event: a\nevent: b\ndata: 1\n\n", "b||1;");
    CHECK_READ("event: a\nevent\ndata: 1\n\n", "||1;");
}

static void check_retry(const char *stream, int64_t wanted)
{
    read_all(stream, strlen(stream), 0);
    CHECK(heard.retry == wanted);
}

TEST(a_retry_is_digits_alone)
{
    check_retry("retry: 1500\n\n", 1500);
    check_retry("retry:0\n", 0);
    check_retry("retry: 1500\nretry: 2s\n", 1500);
    check_retry("retry: -1\n", -1);
    check_retry("retry: 1.5\n", -1);
    check_retry("retry:  15\n", -1);
    check_retry("retry: \n", -1);
    check_retry("retry\n", -1);
    check_retry("retry: 15", -1);
    check_retry("retry: 86400001\n", FM__EVENT_RETRY);
    check_retry("retry: 99999999999999999999999999\n", FM__EVENT_RETRY);
}

TEST(what_is_no_field_is_passed_over)
{
    CHECK_READ("data: a\nfoo: bar\nDATA: c\n data: d\ndata : e\n\n", "||a;");
    CHECK_READ(":\n::\n: data: x\n\n:data: y\ndata:z\n\n", "||z;");
    CHECK_READ("data: \0a\xff\n\n", "||");
    CHECK(memcmp(heard.said, "||\0a\xff;", 6) == 0);
}

TEST(what_the_end_cuts_off_is_no_event)
{
    CHECK_READ("data: a", "");
    CHECK_READ("data: a\n", "");
    CHECK_READ("data: a\n\ndata: b\n", "||a;");
}

static void check_word(const char *name, size_t limit)
{
    char stream[2 * FM__EVENT_ID];
    for (size_t size = limit - 1; size <= limit; size++) {
        int at = snprintf(stream, sizeof stream, "data:a\n%s:", name);
        memset(stream + at, 'x', size);
        memcpy(stream + at + size, "\n\n", 3);
        read_all(stream, (size_t)at + size + 2, 5);
        bool refused = heard.said[heard.size - 1] == '!';
        CHECK_INT(refused, size == limit);
    }
}

TEST(a_type_and_an_id_have_a_limit_at_that_byte)
{
    check_word("event", FM__EVENT_TYPE);
    check_word("id", FM__EVENT_ID);
}

TEST(a_comment_takes_no_room)
{
    struct fm__event_reader reader;
    char text[4];
    fm__event_reader_init(&reader);
    reader.text = text;
    reader.room = sizeof text;
    for (int i = 0; i < 1000; i++) {
        struct fm__slice more = FM__SLICE(": says nothing");
        CHECK_INT(fm__event_read(&reader, &more), FM__EVENT_MORE);
        CHECK_INT(more.size, 0);
    }
    CHECK(reader.line <= 1);
}

TEST(another_stream_goes_on_behind_the_last_id)
{
    struct fm__event_reader reader;
    memset(&heard, 0, sizeof heard);
    fm__event_reader_init(&reader);
    read_piece(&reader,
               FM__SLICE("id: 1\ndata: a\n\nid: 2\nevent: x\ndata: b\r"));
    fm__event_reader_again(&reader);
    read_piece(&reader, FM__SLICE("\ndata: c\n\n"));
    CHECK(strcmp(heard.said, "|1|a;|1|c;") == 0);
}

/* ---- writing ------------------------------------------------------------ */

static struct fm__event_words words_of(const char *type, const char *id,
                                       const char *data)
{
    return (struct fm__event_words){
        .type = fm__slice_of(type != NULL ? type : ""),
        .id = fm__slice_of(id != NULL ? id : ""),
        .data = fm__slice_of(data != NULL ? data : ""),
        .has_id = id != NULL,
        .has_data = data != NULL,
        .retry = -1,
    };
}

static void check_written(const struct fm__event_words *words,
                          const char *wanted)
{
    char out[ROOM];
    size_t room = fm__event_room(words);
    CHECK(room < sizeof out);
    struct fm__pen pen = {out, out + room, false};
    CHECK_INT(fm__event_check(words), 0);
    fm__event_write(&pen, words);
    CHECK(!pen.full);
    *pen.at = '\0';
    if (strcmp(out, wanted) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\", not \"%s\"", out, wanted);
}

TEST(data_is_written_line_by_line)
{
    struct fm__event_words words = words_of(NULL, NULL, "a\nb\r\nc\rd");
    check_written(&words, "data: a\ndata: b\ndata: c\ndata: d\n\n");
    words = words_of("add", "7", "");
    check_written(&words, "event: add\nid: 7\ndata: \n\n");
    words = words_of(NULL, NULL, "\n");
    check_written(&words, "data: \ndata: \n\n");
    words = words_of(NULL, NULL, "\r\n\n\r");
    check_written(&words, "data: \ndata: \ndata: \ndata: \n\n");
    words = words_of(NULL, "", NULL);
    words.retry = 1500;
    check_written(&words, "id: \nretry: 1500\n\n");
    words = words_of(NULL, NULL, NULL);
    words.retry = FM__EVENT_RETRY;
    check_written(&words, "retry: 86400000\n\n");
}

static void check_refused(const char *type, const char *id, const char *data,
                          int rc)
{
    struct fm__event_words words = words_of(type, id, data);
    CHECK_INT(fm__event_check(&words), rc);
}

TEST(what_cannot_be_said_is_refused)
{
    static char long_word[FM__EVENT_ID + 1];
    check_refused("a\nb", NULL, "x", -EINVAL);
    check_refused("a\r", NULL, "x", -EINVAL);
    check_refused(NULL, "1\n", "x", -EINVAL);
    check_refused(NULL, "\r1", "x", -EINVAL);
    check_refused(NULL, NULL, "\xff", -EINVAL);
    check_refused(NULL, NULL, "\xe2\x82", -EINVAL);
    check_refused("\x80", NULL, "x", -EINVAL);
    check_refused(NULL, "\xc0\x80", "x", -EINVAL);
    check_refused("a", NULL, NULL, -EINVAL);
    check_refused(NULL, NULL, NULL, -EINVAL);
    struct fm__event_words words = words_of(NULL, "", "x");
    words.id = (struct fm__slice){"a\0b", 3};
    CHECK_INT(fm__event_check(&words), -EINVAL);
    memset(long_word, 'x', FM__EVENT_ID);
    check_refused(NULL, long_word, "x", -EMSGSIZE);
    long_word[FM__EVENT_ID - 1] = '\0';
    check_refused(NULL, long_word, "x", 0);
    check_refused(long_word, NULL, "x", -EMSGSIZE);
    long_word[FM__EVENT_TYPE] = '\0';
    check_refused(long_word, NULL, "x", -EMSGSIZE);
    long_word[FM__EVENT_TYPE - 1] = '\0';
    check_refused(long_word, NULL, "x", 0);
}
