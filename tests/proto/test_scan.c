/*
 * test_scan.c - the scan of this machine against one byte by byte
 */
#include "harness.h"

#include "proto/scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool in_value(unsigned char byte)
{
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

static bool in_target(unsigned char byte)
{
    return byte > 0x20 && byte < 0x7f;
}

static bool in_token(unsigned char byte)
{
    return byte != 0 && byte < 0x80 &&
           (isalnum(byte) || strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

static size_t plainly(const char *bytes, size_t size, bool (*in)(unsigned char))
{
    size_t at = 0;
    while (at < size && in((unsigned char)bytes[at]))
        at++;
    return at;
}

TEST(every_byte_at_every_place_ends_a_scan_or_does_not)
{
    for (size_t size = 0; size <= 40; size++) {
        char *bytes = calloc(1, size + 1);
        for (size_t at = 0; at < size; at++) {
            for (int byte = 0; byte < 256; byte++) {
                memset(bytes, 'a', size);
                bytes[at] = (char)byte;
                CHECK_INT(fm__scan_value(bytes, size),
                          plainly(bytes, size, in_value));
                CHECK_INT(fm__scan_target(bytes, size),
                          plainly(bytes, size, in_target));
                CHECK_INT(fm__scan_token(bytes, size),
                          plainly(bytes, size, in_token));
            }
        }
        CHECK_INT(fm__scan_value(bytes, 0), 0);
        free(bytes);
    }
}

TEST(random_bytes_end_a_scan_where_they_should)
{
    uint64_t seed = test_seed(1);
    for (size_t round = 0; round < test_many(20000); round++) {
        char bytes[64] = "";
        size_t size = test_random(&seed) % sizeof bytes;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)(test_random(&seed) % 8 == 0
                                  ? test_random(&seed)
                                  : 0x20 + test_random(&seed) % 0x60);
        CHECK_INT(fm__scan_value(bytes, size), plainly(bytes, size, in_value));
        CHECK_INT(fm__scan_target(bytes, size),
                  plainly(bytes, size, in_target));
        CHECK_INT(fm__scan_token(bytes, size), plainly(bytes, size, in_token));
    }
}
