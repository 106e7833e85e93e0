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
