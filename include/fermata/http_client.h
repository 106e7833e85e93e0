/*
 * http_client.h - requests to servers of HTTP/1.1 and HTTP/2
 *
 *     fm_response *response;
 *     int rc = fm_http_get("https://example.org/", &response);
 *     if (rc == 0) {
 *         printf("%s", fm_response_text(response));
 *         fm_response_close(response);
 *     }
 *
 * Who asks more than once opens a client, which keeps connections and has
 * limits. In libfermata-http.
 */
#ifndef FERMATA_HTTP_CLIENT_H
#define FERMATA_HTTP_CLIENT_H

#include <fermata/api.h>
#include <fermata/connect.h>
#include <fermata/cookie.h>
#include <fermata/http_serve.h>
#include <stdbool.h>
#include <sys/types.h>

#define FM_HTTP_CONNECTIONS 256          /* of a client */
#define FM_HTTP_CONNECTIONS_OF_ORIGIN 8  /* to the same host and port */
#define FM_HTTP_KEPT 30                  /* seconds without a request */
#define FM_HTTP_CONNECT_TIMEOUT 30       /* seconds */
#define FM_HTTP_ANSWER_TIMEOUT 60        /* seconds */
#define FM_HTTP_REDIRECTS 20             /* as in the fetch standard */
#define FM_HTTP_INTERIM 32               /* responses before the one */
#define FM_HTTP_EXPECT_TIMEOUT 1         /* seconds */
#define FM_HTTP_RETRY_AFTER 60           /* seconds */
#define FM_HTTP_RESPONSE_LIMIT 268435456 /* bytes of a body: 256 MiB */
#define FM_HTTP_FAILURE_TEXT 256         /* bytes, with the NUL */

/* Connections to servers, and what is kept of them; see fm_http_client_open. */
typedef struct fm_http_client fm_http_client;

/* An answer: of whoever asked, who ends it by fm_response_close. */
typedef struct fm_response fm_response;

/* The body of a request as it is written; see fm_http_request. */
typedef struct fm_upload fm_upload;

/* Which step of a request failed. Where a name, a proxy and a connection are
 * waited for at once, a cut is one of the connection. */
enum fm_http_step {
    FM_HTTP_STEP_NONE,
    FM_HTTP_STEP_URL,     /* it, or the request, is none */
    FM_HTTP_STEP_QUEUE,   /* it waited for its turn */
    FM_HTTP_STEP_RESOLVE, /* of the host's name */
    FM_HTTP_STEP_CONNECT,
    FM_HTTP_STEP_PROXY,
    FM_HTTP_STEP_TLS,
    FM_HTTP_STEP_SEND,
    FM_HTTP_STEP_STATUS, /* the first line of the answer */
    FM_HTTP_STEP_FIELDS,
    FM_HTTP_STEP_REDIRECT,
    FM_HTTP_STEP_BODY
};

/* What went wrong, in words: "connect: http://example.org: Connection refused".
 * Plain data. */
typedef struct fm_http_failure {
    int code; /* as returned; 0: nothing has */
    enum fm_http_step step;
    char text[FM_HTTP_FAILURE_TEXT];
} fm_http_failure;

/*
 * A request; zero is a GET. It is copied; what it points to is borrowed until
 * the response is closed.
 *
 *   method       NULL: GET, or POST where there is a body
 *   fields       ends with one whose name is NULL; or NULL. Host and what tells
 *                of the connection, of a proxy and of the size of the body are
 *                the client's, but for "Connection: close"
 *   body         so many bytes; or
 *   upload       writes the body by fm_upload_write, in a task of its own,
 *                and returns 0 or a failure, which breaks the request off
 *                while its answer is waited for. It is called once more where
 *                the request is sent once more
 *   upload_arg   its argument
 *   upload_size  bytes that it will write; 0: that is not known, and the body
 *                goes in chunks
 *   expect       asks before it sends the body (RFC 9110, 10.1.1), and waits
 *                FM_HTTP_EXPECT_TIMEOUT for the answer
 *   redirects    that are followed, 0: FM_HTTP_REDIRECTS; below 0: none
 *   retries      how often it is tried again, after pauses of fm_retry, when
 *                no answer came; and after a 429 or 503 whose Retry-After is at
 *                most FM_HTTP_RETRY_AFTER seconds. Only GET, HEAD, OPTIONS,
 *                TRACE, PUT and DELETE (RFC 9110, 9.2.2), and not what failed
 *                for good: a name that does not exist, a certificate, an
 *                answer that is no HTTP
 *   resumes      how often the body of an answer to a GET that breaks off is
 *                asked for from there on, after pauses, where it has a strong
 *                ETag, or a Last-Modified of a minute before its Date (RFC
 *                9110, 8.8 and 14)
 *   raw          no coding is asked for, and a body is given as it comes: in a
 *                coding all the same, where the server has only that
 *   no_cookies   the client's jar is left alone: nothing of it is sent, and
 *                nothing kept. A field Cookie of the request's own is sent in
 *                place of the jar's, but what is set is kept
 *   failure      filled in by fm_http_fetch, fm_http_get, fm_response_read and
 *                fm_response_load; or NULL
 */
typedef struct fm_http_request {
    const char *method;
    const fm_http_field *fields;
    const void *body;
    size_t body_size;
    int (*upload)(fm_upload *upload, void *arg);
    void *upload_arg;
    uint64_t upload_size;
    bool expect;
    int redirects;
    unsigned retries;
    unsigned resumes;
    bool raw;
    bool no_cookies;
    fm_http_failure *failure;
} fm_http_request;

/*
 * Options of a client; zero is the default, named above. Pointers are borrowed
 * until it is closed. A time below 0 is none.
 *
 *   connections     at once, to all servers; requests above it wait
 *   of_origin       of them to one server
 *   kept            seconds that a connection waits for another request
 *   connect_timeout seconds, with looking up the name and TLS
 *   answer_timeout  seconds from the end of a request to the head of its answer
 *   body_timeout    seconds that are waited for a body, all in all, and
 *   body_rate       one more for so many bytes of it; as of fm_http_serve
 *   write_timeout   seconds in which the server has to take something
 *   body_limit      bytes of a response's body, as it comes and as it is
 *                   decoded
 *   raw             of all requests, as that of fm_http_request
 *   user_agent      NULL: "fermata/" and the version; "" is none
 *   address         where to connect, whatever the URL says, without a proxy:
 *                   as fm_connect, "unix:/run/server.sock"
 *   proxy           as that of fm_connect_options, for all but no_proxy; plain
 *                   HTTP is said to an "http://" proxy itself, on connections
 *                   that count as those of one server; WebSockets are not
 *   no_proxy        hosts that are asked without it, with all below them:
 *                   "localhost,example.org"; "*" is all
 *   environment     where no proxy is said, takes it from http_proxy or
 *                   https_proxy, or else all_proxy, and the exceptions from
 *                   no_proxy, or of the same names in capitals, as curl does;
 *                   HTTP_PROXY is not looked at, for a CGI server fills it with
 *                   what a stranger said
 *   http1           nothing but HTTP/1.1 is spoken; else HTTP/2 is with servers
 *                   that choose it by TLS, and many requests share a
 *                   connection, where the library has nghttp2
 *   http2           it is spoken at once, also without TLS (RFC 9113, 3.3);
 *                   WebSockets are HTTP/1.1 all the same
 *   tls             whom to believe; NULL: the roots of the system
 *   stream          options of the streams
 *   source          as of fm_connect_options
 *   resolver        the same
 *   jar             cookies that are sent, and kept, for all requests that do
 *                   not opt out; of several clients, if wanted. See cookie.h
 *   handler         answers all requests itself, in memory: no connection is
 *                   made. For tests of servers
 *   handler_arg     its argument
 *   serve           its options, as of fm_http_serve_stream; or NULL
 */
typedef struct fm_http_client_options {
    unsigned connections;
    unsigned of_origin;
    double kept;
    double connect_timeout;
    double answer_timeout;
    double body_timeout;
    uint64_t body_rate;
    double write_timeout;
    uint64_t body_limit;
    bool raw;
    const char *user_agent;
    const char *address;
    const char *proxy;
    const char *no_proxy;
    bool environment;
    bool http1;
    bool http2;
    fm_tls *tls;
    fm_stream_options stream;
    const char *source;
    fm_resolver *resolver;
    fm_cookie_jar *jar;
    fm_http_handler handler;
    void *handler_arg;
    const fm_http_serve_options *serve;
} fm_http_client_options;

/*
 *     FM_SUSPENDS int fm_http_get(const char *url, fm_response **response,
 *                                 ...);
 *
 * Asks for one thing and has all of it when it returns, with no connection
 * left. An optional third argument is a `const fm_http_request *`.
 *
 * Returns 0, whatever the status, and *response is the caller's; or as
 * fm_http_fetch and fm_response_load.
 */
#define fm_http_get(...) FM__HTTP_GET(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_http_fetch(fm_http_client *client, const char *url,
 *                                   fm_response **response, ...);
 *
 * Sends a request and waits for the head of its answer, after redirects; the
 * body is still to come. The fragment of the URL is left out; a user and
 * password in it become an Authorization (RFC 7617). A redirect to another
 * origin loses that, and a Cookie of .fields. On a connection that was kept and
 * turns out to be dead, what may be repeated is sent once more by itself. An
 * optional fourth argument is a `const fm_http_request *`.
 *
 * The server may code the body (RFC 9110, 12.5.3) as zstd, br, gzip or deflate,
 * which is decoded as it is read; see coding.h. That is not asked for, and
 * nothing decoded, where the request says Accept-Encoding or Range itself, or
 * .raw. A coding that is not known, and a part (206), is given as it comes;
 * Content-Encoding stays among the fields. What breaks off is resumed in coded
 * bytes, and only by an ETag.
 *
 * Returns 0, whatever the status, and *response is the caller's; or, with
 * *response as it was: -EINVAL for a URL that is none or not of HTTP, a method
 * or a field; -EPROTONOSUPPORT for https where the library has no TLS;
 * -ECANCELED or -ETIMEDOUT when cut, or when a time of the options is over;
 * -FM_EEOF when the server ends the connection before it has answered;
 * -FM_EHTTPLINE to -FM_EHTTPFIELDS for an answer that is none; -FM_EHTTP2 where
 * HTTP/2 was broken, -FM_EHTTP2REFUSED where that server takes no request;
 * -FM_EHTTPINTERIM after FM_HTTP_INTERIM answers that were not the one;
 * -FM_EHTTPREDIRECT for too many redirects, -FM_EHTTPLOCATION for one to what
 * is no URL of HTTP; -FM_EHTTP2 when one of both breaks the rules of HTTP/2,
 * -FM_EHTTP2REFUSED when the server has not looked at it, and not when it was
 * asked again either; what an upload returned; -ENOMEM; or as fm_connect and
 * fm_write.
 */
#define fm_http_fetch(...) FM__HTTP_FETCH(__VA_ARGS__, NULL, )

/*
 *     int fm_http_client_open(fm_http_client **client, ...);
 *
 * Opens a client, of the loop. An optional second argument is a
 * `const fm_http_client_options *`, which is copied.
 *
 * Returns 0; -EINVAL for a time that is not a number, a proxy that is none, or
 * .http1 and .http2 at once; -EPROTONOSUPPORT for .http2 where the library was
 * built without nghttp2; -ENOMEM.
 */
#define fm_http_client_open(...) FM__HTTP_CLIENT_OPEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Closes what it keeps, and waits for its tasks. NULL is nothing. No task may
 * be asking, and every response has to be closed: one that has a connection
 * still aborts with a sentence. A client that is not closed holds fm_run for as
 * long as it keeps connections.
 */
FM_API FM_SETTLES void fm_http_client_close(fm_http_client *client);

/* Returns how many connections are open, those that are kept included. */
FM_API size_t fm_http_client_connections(const fm_http_client *client);

/* ---- The response -------------------------------------------------------- */

/* Returns the status: 200. */
FM_API int fm_response_status(const fm_response *response);

/* Returns the URL that answered, after redirects. What this and the next two
 * give is the response's. */
FM_API const char *fm_response_url(const fm_response *response);

/* Returns the version that the server speaks: "HTTP/2", "HTTP/1.1" or
 * "HTTP/1.0". */
FM_API const char *fm_response_protocol(const fm_response *response);

/* Returns the value of the first field of a name, whose case does not matter;
 * NULL where there is none. */
FM_API const char *fm_response_field(const fm_response *response,
                                     const char *name);

/* Puts the field at an index, from 0 on, into *field. Returns false where there
 * is none. */
FM_API bool fm_response_field_at(const fm_response *response, size_t index,
                                 fm_http_field *field);

/* Returns the size of the body in bytes, as it was said, also where none comes:
 * to a HEAD, or as a 304; 0: none was said; -1: it is not known before it has
 * come, as that of one which is decoded. */
FM_API int64_t fm_response_length(const fm_response *response);

/* Returns whether the body comes in a coding and is decoded as it is read. */
FM_API bool fm_response_decoded(const fm_response *response);

/*
 * Reads some of the body. Waits until at least one byte is there, and takes
 * what is, at most size, into the caller's buf.
 *
 * Returns the number of bytes; 0 at the end of the body; -FM_EHTTPBODY when it
 * is larger than the limit; -FM_EHTTPCHUNK and -FM_EHTTPFIELDS for what is no
 * chunk of a body; -FM_EEOF when the connection ends before, -ETIMEDOUT when
 * it comes too slowly, -FM_EHTTPRANGE when it was asked for once more and is
 * not the same; -FM_EHTTP2 as fm_http_fetch; -FM_ECODED for what is no data of
 * its coding, -FM_ECODEDSHORT when that ends too early, -FM_ECODEDSIZE when it
 * becomes more than FM_DECODE_RATIO times as much; or as fm_read. After an
 * error it is returned again.
 */
FM_API FM_SUSPENDS ssize_t fm_response_read(fm_response *response, void *buf,
                                            size_t size);

/*
 * Reads all that is left of the body. *bytes is the response's, with a NUL
 * behind it.
 *
 * Returns the number of bytes; -ENOMEM; or as fm_response_read.
 */
FM_API FM_SUSPENDS ssize_t fm_response_load(fm_response *response,
                                            const char **bytes);

/* Returns what fm_response_load or fm_http_get has read, with a NUL behind it;
 * "" before. */
FM_API const char *fm_response_text(const fm_response *response);

/*
 * Ends it; NULL is nothing. The connection is kept where all of the body was
 * read, else closed. An upload that still runs is cancelled, and waited for.
 */
FM_API FM_SETTLES void fm_response_close(fm_response *response);

/* ---- The request --------------------------------------------------------- */

/*
 * Writes a piece of the body, which is borrowed. For an upload alone.
 *
 * Returns size; -EMSGSIZE for more than was said; -EPIPE or -ECONNRESET when
 * the server takes no more, which may have answered all the same: the upload
 * returns it; or as fm_write.
 */
FM_API FM_SUSPENDS ssize_t fm_upload_write(fm_upload *upload, const void *buf,
                                           size_t size);

/* Returns what a step is called: "connect". */
FM_API const char *fm_http_step_name(enum fm_http_step step);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__http_get(const char *url, fm_response **response,
                                    const fm_http_request *request);
FM_API FM_SUSPENDS int fm__http_fetch(fm_http_client *client, const char *url,
                                      fm_response **response,
                                      const fm_http_request *request);
FM_API int fm__http_client_open(fm_http_client **client,
                                const fm_http_client_options *options);

#ifdef __cplusplus
}
#endif

#define FM__HTTP_GET(url, response, ...)                                       \
    fm__http_get((url), (response), FM__OPTIONS(fm_http_request, __VA_ARGS__))
#define FM__HTTP_FETCH(client, url, response, ...)                             \
    fm__http_fetch((client), (url), (response),                                \
                   FM__OPTIONS(fm_http_request, __VA_ARGS__))
#define FM__HTTP_CLIENT_OPEN(client, ...)                                      \
    fm__http_client_open((client),                                             \
                         FM__OPTIONS(fm_http_client_options, __VA_ARGS__))

#endif
