/*
 * sim_datagram.c - datagrams on their way
 *
 * As udp(7) and ip(7) have it: each arrives whole, or not at all where the
 * inbox is full; one that nobody takes comes back as an error, to an aimed
 * socket and to one that asked for it. A datagram is in the inbox once its
 * send has completed; the seed decides when that is, and whoever receives
 * goes on in its own time.
 */
#include "base/memory.h"
#include "loop/sim_world.h"

#include <errno.h>
#include <string.h>

enum {
    SIM_PAYLOAD = 65507,   /* of IPv4: 65,535 less the headers */
    SIM_PAYLOAD_V6 = 65527 /* the length counts no IPv6 header */
};

/* How well an end is meant by `to`, for what comes from `from`. */
enum sim_match {
    SIM_STRANGER,
    SIM_OPEN,   /* takes from everybody */
    SIM_PARTNER /* is aimed at the sender */
};

static bool sim_in_group(const struct fm__sim_box *box,
                         const union fm__sim_name *to)
{
    union fm__sim_name group = *to;
    *fm__sim_port(&group) = 0;
    for (unsigned i = 0; i < box->groups_count; i++) {
        if (fm__sim_same_name(&box->groups[i], &group))
            return true;
    }
    return false;
}

static bool sim_shouted(const union fm__sim_name *to)
{
    return to->any.sa_family == AF_INET &&
           to->v4.sin_addr.s_addr == INADDR_BROADCAST;
}

/* An IPv6 socket of all hosts also hears IPv4. */
static bool sim_hears(const struct fm__sim_end *end,
                      const union fm__sim_name *to)
{
    union fm__sim_name name = end->name, target = *to;
    fm__sim_name_plain(&name);
    if (name.any.sa_family != target.any.sa_family)
        return name.any.sa_family == AF_INET6 && !end->box->only_v6 &&
               fm__sim_names_all(&name) &&
               *fm__sim_port(&name) == *fm__sim_port(&target);
    if (sim_shouted(to) && !fm__sim_names_all(&name))
        return false;
    return fm__sim_same_name(&name, &target);
}

static enum sim_match sim_match(const struct fm__sim_end *end,
                                const union fm__sim_name *from,
                                const union fm__sim_name *to)
{
    if (end == NULL || end->box == NULL || !end->box->bound ||
        !sim_hears(end, to))
        return SIM_STRANGER;
    if (fm__sim_names_group(to) && !sim_in_group(end->box, to))
        return SIM_STRANGER;
    if (!end->box->aimed)
        return SIM_OPEN;
    union fm__sim_name peer = end->peer;
    fm__sim_name_plain(&peer);
    return fm__sim_same_name(&peer, from) ? SIM_PARTNER : SIM_STRANGER;
}

/* Whom one copy is for: the best, or by chance one of those that share it. */
static struct fm__sim_end *sim_recipient(struct fm__sim_world *world,
                                         const union fm__sim_name *from,
                                         const union fm__sim_name *to)
{
    struct fm__sim_end *found = NULL;
    enum sim_match best = SIM_STRANGER;
    unsigned count = 0;
    for (int i = 0; i < world->ends_count; i++) {
        enum sim_match match = sim_match(world->ends[i], from, to);
        if (match == SIM_STRANGER || match < best)
            continue;
        count = match > best ? 1 : count + 1;
        best = match;
        if (count == 1 || fm__sim_chance(world, 1, count))
            found = world->ends[i];
    }
    return found;
}

static void sim_put(struct fm__sim_world *world, struct fm__sim_box *box,
                    struct fm__sim_datagram *datagram)
{
    struct fm__list *place = &box->inbox;
    if (fm__sim_chance(world, world->options.overtaking, 1000)) {
        uint64_t steps = fm__sim_random(world) % (box->inbox_count + 1);
        while (steps-- > 0)
            place = place->prev;
    }
    fm__list_push(place, &datagram->link); /* before it */
    box->inbox_count++;
}

/* 0, also where it is dropped; or -ENOMEM. */
static int sim_deliver(struct fm__sim_world *world, struct fm__sim_end *end,
                       const union fm__sim_name *from, const struct iovec *part)
{
    struct fm__sim_datagram *datagram;
    if (fm__sim_chance(world, world->options.lost, 1000) ||
        end->box->inbox_count == FM__SIM_INBOX)
        return 0;
    datagram = fm__memory_new(sizeof *datagram + part->iov_len);
    if (datagram == NULL)
        return -ENOMEM;
    datagram->name = *from;
    datagram->size = part->iov_len;
    if (part->iov_len > 0)
        memcpy(datagram->bytes, part->iov_base, part->iov_len);
    sim_put(world, end->box, datagram);
    fm__sim_wake(world, end);
    return 0;
}

/* To each that hears a group, or everybody. */
static int sim_spread(struct fm__sim_world *world,
                      const union fm__sim_name *from,
                      const union fm__sim_name *to, const struct iovec *part)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < world->ends_count; i++) {
        if (sim_match(world->ends[i], from, to) != SIM_STRANGER)
            rc = sim_deliver(world, world->ends[i], from, part);
    }
    return rc;
}

/* Nobody is there: an ICMP message comes back. */
static int sim_refuse(struct fm__sim_end *end, const union fm__sim_name *to)
{
    struct fm__sim_box *box = end->box;
    if (box->tells && box->refused_count < FM__SIM_INBOX) {
        struct fm__sim_datagram *refused = fm__memory_new(sizeof *refused);
        if (refused == NULL)
            return -ENOMEM;
        refused->name = *to;
        fm__list_push(&box->refused, &refused->link);
        box->refused_count++;
    }
    if (box->aimed)
        box->error = -ECONNREFUSED;
    return 0;
}

int fm__sim_target(const struct fm__sim_end *end, union fm__sim_name *to,
                   const void *addr, size_t size)
{
    const struct fm__sim_box *box = end->box;
    memset(to, 0, sizeof *to);
    if (size < sizeof to->v4 || size > sizeof *to)
        return -EINVAL;
    memcpy(to, addr, size);
    bool v4 = to->any.sa_family == AF_INET;
    if (!v4 && (to->any.sa_family != AF_INET6 || size < sizeof to->v6))
        return -EAFNOSUPPORT;
    fm__sim_name_plain(to);
    if (*fm__sim_port(to) == 0)
        return -EINVAL;
    if (!v4 && end->name.any.sa_family == AF_INET)
        return -EAFNOSUPPORT;
    bool crosses = to->any.sa_family != end->name.any.sa_family;
    if (crosses && (box->only_v6 || !fm__sim_names_all(&end->name)))
        return -ENETUNREACH;
    return sim_shouted(to) && !box->shouts ? -EACCES : 0;
}

static void sim_loopback(union fm__sim_name *name)
{
    if (name->any.sa_family == AF_INET)
        name->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        name->v6.sin6_addr = in6addr_loopback;
}

/* A socket of all hosts sends to each from its own address. */
static void sim_source(const struct fm__sim_end *end,
                       const union fm__sim_name *to, union fm__sim_name *from)
{
    union fm__sim_name own = end->name;
    bool all = fm__sim_names_all(&own);
    *from = all ? *to : own;
    if (all)
        *fm__sim_port(from) = *fm__sim_port(&own);
    fm__sim_name_plain(from);
    if (fm__sim_names_group(from) || sim_shouted(from) ||
        fm__sim_names_all(from))
        sim_loopback(from);
}

static int sim_send_to(struct fm__sim_world *world, struct fm__sim_end *end,
                       const union fm__sim_name *to, const struct iovec *part)
{
    union fm__sim_name from;
    sim_source(end, to, &from);
    if (fm__sim_names_group(to) || sim_shouted(to))
        return end->box->silent ? 0 : sim_spread(world, &from, to, part);
    struct fm__sim_end *found = sim_recipient(world, &from, to);
    if (found == NULL)
        return sim_refuse(end, to);
    int rc = sim_deliver(world, found, &from, part);
    if (rc == 0 && fm__sim_chance(world, world->options.twice, 1000))
        rc = sim_deliver(world, found, &from, part);
    return rc;
}

static int sim_take_error(struct fm__sim_box *box)
{
    int error = box->error;
    box->error = 0;
    return error;
}

static int sim_send_one(struct fm__sim_world *world, struct fm__sim_end *end,
                        struct mmsghdr *message)
{
    const struct msghdr *header = &message->msg_hdr;
    const struct iovec *part = header->msg_iov;
    union fm__sim_name to = end->peer;
    int rc = sim_take_error(end->box);
    if (rc == 0 && part->iov_len > SIM_PAYLOAD_V6)
        rc = -EMSGSIZE;
    if (rc == 0 && header->msg_name == NULL && !end->box->aimed)
        rc = -EDESTADDRREQ;
    if (rc == 0 && header->msg_name != NULL)
        rc = fm__sim_target(end, &to, header->msg_name, header->msg_namelen);
    if (rc == 0 && to.any.sa_family == AF_INET && part->iov_len > SIM_PAYLOAD)
        rc = -EMSGSIZE;
    if (rc == 0 && !end->box->bound)
        rc = fm__sim_box_bind(world, end, NULL, 0);
    if (rc == 0)
        rc = sim_send_to(world, end, &to, part);
    message->msg_len = (unsigned)part->iov_len;
    return rc;
}

ssize_t fm__sim_send_many(struct fm__sim_world *world, struct fm__sim_end *end,
                          const struct fm__op *op)
{
    struct mmsghdr *messages = op->buf;
    size_t i = 0;
    int rc = end->box != NULL ? 0 : -EOPNOTSUPP;
    while (rc == 0 && i < op->size) {
        rc = sim_send_one(world, end, &messages[i]);
        i += rc == 0;
    }
    return i > 0 ? (ssize_t)i : rc;
}

static void sim_name_to(const struct fm__sim_end *end, struct msghdr *header,
                        const union fm__sim_name *name)
{
    union fm__sim_name told = *name;
    socklen_t room = header->msg_namelen;
    if (end->name.any.sa_family == AF_INET6)
        fm__sim_name_mapped(&told);
    header->msg_namelen = end->name_size;
    if (header->msg_name != NULL)
        memcpy(header->msg_name, &told,
               room < end->name_size ? room : end->name_size);
}

static void sim_take(struct fm__sim_end *end, struct mmsghdr *message)
{
    struct fm__sim_box *box = end->box;
    struct fm__sim_datagram *datagram = FM__CONTAINER(
        fm__list_shift(&box->inbox), struct fm__sim_datagram, link);
    const struct iovec *part = message->msg_hdr.msg_iov;
    size_t size =
        datagram->size < part->iov_len ? datagram->size : part->iov_len;
    box->inbox_count--;
    if (size > 0)
        memcpy(part->iov_base, datagram->bytes, size);
    message->msg_len = (unsigned)datagram->size;
    message->msg_hdr.msg_flags = size < datagram->size ? MSG_TRUNC : 0;
    sim_name_to(end, &message->msg_hdr, &datagram->name);
    fm__memory_free(datagram);
}

static int sim_take_refused(struct fm__sim_end *end, struct msghdr *header)
{
    struct fm__list *item = fm__list_shift(&end->box->refused);
    struct fm__sim_datagram *refused =
        FM__CONTAINER(item, struct fm__sim_datagram, link);
    end->box->refused_count--;
    sim_name_to(end, header, &refused->name);
    fm__memory_free(refused);
    return -ECONNREFUSED;
}

ssize_t fm__sim_receive_many(struct fm__sim_end *end, const struct fm__op *op)
{
    struct mmsghdr *messages = op->buf;
    struct fm__sim_box *box = end->box;
    size_t i = 0;
    if (box == NULL)
        return -EOPNOTSUPP;
    int rc = sim_take_error(box);
    if (op->events != 0 && box->refused_count > 0)
        return sim_take_refused(end, &messages->msg_hdr);
    while (rc == 0 && i < op->size && box->inbox_count > 0)
        sim_take(end, &messages[i++]);
    return i > 0 ? (ssize_t)i : rc < 0 ? rc : -EAGAIN;
}
