/*
 * stream.h - bytes in order, both ways, from a task that may wait
 *
 *     ssize_t n;
 *     while ((n = fm_read(client, buf, sizeof buf)) > 0)
 *         fm_write(client, buf, (size_t)n);
 *     fm_close(client);
 *
 * A write is copied and leaves at the end of the turn, together with what
 * else the turn has written; it waits only while too much is on its way. One
 * task reads at a time and any number write, each write as a whole, in order
 * of asking. A stream belongs to one loop.
 */
#ifndef FERMATA_STREAM_H
#define FERMATA_STREAM_H

#include <fermata/api.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

/* A stream; made by fm_connect, fm_accept, fm_serve, fm_stream_adopt or
 * fm_stream_pair, ended by fm_close or fm_abort. One that a program leaves
 * open is reported and reset when its loop ends. */
typedef struct fm_stream fm_stream;

/*
 * Options of a stream; zero is the default.
 *
 *   read_limit      bytes that fm_peek may ask for: 64 KiB
 *   high_water      bytes on their way above which a write waits: 64 KiB
 *   low_water       bytes on their way at which it goes on: a quarter of
 *                   high_water
 *   nagle           TCP: hold small segments back (RFC 9293, 3.7.4); off,
 *                   because a turn's writes leave together anyway
 *   keepalive       TCP: probe a peer that is silent (RFC 9293, 3.8.4)
 *   receive_buffer  bytes, SO_RCVBUF of socket(7); 0: the system's choice
 *   send_buffer     bytes, SO_SNDBUF of socket(7); 0: the system's choice;
 *                   both are skipped for what is no socket
 *   descriptors     local sockets: how many descriptors that a peer has sent
 *                   may wait to be taken, see unix.h; 0: none are taken
 */
typedef struct fm_stream_options {
    size_t read_limit;
    size_t high_water;
    size_t low_water;
    bool nagle;
    bool keepalive;
    int receive_buffer;
    int send_buffer;
    unsigned descriptors;
} fm_stream_options;

#define FM_VECTOR_MOST 1024          /* parts of one vector: Linux's IOV_MAX */
#define FM_TEXTS_MOST 16             /* texts of one fm_read_until_any */
#define FM_PRINTF_MOST (1024 * 1024) /* bytes of one fm_printf */
#define FM_TO_THE_END SIZE_MAX       /* as the size of fm_sendfile */

/* Any of which fm_read_until_any stops at; borrowed while it runs. */
typedef struct fm_texts {
    const char *const *texts; /* none is empty */
    size_t count;
    size_t found; /* the index of the one it stopped at */
} fm_texts;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Some bytes: waits until at least one is there, and takes what is, at most
 * `size`, into the caller's buf. With size 0 it waits for nothing.
 *
 * Returns the number of bytes, 0 at the end of the stream, -ECANCELED or
 * -ETIMEDOUT when cut, -ECONNRESET when the peer reset the connection,
 * FM_EPEERTIMEOUT, negated, when it fell silent, or what else the kernel
 * says. The end and errors stay: the next call returns them again.
 */
FM_API FM_SUSPENDS ssize_t fm_read(fm_stream *stream, void *buf, size_t size);

/*
 * Exactly `size` bytes, into the caller's buf, or none: when it fails, what
 * had come stays in the stream and is read by the next call, whatever buf
 * holds by then.
 *
 * Returns `size`; -FM_EEOF when the stream ends before; -ENOMEM, because
 * what comes in pieces needs room to stay; or as fm_read.
 */
FM_API FM_SUSPENDS ssize_t fm_read_exactly(fm_stream *stream, void *buf,
                                           size_t size);

/*
 * All bytes up to a text and the text itself, into the caller's buf, or none.
 *
 * Returns the number of bytes with the text; -EMSGSIZE when they are more
 * than `size`, -EINVAL when the text is empty, -FM_EEOF when the stream ends
 * before: then the bytes stay in the stream; -ENOMEM; or as fm_read.
 */
FM_API FM_SUSPENDS ssize_t fm_read_until(fm_stream *stream, const char *text,
                                         void *buf, size_t size);

/*
 * All bytes up to one of several texts and the text itself, into the caller's
 * buf, or none. It stops where the first of them ends, so that what is read
 * is the shortest; of texts that end there the longest is found: of "\r\n"
 * and "\n" the former, where it is there. That does not depend on the pieces
 * in which they come.
 *
 * Returns the number of bytes with the text, whose index is in texts->found;
 * -EMSGSIZE when they are more than `size`, -EINVAL when a text is empty,
 * when there is none, or more than FM_TEXTS_MOST; -FM_EEOF when the stream
 * ends before: then the bytes stay in the stream; -ENOMEM; or as fm_read.
 */
FM_API FM_SUSPENDS ssize_t fm_read_until_any(fm_stream *stream, fm_texts *texts,
                                             void *buf, size_t size);

/*
 * Some bytes into several buffers, of which each is filled before the next:
 * waits until at least one byte is there, and takes what is. The parts are
 * borrowed. With no room in them it waits for nothing.
 *
 * Returns the number of bytes in all; -EINVAL for more parts than
 * FM_VECTOR_MOST or more bytes than SSIZE_MAX; or as fm_read.
 */
FM_API FM_SUSPENDS ssize_t fm_read_vector(fm_stream *stream,
                                          const struct iovec *parts,
                                          size_t count);

/*
 * A line, into the caller's buf, without its "\n" or "\r\n" and with a NUL
 * behind it. The last line of a stream need not end in a newline.
 *
 * Returns the length, at most size - 1; -FM_EEOF when there is no more line;
 * -EMSGSIZE when the line is longer than size - 1: then it stays in the stream;
 * -ENOMEM; or as fm_read.
 */
FM_API FM_SUSPENDS ssize_t fm_read_line(fm_stream *stream, char *buf,
                                        size_t size);

/*
 * Looks without taking: waits until at least `least` bytes are there, and
 * lends them. *bytes is borrowed from the stream, until the next call that
 * reads, consumes or ends it.
 *
 * Returns how many bytes are there: `least` or more, fewer at the end of the
 * stream, 0 when nothing is left; -EMSGSIZE when `least` is above the
 * read_limit; -ENOMEM; or as fm_read.
 */
FM_API FM_SUSPENDS ssize_t fm_peek(fm_stream *stream, size_t least,
                                   const void **bytes);

/* Takes bytes that were looked at; more than that aborts with a sentence. */
FM_API void fm_consume(fm_stream *stream, size_t size);

/*
 * Puts bytes back, before all that is still to be read: the next call reads
 * them first, also after the end of the stream. They are copied and need not
 * be those that were read. Never suspends; aborts with a sentence while
 * another task reads.
 *
 * Returns 0; -EMSGSIZE when the stream would hold more than its read_limit
 * and 16 KiB, where what was just taken out of a longer piece has its place
 * still; -ENOMEM. Then nothing is put back.
 */
FM_API int fm_unread(fm_stream *stream, const void *bytes, size_t size);

/*
 * Writes all of buf, which is the caller's again when it returns. Bytes are
 * copied and leave at the end of the turn; above high water it waits, and a
 * large buf is sent from where it lies.
 *
 * Returns `size`; fewer when it was cut after some were accepted, else
 * -ECANCELED or -ETIMEDOUT when cut; -EPIPE after fm_write_eof or when the
 * peer reads no more, -ECONNRESET, or what else the kernel says, about this
 * write or an earlier one. After an error nothing more can be written.
 */
FM_API FM_SUSPENDS ssize_t fm_write(fm_stream *stream, const void *buf,
                                    size_t size);

/*
 * Writes several buffers as one fm_write would write them joined, in turn with
 * other writers. None is copied that fm_write would not copy. The parts are
 * borrowed, and what they point to is the caller's again when it returns.
 *
 * Returns the number of bytes in all, or fewer, and errors, as fm_write;
 * -EINVAL for more parts than FM_VECTOR_MOST or more bytes than SSIZE_MAX.
 */
FM_API FM_SUSPENDS ssize_t fm_write_vector(fm_stream *stream,
                                           const struct iovec *parts,
                                           size_t count);

/*
 * Writes what printf(3) would print, in one fm_write. It is formatted at once,
 * whoever else is writing then: straight into what is about to leave, or into
 * memory of its own where it has to wait or is longer than 16 KiB.
 *
 * Returns the number of bytes, or fewer, and errors, as fm_write; -EMSGSIZE
 * for more than FM_PRINTF_MOST; -ENOMEM; or what vsnprintf(3) says, such as
 * -EILSEQ. Then nothing is written.
 */
FM_API FM_SUSPENDS ssize_t fm_printf(fm_stream *stream, const char *format, ...)
    FM__FORMAT(2, 3);

/*
 * Writes as fm_printf, with a list of arguments, which it does not end.
 *
 * Returns as fm_printf.
 */
FM_API FM_SUSPENDS ssize_t fm_vprintf(fm_stream *stream, const char *format,
                                      va_list args) FM__FORMAT(2, 0);

/*
 * Writes a part of a file, as one write: the next `size` bytes from *offset on,
 * or all up to its end for FM_TO_THE_END. *offset is moved by what is
 * returned, or where it fails by the pieces that were accepted before; NULL is
 * the beginning. The descriptor is borrowed, has to be one that can be read at
 * an offset, and its own position is neither used nor moved.
 *
 * The beginning leaves with what was written before. Where the stream is a
 * socket or a pipe of the kernel's, the rest of a large part goes there without
 * a copy, by sendfile(2). What is not in memory yet is read on a thread of the
 * loop's pool, in pieces of 256 KiB at most: the loop never waits for a disk
 * (preadv2(2), RWF_NOWAIT, Linux 4.14).
 *
 * Returns the number of bytes: fewer than `size` where the file ends before,
 * also when it became shorter meanwhile, or when it was cut after some were
 * accepted; else -ECANCELED or -ETIMEDOUT when cut. -EINVAL when *offset is
 * negative, -EBADF, -ESPIPE for a pipe, -EISDIR, -EIO, or what else read(2)
 * says; -ENOMEM; -EAGAIN when a thread is needed and none can be started; or
 * as fm_write. A cut waits for the piece that is being read.
 */
FM_API FM_SUSPENDS ssize_t fm_sendfile(fm_stream *stream, int fd,
                                       int64_t *offset, size_t size);

/*
 * Waits until the kernel has taken all that was written.
 *
 * Returns 0, -ECANCELED or -ETIMEDOUT when cut, or what went wrong with it.
 */
FM_API FM_SUSPENDS int fm_flush(fm_stream *stream);

/*
 * Half-close: flushes, then tells the peer that no more will come; reading
 * goes on. What can only be written to, as a pipe, is closed for that.
 *
 * Returns as fm_flush; -ENOTSOCK where the system has no half-close, as for a
 * terminal.
 */
FM_API FM_SUSPENDS int fm_write_eof(fm_stream *stream);

/*
 * Flushes and closes; the stream is gone, whatever is returned. Cut, it
 * skips the flush, and what was not yet sent is lost. Where bytes were lost,
 * so or by a write that failed, the connection is reset: the peer shall not
 * take what has come for all there was. Aborts with a sentence while another
 * task reads or writes it. NULL is 0.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when the flush was skipped; or the
 * first error of a write that no call has returned yet.
 */
FM_API FM_SETTLES int fm_close(fm_stream *stream);

/*
 * Resets the connection: what is on its way is lost, the peer's next call
 * fails with ECONNRESET (RFC 9293, 3.5.2). The stream is gone. Never
 * suspends; NULL does nothing; aborts with a sentence while another task
 * reads or writes it.
 */
FM_API void fm_abort(fm_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
