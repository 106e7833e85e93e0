/*
 * sim_socket.c - names, listeners and how two ends find each other
 *
 * A connection exists from connect on: its other end waits in the backlog of
 * the listener, and bytes can be sent to it, before anybody accepts it.
 */
#include "loop/sim_world.h"

#include <errno.h>
#include <stdio.h>

static bool sim_local(const struct fm__sim_end *end)
{
    return end->name.any.sa_family == AF_UNIX;
}

static bool sim_answers(const struct fm__sim_end *end,
                        const union fm__sim_name *name)
{
    return end != NULL && end->kind == FM__SIM_LISTENER &&
           fm__sim_same_name(&end->name, name);
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

int fm__sim_name_caller(struct fm__sim_world *world, struct fm__sim_end *end,
                        const struct sockaddr *addr, socklen_t size)
{
    union fm__sim_name name;
    if (end->kind != FM__SIM_NEW || end->bound)
        return -EINVAL;
    int rc = fm__sim_name(end, &name, addr, size);
    if (rc < 0)
        return rc;
    bool chosen = sim_local(end) || *fm__sim_port(&name) != 0;
    if (chosen && sim_listener(world, &name) != NULL)
        return -EADDRINUSE;
    end->name_size = sim_local(end) ? size : end->name_size;
    end->name = name;
    end->bound = true;
    return 0;
}

static void sim_choose_port(struct fm__sim_world *world,
                            union fm__sim_name *name)
{
    while (*fm__sim_port(name) == 0) {
        *fm__sim_port(name) = fm__sim_free_port(world);
        if (sim_listener(world, name) != NULL)
            *fm__sim_port(name) = 0;
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

int fm__sim_name_listener(struct fm__sim_world *world, struct fm__sim_end *end,
                          const struct sockaddr *addr, socklen_t size)
{
    union fm__sim_name name;
    if (end->kind != FM__SIM_NEW)
        return -EINVAL;
    int rc = fm__sim_name(end, &name, addr, size);
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
    end->backlog_limit = FM__SIM_BACKLOG;
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
    if ((int)listener->backlog_count-- >= listener->backlog_limit)
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
        if (!end->bound)
            end->name = *name;
        if (!end->bound || *fm__sim_port(&end->name) == 0)
            *fm__sim_port(&end->name) = fm__sim_free_port(world);
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

void fm__sim_depart(struct fm__sim_world *world, struct fm__sim_end *end,
                    const struct fm__op *op)
{
    union fm__sim_name name, to;
    const struct fm__sim_route *route = world->options.routes;
    if (route == NULL || fm__sim_name(end, &name, op->buf, op->size) < 0)
        return;
    for (; route->to != NULL; route++) {
        if (fm__sim_name(end, &to, route->to, end->name_size) == 0 &&
            fm__sim_same_name(&to, &name))
            break;
    }
    if (route->to == NULL)
        return;
    end->route = route;
    end->answered = route->delay < FM__NEVER - world->clock
                        ? world->clock + route->delay
                        : FM__NEVER;
}

ssize_t fm__sim_connect(struct fm__sim_world *world, struct fm__sim_end *end,
                        const struct fm__op *op)
{
    union fm__sim_name name;
    if (end->kind == FM__SIM_PIPE)
        return -ENOTSOCK;
    if (end->kind != FM__SIM_NEW)
        return -EISCONN;
    int rc = fm__sim_name(end, &name, op->buf, op->size);
    if (rc < 0)
        return rc;
    if (end->route != NULL && end->answered > world->clock)
        return -EAGAIN;
    if (end->route != NULL && end->route->result < 0)
        return end->route->result;
    struct fm__sim_end *listener = sim_listener(world, &name);
    if (listener == NULL)
        return sim_local(end) && name.local.sun_path[0] != '\0' ? -ENOENT
                                                                : -ECONNREFUSED;
    if ((int)listener->backlog_count >= listener->backlog_limit)
        return -EAGAIN;
    return sim_meet(world, end, listener, &name);
}
