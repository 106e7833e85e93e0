/*
 * http_files.h - files as replies, and whole directories of them
 *
 *     fm_http_directory files = {.path = "public"};
 *     fm_route(router, "GET", "/files/{path...}",
 *              FM_ROUTE(fm_http_files, &files));
 *
 * A file is sent with its size, its type and a tag of its version; who has that
 * version already, or wants a part of it, is answered so (RFC 9110, 13 and 14).
 * No disk and no client is waited for in others' way. In libfermata-http.
 */
#ifndef FERMATA_HTTP_FILES_H
#define FERMATA_HTTP_FILES_H

#include <fermata/api.h>
#include <fermata/exchange.h>
#include <fermata/file.h>

#define FM_HTTP_RANGES 8      /* parts of a file that a request may want */
#define FM_HTTP_LISTED 2000   /* names of a listing */
#define FM_HTTP_FILE_TYPE 255 /* bytes of a Content-Type that is said */

/*
 * Options of fm_reply_file; zero is the default.
 *
 *   at       a directory that a relative path begins in, as in
 *            fm_file_options; borrowed
 *   beneath  for paths from outside: what is not under where they begin is not
 *            found
 *   encoded  a file beside it with ".br", ".zst" or ".gz" behind its name, and
 *            not older, is sent in its place to who takes it so
 *            (Accept-Encoding)
 *   type     Content-Type; NULL: what the ending of the path tells
 */
typedef struct fm_reply_file_options {
    const fm_file *at;
    bool beneath;
    bool encoded;
    const char *type;
} fm_reply_file_options;

/*
 *     FM_SUSPENDS int fm_reply_file(fm_exchange *exchange, const char *path,
 *                                   ...);
 *
 * Replies with a file, which is sent as it is then: with Content-Type,
 * Accept-Ranges, ETag and Last-Modified, and what fm_reply_set has added. A
 * third argument, a `const fm_reply_file_options *`, is optional.
 *
 * To a GET or HEAD whose conditions do not hold the answer is 304 or 412. To a
 * GET with a Range it is 206, with multipart/byteranges where several parts are
 * left when those that touch are joined; 416 where there is nothing of them;
 * and the whole file for more than FM_HTTP_RANGES. What is not there, may not
 * be read or is no regular file is 404, and where the process has no descriptor
 * or thread for it 503; for these what fm_reply_set has added is dropped.
 *
 * The tag is made of the file's inode, size and time of change: a strong one,
 * but for two seconds after a change, in which another one might have the same
 * time.
 *
 * Returns 0 when it has replied, whatever; -EALREADY when the reply has begun;
 * -EINVAL for a type with a control or of more than FM_HTTP_FILE_TYPE bytes;
 * -EIO, or what else the system says of a file that is broken; -FM_EHTTPSHORT
 * when it became shorter meanwhile: the reply is broken off; -ENOMEM; or as
 * fm_reply_set and fm_reply_write.
 */
#define fm_reply_file(...) FM__REPLY_FILE(__VA_ARGS__, NULL, )

/*
 * A directory that is served; zero is the default, but for path or at. All is
 * borrowed for as long as requests come.
 *
 *   path     where it is; NULL: at. It is looked up for each request, so a link
 *            may be turned to another directory meanwhile
 *   at       an open directory that a relative path begins in, or that is
 *            served itself
 *   index    the file that stands for a directory; NULL: "index.html"; "": none
 *   listing  a directory without an index is answered with the names in it
 *   hidden   names that begin with a dot are served too
 *   encoded  as in fm_reply_file_options
 *   max_age  seconds for which a reply may be kept without asking
 *            (Cache-Control); 0: nothing is said, below 0: it is to ask always
 */
typedef struct fm_http_directory {
    const char *path;
    const fm_file *at;
    const char *index;
    bool listing;
    bool hidden;
    bool encoded;
    int64_t max_age;
} fm_http_directory;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The handler that serves a directory: its argument is an fm_http_directory.
 * The route's parameter "path" is what is asked for: a regular file under the
 * directory, found over links only where these stay under it (openat2(2),
 * RESOLVE_BENEATH; before Linux 5.6 over none). A directory is asked for with a
 * slash behind it, and without is redirected there. A route without the
 * parameter asks for the directory itself.
 *
 * Answers with 404 whatever is not to be seen: what is not there or not below,
 * may not be read, is no regular file, has a name that begins with a dot, or a
 * directory that has no index. Other methods than GET and HEAD are 405. What is
 * sent has "X-Content-Type-Options: nosniff".
 *
 * Returns as fm_reply_file; -EINVAL where neither a path nor an open directory
 * is given.
 */
FM_API FM_SUSPENDS int fm_http_files(fm_exchange *exchange, void *directory);

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int fm__reply_file(fm_exchange *exchange, const char *path,
                                      const fm_reply_file_options *options);

#ifdef __cplusplus
}
#endif

#define FM__REPLY_FILE(exchange, path, ...)                                    \
    fm__reply_file((exchange), (path),                                         \
                   FM__OPTIONS(fm_reply_file_options, __VA_ARGS__))

#endif
