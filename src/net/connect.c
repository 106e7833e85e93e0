/*
 * connect.c - streams to those who listen
 *
 * Options are set before the handshake, which tells the peer of the size of
 * the receive buffer (tcp(7)).
 */
#include <fermata/connect.h>

#include "io/stream_record.h"
#include "net/peer.h"

#include <errno.h>
#include <fermata/sleep.h>
#include <string.h>

#define CONNECT_PAUSE 0.01 /* s */

/* A local socket whose backlog is full says EAGAIN, and nothing tells when it
 * no longer is (unix(7)): so it is asked again, until the caller is cut. */
static int connect_operate(int fd, fm_address *address)
{
    int rc = 0;
    while (rc == 0) {
        struct fm__operation connect = {
            .op = {.kind = FM__OP_CONNECT,
                   .fd = fd,
                   .buf = &address->storage,
                   .size = address->size},
        };
        rc = (int)fm__operate(&connect);
        if (rc != -EAGAIN)
            return rc;
        rc = fm_sleep(CONNECT_PAUSE);
    }
    return rc;
}

/*
 * Where nobody listens, the port that the system has given to this socket may
 * be the very one that it calls. Then it answers itself: a simultaneous open
 * (RFC 9293, 3.5), with one end.
 */
static bool connect_found_itself(struct fm__loop *loop, int fd,
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

int fm__connect(const char *text, fm_stream **out,
                const fm_stream_options *options)
{
    fm_address address;
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_connect");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__blocks_check(self);
    rc = fm_address_parse(text, &address);
    if (rc < 0)
        return rc;
    struct fm__loop *loop = &self->home->loop;
    int fd = loop->backend->socket(loop, address.storage.ss_family);
    if (fd < 0)
        return fd;
    rc = fm__stream_configure(loop, fd, options);
    if (rc == 0)
        rc = connect_operate(fd, &address);
    if (rc == 0 && connect_found_itself(loop, fd, &address))
        rc = -ECONNREFUSED;
    if (rc == 0)
        rc = fm__stream_new(loop, fd, options, out);
    if (rc < 0)
        fm__loop_close_fd(loop, fd);
    return rc;
}
