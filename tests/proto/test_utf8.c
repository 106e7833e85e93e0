/*
 * test_utf8.c - every character, every first four bytes, however they come
 */
#include "harness.h"

#include "proto/utf8.h"

#include <stdio.h>

/* In pieces of so many bytes: 1 a text, 0 the beginning of one, -1 none. */
static int check(const char *bytes, size_t size, size_t piece)
{
    struct fm__utf8 utf8 = {0};
    for (size_t at = 0; at < size; at += piece) {
        size_t some = piece < size - at ? piece : size - at;
        if (!fm__utf8_check(&utf8, (struct fm__slice){bytes + at, some}))
            return -1;
    }
    return fm__utf8_ends(&utf8);
}

static size_t encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(marks[more] | code >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (code >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

TEST(every_character_is_taken_and_no_surrogate)
{
    for (uint32_t code = 0; code < 0x120000; code++) {
        char text[4];
        size_t size = encode(code, text);
        bool good = code < 0x110000 && (code < 0xd800 || code > 0xdfff);
        if (check(text, size, 4) != (good ? 1 : -1) ||
            check(text, size, 1) != (good ? 1 : -1))
            test_fail(__FILE__, __LINE__, "U+%04X", code);
        for (size_t prefix = 1; good && prefix < size; prefix++)
            CHECK_INT(check(text, prefix, 1), 0);
    }
}

/* What is no encoding of any character, by trying all. */
TEST(nothing_else_is_taken)
{
    static bool known[1 << 24];
    char text[4];
    for (uint32_t code = 0; code < 0x10000; code++) {
        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        text[1] = text[2] = 0;
        size_t size = encode(code, text);
        if (size < 3)
            continue;
        known[(uint8_t)text[0] << 16 | (uint8_t)text[1] << 8 |
              (uint8_t)text[2]] = true;
    }
    for (uint32_t all = 0xe00000; all < 0xf00000; all++) {
        text[0] = (char)(all >> 16);
        text[1] = (char)(all >> 8);
        text[2] = (char)all;
        if ((check(text, 3, 3) == 1) != known[all])
            test_fail(__FILE__, __LINE__, "%06x", all);
    }
    for (unsigned first = 0x80; first < 0xc2; first++) {
        text[0] = (char)first;
        CHECK_INT(check(text, 1, 1), -1);
    }
    for (unsigned first = 0xf5; first < 0x100; first++) {
        text[0] = (char)first;
        CHECK_INT(check(text, 1, 1), -1);
    }
}

TEST(a_long_text_is_checked_to_its_last_byte)
{
    char text[64];
    for (size_t at = 0; at < sizeof text; at++)
        for (size_t piece = 1; piece <= sizeof text; piece++) {
            memset(text, 'a', sizeof text);
            CHECK_INT(check(text, sizeof text, piece), 1);
            text[at] = '\xff';
            CHECK_INT(check(text, sizeof text, piece), -1);
        }
}
