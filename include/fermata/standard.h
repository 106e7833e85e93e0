/*
 * standard.h - standard input, output and error as streams
 *
 *     fm_stream *in, *out;
 *     char line[1000];
 *     if (fm_stdin(&in) == 0 && fm_stdout(&out) == 0)
 *         while (fm_read_line(in, line, sizeof line) >= 0)
 *             rc = handle(line);
 *
 * Whatever they are: a terminal, a pipe, a socket, a file, /dev/null. What
 * other processes share with this one stays as it is: nothing is made
 * non-blocking for the shell that waits, nor for the next program in a pipe.
 */
#ifndef FERMATA_STANDARD_H
#define FERMATA_STANDARD_H

#include <fermata/api.h>
#include <fermata/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A stream of descriptor 0, which stays open when the stream is closed. Make
 * one and keep it: bytes that a stream has read and not given out are lost
 * with it. A pipe or a terminal is opened a second time, for this program
 * alone; where that is not allowed, and for a socket, each read waits until
 * there is something to read; a file is read on a thread of the loop's pool. A
 * read of a file is not cut, and in the simulator no read is: it then ends
 * first.
 *
 * Returns 0, and *stream is the caller's, to be closed; or, with *stream as it
 * was: -EBADF when the descriptor is closed, -EMFILE or -ENFILE without a free
 * one, -ENOMEM, or what else the system says.
 */
FM_API int fm_stdin(fm_stream **stream);

/*
 * A stream of descriptor 1, which stays open when the stream is closed: so a
 * half-close (fm_write_eof) ends the stream, and what is behind it learns of
 * the end when the process ends. What was written leaves with the turn, in
 * order with all that this stream has written and with nothing else: what
 * stdio holds back is not known here. Close it before the program ends, and
 * after a cut in a shield: what the last turn wrote is else lost, as with any
 * stream. A file is written on a thread of the loop's pool; in the simulator
 * all else is by the loop's own.
 *
 * Returns as fm_stdin.
 */
FM_API int fm_stdout(fm_stream **stream);

/*
 * A stream of descriptor 2, as fm_stdout.
 *
 * Returns as fm_stdin.
 */
FM_API int fm_stderr(fm_stream **stream);

#ifdef __cplusplus
}
#endif

#endif
