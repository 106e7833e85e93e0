/*
 * fuzz_chunks.c - chunks give the same data however they come, and what is
 * written in chunks is read as it was
 *
 * The first byte is the size of the pieces.
 */
#include "fuzz.h"

#include "proto/chunks.h"

enum {
    ROOM = 1 << 16,
    CODED = 32 * ROOM /* a byte in a chunk of its own takes six */
};

struct outcome {
    ssize_t taken; /* or an error */
    size_t size;
    bool done;
    char data[ROOM];
};

static void decode(struct outcome *out, const char *bytes, size_t size,
                   size_t piece)
{
    struct fm__chunks chunks;
    size_t at = 0;
    fm__chunks_init(&chunks);
    out->size = 0;
    out->done = false;
    while (at < size && !chunks.done) {
        size_t come = piece < size - at ? piece : size - at;
        char *part = fuzz_copy(bytes + at, come);
        ssize_t rc = fm__chunks_read(&chunks, part, come);
        free(part);
        out->taken = rc;
        if (rc < 0)
            return;
        at += (size_t)rc;
        come -= (size_t)rc;
        size_t data = chunks.left < come ? (size_t)chunks.left : come;
        if (!fm__chunks_at_data(&chunks) || data == 0)
            continue;
        memcpy(out->data + out->size, bytes + at, data);
        out->size += data;
        at += data;
        fm__chunks_took(&chunks, data);
    }
    out->done = chunks.done;
    out->taken = (ssize_t)at;
}

static void check_same(const struct outcome *one, const struct outcome *other,
                       const char *complaint)
{
    if (one->taken != other->taken || one->size != other->size ||
        one->done != other->done ||
        memcmp(one->data, other->data, one->size) != 0)
        fuzz_fail(complaint);
}

static size_t put(char *to, const char *text)
{
    memcpy(to, text, strlen(text));
    return strlen(text);
}

/* The data in chunks of that size. */
static void check_again(const struct outcome *wanted, size_t piece)
{
    static char coded[CODED];
    static struct outcome again;
    size_t size = 0;
    for (size_t at = 0; at < wanted->size; at += piece) {
        size_t part = piece < wanted->size - at ? piece : wanted->size - at;
        size += fm__chunk_head(coded + size, part);
        memcpy(coded + size, wanted->data + at, part);
        size += part;
        size += put(coded + size, "\r\n");
    }
    size += put(coded + size, "0\r\n\r\n");
    decode(&again, coded, size, size);
    if (again.taken != (ssize_t)size || !again.done ||
        again.size != wanted->size ||
        memcmp(again.data, wanted->data, again.size) != 0)
        fuzz_fail("data that is another when it is written again");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct outcome whole, parts;
    if (size < 2 || size > ROOM)
        return 0;
    const char *text = (const char *)bytes + 1;
    size_t piece = bytes[0] > 0 ? bytes[0] : 1;
    decode(&whole, text, size - 1, size - 1);
    decode(&parts, text, size - 1, 1);
    check_same(&whole, &parts, "chunks that are others byte by byte");
    decode(&parts, text, size - 1, piece);
    check_same(&whole, &parts, "chunks that are others in pieces");
    check_again(&whole, piece);
    return 0;
}
