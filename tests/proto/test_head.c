/*
 * test_head.c - the heads of HTTP/1.1 messages, and what is refused
 */
#include "harness.h"

#include "proto/head.h"

#include <fermata/error.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ROOM = 2 * FM__HEAD_LIMIT
};

#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"

/* All at once, in memory of exactly that size. */
static ssize_t read_whole(struct fm__head *head, enum fm__head_kind kind,
                          const char *bytes, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    memcpy(copy, bytes, size);
    fm__head_init(head, kind);
    ssize_t rc = fm__head_read(head, copy, size);
    free(copy);
    return rc;
}

/* A byte more each time, and never at the same address. */
static ssize_t read_in_bytes(struct fm__head *head, enum fm__head_kind kind,
                             const char *bytes, size_t size)
{
    ssize_t rc = 0;
    fm__head_init(head, kind);
    for (size_t come = 1; come <= size && rc == 0; come++) {
        char *copy = malloc(come);
        memcpy(copy, bytes, come);
        rc = fm__head_read(head, copy, come);
        free(copy);
    }
    return rc;
}

/* Both ways of coming have the same result. */
static ssize_t read_both(struct fm__head *head, enum fm__head_kind kind,
                         const char *bytes, size_t size)
{
    static struct fm__head other;
    ssize_t rc = read_whole(head, kind, bytes, size);
    CHECK_INT(read_in_bytes(&other, kind, bytes, size), rc);
    if (rc > 0) {
        CHECK_INT(other.count, head->count);
        CHECK_INT(memcmp(&other, head, offsetof(struct fm__head, fields)), 0);
        for (unsigned i = 0; i < head->count; i++)
            CHECK(memcmp(&other.fields[i], &head->fields[i],
                         sizeof head->fields[i]) == 0);
    }
    return rc;
}

static struct fm__head head;

static ssize_t ask(const char *text)
{
    return read_both(&head, FM__HEAD_REQUEST, text, strlen(text));
}

static ssize_t answer(const char *text)
{
    return read_both(&head, FM__HEAD_RESPONSE, text, strlen(text));
}

static void check_taken(const char *text)
{
    ssize_t rc = ask(text);
    if (rc != (ssize_t)strlen(text))
        test_fail(__FILE__, __LINE__, "%zd of: %s", rc, text);
}

static void check_refused(const char *text, int code)
{
    ssize_t rc = ask(text);
    if (rc != -code)
        test_fail(__FILE__, __LINE__, "%zd, not %d, of: %s", rc, -code, text);
}

static bool place_is(const char *bytes, struct fm__passage place,
                     const char *text)
{
    return fm__slice_is(fm__passage_in(bytes, place), fm__slice_of(text));
}

TEST(a_request_is_taken_apart)
{
    static const char text[] = "POST /a?b=c HTTP/1.1\r\n"
                               "Host:example.org:8080\r\n"
                               "X-Empty:\r\n"
                               "content-LENGTH: \t12 \t\r\n"
                               "\r\nrest";
    CHECK_INT(ask(text), sizeof text - 1 - strlen("rest"));
    CHECK(place_is(text, head.method, "POST"));
    CHECK(place_is(text, head.target, "/a?b=c"));
    CHECK(place_is(text, head.host, "example.org:8080"));
    CHECK_INT(head.minor, 1);
    CHECK_INT(head.count, 3);
    CHECK_INT(head.content_length, 12);
    CHECK(!head.chunked);
    CHECK(place_is(text, head.fields[1].name, "X-Empty"));
    CHECK_INT(head.fields[1].value.size, 0);
    CHECK_INT(head.fields[2].known, FM__FIELD_CONTENT_LENGTH);
    CHECK(fm__head_find(&head, text, "x-eMPTY") == &head.fields[1]);
    CHECK(fm__head_find(&head, text, "Content-Length") == &head.fields[2]);
    CHECK(fm__head_find(&head, text, "Accept") == NULL);
}

TEST(a_response_is_taken_apart)
{
    static const char text[] = "HTTP/1.0 404 Not  Found\r\nA: b\r\n\r\n";
    CHECK_INT(answer(text), sizeof text - 1);
    CHECK_INT(head.status, 404);
    CHECK_INT(head.minor, 0);
    CHECK(place_is(text, head.reason, "Not  Found"));
    CHECK_INT(answer("HTTP/1.1 200 \r\n\r\n"), 17);
    CHECK_INT(answer("HTTP/1.1 200\r\n\r\n"), 16);
    CHECK_INT(head.reason.size, 0);
    CHECK_INT(answer("HTTP/1.1 099 x\r\n\r\n"), -FM_EHTTPLINE);
    CHECK_INT(answer("HTTP/1.1 20 x\r\n\r\n"), -FM_EHTTPLINE);
    CHECK_INT(answer("HTTP/1.1 2000 x\r\n\r\n"), -FM_EHTTPLINE);
    CHECK_INT(answer("HTTP/2.0 200 x\r\n\r\n"), -FM_EHTTPVERSION);
    CHECK_INT(answer("ICY 200 OK\r\n\r\n"), -FM_EHTTPLINE);
    CHECK_INT(answer("\r\nHTTP/1.1 200 OK\r\n\r\n"), -FM_EHTTPLINE);
}

TEST(a_few_empty_lines_may_come_before_a_request)
{
    check_taken("\r\n" GET HOST "\r\n");
    check_taken("\r\n\r\n\r\n\r\n" GET HOST "\r\n");
    check_refused("\r\n\r\n\r\n\r\n\r\n" GET HOST "\r\n", FM_EHTTPLINE);
    check_refused("\n" GET HOST "\r\n", FM_EHTTPLINE);
    check_refused("\r" GET HOST "\r\n", FM_EHTTPLINE);
}

TEST(a_first_line_has_three_words_and_single_spaces)
{
    check_refused("GET  / HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET /  HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET / HTTP/1.1 \r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused(" GET / HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET\t/ HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET /\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET / HTTP/1.1\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET / http/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET / HTTP/11\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET / HTTP/1.2\r\n" HOST "\r\n", FM_EHTTPVERSION);
    check_refused("GET / HTTP/2.0\r\n" HOST "\r\n", FM_EHTTPVERSION);
    check_refused("GET / HTTP/1.10\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("PRI * HTTP/2.0\r\n\r\n", FM_EHTTPVERSION);
}

TEST(each_form_of_a_target_has_its_methods)
{
    check_taken("OPTIONS * HTTP/1.1\r\n" HOST "\r\n");
    check_refused("GET * HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET a HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET /a#b HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_taken("CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n");
    check_refused("CONNECT a HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("CONNECT a: HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("CONNECT /a HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_taken("GET HTTP://a/b HTTP/1.1\r\n" HOST "\r\n");
    check_taken("GET https://A?b HTTP/1.1\r\n" HOST "\r\n");
    check_refused("GET http://b/ HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPHOST);
    check_refused("GET http:// HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET http://u@a/ HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
    check_refused("GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n", FM_EHTTPLINE);
}

TEST(there_is_one_host_and_it_is_one)
{
    check_refused(GET "\r\n", FM_EHTTPHOST);
    check_refused(GET HOST HOST "\r\n", FM_EHTTPHOST);
    check_refused(GET "Host:\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: a@b\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: a/b\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: a,b:x\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: a b\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: :80\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: a:65536\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: a:+1\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: [::1\r\n\r\n", FM_EHTTPHOST);
    check_refused(GET "Host: [::1]x\r\n\r\n", FM_EHTTPHOST);
    check_taken(GET "Host: a:65535\r\n\r\n");
    check_taken(GET "Host: [::1]:80\r\n\r\n");
    check_taken("GET / HTTP/1.0\r\n\r\n");
}

TEST(a_name_stands_right_before_its_colon)
{
    check_refused(GET HOST "A : b\r\n\r\n", FM_EHTTPFIELD);
    check_refused(GET HOST "A\t: b\r\n\r\n", FM_EHTTPFIELD);
    check_refused(GET HOST ": b\r\n\r\n", FM_EHTTPFIELD);
    check_refused(GET HOST "A\r\n\r\n", FM_EHTTPFIELD);
    check_refused(GET HOST "A b: c\r\n\r\n", FM_EHTTPFIELD);
}

TEST(no_field_is_folded)
{
    check_refused(GET HOST "A: b\r\n c\r\n\r\n", FM_EHTTPFIELD);
    check_refused(GET HOST "A: b\r\n\tc\r\n\r\n", FM_EHTTPFIELD);
    check_refused(GET " " HOST "\r\n", FM_EHTTPFIELD);
}

TEST(a_line_ends_in_cr_lf)
{
    check_refused(GET HOST "A: b\n\r\n", FM_EHTTPFIELD);
    check_refused(GET HOST "A: b\rc\r\n\r\n", FM_EHTTPFIELD);
    check_refused(GET HOST "A: b\r\n\n", FM_EHTTPFIELD);
    check_refused(GET HOST "A: b\r\n\rx", FM_EHTTPFIELD);
}

TEST(a_length_is_digits_and_said_once)
{
    static const char *const bad[] = {
        "",
        "+5",
        "-1",
        "0x5",
        "5_0",
        "5,5",
        "5, 5",
        "5 5",
        "5.0",
        "five",
        "5;",
        "9223372036854775808",
        "99999999999999999999999999",
    };
    char text[256];
    for (size_t i = 0; i < FM__COUNT(bad); i++) {
        snprintf(text, sizeof text, GET HOST "Content-Length: %s\r\n\r\n",
                 bad[i]);
        check_refused(text, FM_EHTTPFRAMING);
    }
    check_taken(GET HOST "Content-Length: 9223372036854775807\r\n\r\n");
    CHECK_INT(head.content_length, INT64_MAX);
    check_taken(GET HOST "Content-Length: 00\r\n\r\n");
    check_refused(GET HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
                  FM_EHTTPFRAMING);
    check_refused(GET HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
                  FM_EHTTPFRAMING);
}

TEST(a_transfer_coding_is_chunked_and_nothing_else)
{
    static const char *const bad[] = {
        "xchunked",  "chunked, identity", "identity",    "gzip, chunked", "",
        "chunked;a", "chunked x",         "\"chunked\"", "chunked,",
    };
    char text[256];
    for (size_t i = 0; i < FM__COUNT(bad); i++) {
        snprintf(text, sizeof text, GET HOST "Transfer-Encoding: %s\r\n\r\n",
                 bad[i]);
        check_refused(text, FM_EHTTPCODING);
    }
    check_taken(GET HOST "Transfer-Encoding: Chunked\r\n\r\n");
    CHECK(head.chunked);
    check_refused(GET HOST "Transfer-Encoding: chunked\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n",
                  FM_EHTTPFRAMING);
    check_refused("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                  FM_EHTTPFRAMING);
}

TEST(a_body_has_one_size)
{
    check_refused(GET HOST "Content-Length: 5\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n",
                  FM_EHTTPFRAMING);
    check_refused(GET HOST "Transfer-Encoding: chunked\r\n"
                           "Content-Length: 5\r\n\r\n",
                  FM_EHTTPFRAMING);
}

TEST(a_connection_stays_or_not)
{
    check_taken(GET HOST "\r\n");
    CHECK(fm__head_stays(&head));
    check_taken(GET HOST "Connection: x, Close\r\n\r\n");
    CHECK(!fm__head_stays(&head));
    check_taken(GET HOST "Connection: keep-alive\r\nConnection: close\r\n\r\n");
    CHECK(!fm__head_stays(&head));
    check_taken("GET / HTTP/1.0\r\n\r\n");
    CHECK(!fm__head_stays(&head));
    check_taken("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    CHECK(fm__head_stays(&head));
    check_taken(GET HOST "Connection: , ,upgrade\r\nExpect: 100-Continue\r\n"
                         "\r\n");
    CHECK_INT(head.connection, FM__HEAD_UPGRADE);
    CHECK(head.expects);
    check_taken(GET HOST "Expect: 100-continue\r\nExpect: x\r\n\r\n");
    CHECK(head.expects);
}

/* ---- every byte at every place ------------------------------------------ */

static bool is_token(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') ||
           ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte >= 'A') ||
           (byte != 0 && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static bool is_target(unsigned char byte)
{
    return byte > 0x20 && byte < 0x7f && byte != '#';
}

static bool is_value(unsigned char byte)
{
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

static bool is_space(unsigned char byte)
{
    return byte == ' ';
}

static bool is_colon_or_token(unsigned char byte)
{
    return byte == ':' || is_token(byte);
}

static bool is_cr(unsigned char byte)
{
    return byte == '\r';
}

static bool is_lf(unsigned char byte)
{
    return byte == '\n';
}

static bool is_version(unsigned char byte)
{
    return byte == '0' || byte == '1';
}

/* The byte behind `before` takes each value. */
static void sweep(const char *before, const char *behind,
                  bool (*right)(unsigned char byte))
{
    char text[256];
    size_t at = strlen(before);
    size_t size = at + 1 + strlen(behind);
    snprintf(text, sizeof text, "%s?%s", before, behind);
    for (int byte = 0; byte < 256; byte++) {
        text[at] = (char)byte;
        ssize_t rc = read_both(&head, FM__HEAD_REQUEST, text, size);
        if ((rc == (ssize_t)size) != right((unsigned char)byte))
            test_fail(__FILE__, __LINE__, "byte %d behind: %s", byte, before);
    }
}

TEST(every_byte_is_tried_at_every_place)
{
    sweep("G", "T / HTTP/1.1\r\n" HOST "\r\n", is_token);
    sweep("GET", "/ HTTP/1.1\r\n" HOST "\r\n", is_space);
    sweep("GET /", "a HTTP/1.1\r\n" HOST "\r\n", is_target);
    sweep("GET /a", "HTTP/1.1\r\n" HOST "\r\n", is_space);
    sweep("GET / HTTP/1.", "\r\n" HOST "\r\n", is_version);
    sweep("GET / HTTP/1.1", "\n" HOST "\r\n", is_cr);
    sweep("GET / HTTP/1.1\r", HOST "\r\n", is_lf);
    sweep(GET HOST, "a: b\r\n\r\n", is_token);
    sweep(GET HOST "a", ": b\r\n\r\n", is_colon_or_token);
    sweep(GET HOST "a: b", "c\r\n\r\n", is_value);
    sweep(GET HOST "a: a long value of more bytes than a vecto",
          "r has\r\n\r\n", is_value);
    sweep(GET HOST "a:", "\r\n\r\n", is_value);
    sweep(GET HOST "a: b", "\n\r\n", is_cr);
    sweep(GET HOST "a: b\r", "\r\n", is_lf);
    sweep(GET HOST "a: b\r\n", "\n", is_cr);
    sweep(GET HOST "a: b\r\n\r", "", is_lf);
}

/* ---- limits ------------------------------------------------------------- */

static char *room;

static char *fill(char *at, char byte, size_t size)
{
    memset(at, byte, size);
    return at + size;
}

static char *put(char *at, const char *text)
{
    return (char *)memcpy(at, text, strlen(text) + 1) + strlen(text);
}

static ssize_t line_of(size_t size)
{
    char *at = put(room, "GET /");
    at = fill(at, 'a', size - strlen("GET / HTTP/1.1"));
    at = put(at, " HTTP/1.1\r\n" HOST "\r\n");
    return read_whole(&head, FM__HEAD_REQUEST, room, (size_t)(at - room));
}

TEST(a_first_line_has_a_limit)
{
    room = malloc(ROOM);
    CHECK(line_of(FM__HEAD_LINE - 1) > 0);
    CHECK(line_of(FM__HEAD_LINE) > 0);
    CHECK_INT(line_of(FM__HEAD_LINE + 1), -FM_EHTTPLONG);
    fill(room, 'A', FM__HEAD_LINE + 3);
    CHECK_INT(read_whole(&head, FM__HEAD_REQUEST, room, FM__HEAD_LINE + 3),
              -FM_EHTTPLONG);
    free(room);
}

static ssize_t fields_of(size_t size)
{
    char *at = put(room, GET HOST "a:");
    size_t others = strlen(HOST "a:\r\n\r\n");
    at = put(fill(at, 'b', size - others), "\r\n\r\n");
    return read_whole(&head, FM__HEAD_REQUEST, room, (size_t)(at - room));
}

TEST(the_fields_together_have_a_limit)
{
    room = malloc(ROOM);
    CHECK(fields_of(FM__HEAD_SIZE - 1) > 0);
    CHECK(fields_of(FM__HEAD_SIZE) > 0);
    CHECK_INT(fields_of(FM__HEAD_SIZE + 1), -FM_EHTTPFIELDS);
    put(fill(put(room, GET "a:"), 'b', FM__HEAD_SIZE), "");
    CHECK_INT(read_whole(&head, FM__HEAD_REQUEST, room,
                         strlen(GET) + FM__HEAD_SIZE + 1),
              -FM_EHTTPFIELDS);
    free(room);
}

static ssize_t fields_many(unsigned count)
{
    char *at = put(room, GET HOST);
    for (unsigned i = 1; i < count; i++)
        at = put(at, "a: b\r\n");
    at = put(at, "\r\n");
    return read_whole(&head, FM__HEAD_REQUEST, room, (size_t)(at - room));
}

TEST(so_many_fields_and_no_more)
{
    room = malloc(ROOM);
    CHECK(fields_many(FM__HEAD_FIELDS - 1) > 0);
    CHECK(fields_many(FM__HEAD_FIELDS) > 0);
    CHECK_INT(head.count, FM__HEAD_FIELDS);
    CHECK_INT(fields_many(FM__HEAD_FIELDS + 1), -FM_EHTTPFIELDS);
    free(room);
}

TEST(known_names_are_found_and_no_others)
{
    char text[64];
    for (int i = FM__FIELD_OTHER + 1; i < FM__FIELD_NAMES; i++) {
        struct fm__slice name = fm__field_text((enum fm__field_name)i);
        CHECK_INT(fm__field_find(name), i);
        memcpy(text, name.at, name.size);
        text[0] = (char)(text[0] ^ 0x20);
        CHECK_INT(fm__field_find((struct fm__slice){text, name.size}), i);
        text[name.size - 1]++;
        CHECK_INT(fm__field_find((struct fm__slice){text, name.size}), 0);
        CHECK_INT(fm__field_find((struct fm__slice){text, name.size - 1}), 0);
    }
    CHECK_INT(fm__field_find(fm__slice_of("")), 0);
    CHECK_INT(fm__field_find(fm__slice_of("x-a-name-longer-than-all")), 0);
}
