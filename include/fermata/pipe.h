/*
 * pipe.h - two streams that are joined
 *
 *     fm_stream *ends[2];
 *     int rc = fm_stream_pair(ends);
 *     if (rc == 0) {
 *         fm_write(ends[0], "hello", 5);
 *         fm_read(ends[1], buf, sizeof buf);
 *     }
 *
 * What is written to one is read from the other: in memory, for tasks that
 * talk as if by a network, and for tests of what speaks by streams.
 */
#ifndef FERMATA_PIPE_H
#define FERMATA_PIPE_H

#include <fermata/api.h>
#include <fermata/stream.h>

/* Bytes of a pair that lie between its ends in each direction, at most, not
 * counting what waits above them for room (high_water). */
#define FM_STREAM_PAIR_SIZE 65536

/*
 *     int fm_pipe(fm_stream *ends[2], ...);
 *
 * Makes a pipe of the system's (pipe(7)): what is written to ends[1] is read
 * from ends[0]. For processes and libraries that want a descriptor, see
 * fm_stream_fd. The other direction of an end fails with -EBADF; fm_write_eof
 * closes the descriptor of ends[1]. A second argument, a `const
 * fm_stream_options *` for both, is optional; options of sockets are skipped.
 *
 * Returns 0, and the ends are the caller's, each to be closed; or, with ends
 * as it was, -EMFILE or -ENFILE without free descriptors, -ENOMEM.
 */
#define fm_pipe(...) FM__PIPE(__VA_ARGS__, NULL, )

/*
 *     int fm_stream_pair(fm_stream *ends[2], ...);
 *
 * Makes two streams that are joined in memory, both ways, without a
 * descriptor. They are streams as any: a half-close, an abort and a close with
 * bytes unread are seen by the other end as over TCP. A second argument, a
 * `const fm_stream_options *` for both, is optional.
 *
 * Returns 0, and the ends are the caller's, each to be closed; or -ENOMEM,
 * with ends as it was.
 */
#define fm_stream_pair(...) FM__STREAM_PAIR(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Private: what the macros above call. */
FM_API int fm__pipe(fm_stream *ends[2], const fm_stream_options *options);
FM_API int fm__stream_pair(fm_stream *ends[2],
                           const fm_stream_options *options);

#ifdef __cplusplus
}
#endif

#define FM__PIPE(ends, ...)                                                    \
    fm__pipe((ends), FM__OPTIONS(fm_stream_options, __VA_ARGS__))
#define FM__STREAM_PAIR(ends, ...)                                             \
    fm__stream_pair((ends), FM__OPTIONS(fm_stream_options, __VA_ARGS__))

#endif
