/*
 * sha1.c - SHA-1 of a short text (RFC 3174, 4 to 6)
 */
#include "proto/sha1.h"

enum {
    SHA1_BLOCK = 64,
    SHA1_WORDS = 80
};

static uint32_t sha1_rotate(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

static uint32_t sha1_word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t sha1_mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
    switch (round / 20) {
    case 0:
        return ((b & c) | (~b & d)) + UINT32_C(0x5a827999);
    case 1:
        return (b ^ c ^ d) + UINT32_C(0x6ed9eba1);
    case 2:
        return ((b & c) | (b & d) | (c & d)) + UINT32_C(0x8f1bbcdc);
    default:
        return (b ^ c ^ d) + UINT32_C(0xca62c1d6);
    }
}

static void sha1_block(uint32_t state[5], const uint8_t *block)
{
    uint32_t words[SHA1_WORDS] = {0};
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4];
    for (unsigned i = 0; i < SHA1_WORDS; i++)
        words[i] = i < 16 ? sha1_word(block + 4 * i)
                          : sha1_rotate(words[i - 3] ^ words[i - 8] ^
                                            words[i - 14] ^ words[i - 16],
                                        1);
    for (unsigned i = 0; i < SHA1_WORDS; i++) {
        uint32_t next = sha1_rotate(a, 5) + sha1_mix(i, b, c, d) + e + words[i];
        e = d;
        d = c;
        c = sha1_rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void fm__sha1(uint8_t digest[FM__SHA1_SIZE], struct fm__slice text)
{
    uint32_t state[5] = {UINT32_C(0x67452301), UINT32_C(0xefcdab89),
                         UINT32_C(0x98badcfe), UINT32_C(0x10325476),
                         UINT32_C(0xc3d2e1f0)};
    uint8_t blocks[2 * SHA1_BLOCK] = {0};
    size_t count = text.size < SHA1_BLOCK - 8 ? 1 : 2;
    memcpy(blocks, text.at, text.size);
    blocks[text.size] = 0x80;
    blocks[count * SHA1_BLOCK - 2] = (uint8_t)(text.size * 8 >> 8);
    blocks[count * SHA1_BLOCK - 1] = (uint8_t)(text.size * 8);
    for (size_t i = 0; i < count; i++)
        sha1_block(state, blocks + i * SHA1_BLOCK);
    for (unsigned i = 0; i < FM__SHA1_SIZE; i++)
        digest[i] = (uint8_t)(state[i / 4] >> (24 - i % 4 * 8));
}
