/*
 * udp.c - how a datagram socket begins and ends, and one datagram at a time
 *
 * A system call takes a datagram or does not, so nothing is kept here: what
 * was not received is the system's, and a cut can lose none.
 */
#include "base/die.h"
#include "base/memory.h"
#include "net/peer.h"
#include "net/udp_record.h"

#include <errno.h>

#define UDP_RETRIES 4 /* of a send that heard what others have caused */

void fm__udp_check(const fm_udp *udp, const char *caller)
{
    const struct fm__task *self = fm__task_self(caller);
    if (FM__UNLIKELY(udp->loop != &self->home->loop))
        fm__die("%s: this socket belongs to another loop", caller);
}

static void udp_end(fm_udp *udp)
{
    fm__list_remove(&udp->guest.link);
    fm__socket_file_remove(&udp->address, &udp->file);
    fm__loop_close_fd(udp->loop, udp->fd);
    fm__memory_free(udp);
}

/* The loop ends before the socket; its tasks have ended. */
static void udp_leave(struct fm__guest *guest)
{
    fm_udp *udp = FM__CONTAINER(guest, struct fm_udp, guest);
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a datagram socket (descriptor %d) was still open when its "
               "loop ended",
               udp->fd);
    udp_end(udp);
}

int fm__udp_open(const char *text, fm_udp **out, const fm_udp_options *options)
{
    static const fm_udp_options defaults;
    struct fm__loop *loop = &fm__task_self("fm_udp_open")->home->loop;
    if (options == NULL)
        options = &defaults;
    fm_udp *udp = fm__memory_new(sizeof *udp);
    if (udp == NULL)
        return -ENOMEM;
    udp->loop = loop;
    int rc = text != NULL ? fm_address_parse(text, &udp->address) : 0;
    if (rc == 0)
        rc = udp->fd = fm__udp_socket(udp, options);
    if (rc < 0) {
        fm__memory_free(udp);
        return rc;
    }
    udp->local = udp->address.storage.ss_family == AF_UNIX;
    udp->errors = options->errors && !udp->local;
    udp->guest.leave = udp_leave;
    fm__loop_guest(loop, &udp->guest);
    *out = udp;
    return 0;
}

void fm_udp_close(fm_udp *udp)
{
    if (udp == NULL)
        return;
    fm__udp_check(udp, "fm_udp_close");
    if (udp->users > 0)
        fm__die("fm_udp_close: another task sends or receives by this socket");
    udp_end(udp);
}

int fm_udp_connect(fm_udp *udp, const fm_address *address)
{
    static const fm_address nobody = {.storage.ss_family = AF_UNSPEC,
                                      .size = sizeof(struct sockaddr)};
    fm__udp_check(udp, "fm_udp_connect");
    const fm_address *to = address != NULL ? address : &nobody;
    int rc = udp->loop->backend->aim(
        udp->loop, udp->fd, (const struct sockaddr *)&to->storage, to->size);
    if (rc == 0)
        udp->connected = address != NULL;
    return rc;
}

/* A local socket is told that there is room only at whom it is connected to. */
static bool udp_cannot_wait(const fm_udp *udp)
{
    return udp->local && !udp->connected;
}

static ssize_t udp_operate(fm_udp *udp, enum fm__op_kind kind,
                           struct mmsghdr *messages, size_t count)
{
    bool receives = kind == FM__OP_RECEIVE_MANY;
    struct fm__operation operation = {
        .op = {.kind = kind, .fd = udp->fd, .buf = messages, .size = count}};
    if (receives ? udp->errors : udp_cannot_wait(udp))
        operation.op.events = 1;
    udp->users++;
    ssize_t rc = fm__operate(&operation);
    udp->users--;
    return rc;
}

/* Errors of others' datagrams, which wait for whoever receives. */
static bool udp_is_theirs(const fm_udp *udp, ssize_t rc)
{
    return udp->errors && !udp->connected &&
           (rc == -ECONNREFUSED || rc == -EHOSTUNREACH || rc == -ENETUNREACH);
}

/* A local socket forgets a peer that has ended: unix(7), "Errors". */
static ssize_t udp_sent(const fm_udp *udp, ssize_t rc)
{
    if (rc != -ENOTCONN || !udp->local)
        return rc;
    return udp->connected ? -ECONNREFUSED : -EDESTADDRREQ;
}

ssize_t fm__udp_operate(fm_udp *udp, enum fm__op_kind kind,
                        struct mmsghdr *messages, size_t count)
{
    ssize_t rc = udp_operate(udp, kind, messages, count);
    for (int i = 1; i < UDP_RETRIES; i++) {
        if (kind != FM__OP_SEND_MANY || !udp_is_theirs(udp, rc))
            break;
        rc = udp_operate(udp, kind, messages, count);
    }
    return kind == FM__OP_SEND_MANY ? udp_sent(udp, rc) : rc;
}

int fm_udp_send(fm_udp *udp, const void *buf, size_t size, const fm_address *to)
{
    ssize_t rc = fm__checkpoint(fm__current, "fm_udp_send");
    if (FM__UNLIKELY(rc < 0))
        return (int)rc;
    fm__udp_check(udp, "fm_udp_send");
    fm__blocks_check(fm__current);
    struct iovec part = {.iov_base = (void *)(uintptr_t)buf, .iov_len = size};
    struct mmsghdr message = {
        .msg_hdr = {.msg_iov = &part, .msg_iovlen = 1},
    };
    if (to != NULL) {
        message.msg_hdr.msg_name = (void *)(uintptr_t)&to->storage;
        message.msg_hdr.msg_namelen = to->size;
    }
    rc = fm__udp_operate(udp, FM__OP_SEND_MANY, &message, 1);
    return rc < 0 ? (int)rc : 0;
}

/* Whom the system calls nobody is a local socket without a name. */
void fm__udp_sender(fm_address *from, socklen_t size)
{
    from->size = size;
    if (size == 0)
        from->storage.ss_family = AF_UNIX;
}

ssize_t fm_udp_receive(fm_udp *udp, void *buf, size_t size, fm_address *from)
{
    fm_address unused;
    ssize_t rc = fm__checkpoint(fm__current, "fm_udp_receive");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__udp_check(udp, "fm_udp_receive");
    fm__blocks_check(fm__current);
    if (from == NULL)
        from = &unused;
    struct iovec part = {.iov_base = buf, .iov_len = size};
    struct mmsghdr message = {
        .msg_hdr = {.msg_name = &from->storage,
                    .msg_namelen = sizeof from->storage,
                    .msg_iov = &part,
                    .msg_iovlen = 1},
    };
    rc = fm__udp_operate(udp, FM__OP_RECEIVE_MANY, &message, 1);
    if (rc >= 0)
        fm__udp_sender(from, message.msg_hdr.msg_namelen);
    else if (message.msg_hdr.msg_namelen != sizeof from->storage)
        from->size = message.msg_hdr.msg_namelen;
    return rc < 0 ? rc : (ssize_t)message.msg_len;
}

int fm_udp_local(const fm_udp *udp, fm_address *address)
{
    fm__udp_check(udp, "fm_udp_local");
    return fm__end_address(udp->loop, udp->fd, udp->loop->backend->address,
                           address);
}

int fm_udp_peer(const fm_udp *udp, fm_address *address)
{
    fm__udp_check(udp, "fm_udp_peer");
    return fm__end_address(udp->loop, udp->fd, udp->loop->backend->peer,
                           address);
}
