/*
 * base64.c - three bytes are four letters
 */
#include "proto/base64.h"

void fm__base64_encode(struct fm__pen *pen, struct fm__slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/=";
    const uint8_t *in = (const uint8_t *)bytes.at;
    for (size_t left = bytes.size; left > 0; in += 3) {
        uint32_t word = (uint32_t)in[0] << 16;
        word |= left > 1 ? (uint32_t)in[1] << 8 : 0;
        word |= left > 2 ? in[2] : 0;
        fm__pen_put(pen, digits[word >> 18]);
        fm__pen_put(pen, digits[word >> 12 & 63]);
        fm__pen_put(pen, digits[left > 1 ? word >> 6 & 63 : 64]);
        fm__pen_put(pen, digits[left > 2 ? word & 63 : 64]);
        left -= left < 3 ? left : 3;
    }
}

/* 64: it is none. */
static uint32_t base64_value(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return (uint32_t)(letter - 'A');
    if (letter >= 'a' && letter <= 'z')
        return (uint32_t)(letter - 'a') + 26;
    if (letter >= '0' && letter <= '9')
        return (uint32_t)(letter - '0') + 52;
    return letter == '+' ? 62 : letter == '/' ? 63 : 64;
}

/* Four letters, of which the last may be '='. How many bytes they are; 0: they
 * are none, or have bits that are no byte's. */
static size_t base64_group(const char *in, uint32_t *word)
{
    size_t letters = in[2] == '=' && in[3] == '=' ? 2 : in[3] == '=' ? 3 : 4;
    *word = 0;
    for (size_t i = 0; i < letters; i++) {
        uint32_t value = base64_value(in[i]);
        if (value > 63)
            return 0;
        *word |= value << (18 - 6 * i);
    }
    uint32_t unused = (UINT32_C(1) << (24 - 8 * (letters - 1))) - 1;
    return (*word & unused) == 0 ? letters - 1 : 0;
}

bool fm__base64_decode(struct fm__pen *pen, struct fm__slice letters)
{
    if (letters.size % 4 != 0)
        return false;
    for (size_t at = 0; at < letters.size; at += 4) {
        uint32_t word;
        size_t size = base64_group(letters.at + at, &word);
        if (size == 0 || (size < 3 && at + 4 < letters.size))
            return false;
        for (size_t i = 0; i < 3; i++)
            if (i < size)
                fm__pen_put(pen, (char)(unsigned char)(word >> (16 - 8 * i)));
    }
    return !pen->full;
}
