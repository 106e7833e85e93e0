/*
 * sim_name.c - addresses of the simulated world
 *
 * All of it is one machine. Each name is looked at in its plain form: an IPv4
 * one that is written as an IPv6 one (RFC 4291, 2.5.5.2) is IPv4.
 */
#include "loop/sim_world.h"

#include <errno.h>
#include <string.h>

#define SIM_FIRST_PORT 40000

uint16_t *fm__sim_port(union fm__sim_name *name)
{
    return name->any.sa_family == AF_INET ? &name->v4.sin_port
                                          : &name->v6.sin6_port;
}

bool fm__sim_names_all(const union fm__sim_name *name)
{
    static const struct in6_addr any;
    if (name->any.sa_family == AF_INET)
        return name->v4.sin_addr.s_addr == INADDR_ANY;
    return memcmp(&name->v6.sin6_addr, &any, sizeof any) == 0;
}

bool fm__sim_same_host(const union fm__sim_name *a, const union fm__sim_name *b)
{
    if (fm__sim_names_all(a) || fm__sim_names_all(b))
        return true;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) ==
           0;
}

/* What is behind a local name is zero, so those of one beginning and of
 * different sizes differ too. */
bool fm__sim_same_name(const union fm__sim_name *a, const union fm__sim_name *b)
{
    union fm__sim_name left = *a, right = *b;
    if (left.any.sa_family == AF_UNIX)
        return memcmp(&left.local, &right.local, sizeof left.local) == 0;
    return left.any.sa_family == right.any.sa_family &&
           *fm__sim_port(&left) == *fm__sim_port(&right) &&
           fm__sim_same_host(&left, &right);
}

int fm__sim_name(const struct fm__sim_end *end, union fm__sim_name *name,
                 const void *addr, size_t size)
{
    if (size < end->name_size || size > sizeof *name)
        return -EINVAL;
    memset(name, 0, sizeof *name);
    memcpy(name, addr, size);
    return name->any.sa_family == end->name.any.sa_family ? 0 : -EAFNOSUPPORT;
}

uint16_t fm__sim_free_port(struct fm__sim_world *world)
{
    if (world->last_port < SIM_FIRST_PORT)
        world->last_port = SIM_FIRST_PORT;
    else
        world->last_port++;
    return htons(world->last_port);
}

void fm__sim_name_plain(union fm__sim_name *name)
{
    const struct in6_addr *host = &name->v6.sin6_addr;
    if (name->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(host))
        return;
    struct sockaddr_in plain = {.sin_family = AF_INET,
                                .sin_port = name->v6.sin6_port};
    memcpy(&plain.sin_addr, &host->s6_addr[12], sizeof plain.sin_addr);
    memset(name, 0, sizeof *name);
    name->v4 = plain;
}

void fm__sim_name_mapped(union fm__sim_name *name)
{
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6};
    if (name->any.sa_family != AF_INET)
        return;
    mapped.sin6_port = name->v4.sin_port;
    mapped.sin6_addr.s6_addr[10] = 0xff;
    mapped.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&mapped.sin6_addr.s6_addr[12], &name->v4.sin_addr,
           sizeof name->v4.sin_addr);
    name->v6 = mapped;
}

bool fm__sim_names_group(const union fm__sim_name *name)
{
    if (name->any.sa_family == AF_INET)
        return IN_MULTICAST(ntohl(name->v4.sin_addr.s_addr));
    return IN6_IS_ADDR_MULTICAST(&name->v6.sin6_addr);
}
