/*
 * multipart.h - a body of parts: forms with files, as they come
 *
 *     fm_multipart *multipart;
 *     fm_part *part;
 *     int rc = fm_multipart_open(exchange, &multipart);
 *     if (rc < 0)
 *         return rc;                     // 415: the client sent something else
 *     while ((rc = fm_multipart_next(multipart, &part)) > 0)
 *         printf("%s: %s\n", fm_part_name(part), fm_part_type(part));
 *     fm_multipart_close(multipart);
 *
 * RFC 7578 and RFC 2046, 5.1. In libfermata-http.
 */
#ifndef FERMATA_MULTIPART_H
#define FERMATA_MULTIPART_H

#include <fermata/api.h>
#include <fermata/exchange.h>
#include <fermata/file.h>
#include <fermata/http_client.h>
#include <fermata/path.h>
#include <stdbool.h>
#include <sys/types.h>

#define FM_MULTIPART_PARTS 100      /* of a body */
#define FM_MULTIPART_HEAD 8192      /* bytes of a part's fields */
#define FM_MULTIPART_FIELDS 32      /* of a part */
#define FM_MULTIPART_SIZE 268435456 /* bytes of all parts: 256 MiB */
#define FM_MULTIPART_AROUND 4096    /* bytes before the parts, or behind them */

/* A body that is read part by part. */
typedef struct fm_multipart fm_multipart;

/* The part that is read; borrowed until the next one is asked for. */
typedef struct fm_part fm_part;

/*
 * Options of a reader; zero is the default, named above.
 *
 *   kind       of multipart that is wanted: "mixed", ...; "*" is any. NULL: of
 *              a request "form-data", of an answer any
 *   parts      that there may be
 *   head       bytes of a part's fields, with the empty line behind them
 *   part_size  bytes of a part; 0: as all of them
 *   size       bytes of all parts; what the body may have is not more for it,
 *              see .body_limit of fm_http_serve_options
 */
typedef struct fm_multipart_options {
    const char *kind;
    unsigned parts;
    size_t head;
    uint64_t part_size;
    uint64_t size;
} fm_multipart_options;

/*
 *     int fm_multipart_open(fm_exchange *exchange, fm_multipart **multipart,
 *                           ...);
 *
 * Begins to read the body of a request as parts; nobody else may read it from
 * then on. An optional third argument is a `const fm_multipart_options *`. The
 * handler may return any failure of what is below: the client is told what was
 * wrong.
 *
 * Returns 0, and *multipart is the caller's, to be closed before the handler
 * returns; -FM_EHTTPTYPE for another type, or two; -FM_EMULTIPART for a
 * boundary that is none, or missing; -ENOMEM.
 */
#define fm_multipart_open(...) FM__MULTIPART_OPEN(__VA_ARGS__, NULL, )

/*
 *     int fm_multipart_open_response(fm_response *response,
 *                                    fm_multipart **multipart, ...);
 *
 * The same of an answer, such as multipart/byteranges (RFC 9110, 14.6), to be
 * closed before that.
 *
 * Returns as fm_multipart_open.
 */
#define fm_multipart_open_response(...)                                        \
    FM__MULTIPART_OPEN_RESPONSE(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int64_t fm_part_save(fm_part *part, const char *path, ...);
 *
 * Makes what is left of the part a file at the path, as fm_path_replace does:
 * it grows under a name of its own beside it, and takes its place when it is
 * whole. An optional third argument is a `const fm_replace_options *`; with
 * its .keep what is at the path stays. A cut, and any failure, leaves nothing
 * behind.
 *
 * The path is the program's. What a client calls its file is no path: see
 * fm_part_basename.
 *
 * Returns the number of bytes; -EEXIST, -ENOSPC and what else fm_path_replace
 * returns; or as fm_part_read.
 */
#define fm_part_save(...) FM__PART_SAVE(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the reading; what is not read of the body stays there. Frees what
 * fm_part_load has loaded. NULL is nothing. */
FM_API void fm_multipart_close(fm_multipart *multipart);

/*
 * Goes on to the next part. What is not read of the one before is passed over.
 *
 * Strict: lines end in CR LF, no field is folded, and a line that begins with
 * the boundary is a delimiter or an error. A part of a form has a
 * Content-Disposition with a name, once.
 *
 * Returns 1, and *part is the multipart's; 0 behind the last one, when all of
 * the body has come; -FM_EMULTIPART for what is none; -FM_EMULTIPARTEND when
 * the body ends before the last delimiter; -FM_EPARTHEAD, -FM_EPARTS and
 * -FM_EPARTSIZE beyond a limit; or as fm_exchange_read or fm_response_read.
 * After an error it is returned again.
 */
FM_API FM_SUSPENDS int fm_multipart_next(fm_multipart *multipart,
                                         fm_part **part);

/* ---- A part -------------------------------------------------------------- */

/* Returns the name of the field of the form that it is; NULL where it has none.
 * In this and the next two, %22, %0D and %0A, which browsers write, are a quote
 * and a line's end again; other bytes are as they came. */
FM_API const char *fm_part_name(const fm_part *part);

/* Returns what the client calls its file; NULL: it is no file. A stranger's
 * words: there may be slashes, dots and line ends in it. Of two that were said,
 * filename* (RFC 8187). */
FM_API const char *fm_part_filename(const fm_part *part);

/*
 * Returns what is behind the last slash or backslash of its filename, where
 * that could be the name of a file of a directory: it does not begin with a
 * dot, has no control characters, is UTF-8, and not longer than 255 bytes
 * (NAME_MAX). Else NULL. It may still be the name of one that is there.
 */
FM_API const char *fm_part_basename(const fm_part *part);

/* Returns its Content-Type, as it was sent; "text/plain" where none was
 * (RFC 7578, 4.4). */
FM_API const char *fm_part_type(const fm_part *part);

/* Returns the value of the first field of a name, whose case does not matter;
 * NULL where there is none. A Content-Transfer-Encoding, which forms do not
 * have (RFC 7578, 4.7), is not decoded. */
FM_API const char *fm_part_field(const fm_part *part, const char *name);

/* Puts the field at an index, from 0 on, into *field. Returns false where there
 * is none. */
FM_API bool fm_part_field_at(const fm_part *part, size_t index,
                             fm_http_field *field);

/*
 * Reads some of it. Waits until at least one byte is there, and takes what is,
 * at most size, into the caller's buf.
 *
 * Returns the number of bytes; 0 at its end; or as fm_multipart_next.
 */
FM_API FM_SUSPENDS ssize_t fm_part_read(fm_part *part, void *buf, size_t size);

/*
 * Reads all that is left of it, of `limit` bytes at most. *bytes is the
 * multipart's until that is closed, with a NUL behind it. Asked again it goes
 * on where it was cut, or gives the same.
 *
 * Returns the number of bytes; -FM_EPARTSIZE when there are more: the part may
 * be loaded with another limit, or left; -ENOMEM; or as fm_part_read.
 */
FM_API FM_SUSPENDS ssize_t fm_part_load(fm_part *part, const char **bytes,
                                        size_t limit);

/*
 * Writes what is left of it into a file, from its position on, which moves. The
 * file is borrowed. Who is cut has lost what was read and not written: nobody
 * can go on with the copy.
 *
 * Returns the number of bytes; what fm_file_write returns, and then some of it
 * may be there; or as fm_part_read.
 */
FM_API FM_SUSPENDS int64_t fm_part_copy(fm_part *part, fm_file *file);

/* Private: what the macros above call. */
FM_API int fm__multipart_open(fm_exchange *exchange, fm_multipart **multipart,
                              const fm_multipart_options *options);
FM_API int fm__multipart_open_response(fm_response *response,
                                       fm_multipart **multipart,
                                       const fm_multipart_options *options);
FM_API FM_SUSPENDS int64_t fm__part_save(fm_part *part, const char *path,
                                         const fm_replace_options *options);

#ifdef __cplusplus
}
#endif

#define FM__MULTIPART_OPEN(exchange, multipart, ...)                           \
    fm__multipart_open((exchange), (multipart),                                \
                       FM__OPTIONS(fm_multipart_options, __VA_ARGS__))
#define FM__MULTIPART_OPEN_RESPONSE(response, multipart, ...)                  \
    fm__multipart_open_response(                                               \
        (response), (multipart),                                               \
        FM__OPTIONS(fm_multipart_options, __VA_ARGS__))
#define FM__PART_SAVE(part, path, ...)                                         \
    fm__part_save((part), (path), FM__OPTIONS(fm_replace_options, __VA_ARGS__))

#endif
