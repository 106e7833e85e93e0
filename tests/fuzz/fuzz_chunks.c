/*
 * fuzz_chunks.c - chunks give the same data however they come
 *
 * The first byte is the size of the pieces.
 */
#include "fuzz.h"

#include "proto/chunks.h"

#include <string.h>

enum {
    ROOM = 1 << 16
};

struct outcome {
    ssize_t taken; /* or an error */
    size_t size;
    char data[ROOM];
};

static void decode(struct outcome *out, const char *bytes, size_t size,
                   size_t piece)
{
    struct fm__chunks chunks;
    size_t at = 0;
    fm__chunks_init(&chunks);
    out->size = 0;
    while (at < size && !chunks.done) {
        size_t come = piece < size - at ? piece : size - at;
        ssize_t rc = fm__chunks_read(&chunks, bytes + at, come);
        out->taken = rc;
        if (rc < 0)
            return;
        at += (size_t)rc;
        come -= (size_t)rc;
        size_t part = chunks.left < come ? (size_t)chunks.left : come;
        if (chunks.done || part == 0)
            continue;
        memcpy(out->data + out->size, bytes + at, part);
        out->size += part;
        at += part;
        fm__chunks_took(&chunks, part);
    }
    out->taken = (ssize_t)at;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct outcome whole, parts;
    if (size < 2 || size > ROOM)
        return 0;
    const char *text = (const char *)bytes + 1;
    decode(&whole, text, size - 1, size - 1);
    decode(&parts, text, size - 1, bytes[0] > 0 ? bytes[0] : 1);
    if (whole.taken != parts.taken || whole.size != parts.size ||
        memcmp(whole.data, parts.data, whole.size) != 0)
        fuzz_fail("chunks that are others in pieces");
    return 0;
}
