/*
 * origins.c - how many connections come from where
 *
 * A table of chains, by a hash that nobody outside can foresee. A chain is as
 * long as the server's limit of connections at worst.
 */
#include "net/origins.h"

#include "base/memory.h"
#include "base/random.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum {
    ORIGINS_CHAINS = 4096
};

struct fm__crowd {
    struct fm__crowd *next;
    uint64_t prefix;
    unsigned count;
};

/* No prefix of IPv6 that is in use begins like this (RFC 4291, 2.4). */
static uint64_t origins_ipv4(const void *bytes)
{
    static const unsigned char mapped[] = {0, 0, 0xff, 0xff};
    unsigned char all[sizeof(uint64_t)];
    uint64_t prefix;
    memcpy(all, mapped, sizeof mapped);
    memcpy(all + sizeof mapped, bytes, 4);
    memcpy(&prefix, all, sizeof prefix);
    return prefix;
}

static uint64_t origins_ipv6(const struct in6_addr *address)
{
    uint64_t prefix;
    if (IN6_IS_ADDR_V4MAPPED(address))
        return origins_ipv4(address->s6_addr + 12);
    memcpy(&prefix, address->s6_addr, sizeof prefix);
    return prefix;
}

/* False: it is from nowhere. */
static bool origins_prefix(const fm_address *address, uint64_t *prefix)
{
    const void *storage = &address->storage;
    if (address->storage.ss_family == AF_INET)
        *prefix =
            origins_ipv4(&((const struct sockaddr_in *)storage)->sin_addr);
    else if (address->storage.ss_family == AF_INET6)
        *prefix =
            origins_ipv6(&((const struct sockaddr_in6 *)storage)->sin6_addr);
    else
        return false;
    return true;
}

static struct fm__crowd **origins_chain(const struct fm__origins *origins,
                                        uint64_t prefix)
{
    uint64_t mixed = origins->seed ^ prefix;
    return &origins->table[fm__random(&mixed) % ORIGINS_CHAINS];
}

int fm__origins_init(struct fm__origins *origins, struct fm__loop *loop,
                     unsigned limit)
{
    *origins = (struct fm__origins){.limit = limit};
    if (limit == 0)
        return 0;
    origins->table =
        fm__memory_new(ORIGINS_CHAINS * sizeof(struct fm__crowd *));
    if (origins->table == NULL)
        return -ENOMEM;
    origins->seed = fm__loop_random(loop);
    return 0;
}

void fm__origins_fini(struct fm__origins *origins)
{
    fm__memory_free(origins->table);
}

int fm__origins_enter(struct fm__origins *origins, const fm_address *address,
                      struct fm__crowd **origin)
{
    uint64_t prefix;
    *origin = NULL;
    if (origins->limit == 0 || !origins_prefix(address, &prefix))
        return 0;
    struct fm__crowd **chain = origins_chain(origins, prefix), *found = *chain;
    while (found != NULL && found->prefix != prefix)
        found = found->next;
    if (found != NULL && found->count >= origins->limit)
        return -EDQUOT;
    if (found == NULL) {
        found = fm__memory_new(sizeof *found);
        if (found == NULL)
            return -ENOMEM;
        *found = (struct fm__crowd){.next = *chain, .prefix = prefix};
        *chain = found;
    }
    found->count++;
    *origin = found;
    return 0;
}

void fm__origins_leave(struct fm__origins *origins, struct fm__crowd *origin)
{
    if (origin == NULL || --origin->count > 0)
        return;
    struct fm__crowd **place = origins_chain(origins, origin->prefix);
    while (*place != origin)
        place = &(*place)->next;
    *place = origin->next;
    fm__memory_free(origin);
}
