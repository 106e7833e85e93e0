/*
 * scan_plain.c - the scans of machines without a file of their own, eight
 * bytes at a time
 */
#include "proto/scan.h"

#include "proto/field.h"

#include <string.h>

#define SCAN_EACH(byte) (0x0101010101010101u * (byte))

/* The high bit of each byte that is `byte`; of no other where it is the first
 * that is found. */
static uint64_t scan_equal(uint64_t word, uint64_t byte)
{
    uint64_t other = word ^ SCAN_EACH(byte);
    return (other - SCAN_EACH(1)) & ~other & SCAN_EACH(0x80);
}

/* The same of each byte below one that is at most 0x80. */
static uint64_t scan_below(uint64_t word, uint64_t byte)
{
    return (word - SCAN_EACH(byte)) & ~word & SCAN_EACH(0x80);
}

static bool scan_in_value(unsigned char byte)
{
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

static bool scan_in_target(unsigned char byte)
{
    return byte > 0x20 && byte < 0x7f;
}

size_t fm__scan_token(const char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size && fm__char_is(bytes[at], FM__CHAR_TOKEN))
        at++;
    return at;
}

size_t fm__scan_value(const char *bytes, size_t size)
{
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        if ((scan_below(word, 0x20) | scan_equal(word, 0x7f)) != 0)
            break;
    }
    while (at < size && scan_in_value((unsigned char)bytes[at]))
        at++;
    return at;
}

size_t fm__scan_target(const char *bytes, size_t size)
{
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        if ((scan_below(word, 0x21) | scan_equal(word, 0x7f) |
             (word & SCAN_EACH(0x80))) != 0)
            break;
    }
    while (at < size && scan_in_target((unsigned char)bytes[at]))
        at++;
    return at;
}
