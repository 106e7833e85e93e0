/*
 * listen.c - how a listener begins
 *
 * Accepted sockets have the options of their listener (Linux copies
 * TCP_NODELAY, SO_KEEPALIVE and the buffer sizes), so they are set once here
 * and cost no call for each connection.
 */
#include "base/memory.h"
#include "io/stream_record.h"
#include "net/listener.h"
#include "net/peer.h"
#include "net/target.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
    LISTEN_TRIES = 16 /* for a port that is free at all addresses */
};

/* Where to listen. */
struct listen_plan {
    int count;
    int port; /* as asked for */
    fm_address addresses[FM_LISTEN_LIMIT];
};

/* ---- Where -------------------------------------------------------------- */

/* "*:80": all of the machine, each family by a socket of its own. */
static int listen_plan_all(const char *colon, struct listen_plan *plan)
{
    static const char *const hosts[] = {"[::]", "0.0.0.0"};
    char text[16];
    plan->count = 2;
    for (int i = 0; i < 2; i++) {
        int size = snprintf(text, sizeof text, "%s%s", hosts[i], colon);
        if (size >= (int)sizeof text)
            return -EINVAL;
        int rc = fm_address_parse(text, &plan->addresses[i]);
        if (rc < 0)
            return rc;
    }
    plan->port = fm_address_port(&plan->addresses[0]);
    return 0;
}

static int listen_plan_name(const struct fm__target *target,
                            const fm_listen_options *options,
                            struct listen_plan *plan)
{
    const fm_resolve_options how = {.resolver = options->resolver};
    plan->count = fm_resolve(target->host, target->port, plan->addresses,
                             FM_LISTEN_LIMIT, &how);
    return plan->count < 0 ? plan->count : 0;
}

static int listen_plan(const char *text, const fm_listen_options *options,
                       struct listen_plan *plan)
{
    struct fm__target target;
    if (text[0] == '*' && text[1] == ':')
        return listen_plan_all(text + 1, plan);
    int rc = fm__target_parse(text, &target);
    if (rc < 0)
        return rc;
    plan->port = target.port;
    if (!target.literal)
        return listen_plan_name(&target, options, plan);
    plan->count = 1;
    plan->addresses[0] = target.address;
    return 0;
}

/* ---- A socket ----------------------------------------------------------- */

static int listen_set(struct fm__loop *loop, int fd,
                      struct fm__socket_option option)
{
    return loop->backend->option(loop, fd, &option);
}

static int listen_configure(struct fm__loop *loop, int fd, int family,
                            const fm_listen_options *options)
{
    if (family == AF_UNIX)
        return options->reuse_port
                   ? -EOPNOTSUPP
                   : fm__stream_configure(loop, fd, &options->stream);
    int rc = listen_set(
        loop, fd, (struct fm__socket_option){SOL_SOCKET, SO_REUSEADDR, 1});
    if (rc == 0 && options->reuse_port)
        rc = listen_set(
            loop, fd, (struct fm__socket_option){SOL_SOCKET, SO_REUSEPORT, 1});
    if (rc == 0 && family == AF_INET6)
        rc = listen_set(loop, fd,
                        (struct fm__socket_option){IPPROTO_IPV6, IPV6_V6ONLY,
                                                   options->ipv6_only});
    return rc == 0 ? fm__stream_configure(loop, fd, &options->stream) : rc;
}

/* What will be an entrance. */
struct listen_socket {
    fm_address address;
    struct fm__socket_file file;
};

/* A descriptor that listens, and its address; or -errno. */
static int listen_open(struct fm__loop *loop, struct listen_socket *socket,
                       const fm_listen_options *options)
{
    fm_address *address = &socket->address;
    int family = address->storage.ss_family;
    int fd = loop->backend->socket(loop, family, SOCK_STREAM);
    if (fd < 0)
        return fd;
    socket->file = (struct fm__socket_file){.mode = options->mode};
    int rc = listen_configure(loop, fd, family, options);
    if (rc == 0)
        rc = fm__socket_file_open(loop, fd, address, &socket->file);
    if (rc == 0 && options->backlog > 0)
        rc = loop->backend->backlog(loop, fd, options->backlog);
    if (rc == 0)
        rc = fm__end_address(loop, fd, loop->backend->address, address);
    if (rc == 0)
        return fd;
    fm__socket_file_remove(address, &socket->file);
    fm__loop_close_fd(loop, fd);
    return rc;
}

/* ---- All of them -------------------------------------------------------- */

/* This machine has no such address, or no such family: others may do. */
static bool listen_passes_over(int rc, const struct listen_plan *plan)
{
    return plan->count > 1 && (rc == -EADDRNOTAVAIL || rc == -EAFNOSUPPORT);
}

/* At all addresses, with the port of the first. */
static int listen_open_all(fm_listener *listener,
                           const struct listen_plan *plan,
                           const fm_listen_options *options)
{
    int missed = 0;
    for (int i = 0; i < plan->count; i++) {
        struct listen_socket socket = {.address = plan->addresses[i]};
        if (listener->count > 0)
            fm__target_set_port(
                &socket.address,
                fm_address_port(&listener->entrances[0].address));
        int fd = listen_open(listener->loop, &socket, options);
        if (fd >= 0)
            fm__listener_add(listener, fd, &socket.address)->file = socket.file;
        else if (listen_passes_over(fd, plan))
            missed = fd;
        else
            return fd;
    }
    return listener->count > 0 ? 0 : missed;
}

/* A port that the system has chosen for the first address may be taken at
 * another one. */
static int listen_open_somewhere(fm_listener *listener,
                                 const struct listen_plan *plan,
                                 const fm_listen_options *options)
{
    int rc = -EADDRINUSE;
    for (int i = 0; rc == -EADDRINUSE && i < LISTEN_TRIES; i++) {
        fm__entrances_close(listener);
        rc = listen_open_all(listener, plan, options);
        if (plan->port != 0 || plan->count == 1)
            break;
    }
    return rc;
}

int fm__listen(const char *text, fm_listener **out,
               const fm_listen_options *options)
{
    struct fm__task *self = fm__current;
    struct listen_plan plan;
    fm_listen_options how = {0};
    int rc = fm__checkpoint(self, "fm_listen");
    if (rc < 0)
        return rc;
    fm__blocks_check(self);
    if (options != NULL)
        how = *options;
    rc = how.backlog < 0 ? -EINVAL : listen_plan(text, &how, &plan);
    if (rc < 0)
        return rc;
    how.ipv6_only |= plan.count > 1;
    fm_listener *listener =
        fm__listener_new(&self->home->loop, (unsigned)plan.count, &how.stream);
    if (listener == NULL)
        return -ENOMEM;
    rc = listen_open_somewhere(listener, &plan, &how);
    if (rc < 0) {
        fm__listener_free(listener);
        return rc;
    }
    fm__listener_begin(listener);
    *out = listener;
    return 0;
}
