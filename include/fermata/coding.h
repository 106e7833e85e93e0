/*
 * coding.h - streams of compressed bytes
 *
 *     rc = fm_file_stream(file, &stream);          // of "access.log.gz"
 *     if (rc == 0)
 *         rc = fm_decode_start(stream, "gzip");
 *     while (rc >= 0 && (rc = fm_read_line(stream, line, size)) >= 0)
 *         rc = handle(line);
 *
 * gzip (RFC 1952), deflate (RFC 1950, 1951), br (RFC 7932) or zstd (RFC 8878)
 * between a program and a stream; HTTP decodes by itself. In libfermata-http.
 */
#ifndef FERMATA_CODING_H
#define FERMATA_CODING_H

#include <fermata/api.h>
#include <fermata/stream.h>
#include <stdbool.h>
#include <stdint.h>

#define FM_DECODE_CODINGS 2    /* one behind the other */
#define FM_DECODE_RATIO 100    /* bytes that may come of one, */
#define FM_DECODE_FREE 1048576 /* bytes: above so many that come */

/*
 * Options of fm_decode_start; zero is the default.
 *
 *   ratio  bytes that may come of each byte, 0: FM_DECODE_RATIO, below 0: any.
 *          The first FM_DECODE_FREE that come are not counted. Files of zeros
 *          and some logs are packed better than that
 *   limit  bytes that may come in all; 0: any
 */
typedef struct fm_decode_options {
    int ratio;
    uint64_t limit;
} fm_decode_options;

/*
 * Options of fm_encode_start; zero is the default.
 *
 *   level  of the coding's own scale: 1 to 9 of gzip and deflate, to 11 of br,
 *          to 19 of zstd; 0: 6, 5 and 3
 *   live   what is written in a turn can be decoded as soon as it has arrived;
 *          else it leaves when there is enough of it to be packed well
 */
typedef struct fm_encode_options {
    int level;
    bool live;
} fm_encode_options;

/*
 *     FM_SUSPENDS int fm_decode_start(fm_stream *stream, const char *codings,
 *                                     ...);
 *
 * What is read from the stream is decoded from now on, in its place, also what
 * has come and was not read; what is written goes as it is. `codings` is a list
 * as of Content-Encoding, in the order in which they were done, at most
 * FM_DECODE_CODINGS: "gzip", "x-gzip", "deflate", "br", "zstd"; "identity" is
 * none of them. deflate may be with or without its frame (RFC 1950), as
 * browsers take both. A third argument, a `const fm_decode_options *`, is
 * optional.
 *
 * It ends with the stream below. Members of gzip and frames of zstd that follow
 * one another are read as one; what else is behind the end of coded data is
 * passed over, as browsers and gzip(1) do; a stream without a byte is an empty
 * one. A reader gets what could be decoded before it gets an error, which
 * stays: -FM_ECODED for what is no data of the coding, -FM_ECODEDSHORT when it
 * ends before its end, -FM_ECODEDSIZE above an option, or for a window of zstd
 * above 8 MiB (RFC 9659); -ENOMEM. To decode takes 50 KiB for gzip, up to 9 MiB
 * for zstd and up to 17 MiB for br, as far as the data asks for it.
 *
 * Returns 0; with nothing changed -FM_ECODEDKIND for a coding that is not
 * known, of which the library was built without its own, or for too many;
 * -EALREADY for a stream that is coded, or a TLS one; -ENOMEM; or as fm_read.
 */
#define fm_decode_start(...) FM__DECODE_START(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_encode_start(fm_stream *stream, const char *coding,
 *                                     ...);
 *
 * What is written to the stream is encoded from now on, in its place; what is
 * read comes as it is. What was written before leaves before. The end of the
 * coded data is written by fm_close or fm_write_eof, whose result is to be
 * looked at: a stream that is aborted, or closed by a task that was cut, has
 * none. A third argument, a `const fm_encode_options *`, is optional.
 *
 * Returns 0; with nothing changed -FM_ECODEDKIND for a coding that is not
 * known; -EINVAL for a level that it does not have; -EALREADY and -ENOMEM as
 * above; or as fm_read.
 */
#define fm_encode_start(...) FM__ENCODE_START(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Returns whether a coding, by its name, can be decoded and encoded here: the
 * library takes zlib, brotli and zstd where they were when it was built. */
FM_API bool fm_coding_known(const char *coding);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__decode_start(fm_stream *stream, const char *codings,
                                        const fm_decode_options *options);
FM_API FM_SUSPENDS int fm__encode_start(fm_stream *stream, const char *coding,
                                        const fm_encode_options *options);

#ifdef __cplusplus
}
#endif

#define FM__DECODE_START(stream, codings, ...)                                 \
    fm__decode_start((stream), (codings),                                      \
                     FM__OPTIONS(fm_decode_options, __VA_ARGS__))
#define FM__ENCODE_START(stream, coding, ...)                                  \
    fm__encode_start((stream), (coding),                                       \
                     FM__OPTIONS(fm_encode_options, __VA_ARGS__))

#endif
