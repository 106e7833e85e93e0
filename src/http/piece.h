/*
 * piece.h - what a peer has to take in its time
 */
#ifndef FM_HTTP_PIECE_H
#define FM_HTTP_PIECE_H

#include <fermata/stream.h>
#include <stddef.h>
#include <sys/uio.h>

enum {
    FM__PIECE = 65536 /* bytes */
};

/* Writes all of it, or fails: 0, -ETIMEDOUT after so many seconds (below 0:
 * never), or as fm_write_vector. The caller has come by a cancel point.
 * Suspends. */
int fm__piece_put(fm_stream *stream, const struct iovec *parts, size_t count,
                  double seconds);

/* The same, which is a cancel point. */
int fm__piece_write(fm_stream *stream, const struct iovec *parts, size_t count,
                    double seconds);

/* The same of any size, FM__PIECE by FM__PIECE; as one chunk each (RFC 9112,
 * 7.1) where that is asked for. Suspends. */
int fm__piece_write_all(fm_stream *stream, struct iovec body, bool in_chunks,
                        double seconds);

/* A chunk: its head and its end around so many bytes. */
struct fm__piece_chunk {
    char head[18];
    struct iovec parts[3];
};
void fm__piece_chunk(struct fm__piece_chunk *chunk, const void *bytes,
                     size_t size);

/* The chunk that ends a body. Suspends. */
int fm__piece_write_last(fm_stream *stream, double seconds);

/* All that was written is the kernel's, or why not: who reads next would wait
 * for an answer to what was never sent. Suspends. */
int fm__piece_flush(fm_stream *stream, double seconds);

#endif
