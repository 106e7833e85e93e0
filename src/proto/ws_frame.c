/*
 * ws_frame.c - heads of frames, and their masks
 */
#include "proto/ws_frame.h"

#include <fermata/error.h>

enum {
    WS_SHORT = 125, /* sizes up to it stand in the second byte */
    WS_TWO = 126,   /* two bytes more */
    WS_EIGHT = 127,
    WS_BLOCK = 16 /* bytes that are masked at once */
};

static uint64_t ws_number(const char *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number << 8 | (uint8_t)bytes[i];
    return number;
}

static bool ws_is_first_byte(uint8_t byte)
{
    uint8_t opcode = byte & 0x0f;
    if ((byte & 0x30) != 0)
        return false;
    if (opcode >= FM__WS_CLOSE) /* whole, and never compressed */
        return opcode <= FM__WS_PONG && (byte & 0xc0) == 0x80;
    return opcode <= FM__WS_BINARY;
}

/* The size as said by the second byte and the `more` behind it. */
static int ws_size(struct fm__ws_frame *frame, const char *bytes, size_t more)
{
    frame->size = (uint8_t)bytes[1] & 0x7f;
    if (more == 0)
        return 0;
    if (frame->opcode >= FM__WS_CLOSE)
        return -FM_EWS;
    frame->size = ws_number(bytes + 2, more);
    uint64_t least = more == 2 ? WS_TWO : UINT64_C(65536);
    return frame->size < least || frame->size > INT64_MAX ? -FM_EWS : 0;
}

ssize_t fm__ws_frame_read(struct fm__ws_frame *frame, const char *bytes,
                          size_t size)
{
    if (size > 0 && !ws_is_first_byte((uint8_t)bytes[0]))
        return -FM_EWS;
    if (size < 2)
        return 0;
    uint8_t first = (uint8_t)bytes[0], second = (uint8_t)bytes[1];
    frame->opcode = first & 0x0f;
    frame->last = (first & 0x80) != 0;
    frame->compressed = (first & 0x40) != 0;
    frame->masked = (second & 0x80) != 0;
    uint8_t said = second & 0x7f;
    size_t more = said == WS_TWO ? 2 : said == WS_EIGHT ? 8 : 0;
    size_t head = 2 + more + (frame->masked ? sizeof frame->mask : 0);
    if (more > 0 && frame->opcode >= FM__WS_CLOSE)
        return -FM_EWS;
    if (size < head)
        return 0;
    int rc = ws_size(frame, bytes, more);
    if (rc < 0)
        return rc;
    if (frame->masked)
        memcpy(frame->mask, bytes + 2 + more, sizeof frame->mask);
    return (ssize_t)head;
}

size_t fm__ws_frame_write(const struct fm__ws_frame *frame, char *out)
{
    unsigned more = frame->size <= WS_SHORT     ? 0
                    : frame->size <= UINT16_MAX ? 2
                                                : 8;
    unsigned said = more == 0   ? (unsigned)frame->size
                    : more == 2 ? WS_TWO
                                : WS_EIGHT;
    out[0] = (char)(frame->opcode | (frame->last ? 0x80 : 0) |
                    (frame->compressed ? 0x40 : 0));
    out[1] = (char)(said | (frame->masked ? 0x80 : 0));
    for (unsigned i = 0; i < more; i++)
        out[2 + i] = (char)(uint8_t)(frame->size >> (8 * (more - 1 - i)));
    if (frame->masked)
        memcpy(out + 2 + more, frame->mask, sizeof frame->mask);
    return 2 + more + (frame->masked ? sizeof frame->mask : 0);
}

/* Of a size that is known, which compilers do by vectors. */
static inline void ws_mask_block(uint64_t mask, const char *from, char *to)
{
    uint64_t words[WS_BLOCK / sizeof mask];
    memcpy(words, from, WS_BLOCK);
    for (size_t k = 0; k < WS_BLOCK / sizeof mask; k++)
        words[k] ^= mask;
    memcpy(to, words, WS_BLOCK);
}

/* The mask as it meets the byte of that number, twice. */
static uint64_t ws_mask_from(const struct fm__ws_frame *frame, uint64_t from)
{
    uint8_t turned[sizeof frame->mask];
    uint32_t mask;
    memcpy(&mask, frame->mask, sizeof mask);
    if (from % sizeof mask != 0) {
        for (size_t k = 0; k < sizeof mask; k++)
            turned[k] = frame->mask[(from + k) % sizeof mask];
        memcpy(&mask, turned, sizeof mask);
    }
    return mask | (uint64_t)mask << 32;
}

void fm__ws_mask(const struct fm__ws_frame *frame, uint64_t from, char *to,
                 struct fm__slice bytes)
{
    uint64_t mask = ws_mask_from(frame, from), word;
    size_t i = 0;
    for (; bytes.size - i >= WS_BLOCK; i += WS_BLOCK)
        ws_mask_block(mask, bytes.at + i, to + i);
    for (; bytes.size - i >= sizeof word; i += sizeof word) {
        memcpy(&word, bytes.at + i, sizeof word);
        word ^= mask;
        memcpy(to + i, &word, sizeof word);
    }
    for (size_t k = 0; i < bytes.size; i++, k++)
        to[i] = (char)((uint8_t)bytes.at[i] ^ ((uint8_t *)&mask)[k]);
}

bool fm__ws_is_code(unsigned code)
{
    if (code >= 3000 && code < 5000)
        return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
           code != 1006;
}
