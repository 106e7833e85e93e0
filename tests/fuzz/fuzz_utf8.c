/*
 * fuzz_utf8.c - a text is UTF-8 or not, however it comes, and each of its
 * characters is written in one way
 *
 * The first byte is the size of the pieces.
 */
#include "fuzz.h"

#include "proto/utf8.h"

static int judge(const uint8_t *bytes, size_t size, size_t piece)
{
    struct fm__utf8 utf8 = {0};
    for (size_t at = 0; at < size; at += piece) {
        size_t some = piece < size - at ? piece : size - at;
        char *copy = fuzz_copy(bytes + at, some);
        bool good = fm__utf8_check(&utf8, (struct fm__slice){copy, some});
        free(copy);
        if (!good)
            return -1;
    }
    return fm__utf8_ends(&utf8);
}

/* By what a character is, and not by its first bytes. */
static int judge_plainly(const uint8_t *bytes, size_t size)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    for (size_t i = 0; i < size;) {
        uint8_t first = bytes[i++];
        if (first < 0x80)
            continue;
        unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        uint32_t code = first & (0x3fU >> more);
        if (first < 0xc0 || first > 0xf7 || size - i < more)
            return 0;
        for (unsigned k = 0; k < more; k++, i++) {
            if ((bytes[i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (bytes[i] & 0x3f);
        }
        if (code < least[more] || code > 0x10ffff ||
            (code >= 0xd800 && code < 0xe000))
            return 0;
    }
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    size_t piece = bytes[0] % 9 + 1;
    int whole = judge(bytes + 1, size - 1, size);
    if (judge(bytes + 1, size - 1, piece) != whole)
        fuzz_fail("a text that is another in pieces");
    if ((whole == 1) != (judge_plainly(bytes + 1, size - 1) == 1))
        fuzz_fail("a text that is judged in another way");
    return 0;
}
