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

/* 0xff for each byte from `first` to `last`, which are ASCII: moved so that
 * `last` is the greatest there is of a byte with a sign. */
static __m128i scan_range(__m128i bytes, char first, char last)
{
    __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8((char)(0x7f - last)));
    __m128i below = _mm_set1_epi8((char)(0x7f - last + first - 1));
    return _mm_cmpgt_epi8(moved, below);
}

/* A bit for each byte that is not 0xff. */
static unsigned scan_others(__m128i found)
{
    return 0xffff & ~(unsigned)_mm_movemask_epi8(found);
}

/* Of what nearly all names are made of. */
static __m128i scan_plain_token(__m128i bytes)
{
    __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    return _mm_or_si128(scan_range(small, 'a', 'z'),
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
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
        unsigned others = scan_others(scan_plain_token(scan_load(bytes + at)));
        if (others != 0) {
            at += (unsigned)__builtin_ctz(others);
            break;
        }
    }
    while (at < size && fm__char_is(bytes[at], FM__CHAR_TOKEN))
        at++;
    return at;
}

/* A bit for each byte that no value has. */
static unsigned scan_not_value(__m128i bytes)
{
    __m128i control =
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    __m128i delete = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return (unsigned)_mm_movemask_epi8(
        _mm_or_si128(_mm_andnot_si128(tab, control), delete));
}

/* Nearly all is plain, which takes fewer questions. */
size_t fm__scan_value(const char *bytes, size_t size)
{
    size_t at = 0;
    for (; size - at >= 16; at += 16) {
        __m128i loaded = scan_load(bytes + at);
        if (scan_others(scan_range(loaded, ' ', '~')) == 0)
            continue;
        unsigned found = scan_not_value(loaded);
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
        __m128i found = scan_range(scan_load(bytes + at), '!', '~');
        unsigned others = scan_others(found);
        if (others != 0)
            return at + (unsigned)__builtin_ctz(others);
    }
    while (at < size && scan_in_target((unsigned char)bytes[at]))
        at++;
    return at;
}
