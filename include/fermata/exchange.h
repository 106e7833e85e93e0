/*
 * exchange.h - a request that has come to a server, and what is answered
 *
 *     static int greet(fm_exchange *exchange, void *arg)
 *     {
 *         fm_sleep(0.1);                   // a handler may simply wait
 *         return fm_reply_text(exchange, 200, "hello\n");
 *     }
 *
 * An exchange is its handler's, in a task of its own, until that returns. What
 * it gives out is borrowed until then. In libfermata-http.
 */
#ifndef FERMATA_EXCHANGE_H
#define FERMATA_EXCHANGE_H

#include <fermata/address.h>
#include <fermata/api.h>
#include <stdbool.h>
#include <sys/types.h>

/* Bytes of all fields of a reply that fm_reply_set may add up to. */
#define FM_REPLY_FIELDS 16384

/* A request and its reply; see fm_http_serve. */
typedef struct fm_exchange fm_exchange;

/*
 * What answers a request. It returns 0 or more when it has replied; or a
 * failure, for which a reply is made up where none has begun, see problem.h: of
 * a body that is too large, or becomes so, 413, too slow 408, wrong in another
 * way 400, 415, 422 or 431; of a query that is wrong 400; 503 for -ETIMEDOUT of
 * its own, else 500. What has begun is broken off: the client shall not take it
 * for the whole.
 */
typedef int (*fm_http_handler)(fm_exchange *exchange, void *arg);

/* A field of a request. */
typedef struct fm_http_field {
    const char *name;
    const char *value;
} fm_http_field;

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The request --------------------------------------------------------- */

/* Returns the method, as it was sent: "GET". */
FM_API const char *fm_exchange_method(const fm_exchange *exchange);

/* Returns the target of the request, as it was sent: mostly a path and query,
 * but also a whole URL or an asterisk. */
FM_API const char *fm_exchange_target(const fm_exchange *exchange);

/* Returns the host that was asked for, with its port, as it was sent: "" where
 * HTTP/1.0 says none. */
FM_API const char *fm_exchange_host(const fm_exchange *exchange);

/* Returns the value of the first field of a name, whose case does not matter;
 * NULL where there is none. */
FM_API const char *fm_exchange_field(const fm_exchange *exchange,
                                     const char *name);

/* Puts the field at an index, from 0 on, into *field. Returns false where there
 * is none. */
FM_API bool fm_exchange_field_at(const fm_exchange *exchange, size_t index,
                                 fm_http_field *field);

/* Returns the version that the client speaks: "HTTP/2", "HTTP/1.1"
 * or "HTTP/1.0". */
FM_API const char *fm_exchange_protocol(const fm_exchange *exchange);

/*
 * Puts the address of the client, or of the proxy before it, into *address; as
 * it was when the connection began.
 *
 * Returns 0; -ENOTSOCK where it has none.
 */
FM_API int fm_exchange_peer(const fm_exchange *exchange, fm_address *address);

/* Returns when the first byte of the request was there, in nanoseconds as
 * fm_now. */
FM_API int64_t fm_exchange_began(const fm_exchange *exchange);

/* Returns the size of the body in bytes, 0 where there is none; -1: it is not
 * known before it has come, as that of one which is decoded. */
FM_API int64_t fm_exchange_length(const fm_exchange *exchange);

/* Returns 0; or why the handler was cut: the client has gone before it had its
 * reply, with -FM_EEOF when it has ended its side, else with -ECONNRESET,
 * -FM_EHTTP2 or what fm_read returns. See .keep_half_closed of
 * fm_http_serve_options. */
FM_API int fm_exchange_gone(const fm_exchange *exchange);

/*
 * Reads some of the body. Waits until at least one byte is there, and takes
 * what is, at most size, into the caller's buf. A client that waits to be asked
 * for it (Expect, RFC 9110, 10.1.1) is, by the first call.
 *
 * Returns the number of bytes; 0 at the end of the body; -FM_EHTTPBODY when it
 * is larger than the limit; -FM_EHTTPCHUNK and -FM_EHTTPFIELDS for what is no
 * chunk of a body; -FM_EEOF when the connection ends before; -ETIMEDOUT when it
 * comes too slowly; -EALREADY for a client that waits to be asked, and has the
 * beginning of a reply instead; -FM_EHTTP2 when the client breaks the rules of
 * HTTP/2; or as fm_read. With .decode of
 * fm_http_serve_options also -FM_ECODED for what is no data of its coding,
 * -FM_ECODEDSHORT when that ends too early, -FM_ECODEDSIZE when it becomes more
 * than FM_DECODE_RATIO times as much; see coding.h. After an error it is
 * returned again.
 */
FM_API FM_SUSPENDS ssize_t fm_exchange_read(fm_exchange *exchange, void *buf,
                                            size_t size);

/*
 * Reads all that is left of the body. *bytes is the exchange's, with a NUL
 * behind it.
 *
 * Returns the number of bytes; -ENOMEM; or as fm_exchange_read.
 */
FM_API FM_SUSPENDS ssize_t fm_exchange_load(fm_exchange *exchange,
                                            const char **bytes);

/* ---- The reply ----------------------------------------------------------- */

/*
 * Adds a field to the reply that is still to come. Both texts are copied. What
 * tells of the connection and of the size of the body is not to be said, but
 * for "Connection: close".
 *
 * Returns 0; -EINVAL for a name that is no token, a value with a control or
 * line end, or a field that is the server's; -EALREADY when the reply has
 * begun; -EMSGSIZE above FM_REPLY_FIELDS; -ENOMEM.
 */
FM_API int fm_reply_set(fm_exchange *exchange, const char *name,
                        const char *value);

/*
 * Replies with a whole body, which is borrowed. To a HEAD, and with a status
 * that has no body (204, 304), none is sent.
 *
 * Returns 0; -EALREADY when the reply has begun; -EINVAL for a status that is
 * not 200 to 599; -ETIMEDOUT when the client takes nothing for too long;
 * -FM_EHTTP2 when it breaks the rules of HTTP/2; or as fm_write. One that was
 * cut before it wrote anything has not begun.
 */
FM_API FM_SUSPENDS int fm_reply(fm_exchange *exchange, int status,
                                const void *body, size_t size);

/* The same with a text, as "text/plain; charset=utf-8" unless a Content-Type
 * was set. Returns as fm_reply and fm_reply_set. */
FM_API FM_SUSPENDS int fm_reply_text(fm_exchange *exchange, int status,
                                     const char *text);

/*
 * Begins a reply whose body comes by fm_reply_write: so many bytes, or with -1
 * as many as will come, in chunks. It ends with the handler.
 *
 * Returns as fm_reply.
 */
FM_API FM_SUSPENDS int fm_reply_begin(fm_exchange *exchange, int status,
                                      int64_t size);

/*
 * Writes a piece of the body, which is borrowed.
 *
 * Returns size; -EINVAL before fm_reply_begin, -EMSGSIZE for more than it said;
 * -ETIMEDOUT and -FM_EHTTP2 as fm_reply; or as fm_write. After an error, also
 * when it was cut, nothing more can be written.
 */
FM_API FM_SUSPENDS ssize_t fm_reply_write(fm_exchange *exchange,
                                          const void *buf, size_t size);

/* Returns the status of the reply; 0 when none has begun. */
FM_API int fm_reply_status(const fm_exchange *exchange);

/* Returns how many bytes of the reply's body were written so far. */
FM_API uint64_t fm_reply_size(const fm_exchange *exchange);

#ifdef __cplusplus
}
#endif

#endif
