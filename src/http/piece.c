/*
 * piece.c - writing, a piece at a time
 */
#include "http/piece.h"

#include "io/stream_record.h"
#include "proto/chunks.h"

#include <errno.h>
#include <fermata/timeout.h>

static size_t piece_size(const struct iovec *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].iov_len;
    return size;
}

static int piece_put_in_time(fm_stream *stream, const struct iovec *parts,
                             size_t count, double seconds)
{
    fm_timeout timeout;
    size_t size = piece_size(parts, count);
    if (seconds >= 0)
        fm_timeout_open(&timeout, seconds);
    ssize_t rc = fm_write_vector(stream, parts, count);
    int cut = rc < 0 ? (int)rc : 0;
    if (rc >= 0 && (size_t)rc < size)
        cut = -ECANCELED; /* its reason shows at the next call */
    return seconds >= 0 ? fm_timeout_close(&timeout, cut) : cut;
}

/* Time passes only where the write has to wait. */
int fm__piece_put(fm_stream *stream, const struct iovec *parts, size_t count,
                  double seconds)
{
    size_t size = piece_size(parts, count);
    fm__stream_check(stream, "fm_write_vector");
    return fm__stream_put(stream, parts, count, size)
               ? 0
               : piece_put_in_time(stream, parts, count, seconds);
}

int fm__piece_write(fm_stream *stream, const struct iovec *parts, size_t count,
                    double seconds)
{
    int rc = fm__checkpoint(fm__current, "fm_write_vector");
    return rc < 0 ? rc : fm__piece_put(stream, parts, count, seconds);
}

void fm__piece_chunk(struct fm__piece_chunk *chunk, const void *bytes,
                     size_t size)
{
    chunk->parts[0] =
        (struct iovec){chunk->head, fm__chunk_head(chunk->head, size)};
    chunk->parts[1] = (struct iovec){(void *)(uintptr_t)bytes, size};
    chunk->parts[2] = (struct iovec){(void *)(uintptr_t)"\r\n", 2};
}

static int piece_write_chunk(fm_stream *stream, struct iovec some,
                             double seconds)
{
    struct fm__piece_chunk chunk;
    fm__piece_chunk(&chunk, some.iov_base, some.iov_len);
    return fm__piece_write(stream, chunk.parts, FM__COUNT(chunk.parts),
                           seconds);
}

int fm__piece_write_all(fm_stream *stream, struct iovec body, bool in_chunks,
                        double seconds)
{
    int rc = 0;
    while (rc == 0 && body.iov_len > 0) {
        struct iovec some = body;
        if (some.iov_len > FM__PIECE)
            some.iov_len = FM__PIECE;
        rc = in_chunks ? piece_write_chunk(stream, some, seconds)
                       : fm__piece_write(stream, &some, 1, seconds);
        body.iov_base = (char *)body.iov_base + some.iov_len;
        body.iov_len -= some.iov_len;
    }
    return rc;
}

int fm__piece_write_last(fm_stream *stream, double seconds)
{
    static const struct iovec end = {(void *)(uintptr_t)"0\r\n\r\n", 5};
    return fm__piece_write(stream, &end, 1, seconds);
}

int fm__piece_flush(fm_stream *stream, double seconds)
{
    int rc;
    if (seconds < 0)
        return fm_flush(stream);
    FM_TIMEOUT(seconds, rc) {
        rc = fm_flush(stream);
    }
    return rc;
}
