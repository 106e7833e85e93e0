/*
 * chunks.h - the chunked coding (RFC 9112, 7.1): what lies between the data
 *
 * The reader takes sizes, extensions and trailers, and leaves the data to its
 * caller, who may have it go straight to where it belongs:
 *
 *     rc = fm__chunks_read(&chunks, bytes, size);   took rc bytes
 *     ... chunks.left bytes of data are next, or chunks.done ...
 *     fm__chunks_took(&chunks, n);
 *
 * Extensions are checked, and mean nothing here. Trailers are checked and
 * dropped: what comes behind a body has to be merged by somebody who knows what
 * it means.
 */
#ifndef FM_PROTO_CHUNKS_H
#define FM_PROTO_CHUNKS_H

#include "base/compiler.h"

#include <sys/types.h>

enum {
    FM__CHUNK_DIGITS = 16,
    FM__CHUNK_EXTENSION = 256, /* bytes of a chunk's extensions */
    FM__CHUNK_TRAILERS = 8192  /* bytes of a message's trailers */
};

struct fm__chunks {
    uint64_t left; /* of data, which comes next */
    uint32_t size; /* of what is read now, against its limit */
    uint8_t state;
    bool last; /* the size of the chunk was 0 */
    bool done;
};

void fm__chunks_init(struct fm__chunks *chunks);

/*
 * Takes from the front until data comes, the message ends or there is no more:
 * how many bytes; -FM_EHTTPCHUNK for what does not belong there, also a size
 * above 2^63 - 1 and extensions above their limit; -FM_EHTTPFIELDS for trailers
 * above theirs.
 */
ssize_t fm__chunks_read(struct fm__chunks *chunks, const char *bytes,
                        size_t size);

/* All that lies before the data has come: `left` is how many they are. */
bool fm__chunks_at_data(const struct fm__chunks *chunks);

/* The caller has taken so many bytes of data, at most what is left. */
void fm__chunks_took(struct fm__chunks *chunks, uint64_t size);

/* A chunk's first line, for `size` bytes of data, into 18 bytes: its size. */
size_t fm__chunk_head(char *out, uint64_t size);

#endif
