/*
 * connect.h - a stream to somebody who listens
 *
 *     fm_stream *server;
 *     int rc;
 *     FM_TIMEOUT(5, rc) {
 *         rc = fm_connect("example.org:7000", &server);
 *     }
 *
 * Of a name with many addresses the first one that answers wins.
 */
#ifndef FERMATA_CONNECT_H
#define FERMATA_CONNECT_H

#include <fermata/address.h>
#include <fermata/api.h>
#include <fermata/resolve.h>
#include <fermata/stream.h>
#include <fermata/tls.h>

/* Failed attempts that are kept. */
#define FM_CONNECT_FAILURES 16

/* One attempt that failed: to where, and with what. */
typedef struct fm_connect_failure {
    fm_address address;
    int error;
} fm_connect_failure;

/*
 * What has failed on the way to a connection, in the order in which it did;
 * also where another attempt succeeded. Plain data.
 *
 *   count  how many attempts failed
 *   reply  what a proxy answered: the status of HTTP, the reply of SOCKS 5
 *          (RFC 1928, 6); 0: nothing, or a SOCKS proxy's success
 *   first  of the attempts the first FM_CONNECT_FAILURES
 */
typedef struct fm_connect_failures {
    size_t count;
    int reply;
    fm_connect_failure first[FM_CONNECT_FAILURES];
} fm_connect_failures;

/*
 * Options of fm_connect; zero is the default. All of them are borrowed while
 * it runs.
 *
 *   stream    options of the stream
 *   tls       speaks TLS as fm_start_tls does, as a client, when the connection
 *             stands; over a proxy with the target. NULL: it does not
 *   server_name
 *             who shall answer by TLS; NULL: the host of the address
 *   tls_failure
 *             filled in when TLS fails; or NULL
 *   source    from where, as fm_address_parse reads it: "192.0.2.1:0"; port
 *             0 is the system's choice. Addresses of another family are not
 *             tried
 *   proxy     who makes the connection: "socks5://host:port" (RFC 1928) or
 *             "http://host:port" (CONNECT; RFC 9110, 9.3.6), with
 *             "user:password@" before the host if it wants to know (RFC 1929;
 *             RFC 7617), where %40 is '@' and so on (RFC 3986, 2.1). The
 *             target's name is looked up by the proxy and not here; "socks5h"
 *             is another word for "socks5"
 *   resolver  who looks up names; NULL: the loop's own
 *   stagger   seconds between two attempts while none has failed (RFC 8305,
 *             5); 0: 0.25; less than 0.01 is 0.01, more than 2 is 2
 *   failures  filled in; or NULL
 */
typedef struct fm_connect_options {
    fm_stream_options stream;
    fm_tls *tls;
    const char *server_name;
    fm_tls_failure *tls_failure;
    const char *source;
    const char *proxy;
    fm_resolver *resolver;
    double stagger;
    fm_connect_failures *failures;
} fm_connect_options;

/*
 *     FM_SUSPENDS int fm_connect(const char *address, fm_stream **stream, ...);
 *
 * Connects to an address or a name, and waits until the connection stands. An
 * address is literal, as fm_address_parse reads it, also of a local socket; a
 * name is "name:port", and its addresses race (RFC 8305): both families are
 * looked up at once; IPv6 has a start of 50 ms; the next address, of the other
 * family by turns, is tried when an attempt has failed, or has taken the
 * stagger's time; the first connection that stands wins, and the others are
 * given up. A third argument, a `const fm_connect_options *`, is optional. The
 * system gives up after minutes, and a local socket whose backlog is full is
 * asked again for ever: put an FM_TIMEOUT around it.
 *
 * Returns 0, and *stream is the caller's, to be ended by fm_close; or, with
 * *stream as it was: -ECANCELED or -ETIMEDOUT when cut, -ECONNREFUSED when
 * nobody listens there, -ENOENT when nothing lies at the path of a local socket
 * and -EACCES when it is not the caller's to write to, -FM_EPEERTIMEOUT when
 * nobody answers, -EHOSTUNREACH or -ENETUNREACH, -EINVAL or -ENODEV as
 * fm_address_parse, or for options that are none, -EAFNOSUPPORT when the source
 * is of another family, -EADDRNOTAVAIL when it is none of this machine's,
 * -EMFILE or -ENFILE without a free descriptor, -ENOMEM, or what else the
 * system says. Of many attempts that failed it is the error that tells the
 * most, see `failures` for all. For a name also as fm_resolve; with a proxy one
 * of -FM_EPROXY to -FM_EPROXYFAMILY, or as fm_read and fm_write; with TLS as
 * fm_start_tls.
 */
#define fm_connect(...) FM__CONNECT(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int fm__connect(const char *address, fm_stream **stream,
                                   const fm_connect_options *options);

#ifdef __cplusplus
}
#endif

#define FM__CONNECT(address, stream, ...)                                      \
    fm__connect((address), (stream),                                           \
                FM__OPTIONS(fm_connect_options, __VA_ARGS__))

#endif
