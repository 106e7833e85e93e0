/*
 * sim_box.c - how a datagram socket of the simulated world is set up
 */
#include "base/fault.h"
#include "base/memory.h"
#include "loop/sim_world.h"

#include <errno.h>
#include <string.h>

int fm__sim_box_new(struct fm__sim_end *end)
{
    if (end->name.any.sa_family == AF_UNIX)
        return -EAFNOSUPPORT;
    struct fm__sim_box *box = fm__memory_new(sizeof *box);
    if (box == NULL)
        return -ENOMEM;
    fm__list_init(&box->inbox);
    fm__list_init(&box->refused);
    end->box = box;
    return 0;
}

static void sim_box_empty(struct fm__list *datagrams)
{
    struct fm__list *item;
    while ((item = fm__list_shift(datagrams)) != NULL)
        fm__memory_free(FM__CONTAINER(item, struct fm__sim_datagram, link));
}

void fm__sim_box_free(struct fm__sim_end *end)
{
    if (end->box == NULL)
        return;
    sim_box_empty(&end->box->inbox);
    sim_box_empty(&end->box->refused);
    fm__memory_free(end->box);
}

static void sim_box_ip_option(struct fm__sim_box *box,
                              const struct fm__socket_option *option)
{
    bool on = option->value != 0;
    if (option->name == IP_RECVERR)
        box->tells = on;
    else if (option->name == IP_MULTICAST_LOOP)
        box->silent = !on;
}

static void sim_box_ipv6_option(struct fm__sim_box *box,
                                const struct fm__socket_option *option)
{
    bool on = option->value != 0;
    if (option->name == IPV6_RECVERR)
        box->tells = on;
    else if (option->name == IPV6_MULTICAST_LOOP)
        box->silent = !on;
    else if (option->name == IPV6_V6ONLY)
        box->only_v6 = on;
}

void fm__sim_box_option(struct fm__sim_end *end,
                        const struct fm__socket_option *option)
{
    if (option->level == IPPROTO_IP)
        sim_box_ip_option(end->box, option);
    else if (option->level == IPPROTO_IPV6)
        sim_box_ipv6_option(end->box, option);
    else if (option->name == SO_BROADCAST)
        end->box->shouts = option->value != 0;
    else if (option->name == SO_REUSEADDR)
        end->shares_port = option->value != 0;
}

/* Two of the same port, where a name of all hosts is in the other's way. */
static bool sim_box_in_the_way(const struct fm__sim_end *other,
                               const struct fm__sim_end *end,
                               const union fm__sim_name *name)
{
    union fm__sim_name theirs, ours = *name;
    if (other == NULL || other == end || other->box == NULL ||
        !other->box->bound || (other->shares_port && end->shares_port))
        return false;
    theirs = other->name;
    bool apart = theirs.any.sa_family != ours.any.sa_family;
    if (!apart)
        return fm__sim_same_name(&theirs, &ours);
    bool v6_only = other->box->only_v6 || end->box->only_v6;
    const union fm__sim_name *v6 =
        ours.any.sa_family == AF_INET6 ? &ours : &theirs;
    return !v6_only && *fm__sim_port(&theirs) == *fm__sim_port(&ours) &&
           fm__sim_names_all(v6);
}

static bool sim_box_taken(struct fm__sim_world *world,
                          const struct fm__sim_end *end,
                          const union fm__sim_name *name)
{
    for (int i = 0; i < world->ends_count; i++) {
        if (sim_box_in_the_way(world->ends[i], end, name))
            return true;
    }
    return false;
}

int fm__sim_box_bind(struct fm__sim_world *world, struct fm__sim_end *end,
                     const struct sockaddr *addr, socklen_t size)
{
    union fm__sim_name name = {.any.sa_family = end->name.any.sa_family};
    int rc = addr != NULL ? fm__sim_name(end, &name, addr, size) : 0;
    if (rc < 0)
        return rc;
    if (end->box->bound)
        return -EINVAL;
    while (*fm__sim_port(&name) == 0) {
        *fm__sim_port(&name) = fm__sim_free_port(world);
        if (sim_box_taken(world, end, &name))
            *fm__sim_port(&name) = 0;
    }
    if (sim_box_taken(world, end, &name))
        return -EADDRINUSE;
    end->name = name;
    end->box->bound = true;
    return 0;
}

/* The box that a verb for datagram sockets is asked of; 0 or -errno. */
static int sim_box_find(struct fm__loop *loop, int fd, struct fm__sim_end **end)
{
    int rc = fm__fault_error(FM__DOOR_SYSTEM);
    if (rc < 0)
        return rc;
    *end = fm__sim_end(loop->world, fd);
    if (*end == NULL)
        return -EBADF;
    return (*end)->box == NULL ? -EOPNOTSUPP : 0;
}

int fm__sim_aim(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                socklen_t size)
{
    struct fm__sim_end *end;
    union fm__sim_name to;
    int rc = sim_box_find(loop, fd, &end);
    if (rc < 0)
        return rc;
    if (addr->sa_family == AF_UNSPEC) {
        end->box->aimed = false;
        return 0;
    }
    rc = fm__sim_target(end, &to, addr, size);
    if (rc == 0 && !end->box->bound)
        rc = fm__sim_box_bind(loop->world, end, NULL, 0);
    if (rc < 0)
        return rc;
    end->peer = to;
    end->box->aimed = true;
    end->box->error = 0;
    return 0;
}

static int sim_box_leave(struct fm__sim_box *box, unsigned i)
{
    if (i == box->groups_count)
        return -EADDRNOTAVAIL;
    box->groups[i] = box->groups[--box->groups_count];
    return 0;
}

static int sim_box_join(struct fm__sim_box *box, unsigned i,
                        const union fm__sim_name *group)
{
    if (i < box->groups_count)
        return -EADDRINUSE;
    if (i == FM__SIM_GROUPS)
        return -ENOBUFS;
    box->groups[box->groups_count++] = *group;
    return 0;
}

int fm__sim_multicast(struct fm__loop *loop, int fd, enum fm__multicast what,
                      const struct group_req *group)
{
    struct fm__sim_end *end;
    union fm__sim_name name;
    unsigned i = 0;
    int rc = sim_box_find(loop, fd, &end);
    if (rc < 0 || what == FM__MULTICAST_BY)
        return rc;
    struct fm__sim_box *box = end->box;
    memcpy(&name, &group->gr_group, sizeof name);
    *fm__sim_port(&name) = 0;
    if (!fm__sim_names_group(&name))
        return -EINVAL;
    while (i < box->groups_count && !fm__sim_same_name(&box->groups[i], &name))
        i++;
    return what == FM__MULTICAST_JOIN ? sim_box_join(box, i, &name)
                                      : sim_box_leave(box, i);
}
