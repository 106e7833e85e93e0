/*
 * chunks.c - the chunked coding (RFC 9112, 7.1), a byte after the other
 */
#include "proto/chunks.h"

#include "proto/field.h"
#include "proto/percent.h"

#include <fermata/error.h>

enum chunks_state {
    CHUNKS_SIZE,      /* `size` digits have come */
    CHUNKS_EXTENSION, /* behind a ';' */
    CHUNKS_EXTENSION_NAME,
    CHUNKS_EXTENSION_EQUAL, /* behind its '=' */
    CHUNKS_EXTENSION_VALUE,
    CHUNKS_EXTENSION_QUOTED,
    CHUNKS_EXTENSION_ESCAPED, /* behind a '\\' */
    CHUNKS_EXTENSION_END,     /* behind the quotes */
    CHUNKS_SIZE_LF,
    CHUNKS_DATA,
    CHUNKS_DATA_CR,
    CHUNKS_DATA_LF,
    CHUNKS_TRAILER, /* at the beginning of a line */
    CHUNKS_NAME,
    CHUNKS_VALUE,
    CHUNKS_TRAILER_LF,
    CHUNKS_END_LF
};

void fm__chunks_init(struct fm__chunks *chunks)
{
    *chunks = (struct fm__chunks){.state = CHUNKS_SIZE};
}

static bool chunks_is_text(char byte)
{
    unsigned char value = (unsigned char)byte;
    return (value >= 0x20 && value != 0x7f) || value == '\t';
}

static int chunks_go(struct fm__chunks *chunks, enum chunks_state state)
{
    chunks->state = (uint8_t)state;
    return 0;
}

static int chunks_expect(struct fm__chunks *chunks, bool right,
                         enum chunks_state state)
{
    return right ? chunks_go(chunks, state) : -FM_EHTTPCHUNK;
}

static int chunks_size(struct fm__chunks *chunks, char byte)
{
    int digit = fm__hex_digit(byte);
    if (digit < 0) {
        if (chunks->size == 0 || chunks->left > INT64_MAX)
            return -FM_EHTTPCHUNK;
        chunks->size = 0;
        if (byte == ';')
            return chunks_go(chunks, CHUNKS_EXTENSION);
        return chunks_expect(chunks, byte == '\r', CHUNKS_SIZE_LF);
    }
    if (chunks->size++ == FM__CHUNK_DIGITS)
        return -FM_EHTTPCHUNK;
    chunks->left = chunks->left << 4 | (unsigned)digit;
    return 0;
}

/* Behind a name or a value. */
static int chunks_extension_ends(struct fm__chunks *chunks, char byte)
{
    if (byte == ';')
        return chunks_go(chunks, CHUNKS_EXTENSION);
    return chunks_expect(chunks, byte == '\r', CHUNKS_SIZE_LF);
}

static int chunks_quoted(struct fm__chunks *chunks, char byte)
{
    if (byte == '"')
        return chunks_go(chunks, CHUNKS_EXTENSION_END);
    if (byte == '\\')
        return chunks_go(chunks, CHUNKS_EXTENSION_ESCAPED);
    return chunks_expect(chunks, chunks_is_text(byte), CHUNKS_EXTENSION_QUOTED);
}

/* RFC 9112, 7.1.1, without the spaces that only a bad sender has there. */
static int chunks_extension(struct fm__chunks *chunks, char byte)
{
    bool token = fm__char_is(byte, FM__CHAR_TOKEN);
    if (byte != '\r' && ++chunks->size > FM__CHUNK_EXTENSION)
        return -FM_EHTTPCHUNK;
    switch ((enum chunks_state)chunks->state) {
    case CHUNKS_EXTENSION:
        return chunks_expect(chunks, token, CHUNKS_EXTENSION_NAME);
    case CHUNKS_EXTENSION_NAME:
        if (byte == '=')
            return chunks_go(chunks, CHUNKS_EXTENSION_EQUAL);
        return token ? 0 : chunks_extension_ends(chunks, byte);
    case CHUNKS_EXTENSION_EQUAL:
        if (byte == '"')
            return chunks_go(chunks, CHUNKS_EXTENSION_QUOTED);
        return chunks_expect(chunks, token, CHUNKS_EXTENSION_VALUE);
    case CHUNKS_EXTENSION_VALUE:
        return token ? 0 : chunks_extension_ends(chunks, byte);
    case CHUNKS_EXTENSION_QUOTED:
        return chunks_quoted(chunks, byte);
    case CHUNKS_EXTENSION_ESCAPED:
        return chunks_expect(chunks, chunks_is_text(byte),
                             CHUNKS_EXTENSION_QUOTED);
    default:
        return chunks_extension_ends(chunks, byte);
    }
}

static int chunks_size_end(struct fm__chunks *chunks, char byte)
{
    if (byte != '\n')
        return -FM_EHTTPCHUNK;
    chunks->size = 0;
    chunks->last = chunks->left == 0;
    return chunks_go(chunks, chunks->last ? CHUNKS_TRAILER : CHUNKS_DATA);
}

static int chunks_trailer(struct fm__chunks *chunks, char byte)
{
    if (byte == '\r')
        return chunks_go(chunks, CHUNKS_END_LF);
    return chunks_expect(chunks, fm__char_is(byte, FM__CHAR_TOKEN),
                         CHUNKS_NAME);
}

static int chunks_name(struct fm__chunks *chunks, char byte)
{
    if (byte == ':')
        return chunks_go(chunks, CHUNKS_VALUE);
    return fm__char_is(byte, FM__CHAR_TOKEN) ? 0 : -FM_EHTTPCHUNK;
}

static int chunks_value(struct fm__chunks *chunks, char byte)
{
    if (byte == '\r')
        return chunks_go(chunks, CHUNKS_TRAILER_LF);
    return chunks_is_text(byte) ? 0 : -FM_EHTTPCHUNK;
}

/* A byte of what lies behind the last chunk. */
static int chunks_behind(struct fm__chunks *chunks, char byte)
{
    if (++chunks->size > FM__CHUNK_TRAILERS)
        return -FM_EHTTPFIELDS;
    switch ((enum chunks_state)chunks->state) {
    case CHUNKS_TRAILER:
        return chunks_trailer(chunks, byte);
    case CHUNKS_NAME:
        return chunks_name(chunks, byte);
    case CHUNKS_VALUE:
        return chunks_value(chunks, byte);
    case CHUNKS_TRAILER_LF:
        return chunks_expect(chunks, byte == '\n', CHUNKS_TRAILER);
    default:
        chunks->done = byte == '\n';
        return chunks->done ? 0 : -FM_EHTTPCHUNK;
    }
}

static int chunks_byte(struct fm__chunks *chunks, char byte)
{
    switch ((enum chunks_state)chunks->state) {
    case CHUNKS_SIZE:
        return chunks_size(chunks, byte);
    case CHUNKS_EXTENSION:
    case CHUNKS_EXTENSION_NAME:
    case CHUNKS_EXTENSION_EQUAL:
    case CHUNKS_EXTENSION_VALUE:
    case CHUNKS_EXTENSION_QUOTED:
    case CHUNKS_EXTENSION_ESCAPED:
    case CHUNKS_EXTENSION_END:
        return chunks_extension(chunks, byte);
    case CHUNKS_SIZE_LF:
        return chunks_size_end(chunks, byte);
    case CHUNKS_DATA_CR:
        return chunks_expect(chunks, byte == '\r', CHUNKS_DATA_LF);
    case CHUNKS_DATA_LF:
        return chunks_expect(chunks, byte == '\n', CHUNKS_SIZE);
    default:
        return chunks_behind(chunks, byte);
    }
}

ssize_t fm__chunks_read(struct fm__chunks *chunks, const char *bytes,
                        size_t size)
{
    size_t at = 0;
    while (at < size && chunks->state != CHUNKS_DATA && !chunks->done) {
        int rc = chunks_byte(chunks, bytes[at++]);
        if (rc < 0)
            return rc;
    }
    return (ssize_t)at;
}

bool fm__chunks_at_data(const struct fm__chunks *chunks)
{
    return chunks->state == CHUNKS_DATA;
}

void fm__chunks_took(struct fm__chunks *chunks, uint64_t size)
{
    chunks->left -= size;
    if (chunks->left == 0)
        chunks->state = CHUNKS_DATA_CR;
}

size_t fm__chunk_head(char *out, uint64_t size)
{
    int shift = (63 - __builtin_clzll(size | 1)) / 4 * 4;
    size_t at = 0;
    for (; shift >= 0; shift -= 4)
        out[at++] = "0123456789abcdef"[size >> shift & 15];
    out[at++] = '\r';
    out[at++] = '\n';
    return at;
}
