/*
 * test_head_bytes.c - heads of both kinds and bodies in chunks: cut at every
 * byte, and with each of the 256 bytes at every place
 *
 * Below a message stands what may be at its places: a byte that is the same
 * is the only one, others are classes, see may_stand.
 */
#include "harness.h"

#include "proto/chunks.h"
#include "proto/head.h"

#include <stdlib.h>

struct sample {
    enum fm__head_kind kind;
    const char *text;
    const char *places; /* NULL: it is cut alone */
};

#define ASK FM__HEAD_REQUEST
#define ANSWER FM__HEAD_RESPONSE

/* clang-format off */
static const struct sample samples[] = {
    {ASK, "GET /ab HTTP/1.1\r\nHost: hi\r\n\r\n",
          "ttt /uu HTTP/1.m\r\n~~~~:wwp\r\n\r\n"},
    {ASK, "\r\nPUT /a HTTP/1.1\r\nHost: a\r\nX-a: b c\r\n\r\n",
          "\r\nttt /u HTTP/1.m\r\n~~~~:wh\r\ntnn:vvvv\r\n\r\n"},
    {ASK, "POST / HTTP/1.1\r\nHost:a\r\nCONTENT-LENGTH: 123\r\n\r\n",
          "tttt / HTTP/1.m\r\n~~~~:h\r\ntnnnnnnnnnnnnn:ebde\r\n\r\n"},
    {ASK, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
          "Connection: close\r\nExpect: 100-continue\r\n\r\n", NULL},
    {ASK, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n", NULL},
    {ASK, "OPTIONS * HTTP/1.0\r\n\r\n", NULL},
    {ASK, "GET https://[::1]:80/b?c HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", NULL},
    {ANSWER, "HTTP/1.1 200 OK\r\nAb:c\r\n\r\n",
             "HTTP/1.m Ddd vv\r\ntn:v\r\n\r\n"},
    {ANSWER, "HTTP/1.0 404 \r\nAb: c\td\r\nDate:\r\n\r\n",
             "HTTP/1.m Ddd \r\ntn:vvvv\r\ntnnn:\r\n\r\n"},
    {ANSWER, "HTTP/1.1 999\r\n\r\n",
             "HTTP/1.m Ddd\r\n\r\n"},
    {ANSWER, "HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 123\r\n\r\n",
             "HTTP/1.m Ddd vv\r\ntnnnnnnnnnnnnn:ebde\r\n\r\n"},
    {ANSWER, "HTTP/1.1 200 A reason of more bytes than sixteen has\r\n"
             "A-NAME-OF-MORE-BYTES-THAN-TWO: and text of as many as it\r\n"
             "\r\n",
             "HTTP/1.m Ddd vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n"
             "tnnnnnnnnnnnnnnnnnnnnnnnnnnnn:vvvvvvvvvvvvvvvvvvvvvvvvvv\r\n"
             "\r\n"},
    {ANSWER, "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n"
             "Connection: keep-alive, x\r\n\r\n", NULL},
    {ANSWER, "HTTP/1.1 206 \xc3\xa9\r\nTransfer-Encoding: Chunked\r\n\r\n",
             NULL},
};
/* clang-format on */

/* In memory of exactly that size. */
static ssize_t read_copy(struct fm__head *head, const char *text, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    memcpy(copy, text, size);
    ssize_t rc = fm__head_read(head, copy, size);
    free(copy);
    return rc;
}

static void check_same(const struct fm__head *one, const struct fm__head *other)
{
    CHECK_INT(one->count, other->count);
    CHECK(memcmp(one, other, offsetof(struct fm__head, fields)) == 0);
    for (unsigned i = 0; i < one->count; i++)
        CHECK(memcmp(&one->fields[i], &other->fields[i],
                     sizeof one->fields[i]) == 0);
}

TEST(no_beginning_of_a_head_is_one_and_it_may_come_in_two_parts)
{
    static struct fm__head whole, parts;
    for (size_t i = 0; i < FM__COUNT(samples); i++) {
        const char *text = samples[i].text;
        size_t size = strlen(text);
        fm__head_init(&whole, samples[i].kind);
        CHECK_INT(read_copy(&whole, text, size), (int64_t)size);
        for (size_t part = 0; part < size; part++) {
            fm__head_init(&parts, samples[i].kind);
            CHECK_INT(read_copy(&parts, text, part), 0);
            CHECK(!parts.complete);
            CHECK_INT(read_copy(&parts, text, size), (int64_t)size);
            check_same(&parts, &whole);
        }
    }
}

/* Nothing behind a head is looked at. */
TEST(what_comes_behind_a_head_changes_nothing)
{
    static struct fm__head whole, more;
    char room[512];
    for (size_t i = 0; i < FM__COUNT(samples); i++) {
        size_t size = strlen(samples[i].text);
        memcpy(room, samples[i].text, size);
        fm__head_init(&whole, samples[i].kind);
        CHECK_INT(read_copy(&whole, room, size), (int64_t)size);
        for (int byte = 0; byte < 256; byte++) {
            room[size] = (char)byte;
            fm__head_init(&more, samples[i].kind);
            CHECK_INT(read_copy(&more, room, size + 1), (int64_t)size);
            check_same(&more, &whole);
        }
    }
}

/* ---- every byte at every place ------------------------------------------ */

static bool is_letter(unsigned char byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_of(unsigned char byte, const char *others)
{
    return is_letter(byte) || is_digit(byte) ||
           (byte != 0 && strchr(others, byte) != NULL);
}

static bool is_token(unsigned char byte)
{
    return is_of(byte, "!#$%&'*+-.^_`|~");
}

static bool is_host(unsigned char byte)
{
    return is_of(byte, "-._~!$&'()*+;=%");
}

/* Instead of a byte of the message that is `known`. */
static bool may_stand(unsigned char byte, unsigned char known, char place)
{
    if ((char)known == place)
        return byte == known;
    switch (place) {
    case 't': /* a token, */
        return is_token(byte);
    case 'n': /* which may end here, */
        return is_token(byte) || byte == ':';
    case '~': /* in this word whatever the case */
        return is_letter(byte) && (byte | 0x20) == (known | 0x20);
    case 'u': /* a target */
        return byte > 0x20 && byte < 0x7f && byte != '#';
    case 'v': /* a value */
        return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
    case 'h': /* a host, */
        return is_host(byte);
    case 'w': /* before or at its beginning, */
        return is_host(byte) || is_blank(byte);
    case 'p': /* and at its end */
        return is_host(byte) || is_blank(byte) || byte == ':';
    case 'm': /* a version's second digit */
        return byte == '0' || byte == '1';
    case 'q': /* an extension's name or what follows it */
        return is_token(byte) || byte == '=' || byte == ';';
    case '*': /* data */
        return true;
    case 'D': /* a status */
        return is_digit(byte) && byte != '0';
    case 'd': /* in a number, */
        return is_digit(byte);
    default: /* b, e: and at its ends */
        return is_digit(byte) || is_blank(byte);
    }
}

static void try_bytes(const struct sample *sample, char *text, size_t at)
{
    static struct fm__head head;
    size_t size = strlen(sample->text);
    unsigned char known = (unsigned char)text[at];
    char place = sample->places[at];
    for (int i = 0; i < 256; i++) {
        unsigned char byte = (unsigned char)i;
        bool right = may_stand(byte, known, place);
        text[at] = (char)byte;
        fm__head_init(&head, sample->kind);
        ssize_t rc = read_copy(&head, text, size);
        if ((rc == (ssize_t)size) != right)
            test_fail(__FILE__, __LINE__, "%zd with byte %d at %zu of: %s", rc,
                      i, at, sample->text);
    }
    text[at] = (char)known;
}

TEST(each_byte_is_taken_where_it_belongs_and_nowhere_else)
{
    char text[512];
    for (size_t i = 0; i < FM__COUNT(samples); i++) {
        if (samples[i].places == NULL)
            continue;
        memcpy(text, samples[i].text, strlen(samples[i].text) + 1);
        CHECK_INT(strlen(samples[i].places), (int64_t)strlen(text));
        for (size_t at = 0; text[at] != '\0'; at++)
            try_bytes(&samples[i], text, at);
    }
}

/* ---- chunks -------------------------------------------------------------- */

/* How many bytes were taken, or an error; *done tells of the end. */
static ssize_t read_chunks(const char *text, size_t size, bool *done)
{
    struct fm__chunks chunks;
    size_t at = 0;
    fm__chunks_init(&chunks);
    while (at < size && !chunks.done) {
        ssize_t rc = fm__chunks_read(&chunks, text + at, size - at);
        if (rc < 0)
            return rc;
        at += (size_t)rc;
        size_t left = size - at;
        size_t data = chunks.left < left ? (size_t)chunks.left : left;
        if (fm__chunks_at_data(&chunks) && data > 0) {
            fm__chunks_took(&chunks, data);
            at += data;
        }
    }
    *done = chunks.done;
    return (ssize_t)at;
}

static const char *const chunked[] = {
    "5\r\nhello\r\n6;a=b;c=\"d \\\" e\"\r\n world\r\n0\r\n\r\n",
    "16\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n000;x\r\nA: b\r\nC:\r\n\r\n",
    "0\r\n\r\n",
};

TEST(no_beginning_of_chunks_is_the_end_of_them)
{
    for (size_t i = 0; i < FM__COUNT(chunked); i++) {
        size_t size = strlen(chunked[i]);
        for (size_t part = 0; part <= size; part++) {
            bool done = false;
            CHECK_INT(read_chunks(chunked[i], part, &done), (int64_t)part);
            CHECK_INT(done, part == size);
        }
    }
}

TEST(each_byte_between_the_data_has_its_place)
{
    static const char text[] = "2;a=b\r\nxy\r\n0\r\nA:b\r\n\r\n";
    static const char places[] = "2;tqt\r\n**\r\n0\r\nt:v\r\n\r\n";
    char room[sizeof text];
    memcpy(room, text, sizeof text);
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (int i = 0; i < 256; i++) {
            bool done = false;
            room[at] = (char)i;
            read_chunks(room, sizeof text - 1, &done);
            if (done != may_stand((unsigned char)i, (unsigned char)text[at],
                                  places[at]))
                test_fail(__FILE__, __LINE__, "byte %d at %zu", i, at);
        }
        room[at] = text[at];
    }
}
