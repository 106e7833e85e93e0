/*
 * fd.h - descriptors that others made: wait for one, or make it a stream
 *
 * libpq, libcurl and their like do their own system calls and only ask to be
 * told when to go on:
 *
 *     int fd = PQsocket(connection);
 *     while (PQisBusy(connection) && fm_wait_fd(fd, FM_READABLE) > 0)
 *         PQconsumeInput(connection);
 */
#ifndef FERMATA_FD_H
#define FERMATA_FD_H

#include <fermata/api.h>
#include <fermata/stream.h>

/* What a descriptor may be ready for: a read, a write. */
#define FM_READABLE 1
#define FM_WRITABLE 4

/*
 *     int fm_stream_adopt(int fd, fm_stream **stream, ...);
 *
 * Makes a stream of a descriptor: a connected socket, a pipe, a terminal. It
 * is taken: made non-blocking, for all who share it, and closed with the
 * stream. A third argument, a `const fm_stream_options *`, is optional; those
 * that are for TCP alone are skipped where it is none.
 *
 * Returns 0; -EBADF when fd is not open, -ENOMEM, or what else the system
 * says; then the descriptor is still the caller's.
 */
#define fm_stream_adopt(...) FM__STREAM_ADOPT(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits until the descriptor is ready for one of the events, FM_READABLE,
 * FM_WRITABLE or both. An end, an error or a hang-up makes it ready for each
 * of them: the next call on it does not block, and tells. A regular file is
 * always ready. The descriptor is borrowed and stays as it is; any number of
 * tasks may wait for it. It has to stay open meanwhile: that it was closed is
 * told to nobody who waits.
 *
 * Returns the events that it is ready for, at least one of those asked for;
 * -ECANCELED or -ETIMEDOUT when cut; -EINVAL for no events or unknown ones,
 * -EBADF when fd is not open, -ENOMEM.
 */
FM_API FM_SUSPENDS int fm_wait_fd(int fd, int events);

/*
 * The descriptor of a stream, borrowed: to look at, and to set options on;
 * not to be read, written or closed.
 *
 * Returns its number, on the simulator one that the system does not know; -1
 * where there is none: fm_stream_pair.
 */
FM_API int fm_stream_fd(const fm_stream *stream);

/* Private: what the macro above calls. */
FM_API int fm__stream_adopt(int fd, fm_stream **stream,
                            const fm_stream_options *options);

#ifdef __cplusplus
}
#endif

#define FM__STREAM_ADOPT(fd, stream, options, ...)                             \
    fm__stream_adopt((fd), (stream), (options))

#endif
