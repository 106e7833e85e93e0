/*
 * sys_socket.c - system calls on sockets
 */
#include "base/sys.h"

#include "base/sys_call.h"

#include <errno.h>
#include <net/if.h>

ssize_t fm__sys_recv(int fd, void *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, recv(fd, buf, size, 0));
    return rc;
}

ssize_t fm__sys_recv_local(int fd, struct iovec buf, bool *early)
{
    struct msghdr message = {.msg_iov = &buf, .msg_iovlen = 1};
    ssize_t rc;
    FM__SYS_CALL(rc, recvmsg(fd, &message, 0));
    *early = rc >= 0 && (message.msg_flags & MSG_CTRUNC) != 0;
    return rc;
}

ssize_t fm__sys_send(int fd, const void *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, send(fd, buf, size, MSG_NOSIGNAL));
    return rc;
}

ssize_t fm__sys_recv_now(int fd, void *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, recv(fd, buf, size, MSG_DONTWAIT));
    return rc;
}

ssize_t fm__sys_send_now(int fd, const void *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, send(fd, buf, size, MSG_NOSIGNAL | MSG_DONTWAIT));
    return rc;
}

ssize_t fm__sys_sendv(int fd, const struct iovec *parts, size_t count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                             .msg_iovlen = count};
    ssize_t rc;
    FM__SYS_CALL(rc, sendmsg(fd, &message, MSG_NOSIGNAL));
    return rc;
}

int fm__sys_socketpair(int fds[2])
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int rc;
    FM__SYS_CALL(rc, socketpair(AF_UNIX, type, 0, fds));
    return fm__sys_opened(rc, 2);
}

int fm__sys_socket(int family, int type)
{
    int rc;
    FM__SYS_CALL(rc, socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return fm__sys_opened(rc, 1);
}

int fm__sys_unlisten(int fd)
{
    int rc;
    FM__SYS_CALL(rc, shutdown(fd, SHUT_RD));
    return rc;
}

int fm__sys_option(int fd, int level, int name, int value)
{
    int rc;
    FM__SYS_CALL(rc, setsockopt(fd, level, name, &value, sizeof value));
    return rc;
}

int fm__sys_listen(int fd, const struct sockaddr *addr, socklen_t size)
{
    int rc = fm__sys_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (rc == 0)
        FM__SYS_CALL(rc, bind(fd, addr, size));
    if (rc == 0)
        FM__SYS_CALL(rc, listen(fd, SOMAXCONN));
    return rc;
}

int fm__sys_backlog(int fd, int count)
{
    int rc;
    FM__SYS_CALL(rc, listen(fd, count));
    return rc;
}

int fm__sys_accept(int fd)
{
    int rc;
    FM__SYS_CALL(rc, accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
    return fm__sys_opened(rc, 1);
}

int fm__sys_connect(int fd, const struct sockaddr *addr, socklen_t size)
{
    int rc;
    FM__SYS_CALL(rc, connect(fd, addr, size));
    return rc;
}

/* Of another kind than listens it is refused with EPROTOTYPE, and makes no
 * connection that somebody would have to accept. */
int fm__sys_probe_local(const struct sockaddr *addr, socklen_t size)
{
    int type = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd, rc;
    FM__SYS_CALL(fd, socket(AF_UNIX, type, 0));
    if (fm__sys_opened(fd, 1) < 0)
        return fd;
    FM__SYS_CALL(rc, connect(fd, addr, size));
    fm__sys_close(fd);
    return rc;
}

int fm__sys_socket_error(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;
    int rc;
    FM__SYS_CALL(rc, getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    return rc < 0 || error == 0 ? rc : fm__sys_code(error);
}

int fm__sys_socket_name(int fd, struct sockaddr *addr, socklen_t *size)
{
    int rc;
    FM__SYS_CALL(rc, getsockname(fd, addr, size));
    return rc;
}

int fm__sys_peer_name(int fd, struct sockaddr *addr, socklen_t *size)
{
    int rc;
    FM__SYS_CALL(rc, getpeername(fd, addr, size));
    return rc;
}

int fm__sys_asked(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;
    int rc;
    FM__SYS_CALL(rc, getsockopt(fd, level, name, &value, &size));
    return rc < 0 ? rc : value;
}

int fm__sys_protocol(int fd)
{
    return fm__sys_asked(fd, SOL_SOCKET, SO_PROTOCOL);
}

int fm__sys_shutdown(int fd)
{
    int rc;
    FM__SYS_CALL(rc, shutdown(fd, SHUT_WR));
    return rc;
}

int fm__sys_linger(int fd)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};
    int rc;
    FM__SYS_CALL(rc, setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none));
    return rc;
}

int fm__sys_interface(const char *name)
{
    int rc;
    FM__SYS_CALL(rc, (int)if_nametoindex(name) - 1);
    return rc < 0 ? rc : rc + 1;
}
