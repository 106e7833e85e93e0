/*
 * sim_fd.c - how descriptors come into the simulated world and leave it
 *
 * Each verb passes the door of system calls, as it would in a real world, and
 * says of a descriptor that is none, or of the wrong kind, what a kernel says.
 */
#include "base/die.h"
#include "base/fault.h"
#include "base/sys.h"
#include "loop/sim_world.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

static socklen_t sim_name_size(int family)
{
    switch (family) {
    case AF_INET:
        return sizeof(struct sockaddr_in);
    case AF_INET6:
        return sizeof(struct sockaddr_in6);
    default:
        return sizeof(sa_family_t);
    }
}

/* A descriptor, or -errno. */
static int sim_make(struct fm__sim_world *world, enum fm__sim_kind kind,
                    int family)
{
    struct fm__sim_end *end;
    int rc = fm__sim_end_new(&end, kind);
    if (rc < 0)
        return rc;
    end->name.any.sa_family = (sa_family_t)family;
    end->peer.any.sa_family = (sa_family_t)family;
    end->name_size = end->peer_size = sim_name_size(family);
    if (kind == FM__SIM_DATAGRAM)
        rc = fm__sim_box_new(end);
    if (rc == 0)
        rc = fm__sim_end_number(world, end);
    if (rc < 0)
        fm__sim_end_free(world, end);
    return rc;
}

static void sim_unmake(struct fm__sim_world *world, int fd)
{
    struct fm__sim_end *end = fm__sim_end(world, fd);
    fm__release(FM__HELD_DESCRIPTORS, !end->forgotten);
    fm__sim_end_free(world, end);
}

int fm__sim_pair(struct fm__loop *loop, enum fm__pair_kind kind, int fds[2])
{
    struct fm__sim_world *world = loop->world;
    bool pipe = kind == FM__PAIR_PIPE;
    enum fm__sim_kind made = pipe ? FM__SIM_PIPE : FM__SIM_STREAM;
    int rc = fm__fault_error(FM__DOOR_SYSTEM);
    if (rc < 0)
        return rc;
    int first = sim_make(world, made, AF_UNIX);
    if (first < 0)
        return first;
    int second = rc = sim_make(world, made, AF_UNIX);
    if (rc < 0)
        goto unmake_first;
    rc = fm__sim_join(fm__sim_end(world, first), fm__sim_end(world, second),
                      !pipe);
    if (rc < 0)
        goto unmake_second;
    fds[0] = first;
    fds[1] = second;
    return 0;

unmake_second:
    sim_unmake(world, second);
unmake_first:
    sim_unmake(world, first);
    return rc;
}

int fm__sim_socket(struct fm__loop *loop, int family, int type)
{
    bool datagrams = type == SOCK_DGRAM;
    int rc = fm__fault_error(FM__DOOR_SYSTEM);
    if (rc < 0)
        return rc;
    bool local = family == AF_UNIX && !datagrams;
    if (family != AF_INET && family != AF_INET6 && !local)
        return -EAFNOSUPPORT;
    return sim_make(loop->world, datagrams ? FM__SIM_DATAGRAM : FM__SIM_NEW,
                    family);
}

/* The end that a verb for sockets is asked of; 0 or -errno. */
static int sim_find(struct fm__loop *loop, int fd, struct fm__sim_end **end)
{
    int rc = fm__fault_error(FM__DOOR_SYSTEM);
    if (rc < 0)
        return rc;
    *end = fm__sim_end(loop->world, fd);
    if (*end == NULL)
        return -EBADF;
    return (*end)->kind == FM__SIM_PIPE ? -ENOTSOCK : 0;
}

int fm__sim_listen(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                   socklen_t size)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    return rc < 0 ? rc : fm__sim_name_listener(loop->world, end, addr, size);
}

int fm__sim_bind(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                 socklen_t size)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc < 0)
        return rc;
    return end->box != NULL ? fm__sim_box_bind(loop->world, end, addr, size)
                            : fm__sim_name_caller(loop->world, end, addr, size);
}

int fm__sim_backlog(struct fm__loop *loop, int fd, int count)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc == 0 && end->kind != FM__SIM_LISTENER)
        rc = -EINVAL;
    if (rc == 0)
        end->backlog_limit = count;
    return rc;
}

/* All there is to know of a socket here is what it is. */
int fm__sim_asked(struct fm__loop *loop, int fd, int level, int name)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc < 0)
        return rc;
    if (level != SOL_SOCKET)
        return -ENOPROTOOPT;
    switch (name) {
    case SO_ACCEPTCONN:
        return end->kind == FM__SIM_LISTENER;
    case SO_TYPE:
        return end->box != NULL ? SOCK_DGRAM : SOCK_STREAM;
    default:
        return -ENOPROTOOPT;
    }
}

/* What the caller's memory has no room for is cut off. */
static void sim_tell(const union fm__sim_name *name, socklen_t whole,
                     struct sockaddr *addr, socklen_t *size)
{
    memcpy(addr, name, *size < whole ? *size : whole);
    *size = whole;
}

int fm__sim_address(struct fm__loop *loop, int fd, struct sockaddr *addr,
                    socklen_t *size)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc == 0)
        sim_tell(&end->name, end->name_size, addr, size);
    return rc;
}

int fm__sim_peer(struct fm__loop *loop, int fd, struct sockaddr *addr,
                 socklen_t *size)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    bool aimed = rc == 0 && end->box != NULL && end->box->aimed;
    if (rc == 0 && end->kind != FM__SIM_STREAM && !aimed)
        rc = -ENOTCONN;
    if (rc == 0)
        sim_tell(&end->peer, end->peer_size, addr, size);
    return rc;
}

/* There is one process in this world. */
int fm__sim_credentials(struct fm__loop *loop, int fd, struct ucred *who)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc == 0 && end->name.any.sa_family != AF_UNIX)
        rc = -EOPNOTSUPP;
    if (rc == 0 && end->kind != FM__SIM_STREAM)
        rc = -ENOTCONN;
    if (rc == 0)
        *who = fm__sys_own_credentials();
    return rc == -ENOTSOCK ? -EOPNOTSUPP : rc;
}

/* All are taken as they are; few mean something here. */
int fm__sim_option(struct fm__loop *loop, int fd,
                   const struct fm__socket_option *option)
{
    static const int known[][2] = {
        {SOL_SOCKET, SO_REUSEADDR},
        {SOL_SOCKET, SO_REUSEPORT},
        {SOL_SOCKET, SO_KEEPALIVE},
        {SOL_SOCKET, SO_RCVBUF},
        {SOL_SOCKET, SO_SNDBUF},
        {IPPROTO_TCP, TCP_NODELAY},
        {IPPROTO_TCP, TCP_CORK},
        {IPPROTO_TCP, TCP_KEEPIDLE},
        {IPPROTO_TCP, TCP_KEEPINTVL},
        {IPPROTO_TCP, TCP_KEEPCNT},
        {IPPROTO_TCP, TCP_USER_TIMEOUT},
        {IPPROTO_TCP, TCP_DEFER_ACCEPT},
        {IPPROTO_TCP, TCP_FASTOPEN},
        {IPPROTO_TCP, TCP_QUICKACK},
        {IPPROTO_IPV6, IPV6_V6ONLY},
        {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT},
        {SOL_SOCKET, SO_BROADCAST},
        {IPPROTO_IP, IP_TTL},
        {IPPROTO_IP, IP_MULTICAST_TTL},
        {IPPROTO_IP, IP_MULTICAST_LOOP},
        {IPPROTO_IP, IP_RECVERR},
        {IPPROTO_IPV6, IPV6_RECVERR},
        {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
        {IPPROTO_IPV6, IPV6_MULTICAST_HOPS},
        {IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    };
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc < 0)
        return rc;
    if (option->level == SOL_SOCKET && option->name == SO_REUSEPORT)
        end->shares_port = option->value != 0;
    if (end->box != NULL)
        fm__sim_box_option(end, option);
    for (size_t i = 0; i < FM__COUNT(known); i++) {
        if (known[i][0] == option->level && known[i][1] == option->name)
            return 0;
    }
    return -ENOPROTOOPT;
}

int fm__sim_shutdown(struct fm__loop *loop, int fd)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc == 0 && end->kind != FM__SIM_STREAM)
        rc = -ENOTCONN;
    if (rc == 0)
        fm__sim_finish(loop->world, end);
    return rc;
}

int fm__sim_sink(struct fm__loop *loop, int fd)
{
    const struct fm__sim_end *end = fm__sim_end(loop->world, fd);
    return end != NULL && end->kind == FM__SIM_PIPE && end->in == NULL;
}

int fm__sim_linger(struct fm__loop *loop, int fd)
{
    struct fm__sim_end *end;
    int rc = sim_find(loop, fd, &end);
    if (rc == 0)
        end->resets = true;
    return rc;
}

int fm__sim_close_fd(struct fm__loop *loop, int fd)
{
    struct fm__sim_world *world = loop->world;
    struct fm__sim_end *end = fm__sim_end(world, fd);
    if (end == NULL)
        return -EBADF;
    if (!fm__list_empty(&end->readers) || !fm__list_empty(&end->writers) ||
        !fm__list_empty(&end->pollers))
        fm__die("descriptor %d was closed with operations in flight", fd);
    bool listener = end->kind == FM__SIM_LISTENER;
    sim_unmake(world, fd);
    if (listener)
        fm__sim_wake_connects(world);
    return 0;
}

/* Descriptors of the kernel are of another world. */
int fm__sim_adopt(struct fm__loop *loop, int fd)
{
    struct fm__sim_end *end = fm__sim_end(loop->world, fd);
    int rc = fm__fault_error(FM__DOOR_SYSTEM);
    if (rc < 0)
        return rc;
    if (end == NULL)
        return -EBADF;
    fm__hold(FM__HELD_DESCRIPTORS, end->forgotten);
    end->forgotten = false;
    return 0;
}

void fm__sim_forget(struct fm__loop *loop, int fd)
{
    struct fm__sim_end *end = fm__sim_end(loop->world, fd);
    if (end == NULL || end->forgotten)
        return;
    fm__release(FM__HELD_DESCRIPTORS, 1);
    end->forgotten = true;
}
