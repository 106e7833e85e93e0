/*
 * dial.c - a socket, its options, and the handshake
 *
 * Options are set before the handshake, which tells the peer of the size of
 * the receive buffer (tcp(7)).
 */
#include "net/dial.h"

#include "io/stream_record.h"
#include "net/peer.h"

#include <errno.h>
#include <fermata/sleep.h>
#include <netinet/in.h>
#include <string.h>

static int dial_option(struct fm__loop *loop, int fd, int level, int name)
{
    const struct fm__socket_option option = {level, name, 1};
    return loop->backend->option(loop, fd, &option);
}

/*
 * Without a port the kernel is to choose it when it knows the peer, or every
 * connection of the machine would need one of its own (ip(7)). One that was
 * asked for may still be in TIME_WAIT.
 */
static int dial_bind(struct fm__loop *loop, int fd, const fm_address *source)
{
    int rc;
    if (fm_address_port(source) == 0)
        rc = dial_option(loop, fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    else
        rc = dial_option(loop, fd, SOL_SOCKET, SO_REUSEADDR);
    if (rc < 0)
        return rc;
    return loop->backend->bind(
        loop, fd, (const struct sockaddr *)&source->storage, source->size);
}

#define DIAL_PAUSE 0.01 /* s */

/* A local socket whose backlog is full says EAGAIN, and nothing tells when it
 * no longer is (unix(7)): so it is asked again, until the caller is cut. */
static int dial_operate(int fd, const fm_address *address)
{
    fm_address called = *address;
    int rc = 0;
    while (rc == 0) {
        struct fm__operation connect = {
            .op = {.kind = FM__OP_CONNECT,
                   .fd = fd,
                   .buf = &called.storage,
                   .size = called.size},
        };
        rc = (int)fm__operate(&connect);
        if (rc != -EAGAIN || called.storage.ss_family != AF_UNIX)
            return rc;
        rc = fm_sleep(DIAL_PAUSE);
    }
    return rc;
}

/*
 * Where nobody listens, the port that the system has given to this socket may
 * be the very one that it calls. Then it answers itself: a simultaneous open
 * (RFC 9293, 3.5), with one end.
 */
static bool dial_found_itself(struct fm__loop *loop, int fd,
                              const fm_address *called)
{
    const struct fm__backend *backend = loop->backend;
    fm_address own, peer;
    if (called->storage.ss_family == AF_UNIX)
        return false;
    int rc = fm__end_address(loop, fd, backend->address, &own);
    if (rc < 0 || fm_address_port(&own) != fm_address_port(called))
        return false;
    rc = fm__end_address(loop, fd, backend->peer, &peer);
    return rc == 0 && own.size == peer.size &&
           memcmp(&own.storage, &peer.storage, own.size) == 0;
}

int fm__dial(const fm_address *address, const struct fm__dialling *how)
{
    struct fm__task *self = fm__current;
    struct fm__loop *loop = &self->home->loop;
    int family = address->storage.ss_family;
    int rc = fm__checkpoint(self, "fm_connect");
    if (rc < 0)
        return rc;
    if (how->source != NULL && how->source->storage.ss_family != family)
        return -EAFNOSUPPORT;
    int fd = loop->backend->socket(loop, family, SOCK_STREAM);
    if (fd < 0)
        return fd;
    rc = fm__stream_configure(loop, fd, how->stream);
    if (rc == 0 && how->source != NULL)
        rc = dial_bind(loop, fd, how->source);
    if (rc == 0)
        rc = dial_operate(fd, address);
    if (rc == 0 && dial_found_itself(loop, fd, address))
        rc = -ECONNREFUSED;
    if (rc == 0)
        return fd;
    fm__loop_close_fd(loop, fd);
    return rc;
}
