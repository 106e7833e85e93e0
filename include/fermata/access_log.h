/*
 * access_log.h - a line for each request that a server has answered
 *
 *     fm_access_log *log;
 *     rc = fm_access_log_open(&log, stream);
 *     rc = fm_http_serve(listener, handler, NULL, &(fm_http_serve_options){
 *         .log = fm_access_log_note, .log_arg = log});
 *     fm_access_log_close(log);
 *
 * No request waits for its line: what cannot be written in time is dropped, and
 * counted. Whatever a client sends, it is one line, without a control in it.
 * fm_access_record_parse reads what others have written.
 * In libfermata-http.
 */
#ifndef FERMATA_ACCESS_LOG_H
#define FERMATA_ACCESS_LOG_H

#include <fermata/api.h>
#include <fermata/exchange.h>
#include <fermata/stream.h>

#define FM_ACCESS_LOG_ROOM 65536  /* bytes of lines, by default */
#define FM_ACCESS_LOG_LEAST 49152 /* which the longest line has at most */

/* A log; made by fm_access_log_open, of one loop, ended by
 * fm_access_log_close. */
typedef struct fm_access_log fm_access_log;

/*
 * How a line is written. Of each text of the client's 1024 bytes are, and "..."
 * stands for the rest.
 *
 *   FM_ACCESS_LOG_COMBINED  that of Apache's and of what reads its logs; bytes
 *                           that are not printable ASCII are \xNN
 *   FM_ACCESS_LOG_JSON      an object: time, peer, method, target, protocol,
 *                           status, bytes, seconds, host, referer, agent; what
 *                           is not known is not there, and a byte that is no
 *                           UTF-8 is \u00NN
 */
typedef enum fm_access_log_format {
    FM_ACCESS_LOG_COMBINED,
    FM_ACCESS_LOG_JSON
} fm_access_log_format;

/*
 * Options of a log; zero is the default.
 *
 *   format  of its lines
 *   room    bytes of lines that may wait while others are written, which take
 *           as many: FM_ACCESS_LOG_ROOM, and not less than FM_ACCESS_LOG_LEAST
 */
typedef struct fm_access_log_options {
    fm_access_log_format format;
    size_t room;
} fm_access_log_options;

/*
 * A line, read. The texts lie in the line that they come from, as the client
 * has sent them: without their quotes and escapes, but a NUL is "\\x00" still.
 * One that is not known, "-", is "".
 *
 *   time      seconds since 1970
 *   target    all of the request where it is not three words
 *   status    0 where it is not known
 *   bytes     of the body that was replied
 */
typedef struct fm_access_record {
    int64_t time;
    const char *peer;
    const char *user;
    const char *method;
    const char *target;
    const char *protocol;
    const char *referer;
    const char *agent;
    int status;
    uint64_t bytes;
} fm_access_record;

/*
 *     FM_SUSPENDS int fm_access_log_open(fm_access_log **log,
 *                                        fm_stream *stream, ...);
 *
 * Opens a log. The stream is borrowed until its end: fm_file_stream makes one
 * of a file, fm_stdout of the standard output. It may have other writers. An
 * optional third argument is a `const fm_access_log_options *`.
 *
 * Returns 0; -EINVAL for too little room, or an unknown format; -ENOMEM;
 * -ECANCELED or -ETIMEDOUT when cut.
 */
#define fm_access_log_open(...) FM__ACCESS_LOG_OPEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The .log of a server's options, with a log, or NULL, as its .log_arg. Never
 * suspends: the line is formatted at once, and written by a task of the log's.
 * A status of 0 is that of a request which was cut before it had a reply.
 */
FM_API void fm_access_log_note(const fm_exchange *exchange, void *log);

/* Returns how many lines were dropped: for want of room, or because the stream
 * has failed, after which nothing is written any more. */
FM_API uint64_t fm_access_log_dropped(const fm_access_log *log);

/*
 * Ends it, when no server has it any more: waits until the stream has taken
 * what is left, and has passed it on. Cut, it leaves that. NULL is 0.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; or what a write has failed
 * with.
 */
FM_API FM_SETTLES int fm_access_log_close(fm_access_log *log);

/*
 * Reads a line of the combined format, or of the common one, which ends before
 * the referer; what others have added behind the agent is not looked at. The
 * line, with a NUL and without its newline, is the caller's; it is written to,
 * and lends its texts to the record. What comes out is for a program: it may
 * have controls in it.
 *
 * Returns 0; -EBADMSG for what is no such line, and then the record is as it
 * was and the line worth nothing.
 */
FM_API FM_MUST_USE int fm_access_record_parse(char *line,
                                              fm_access_record *record);

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int
fm__access_log_open(fm_access_log **log, fm_stream *stream,
                    const fm_access_log_options *options);

#ifdef __cplusplus
}
#endif

#define FM__ACCESS_LOG_OPEN(log, stream, ...)                                  \
    fm__access_log_open((log), (stream),                                       \
                        FM__OPTIONS(fm_access_log_options, __VA_ARGS__))

#endif
