/*
 * test_sha1.c - the examples of RFC 3174 and RFC 6455, and every size
 */
#include "harness.h"

#include "proto/sha1.h"

#include <stdio.h>

static void check_digest(const char *text, const char *wanted)
{
    uint8_t digest[FM__SHA1_SIZE];
    char out[2 * FM__SHA1_SIZE + 1];
    fm__sha1(digest, fm__slice_of(text));
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    if (strcmp(out, wanted) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\" is %s", text, out);
}

TEST(texts_of_the_standards_have_their_digest)
{
    check_digest("abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
    check_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                 "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    check_digest("", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    check_digest("dGhlIHNhbXBsZSBub25jZQ=="
                 "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                 "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
}

/* Around the ends of a block, by what sha1sum(1) says. */
TEST(no_size_is_another_text)
{
    static const struct {
        size_t size;
        const char *digest;
    } rows[] = {
        {55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"},
        {56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"},
        {63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"},
        {64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"},
        {119, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[FM__SHA1_MOST + 1] = {0};
        memset(text, 'a', rows[i].size);
        check_digest(text, rows[i].digest);
    }
}
