/*
 * connect.h - a stream to somebody who listens
 *
 *     fm_stream *server;
 *     int rc;
 *     FM_TIMEOUT(5, rc) {
 *         rc = fm_connect("127.0.0.1:7000", &server);
 *     }
 */
#ifndef FERMATA_CONNECT_H
#define FERMATA_CONNECT_H

#include <fermata/api.h>
#include <fermata/stream.h>

/*
 *     FM_SUSPENDS int fm_connect(const char *address, fm_stream **stream, ...);
 *
 * Connects to a literal address as fm_address_parse reads it, by TCP or to a
 * local socket, and waits until the connection stands. A third argument, a
 * `const fm_stream_options *`, is optional. The system gives up after minutes,
 * and a local socket whose backlog is full is asked again for ever: put an
 * FM_TIMEOUT around it.
 *
 * Returns 0, and *stream is the caller's, to be ended by fm_close; or, with
 * *stream as it was: -ECANCELED or -ETIMEDOUT when cut, -ECONNREFUSED when
 * nobody listens there, -ENOENT when nothing lies at the path of a local
 * socket and -EACCES when it is not the caller's to write to, FM_EPEERTIMEOUT,
 * negated, when nobody answers, -EHOSTUNREACH or -ENETUNREACH, -EINVAL or
 * -ENODEV as fm_address_parse, -EMFILE or -ENFILE without a free descriptor,
 * -ENOMEM, or what else the system says.
 */
#define fm_connect(...) FM__CONNECT(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int fm__connect(const char *address, fm_stream **stream,
                                   const fm_stream_options *options);

#ifdef __cplusplus
}
#endif

#define FM__CONNECT(address, stream, ...)                                      \
    fm__connect((address), (stream),                                           \
                FM__OPTIONS(fm_stream_options, __VA_ARGS__))

#endif
