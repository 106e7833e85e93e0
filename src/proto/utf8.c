/*
 * utf8.c - the table of well-formed sequences (RFC 3629, 4), by its first bytes
 */
#include "proto/utf8.h"

/* After a first byte: how many come, and between what the next one lies. */
static bool utf8_begin(struct fm__utf8 *utf8, uint8_t byte)
{
    utf8->least = 0x80;
    utf8->most = 0xbf;
    if (byte < 0xc2 || byte > 0xf4)
        return byte < 0x80;
    utf8->more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte == 0xe0)
        utf8->least = 0xa0;
    if (byte == 0xed)
        utf8->most = 0x9f; /* no surrogate */
    if (byte == 0xf0)
        utf8->least = 0x90;
    if (byte == 0xf4)
        utf8->most = 0x8f;
    return true;
}

static bool utf8_continue(struct fm__utf8 *utf8, uint8_t byte)
{
    if (byte < utf8->least || byte > utf8->most)
        return false;
    utf8->more--;
    utf8->least = 0x80;
    utf8->most = 0xbf;
    return true;
}

/* Bytes at the front that are ASCII, by eights. */
static size_t utf8_ascii(const char *at, size_t size)
{
    size_t count = 0;
    uint64_t word;
    for (; size - count >= sizeof word; count += sizeof word) {
        memcpy(&word, at + count, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return count;
}

bool fm__utf8_check(struct fm__utf8 *utf8, struct fm__slice bytes)
{
    size_t i = 0;
    while (i < bytes.size) {
        if (utf8->more == 0)
            i += utf8_ascii(bytes.at + i, bytes.size - i);
        if (i == bytes.size)
            break;
        uint8_t byte = (uint8_t)bytes.at[i++];
        if (!(utf8->more > 0 ? utf8_continue(utf8, byte)
                             : utf8_begin(utf8, byte)))
            return false;
    }
    return true;
}
