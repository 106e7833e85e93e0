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
#include <stdbool.h>
#include <sys/types.h>

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
 * A line, into the caller's buf, without its "\n" or "\r\n" and with a NUL
 * behind it. The last line of a stream need not end in a newline.
 *
 * Returns the length, at most size - 1; -FM_EEOF when there is no more line;
 * -EMSGSIZE when the line is longer than size - 1: then it stays
 * in the stream; -ENOMEM; or as fm_read.
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
