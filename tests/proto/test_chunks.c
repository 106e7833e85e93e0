/*
 * test_chunks.c - the chunked coding, however it is cut into pieces
 */
#include "harness.h"

#include "proto/chunks.h"

#include <fermata/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char data[65536];
static size_t data_size;

/* In pieces of so many bytes: how many were taken in all, or an error. */
static ssize_t decode(const char *bytes, size_t size, size_t piece)
{
    struct fm__chunks chunks;
    size_t at = 0;
    data_size = 0;
    fm__chunks_init(&chunks);
    while (at < size && !chunks.done) {
        size_t come = piece < size - at ? piece : size - at;
        ssize_t rc = fm__chunks_read(&chunks, bytes + at, come);
        if (rc < 0)
            return rc;
        at += (size_t)rc;
        come -= (size_t)rc;
        if (chunks.done || come == 0 || chunks.left == 0)
            continue;
        size_t part = chunks.left < come ? (size_t)chunks.left : come;
        memcpy(data + data_size, bytes + at, part);
        data_size += part;
        at += part;
        fm__chunks_took(&chunks, part);
    }
    return chunks.done ? (ssize_t)at : 0;
}

static void check_decodes(const char *text, size_t rest, const char *wanted)
{
    size_t size = strlen(text);
    for (size_t piece = 1; piece <= size; piece++) {
        CHECK_INT(decode(text, size, piece), size - rest);
        CHECK_INT(data_size, strlen(wanted));
        CHECK(memcmp(data, wanted, data_size) == 0);
    }
    for (size_t prefix = 0; prefix < size - rest; prefix++)
        CHECK_INT(decode(text, prefix, size), 0);
}

static void check_refused(const char *text, int code)
{
    size_t size = strlen(text);
    for (size_t piece = 1; piece <= size; piece++)
        if (decode(text, size, piece) != -code)
            test_fail(__FILE__, __LINE__, "taken: %s", text);
}

TEST(chunks_become_the_data)
{
    check_decodes("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 0, "hello world");
    check_decodes("0\r\n\r\nGET", 3, "");
    check_decodes("0000000000000001\r\na\r\n00\r\n\r\n", 0, "a");
    check_decodes("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", 0,
                  "01234567890123456789");
}

TEST(extensions_and_trailers_are_passed_over)
{
    check_decodes("1;a\r\nx\r\n0;b=\"c\"\r\nA: b\r\nC:\r\n\r\n", 0, "x");
}

TEST(an_extension_is_a_token_and_perhaps_a_value)
{
    static const char *const bad[] = {
        "1;\r\n",      "1;;a\r\n",       "1; a\r\n",    "1;a \r\n",
        "1;a=\r\n",    "1;a =b\r\n",     "1;a= b\r\n",  "1;=b\r\n",
        "1;a=b=c\r\n", "1;a\"b\"\r\n",   "1;a=\"b\r\n", "1;a=\"b\"c\r\n",
        "1;a,b\r\n",   "1;a=\"\\\r\n\"", "1;\x80\r\n",  "1;a=\"\x01\"\r\n",
    };
    for (size_t i = 0; i < FM__COUNT(bad); i++)
        check_refused(bad[i], FM_EHTTPCHUNK);
    check_decodes("1;a;b=c;d=\"e;f \\\" \\\\\x80\";g\r\nx\r\n0\r\n\r\n", 0,
                  "x");
    check_decodes("1;a=\"\"\r\nx\r\n0\r\n\r\n", 0, "x");
}

TEST(a_size_is_hexadecimal_digits_alone)
{
    static const char *const bad[] = {
        "\r\n\r\n",
        "+1\r\n",
        "-1\r\n",
        "0x1\r\n",
        "1_0\r\n",
        " 1\r\n",
        "1 \r\n",
        "g\r\n",
        "1\n",
        "1\rx",
        "1 ;a\r\n",
        ";a\r\n",
        "1\t\r\n",
        "",
        "00000000000000001\r\n",
        "8000000000000000\r\n",
        "ffffffffffffffff\r\n",
    };
    for (size_t i = 0; i < FM__COUNT(bad); i++)
        if (*bad[i] != '\0')
            check_refused(bad[i], FM_EHTTPCHUNK);
    struct fm__chunks chunks;
    fm__chunks_init(&chunks);
    CHECK_INT(fm__chunks_read(&chunks, "7fffffffffffffff\r\n", 18), 18);
    CHECK(chunks.left == INT64_MAX);
}

TEST(data_ends_in_cr_lf)
{
    check_refused("1\r\nab\r\n0\r\n\r\n", FM_EHTTPCHUNK);
    check_refused("1\r\na\n0\r\n\r\n", FM_EHTTPCHUNK);
    check_refused("1\r\na\r0\r\n\r\n", FM_EHTTPCHUNK);
}

TEST(no_line_has_a_bare_cr_or_lf)
{
    check_refused("1;a\nb\r\nx\r\n", FM_EHTTPCHUNK);
    check_refused("1;a\rb\r\nx\r\n", FM_EHTTPCHUNK);
    check_refused("0\r\na: b\nc: d\r\n\r\n", FM_EHTTPCHUNK);
    check_refused("0\r\na: b\rc: d\r\n\r\n", FM_EHTTPCHUNK);
    check_refused("0\r\n\n", FM_EHTTPCHUNK);
    check_refused("0\r\n a: b\r\n\r\n", FM_EHTTPCHUNK);
    check_refused("0\r\na : b\r\n\r\n", FM_EHTTPCHUNK);
    check_refused("0\r\nGET / HTTP/1.1\r\n\r\n", FM_EHTTPCHUNK);
}

static char *put(char *at, const char *text)
{
    return (char *)memcpy(at, text, strlen(text) + 1) + strlen(text);
}

static ssize_t extended_by(size_t size)
{
    static char text[1024];
    char *at = put(text, "0;");
    memset(at, 'x', size);
    put(at + size, "\r\n\r\n");
    return decode(text, strlen(text), sizeof text);
}

TEST(extensions_have_a_limit)
{
    CHECK(extended_by(FM__CHUNK_EXTENSION - 1) > 0);
    CHECK(extended_by(FM__CHUNK_EXTENSION) > 0);
    CHECK_INT(extended_by(FM__CHUNK_EXTENSION + 1), -FM_EHTTPCHUNK);
}

static ssize_t trailed_by(size_t size)
{
    static char text[2 * FM__CHUNK_TRAILERS];
    char *at = put(text, "0\r\na:");
    size -= strlen("a:\r\n\r\n");
    memset(at, 'x', size);
    put(at + size, "\r\n\r\n");
    return decode(text, strlen(text), sizeof text);
}

TEST(trailers_have_a_limit)
{
    CHECK(trailed_by(FM__CHUNK_TRAILERS - 1) > 0);
    CHECK(trailed_by(FM__CHUNK_TRAILERS) > 0);
    CHECK_INT(trailed_by(FM__CHUNK_TRAILERS + 1), -FM_EHTTPFIELDS);
}

TEST(a_chunks_head_is_what_a_reader_takes)
{
    static const uint64_t sizes[] = {1, 15, 16, 255, 4096, INT64_MAX};
    for (size_t i = 0; i < FM__COUNT(sizes); i++) {
        char text[18];
        struct fm__chunks chunks;
        size_t size = fm__chunk_head(text, sizes[i]);
        fm__chunks_init(&chunks);
        CHECK_INT(fm__chunks_read(&chunks, text, size), size);
        CHECK(chunks.left == sizes[i]);
    }
}
