/*
 * piece.c - writing, a piece at a time
 */
#include "http/piece.h"

#include "base/compiler.h"
#include "proto/chunks.h"

#include <errno.h>
#include <fermata/timeout.h>

int fm__piece_write(fm_stream *stream, const struct iovec *parts, size_t count,
                    double seconds)
{
    size_t size = 0;
    fm_timeout timeout;
    for (size_t i = 0; i < count; i++)
        size += parts[i].iov_len;
    if (seconds >= 0)
        fm_timeout_open(&timeout, seconds);
    ssize_t rc = fm_write_vector(stream, parts, count);
    int cut = rc < 0 ? (int)rc : 0;
    if (rc >= 0 && (size_t)rc < size)
        cut = -ECANCELED; /* its reason shows at the next call */
    return seconds >= 0 ? fm_timeout_close(&timeout, cut) : cut;
}

static int piece_chunk(fm_stream *stream, const void *bytes, size_t size,
                       double seconds)
{
    char head[18];
    const struct iovec parts[] = {
        {head, fm__chunk_head(head, size)},
        {(void *)(uintptr_t)bytes, size},
        {(void *)(uintptr_t)"\r\n", 2},
    };
    return fm__piece_write(stream, parts, FM__COUNT(parts), seconds);
}

int fm__piece_write_all(fm_stream *stream, struct iovec body, bool in_chunks,
                        double seconds)
{
    int rc = 0;
    while (rc == 0 && body.iov_len > 0) {
        struct iovec some = body;
        if (some.iov_len > FM__PIECE)
            some.iov_len = FM__PIECE;
        rc = in_chunks
                 ? piece_chunk(stream, some.iov_base, some.iov_len, seconds)
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
