/*
 * listen.h - connections that others make
 *
 *     fm_listener *listener;
 *     int rc = fm_listen("127.0.0.1:7000", &listener);
 *     fm_stream *client;
 *     while (rc == 0 && (rc = fm_accept(listener, &client)) == 0)
 *         rc = talk(client);
 *
 * To serve each connection by a task of its own take fm_serve.
 */
#ifndef FERMATA_LISTEN_H
#define FERMATA_LISTEN_H

#include <fermata/address.h>
#include <fermata/api.h>
#include <fermata/resolve.h>
#include <fermata/stream.h>
#include <stdbool.h>

/* A listener of one loop; made by fm_listen, ended by fm_listener_close or
 * fm_serve. One that a program leaves open is reported when its loop ends. */
typedef struct fm_listener fm_listener;

/* Sockets of one listener. */
#define FM_LISTEN_LIMIT 16

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
 *   backlog     connections that wait to be accepted; 0: as many as the system
 *               allows (net.core.somaxconn), which is also the most
 *   resolver    who looks up a name; NULL: the loop's own
 *   mode        permissions of the file of a local socket, as of chmod(2):
 *               who may write to it may connect; 0: what the umask leaves
 */
typedef struct fm_listen_options {
    fm_stream_options stream;
    bool reuse_port;
    bool ipv6_only;
    int backlog;
    fm_resolver *resolver;
    unsigned mode;
} fm_listen_options;

/* Bytes of the name of a socket that was handed over, with its NUL
 * (sd_listen_fds(3)). */
#define FM_HANDED_NAME 256

/* A socket that a service manager has opened for this program, and the name
 * it gave it; "" for none. */
typedef struct fm_handed {
    fm_listener *listener;
    char name[FM_HANDED_NAME];
} fm_handed;

/*
 *     FM_SUSPENDS int fm_listen(const char *address, fm_listener **listener,
 *                               ...);
 *
 * Listens on a literal address as fm_address_parse reads it; on all addresses
 * of a name, "localhost:7000", at most FM_LISTEN_LIMIT; or on all of this
 * machine, "*:7000". One listener has then several sockets, IPv6 ones for IPv6
 * alone; addresses and families that the machine does not have are passed over
 * where others are left. Port 0: one that the system chooses, the same for all;
 * see fm_listener_address. An address that a server of before has just left can
 * be taken at once (SO_REUSEADDR). A third argument, a `const
 * fm_listen_options *`, is optional.
 *
 * A local socket ("unix:/run/socket") is a file. One that a server of before
 * has left, with no socket bound to it, is replaced; nothing else at that path
 * ever is. It is removed when the listener ends, unless another has taken its
 * place.
 *
 * Returns 0, and *listener is the caller's; or, with *listener as it was:
 * -ECANCELED or -ETIMEDOUT when cut, -EADDRINUSE, also when something else
 * lies at the path, -EADDRNOTAVAIL when the address is none of this machine's,
 * -EACCES when the port is a privileged one or the directory not the caller's
 * to write in, -ENOENT without that directory, -EINVAL or -ENODEV as
 * fm_address_parse, or for a backlog below 0, for a name as fm_resolve,
 * -EOPNOTSUPP for a local socket with reuse_port, -EMFILE or -ENFILE without a
 * free descriptor, -ENOMEM, or what else the system says.
 */
#define fm_listen(...) FM__LISTEN(__VA_ARGS__, NULL, )

/*
 *     int fm_listen_handed(fm_handed *handed, size_t count, ...);
 *
 * Takes the sockets that a service manager handed over when it started this
 * process: as LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES say
 * (sd_listen_fds(3)). They are made close-on-exec, and the variables are
 * removed from the environment, as long as no other thread may use it. A third
 * argument, a `const fm_stream_options *` for the streams, is optional.
 *
 * Returns how many there are, and the first so many of handed are filled, with
 * listeners that are the caller's; 0 when none are for this process. Or, with
 * no socket taken and the variables as they were: -EMSGSIZE when there are
 * more than `count`; -EINVAL when one is no stream socket that listens,
 * -ENOTSOCK when it is none at all, -EBADF when it is not open; -ENOMEM, or
 * what else the system says.
 */
#define fm_listen_handed(...) FM__LISTEN_HANDED(__VA_ARGS__, NULL, )

/*
 *     int fm_listener_adopt(int fd, fm_listener **listener, ...);
 *
 * Makes a listener of a descriptor that others made: a stream socket that
 * listens. It is taken: made non-blocking, for all who share it, and closed
 * with the listener. A third argument, a `const fm_stream_options *` for the
 * streams, is optional.
 *
 * Returns 0, and *listener is the caller's; or -EINVAL when it is no stream
 * socket or does not listen, -ENOTSOCK, -EBADF, -ENOMEM, or what else the
 * system says; then the descriptor is still the caller's.
 */
#define fm_listener_adopt(...) FM__LISTENER_ADOPT(__VA_ARGS__, NULL, )

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
 * The address that it listens on, with the port that the system chose; of
 * several the first.
 *
 * Returns an address that is valid as long as the listener.
 */
FM_API const fm_address *fm_listener_address(const fm_listener *listener);

/* Each of its addresses, by an index from 0 on. Returns an address that is
 * valid as long as the listener, or NULL when there are no more. */
FM_API const fm_address *fm_listener_address_at(const fm_listener *listener,
                                                size_t index);

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

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__listen(const char *address, fm_listener **listener,
                                  const fm_listen_options *options);
FM_API int fm__listen_handed(fm_handed *handed, size_t count,
                             const fm_stream_options *options);
FM_API int fm__listener_adopt(int fd, fm_listener **listener,
                              const fm_stream_options *options);

#ifdef __cplusplus
}
#endif

#define FM__LISTEN(address, listener, ...)                                     \
    fm__listen((address), (listener),                                          \
               FM__OPTIONS(fm_listen_options, __VA_ARGS__))
#define FM__LISTEN_HANDED(handed, count, ...)                                  \
    fm__listen_handed((handed), (count),                                       \
                      FM__OPTIONS(fm_stream_options, __VA_ARGS__))
#define FM__LISTENER_ADOPT(fd, listener, ...)                                  \
    fm__listener_adopt((fd), (listener),                                       \
                       FM__OPTIONS(fm_stream_options, __VA_ARGS__))

#endif
