/*
 * udp_options.c - a datagram socket with its options and its name
 *
 * A socket of IPv6 that speaks IPv4 too has each option twice.
 */
#include "net/udp_record.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* What is said to a socket of either family. */
struct udp_option {
    int v4;
    int v6;
    int value;
    bool wanted;
};

struct udp_socket {
    struct fm__loop *loop;
    int fd;
    int family;
    const fm_udp_options *options;
};

static int udp_set(const struct udp_socket *self, int level, int name,
                   int value)
{
    const struct fm__socket_option option = {level, name, value};
    return self->loop->backend->option(self->loop, self->fd, &option);
}

static bool udp_speaks_v4(const struct udp_socket *self)
{
    return self->family == AF_INET ||
           (self->family == AF_INET6 && !self->options->ipv6_only);
}

static int udp_set_general(const struct udp_socket *self)
{
    const fm_udp_options *options = self->options;
    const struct {
        int name;
        int value;
    } settings[] = {
        {SO_REUSEADDR, options->reuse_address},
        {SO_REUSEPORT, options->reuse_port},
        {SO_BROADCAST, options->broadcast},
        {SO_RCVBUF, options->receive_buffer},
        {SO_SNDBUF, options->send_buffer},
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < FM__COUNT(settings); i++) {
        if (settings[i].value != 0)
            rc = udp_set(self, SOL_SOCKET, settings[i].name, settings[i].value);
    }
    if (rc == 0 && self->family == AF_INET6)
        rc = udp_set(self, IPPROTO_IPV6, IPV6_V6ONLY, options->ipv6_only);
    return rc;
}

static int udp_set_both(const struct udp_socket *self,
                        const struct udp_option *option)
{
    int rc = 0;
    if (!option->wanted)
        return 0;
    if (self->family == AF_INET6)
        rc = udp_set(self, IPPROTO_IPV6, option->v6, option->value);
    if (rc == 0 && udp_speaks_v4(self))
        rc = udp_set(self, IPPROTO_IP, option->v4, option->value);
    return rc;
}

static int udp_set_by_family(const struct udp_socket *self)
{
    const fm_udp_options *options = self->options;
    const struct udp_option settings[] = {
        {IP_RECVERR, IPV6_RECVERR, 1, options->errors},
        {IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, 0, options->not_looped},
        {IP_TTL, IPV6_UNICAST_HOPS, options->ttl, options->ttl != 0},
        {IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, options->group_ttl,
         options->group_ttl != 0},
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < FM__COUNT(settings); i++)
        rc = udp_set_both(self, &settings[i]);
    return rc;
}

static int udp_set_interface(const struct udp_socket *self, int index)
{
    struct group_req by = {.gr_interface = (uint32_t)index};
    int rc = 0;
    if (self->family == AF_INET6) {
        by.gr_group.ss_family = AF_INET6;
        rc = self->loop->backend->multicast(self->loop, self->fd,
                                            FM__MULTICAST_BY, &by);
    }
    if (rc == 0 && udp_speaks_v4(self)) {
        by.gr_group.ss_family = AF_INET;
        rc = self->loop->backend->multicast(self->loop, self->fd,
                                            FM__MULTICAST_BY, &by);
    }
    return rc;
}

static int udp_configure(const struct udp_socket *self)
{
    int index = fm__udp_interface(self->options->interface);
    int rc = index < 0 ? index : udp_set_general(self);
    if (rc == 0)
        rc = udp_set_by_family(self);
    if (rc == 0 && index > 0)
        rc = udp_set_interface(self, index);
    return rc;
}

/* Where nothing is said of a family it is both, or what the machine has. */
static int udp_make(struct udp_socket *self, const fm_address *address)
{
    struct fm__loop *loop = self->loop;
    self->family = address->size > 0 ? address->storage.ss_family : AF_INET6;
    self->fd = loop->backend->socket(loop, self->family, SOCK_DGRAM);
    if (self->fd != -EAFNOSUPPORT || address->size > 0)
        return self->fd;
    self->family = AF_INET;
    self->fd = loop->backend->socket(loop, self->family, SOCK_DGRAM);
    return self->fd;
}

int fm__udp_socket(fm_udp *udp, const fm_udp_options *options)
{
    struct fm__loop *loop = udp->loop;
    struct udp_socket self = {.loop = loop, .options = options};
    int fd = udp_make(&self, &udp->address);
    if (fd < 0)
        return fd;
    udp->file =
        (struct fm__socket_file){.mode = options->mode, .datagrams = true};
    int rc = udp_configure(&self);
    if (rc == 0 && udp->address.size > 0)
        rc = fm__socket_file_open(loop, fd, &udp->address, &udp->file);
    if (rc == 0)
        return fd;
    fm__loop_close_fd(loop, fd);
    return rc;
}
