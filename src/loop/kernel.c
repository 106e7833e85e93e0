/*
 * kernel.c - what needs no world but the kernel's own
 */
#include "loop/kernel.h"

#include "base/sys.h"

#include <errno.h>

int64_t fm__kernel_now(struct fm__loop *loop)
{
    (void)loop;
    return fm__sys_clock();
}

int fm__kernel_listen(struct fm__loop *loop, int fd,
                      const struct sockaddr *addr, socklen_t size)
{
    (void)loop;
    return fm__sys_listen(fd, addr, size);
}

int fm__kernel_backlog(struct fm__loop *loop, int fd, int count)
{
    (void)loop;
    return fm__sys_backlog(fd, count);
}

int fm__kernel_asked(struct fm__loop *loop, int fd, int level, int name)
{
    (void)loop;
    return fm__sys_asked(fd, level, name);
}

int fm__kernel_address(struct fm__loop *loop, int fd, struct sockaddr *addr,
                       socklen_t *size)
{
    (void)loop;
    return fm__sys_socket_name(fd, addr, size);
}

int fm__kernel_peer(struct fm__loop *loop, int fd, struct sockaddr *addr,
                    socklen_t *size)
{
    (void)loop;
    return fm__sys_peer_name(fd, addr, size);
}

int fm__kernel_credentials(struct fm__loop *loop, int fd, struct ucred *who)
{
    (void)loop;
    return fm__sys_credentials(fd, who);
}

int fm__kernel_option(struct fm__loop *loop, int fd,
                      const struct fm__socket_option *option)
{
    (void)loop;
    return fm__sys_option(fd, option->level, option->name, option->value);
}

int fm__kernel_events(struct fm__loop *loop, int fd, uint32_t asked)
{
    (void)loop;
    return fm__sys_poll(fd, (int)asked, 0);
}

int fm__kernel_shutdown(struct fm__loop *loop, int fd)
{
    (void)loop;
    return fm__sys_shutdown(fd);
}

int fm__kernel_sink(struct fm__loop *loop, int fd)
{
    (void)loop;
    return fm__sys_sink(fd);
}

int fm__kernel_linger(struct fm__loop *loop, int fd)
{
    (void)loop;
    return fm__sys_linger(fd);
}

int fm__kernel_bind(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                    socklen_t size)
{
    (void)loop;
    return fm__sys_bind(fd, addr, size);
}

int fm__kernel_aim(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                   socklen_t size)
{
    (void)loop;
    return fm__sys_connect(fd, addr, size);
}

int fm__kernel_multicast(struct fm__loop *loop, int fd, enum fm__multicast what,
                         const struct group_req *group)
{
    (void)loop;
    if (what == FM__MULTICAST_BY)
        return fm__sys_multicast_by(fd, group);
    bool joins = what == FM__MULTICAST_JOIN;
    return fm__sys_membership(fd, group,
                              joins ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP);
}

ssize_t fm__kernel_send_many(const struct fm__op *op)
{
    return fm__sys_send_many(op->fd, op->buf, op->size);
}

/* A send may have taken the socket's pending error: the queue still has it. */
ssize_t fm__kernel_receive_many(const struct fm__op *op)
{
    struct mmsghdr *messages = op->buf;
    struct msghdr *first = &messages->msg_hdr;
    ssize_t rc = fm__sys_receive_many(op->fd, messages, op->size);
    if (rc >= 0 || op->events == 0)
        return rc;
    socklen_t size = sizeof(struct sockaddr_storage);
    int refused = fm__sys_datagram_refused(op->fd, first->msg_name, &size);
    if (refused == -EAGAIN && rc == -EAGAIN)
        return rc; /* it is asked again */
    first->msg_namelen = refused == -EAGAIN ? 0 : size;
    return refused == -EAGAIN ? rc : refused;
}
