/*
 * serve.h - a server: each connection has a task of its own
 *
 *     static int echo(fm_stream *client, void *arg)
 *     {
 *         char buf[4096];
 *         ssize_t n = 1;
 *         while (n > 0 && (n = fm_read(client, buf, sizeof buf)) > 0)
 *             n = fm_write(client, buf, (size_t)n);
 *         return (int)n;
 *     }
 *     rc = fm_serve(listener, echo, NULL);
 */
#ifndef FERMATA_SERVE_H
#define FERMATA_SERVE_H

#include <fermata/api.h>
#include <fermata/listen.h>
#include <fermata/stream.h>
#include <fermata/tls.h>

/* Connections served at once, and seconds that they have to end by
 * themselves, where the options do not say. */
#define FM_SERVE_LIMIT 10000
#define FM_SERVE_GRACE 5

/* What serves a connection, which it must not close: returns 0 or more, or a
 * failure. */
typedef int (*fm_serve_handler)(fm_stream *client, void *arg);

/*
 * Options of fm_serve; zero is the default. The streams have the options that
 * the listener was made with.
 *
 *   limit       connections served at once, 0: FM_SERVE_LIMIT; those above it
 *               wait unaccepted
 *   per_address  connections served at once of one IPv4 address, or of one /64
 *               of IPv6, 0: no such limit; one that is too many is reset at
 *               once, before anything is read or shaken hands with
 *   grace       seconds, 0: FM_SERVE_GRACE; below 0: none
 *   name        of the tasks, as in fm_task_options; NULL: the handler's
 *   stack_size  of the tasks, as in fm_task_options; not FM_STACK_DENSE
 *   on_error    hears of each handler that failed, in its task, before the
 *               client is closed; it may suspend. NULL: a failure is reported
 *               (FM_REPORT_HANDLER_FAILED), unless it is of the kind that
 *               clients cause by leaving: ECONNRESET, EPIPE, FM_EEOF,
 *               FM_EPEERTIMEOUT, and what fm_start_tls and
 *               fm_http_serve say of a peer
 *   on_stop     is called once, before the grace begins; it does not suspend.
 *               For handlers that would not end by themselves
 *   tls         each client shakes hands as a server's, in its own task,
 *               before the handler runs; a handshake that fails is a failure
 *               of the handler, which is not called. Of fm_tls_new, borrowed
 *   count       how many connections are served just now is added to it;
 *               borrowed until fm_serve returns, which leaves nothing of it.
 *               NULL: nobody counts
 */
typedef struct fm_serve_options {
    unsigned limit;
    unsigned per_address;
    double grace;
    const char *name;
    size_t stack_size;
    void (*on_error)(fm_stream *client, int result, void *arg);
    void (*on_stop)(void *arg);
    fm_tls *tls;
    size_t *count;
} fm_serve_options;

/*
 *     FM_SETTLES int fm_serve(fm_listener *listener, fm_serve_handler handler,
 *                             void *arg, ...);
 *
 * Accepts connections for as long as it is let, and runs handler(client, arg)
 * for each in a task of its own, of a group under the root. The listener is
 * taken, whatever is returned. After the handler what it wrote is flushed and
 * the client closed. A handler that fails ends its own connection and nothing
 * else; nor does a want of memory or descriptors end the server. A fourth
 * argument, a `const fm_serve_options *`, is optional.
 *
 * Cut, or asked to stop by fm_serve_stop, it stops accepting and closes the
 * listener. The handlers that run have the grace to end by themselves, and
 * are not cut before it is over; then they are cancelled. It returns when
 * they have ended.
 *
 * Returns 0 when it was asked to stop; -ECANCELED or -ETIMEDOUT when cut;
 * -EINVAL when the grace is not a number; -ENOMEM; or what else fm_accept
 * returned, after the same orderly end.
 */
#define fm_serve(...) FM__SERVE(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Asks the fm_serve that has the listener, or will have it, to stop: see
 * there. Does not wait; any task of the loop may call it, a handler too, as
 * long as fm_serve has not returned. From then on fm_accept of it returns
 * -ESHUTDOWN.
 */
FM_API void fm_serve_stop(fm_listener *listener);

/* Private: what the macro above calls. */
FM_API FM_SETTLES int fm__serve(fm_listener *listener, fm_serve_handler handler,
                                void *arg, const fm_serve_options *options,
                                const char *label);

#ifdef __cplusplus
}
#endif

#define FM__SERVE(listener, handler, arg, ...)                                 \
    fm__serve((listener), (handler), (arg),                                    \
              FM__OPTIONS(fm_serve_options, __VA_ARGS__), FM__LABEL(handler))

#endif
