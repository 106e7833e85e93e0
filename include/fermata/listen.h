/*
 * listen.h - connections that others make
 *
 *     fm_listener *listener;
 *     int rc = fm_listen("127.0.0.1:7000", &listener);
 *     while (rc == 0) {
 *         fm_stream *client;
 *         rc = fm_accept(listener, &client);
 *         ...
 *
 * To serve each connection by a task of its own take fm_serve.
 */
#ifndef FERMATA_LISTEN_H
#define FERMATA_LISTEN_H

#include <fermata/address.h>
#include <fermata/api.h>
#include <fermata/stream.h>
#include <stdbool.h>

/* A listener of one loop; made by fm_listen, ended by fm_listener_close or
 * fm_serve. One that a program leaves open is reported when its loop ends. */
typedef struct fm_listener fm_listener;

/*
 * Options of fm_listen; zero is the default.
 *
 *   stream      options of the streams that fm_accept makes
 *   reuse_port  several listeners, each of a loop of its own, share the
 *               address, and the system shares out the connections
 *               (SO_REUSEPORT of socket(7)); all of them have to say so
 *   ipv6_only   an IPv6 address takes no IPv4 connections; by default [::]
 *               takes both, whatever the system's own default
 *               (IPV6_V6ONLY of ipv6(7))
 *   mode        permissions of the file of a local socket, as of chmod(2):
 *               who may write to it may connect; 0: what the umask leaves
 */
typedef struct fm_listen_options {
    fm_stream_options stream;
    bool reuse_port;
    bool ipv6_only;
    unsigned mode;
} fm_listen_options;

/*
 *     int fm_listen(const char *address, fm_listener **listener, ...);
 *
 * Listens by TCP on a literal address as fm_address_parse reads it; port 0:
 * on one that the system chooses, see fm_listener_address. An address that a
 * server of before has just left can be taken at once (SO_REUSEADDR). As
 * many connections as the system allows (net.core.somaxconn) wait to be
 * accepted. A third argument, a `const fm_listen_options *`, is optional.
 *
 * A local socket ("unix:/run/socket") is a file. One that a server of before
 * has left, with no socket bound to it, is replaced; nothing else at that path
 * ever is. It is removed when the listener ends, unless another has taken its
 * place.
 *
 * Returns 0, and *listener is the caller's; or, with *listener as it was:
 * -EADDRINUSE, also when something else lies at the path, -EADDRNOTAVAIL when
 * the address is none of this machine's, -EACCES when the port is a privileged
 * one or the directory not the caller's to write in, -ENOENT without that
 * directory, -EINVAL or -ENODEV as fm_address_parse, -EOPNOTSUPP for a local
 * socket with reuse_port, -EMFILE or -ENFILE without a free descriptor,
 * -ENOMEM, or what else the system says.
 */
#define fm_listen(...) FM__LISTEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits for the next connection; any number of tasks may, they are served in
 * order. A connection that is gone before it could be accepted is passed
 * over. Where the process or the system has no descriptor or memory for it
 * the call goes on waiting, and tries again when a stream of this loop is
 * closed, and every 100 ms; this is reported, once for each listener.
 *
 * Returns 0, and *stream is the caller's; or, with *stream as it was:
 * -ECANCELED or -ETIMEDOUT when cut, -ESHUTDOWN once the listener is being
 * closed, -ENOMEM when there is no memory for the stream, and the connection
 * is reset, or what else the system says.
 */
FM_API FM_SUSPENDS int fm_accept(fm_listener *listener, fm_stream **stream);

/*
 * The address that it listens on, with the port that the system chose.
 *
 * Returns an address that is valid as long as the listener.
 */
FM_API const fm_address *fm_listener_address(const fm_listener *listener);

/*
 * Ends the listener: tasks in fm_accept get -ESHUTDOWN, and connections that
 * nobody has accepted are reset. When it returns the address is free and the
 * listener is gone. It waits for the tasks in fm_accept to have left, a turn
 * or two, and no cut shortens that. NULL is 0. Aborts with a sentence where
 * fm_serve has the listener.
 *
 * Returns 0.
 */
FM_API FM_SETTLES int fm_listener_close(fm_listener *listener);

/* Private: what the macro above calls. */
FM_API int fm__listen(const char *address, fm_listener **listener,
                      const fm_listen_options *options);

#ifdef __cplusplus
}
#endif

#define FM__LISTEN(address, listener, ...)                                     \
    fm__listen((address), (listener),                                          \
               FM__OPTIONS(fm_listen_options, __VA_ARGS__))

#endif
