/*
 * scan_sse2.c - the scans of x86-64, sixteen bytes at a time
 *
 * No byte past the end is read: what is left of less than sixteen goes one by
 * one.
 */
#include "proto/scan.h"

#include "proto/field.h"

#include <emmintrin.h>

static __m128i scan_load(const char *bytes)
{
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

/* A bit for each byte that is `low` or below it. */
static unsigned scan_below(__m128i bytes, char low)
{
    __m128i limit = _mm_set1_epi8(low);
    return (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, limit), bytes));
}

static unsigned scan_equal(__m128i bytes, char byte)
{
    return (unsigned)_mm_movemask_epi8(
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
}

/* A bit for each byte from `low` on, `count` of them. */
static unsigned scan_range(__m128i bytes, char low, char count)
{
    __m128i from = _mm_sub_epi8(bytes, _mm_set1_epi8(low));
    return scan_below(from, (char)(count - 1));
}

/* Of what nearly all names are made of. */
static unsigned scan_plain_token(__m128i bytes)
{
    __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    return scan_range(small, 'a', 26) | scan_equal(bytes, '-') |
           scan_range(bytes, '0', 10);
}

static unsigned scan_not_value(__m128i bytes)
{
    return (scan_below(bytes, 0x1f) & ~scan_equal(bytes, '\t')) |
           scan_equal(bytes, 0x7f);
}

static unsigned scan_not_target(__m128i bytes)
{
    return scan_below(bytes, 0x20) | scan_equal(bytes, 0x7f) |
           (unsigned)_mm_movemask_epi8(bytes);
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
    for (; size - at >= 16; at += 16) {
        unsigned others = 0xffff & ~scan_plain_token(scan_load(bytes + at));
        if (others != 0) {
            at += (unsigned)__builtin_ctz(others);
            break;
        }
    }
    while (at < size && fm__char_is(bytes[at], FM__CHAR_TOKEN))
        at++;
    return at;
}

size_t fm__scan_value(const char *bytes, size_t size)
{
    size_t at = 0;
    for (; size - at >= 16; at += 16) {
        unsigned found = scan_not_value(scan_load(bytes + at));
        if (found != 0)
            return at + (unsigned)__builtin_ctz(found);
    }
    while (at < size && scan_in_value((unsigned char)bytes[at]))
        at++;
    return at;
}

size_t fm__scan_target(const char *bytes, size_t size)
{
    size_t at = 0;
    for (; size - at >= 16; at += 16) {
        unsigned found = scan_not_target(scan_load(bytes + at));
        if (found != 0)
            return at + (unsigned)__builtin_ctz(found);
    }
    while (at < size && scan_in_target((unsigned char)bytes[at]))
        at++;
    return at;
}
