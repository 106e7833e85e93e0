/*
 * sim_socket.c - names, listeners and how two ends find each other
 *
 * A connection exists from connect on: its other end waits in the backlog of
 * the listener, and bytes can be sent to it, before anybody accepts it.
 */
#include "loop/sim_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SIM_FIRST_PORT 40000

static bool sim_local(const struct fm__sim_end *end)
{
    return end->name.any.sa_family == AF_UNIX;
}

static uint16_t *sim_port(union fm__sim_name *name)
{
    return name->any.sa_family == AF_INET ? &name->v4.sin_port
                                          : &name->v6.sin6_port;
}

static bool sim_names_all_hosts(const union fm__sim_name *name)
{
    static const struct in6_addr any;
    if (name->any.sa_family == AF_INET)
        return name->v4.sin_addr.s_addr == INADDR_ANY;
    return memcmp(&name->v6.sin6_addr, &any, sizeof any) == 0;
}

static bool sim_same_host(const union fm__sim_name *a,
                          const union fm__sim_name *b)
{
    if (sim_names_all_hosts(a) || sim_names_all_hosts(b))
        return true;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) ==
           0;
}

/* What is behind a name is zero, so those of one beginning and of different
 * sizes differ too. */
static bool sim_answers(struct fm__sim_end *end, union fm__sim_name *name)
{
    if (end == NULL || end->kind != FM__SIM_LISTENER ||
        end->name.any.sa_family != name->any.sa_family)
        return false;
    if (sim_local(end))
        return memcmp(&end->name.local, &name->local, sizeof name->local) == 0;
    return *sim_port(&end->name) == *sim_port(name) &&
           sim_same_host(&end->name, name);
}

/* The listener that the name leads to, or NULL; one of those that share it. */
static struct fm__sim_end *sim_listener(struct fm__sim_world *world,
                                        union fm__sim_name *name)
{
    struct fm__sim_end *found = NULL;
    unsigned count = 0;
    for (int i = 0; i < world->ends_count; i++) {
        struct fm__sim_end *end = world->ends[i];
        if (!sim_answers(end, name))
            continue;
        if (count++ == 0 || fm__sim_chance(world, 1, count))
            found = end;
    }
    return found;
}

/* Copies a caller's address to where it is aligned. */
static int sim_name(const struct fm__sim_end *end, union fm__sim_name *name,
                    const void *addr, size_t size)
{
    if (size < end->name_size || size > sizeof *name)
        return -EINVAL;
    memset(name, 0, sizeof *name);
    memcpy(name, addr, size);
    return name->any.sa_family == end->name.any.sa_family ? 0 : -EAFNOSUPPORT;
}

static uint16_t sim_free_port(struct fm__sim_world *world)
{
    if (world->last_port < SIM_FIRST_PORT)
        world->last_port = SIM_FIRST_PORT;
    else
        world->last_port++;
    return htons(world->last_port);
}

static void sim_choose_port(struct fm__sim_world *world,
                            union fm__sim_name *name)
{
    while (*sim_port(name) == 0) {
        *sim_port(name) = sim_free_port(world);
        if (sim_listener(world, name) != NULL)
            *sim_port(name) = 0;
    }
}

/* An abstract one of five digits: unix(7), "Autobind feature". */
static socklen_t sim_choose_name(struct fm__sim_world *world,
                                 union fm__sim_name *name)
{
    size_t start = offsetof(struct sockaddr_un, sun_path);
    do
        snprintf(name->local.sun_path + 1, 6, "%05x",
                 ++world->last_name & 0xfffff);
    while (sim_listener(world, name) != NULL);
    return (socklen_t)(start + 6);
}

int fm__sim_bind(struct fm__sim_world *world, struct fm__sim_end *end,
                 const struct sockaddr *addr, socklen_t size)
{
    union fm__sim_name name;
    if (end->kind != FM__SIM_NEW)
        return -EINVAL;
    int rc = sim_name(end, &name, addr, size);
    if (rc < 0)
        return rc;
    if (!sim_local(end))
        sim_choose_port(world, &name);
    else if (size == sizeof(sa_family_t))
        size = sim_choose_name(world, &name);
    const struct fm__sim_end *other = sim_listener(world, &name);
    if (other != NULL && !(other->shares_port && end->shares_port))
        return -EADDRINUSE;
    end->name = name;
    end->name_size = size;
    end->kind = FM__SIM_LISTENER;
    return 0;
}

void fm__sim_wake_connects(struct fm__sim_world *world)
{
    for (int i = 0; i < world->ends_count; i++) {
        struct fm__sim_end *end = world->ends[i];
        if (end != NULL && end->kind == FM__SIM_NEW)
            fm__sim_wake(world, end);
    }
}

ssize_t fm__sim_accept(struct fm__sim_world *world,
                       struct fm__sim_end *listener)
{
    if (listener->kind == FM__SIM_PIPE)
        return -ENOTSOCK;
    if (listener->kind != FM__SIM_LISTENER)
        return -EINVAL;
    if (fm__list_empty(&listener->backlog))
        return -EAGAIN;
    struct fm__list *oldest = listener->backlog.next;
    int fd = fm__sim_end_number(
        world, FM__CONTAINER(oldest, struct fm__sim_end, link));
    if (fd < 0)
        return fd;
    fm__list_remove(oldest);
    if (listener->backlog_count-- == FM__SIM_BACKLOG)
        fm__sim_wake_connects(world);
    return fd;
}

/* Who calls has a port of its own, or, as a local socket, no name. */
static void sim_introduce(struct fm__sim_world *world, struct fm__sim_end *end,
                          struct fm__sim_end *peer,
                          const union fm__sim_name *name)
{
    peer->name = end->peer = *name;
    if (!sim_local(end)) {
        end->name = *name;
        *sim_port(&end->name) = sim_free_port(world);
    }
    peer->peer = end->name;
    peer->peer_size = end->name_size;
}

/* The client's end gets a peer, which waits in the backlog. */
static int sim_meet(struct fm__sim_world *world, struct fm__sim_end *end,
                    struct fm__sim_end *listener,
                    const union fm__sim_name *name)
{
    struct fm__sim_end *peer;
    int rc = fm__sim_end_new(&peer, FM__SIM_STREAM);
    if (rc < 0)
        return rc;
    rc = fm__sim_join(end, peer, true);
    if (rc < 0) {
        fm__sim_end_free(world, peer);
        return rc;
    }
    peer->name_size = end->peer_size = listener->name_size;
    sim_introduce(world, end, peer, name);
    end->kind = FM__SIM_STREAM;
    listener->backlog_count++;
    fm__list_push(&listener->backlog, &peer->link);
    fm__sim_wake(world, listener);
    return 0;
}

ssize_t fm__sim_connect(struct fm__sim_world *world, struct fm__sim_end *end,
                        const struct fm__op *op)
{
    union fm__sim_name name;
    if (end->kind == FM__SIM_PIPE)
        return -ENOTSOCK;
    if (end->kind != FM__SIM_NEW)
        return -EISCONN;
    int rc = sim_name(end, &name, op->buf, op->size);
    if (rc < 0)
        return rc;
    struct fm__sim_end *listener = sim_listener(world, &name);
    if (listener == NULL)
        return sim_local(end) && name.local.sun_path[0] != '\0' ? -ENOENT
                                                                : -ECONNREFUSED;
    if (listener->backlog_count == FM__SIM_BACKLOG)
        return -EAGAIN;
    return sim_meet(world, end, listener, &name);
}
