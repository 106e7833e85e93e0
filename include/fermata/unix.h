/*
 * unix.h - what only local sockets can do: know who calls, pass descriptors
 *
 *     fm_credentials who;
 *     if (fm_stream_credentials(client, &who) == 0 && who.user == 0)
 *         fm_send_descriptor(client, log_fd, "the log\n", 8);
 *
 * Bytes are read from the other end as from any stream; the descriptors that
 * came with them wait beside them, in order, for fm_receive_descriptor.
 */
#ifndef FERMATA_UNIX_H
#define FERMATA_UNIX_H

#include <fermata/api.h>
#include <fermata/stream.h>

/* Descriptors that can be sent at once: SCM_MAX_FD of unix(7). */
#define FM_DESCRIPTORS_LIMIT 253

/* Who made the other end of a local socket, when it connected or listened. */
typedef struct fm_credentials {
    int process;    /* its number; 0 where it cannot be seen from here */
    unsigned user;  /* effective */
    unsigned group; /* effective */
} fm_credentials;

/* Some descriptors; borrowed from the caller. */
typedef struct fm_descriptors {
    const int *fds;
    size_t count;
} fm_descriptors;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Who is at the other end of a local socket, as the system knows it
 * (SO_PEERCRED of unix(7)): it cannot be forged. Never suspends.
 *
 * Returns 0; -EOPNOTSUPP when the stream is no local socket, or what else the
 * system says; then *who is as it was.
 */
FM_API int fm_stream_credentials(const fm_stream *stream, fm_credentials *who);

/*
 * Writes as fm_write, and sends a descriptor with the first of the bytes. It
 * is copied for the receiver and stays the caller's, who may close it at once.
 * Cut, either it was sent or no byte was.
 *
 * Returns as fm_write; -EINVAL when size is 0, -EBADF when fd is not open,
 * -ETOOMANYREFS when too many are on their way, and -EOPNOTSUPP when the
 * stream is no local socket or speaks TLS, or in the simulator: then nothing
 * was written.
 */
FM_API FM_SUSPENDS ssize_t fm_send_descriptor(fm_stream *stream, int fd,
                                              const void *buf, size_t size);

/*
 * Writes as fm_send_descriptor, with several descriptors, which arrive in this
 * order.
 *
 * Returns as fm_send_descriptor; also -EINVAL when there are none or more
 * than FM_DESCRIPTORS_LIMIT.
 */
FM_API FM_SUSPENDS ssize_t fm_send_descriptors(fm_stream *stream,
                                               const fm_descriptors *with,
                                               const void *buf, size_t size);

/*
 * The oldest descriptor that has come and was not taken; where none has, waits
 * for bytes until one comes with them. The bytes stay in the stream, to be
 * read by the calls that read. A descriptor may be there before its bytes have
 * been read, never after. It is the caller's, to be closed, and ends with an
 * exec (FD_CLOEXEC).
 *
 * Only a stream with the option `descriptors` takes any: from others the
 * system keeps them. Where more come than that number, or than the process may
 * open, those that came together are closed, and this and every later read
 * fails with -EBADMSG. What was not taken is closed with the stream.
 *
 * Returns 0; -FM_EEOF when the stream ends without one, -EMSGSIZE when the
 * read_limit is reached before one comes, -EOPNOTSUPP when the stream takes
 * none, or as fm_peek; then *fd is as it was.
 */
FM_API FM_SUSPENDS int fm_receive_descriptor(fm_stream *stream, int *fd);

/*
 * The oldest descriptor as by fm_receive_descriptor, if one is there: never
 * suspends.
 *
 * Returns 0; -EAGAIN when none is there, -EOPNOTSUPP when the stream takes
 * none; then *fd is as it was.
 */
FM_API int fm_receive_descriptor_try(fm_stream *stream, int *fd);

#ifdef __cplusplus
}
#endif

#endif
