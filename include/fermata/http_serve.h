/*
 * http_serve.h - a server of HTTP/1.1 and HTTP/2
 *
 *     fm_listener *listener;
 *     int rc = fm_listen("127.0.0.1:8080", &listener);
 *     if (rc == 0)
 *         rc = fm_http_serve(listener, greet, NULL);
 *
 * Each connection has a task of its own, in which its requests are handled one
 * after the other; those of HTTP/2 have one each. What a client could hold up
 * has a deadline, and what it could fill a limit. In libfermata-http.
 */
#ifndef FERMATA_HTTP_SERVE_H
#define FERMATA_HTTP_SERVE_H

#include <fermata/api.h>
#include <fermata/exchange.h>
#include <fermata/serve.h>

#define FM_HTTP_BODY_LIMIT (1024 * 1024) /* bytes */
#define FM_HTTP_HEAD_TIMEOUT 10          /* seconds */
#define FM_HTTP_IDLE_TIMEOUT 60          /* seconds */
#define FM_HTTP_BODY_TIMEOUT 20          /* seconds */
#define FM_HTTP_BODY_RATE 500            /* bytes a second */
#define FM_HTTP_WRITE_TIMEOUT 30         /* seconds */
#define FM_HTTP_REQUESTS 1000            /* of a connection */
#define FM_HTTP_STREAMS 100              /* of one of HTTP/2, at once */
#define FM_HTTP_COMPRESSED 1024          /* bytes of a reply, at least */
#define FM_HTTP_CODERS 128               /* replies in a coding, at once */

/*
 * Options of fm_http_serve; zero is the default, named above. A time below 0 is
 * none.
 *
 *   serve          of fm_serve: the limit of connections, TLS, the grace, ...
 *   body_limit     bytes of a request's body
 *   head_timeout   seconds for all of a head, from its first byte on
 *   idle_timeout   seconds until a request begins
 *   body_timeout   seconds that are waited for a body, all in all, and
 *   body_rate      one more for so many bytes of it
 *   write_timeout  seconds in which a client has to take something
 *   deadline       seconds for a handler; 0: none. It is cut then
 *   requests       of a connection
 *   streams        requests of a connection of HTTP/2 that are handled at once
 *   http1          nothing but HTTP/1.1 is spoken; nor does TLS offer "h2" then
 *   compress       codes replies for clients that take it (RFC 9110, 12.5.3);
 *                  see fm_http_serve. Off, for who mixes secrets and words of a
 *                  stranger in one reply tells the secrets by its size (BREACH)
 *   decode         request bodies in a content coding are decoded as they are
 *                  read; body_limit is of both, what comes and what comes of
 *                  it. A coding that is not known is answered with 415. Off: a
 *                  handler gets them as they are
 *   keep_half_closed  a client that has ended its side is still answered
 *   log            hears of each exchange when it is over, also of a request
 *                  that was none and has no method then; it may suspend. See
 *                  access_log.h
 *   log_arg        what it is called with
 */
typedef struct fm_http_serve_options {
    fm_serve_options serve;
    uint64_t body_limit;
    double head_timeout;
    double idle_timeout;
    double body_timeout;
    uint64_t body_rate;
    double write_timeout;
    double deadline;
    unsigned requests;
    unsigned streams;
    bool http1;
    bool compress;
    bool decode;
    bool keep_half_closed;
    void (*log)(const fm_exchange *exchange, void *arg);
    void *log_arg;
} fm_http_serve_options;

/*
 *     FM_SETTLES int fm_http_serve(fm_listener *listener,
 *                                  fm_http_handler handler, void *arg, ...);
 *
 * Serves for as long as it is let, as fm_serve does, which see; the listener is
 * taken. Cut, or asked to stop by fm_serve_stop, it closes the connections that
 * wait for a request, and lets the others answer theirs; one that has not asked
 * yet has a second to. A fourth argument, a `const fm_http_serve_options *`, is
 * optional.
 *
 * A client that goes away before it has its whole reply cuts the handler where
 * it waits: its calls return -ECANCELED, and what it returns then is nobody's
 * failure. What it has detached goes on. A handler that runs just then has a
 * tenth of a second to reply. A client that has only ended its side
 * (shutdown(2), SHUT_WR), as some do behind their last request, cannot be told
 * from one that has closed: it is taken for gone, as RFC 9112, 9.5 lets a
 * server do, unless .keep_half_closed is set; then only a reset before that is.
 * While a handler reads the body its own call tells.
 *
 * What is no HTTP/1.1 (RFC 9112) is answered with a status of its own, and the
 * connection closed: 400, 414 for a first line and 431 for fields that are too
 * long, 501 for a transfer coding or a CONNECT, 505 for a version, 408 for a
 * head that takes too long. A first line may have 8,192 bytes, and there may be
 * 100 fields of 32,768 bytes together. A wish to go on in another protocol
 * (Upgrade) is passed over, unless the handler agrees by fm_ws_accept.
 *
 * HTTP/2 (RFC 9113) is spoken with a client that begins with it, or agrees on
 * "h2" by TLS, which .alpn of fm_tls_options has to offer, where the library
 * has nghttp2; heads have the same limits. A request that its client takes back
 * cuts its handler, and counts among .streams until that has ended. A client
 * that sends more than 1,000 frames which bring nothing, and 33 more a second,
 * is told ENHANCE_YOUR_CALM and closed.
 *
 * With .compress a reply goes as zstd, br or gzip, the first of them that the
 * client takes, where its Content-Type is of text: text, JSON, XML,
 * JavaScript, SVG, WebAssembly or a font that is not packed; where it has
 * FM_HTTP_COMPRESSED bytes, or as many as will come; and where the handler has
 * set no Content-Encoding, no Content-Range and no "Cache-Control:
 * no-transform". It says Vary: Accept-Encoding, and its ETag becomes a weak one
 * (RFC 9110, 8.8.3). Each fm_reply_write of a reply whose size was not said can
 * be read by the client at once. Files are not coded: see .encoded of
 * http_files.h. Not for HTTP/1.0, nor with 206. What codes a reply has up to
 * 845 KiB until the client has taken that; above FM_HTTP_CODERS of them at once
 * replies go as they are.
 *
 * Returns as fm_serve; -EINVAL for an option that is not a number, or for
 * .http1 with a TLS that offers "h2"; -EPROTONOSUPPORT for one that does where
 * the library was built without nghttp2.
 */
#define fm_http_serve(...) FM__HTTP_SERVE(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_http_serve_stream(fm_stream *stream,
 *                                          fm_http_handler handler,
 *                                          void *arg, ...);
 *
 * Serves one connection, whatever carries it, until it ends. The stream is
 * borrowed. A fourth argument as above; its .serve is not looked at.
 *
 * Returns 0 when it has ended in order; else -ECANCELED or -ETIMEDOUT when cut,
 * or what was wrong with it.
 */
#define fm_http_serve_stream(...) FM__HTTP_SERVE_STREAM(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Private: what the macros above call. */
FM_API FM_SETTLES int fm__http_serve(fm_listener *listener,
                                     fm_http_handler handler, void *arg,
                                     const fm_http_serve_options *options);
FM_API FM_SUSPENDS int
fm__http_serve_stream(fm_stream *stream, fm_http_handler handler, void *arg,
                      const fm_http_serve_options *options);

#ifdef __cplusplus
}
#endif

#define FM__HTTP_SERVE(listener, handler, arg, ...)                            \
    fm__http_serve((listener), (handler), (arg),                               \
                   FM__OPTIONS(fm_http_serve_options, __VA_ARGS__))
#define FM__HTTP_SERVE_STREAM(stream, handler, arg, ...)                       \
    fm__http_serve_stream((stream), (handler), (arg),                          \
                          FM__OPTIONS(fm_http_serve_options, __VA_ARGS__))

#endif
