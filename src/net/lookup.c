/*
 * lookup.c - the addresses of a host
 *
 * In this order: an address is its own answer; names that are no matter of any
 * server (RFC 6761); the file hosts; the system's library, where it has to be
 * asked; the name servers, for the name in each domain that is to be searched.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "net/address_order.h"
#include "net/host_name.h"
#include "net/resolver.h"

#include <errno.h>
#include <fermata/error.h>
#include <netinet/in.h>
#include <string.h>

enum {
    LOOKUP_HALF = FM__FOUND_LIMIT / 2 /* of each kind, where both are wanted */
};

struct lookup {
    fm_resolver *resolver;
    struct fm__files *files;
    char name[FM_NAME_SIZE];
    bool complete; /* it ended in a dot */
    bool v4, v6;   /* what is wanted */
    struct fm__found *found;
    int failure; /* the worst of a domain that was searched, or 0 */
};

static bool lookup_wants(const struct lookup *self, int family)
{
    return family == AF_INET ? self->v4 : self->v6;
}

static int lookup_literal(struct lookup *self, const fm_address *address)
{
    if (!lookup_wants(self, address->storage.ss_family))
        return -FM_ENODATA;
    fm__found_add(self->found, address);
    return 0;
}

static int lookup_localhost(struct lookup *self)
{
    fm_address address;
    if (self->v6 && fm__name_literal("::1", &address) == 0)
        fm__found_add(self->found, &address);
    if (self->v4 && fm__name_literal("127.0.0.1", &address) == 0)
        fm__found_add(self->found, &address);
    if (self->found->count > 1)
        fm__found_order(self->found);
    return 0;
}

/* Whether the file hosts knows it, and so nobody else is asked. */
static bool lookup_hosts(struct lookup *self)
{
    const struct fm__hosts *hosts = &self->files->hosts;
    const struct fm__hosts_entry *entry = fm__hosts_find(hosts, self->name);
    fm_address address;
    if (entry == NULL)
        return false;
    const struct fm__hosts_entry *end = hosts->entries + hosts->count;
    for (; entry < end && strcmp(entry->name, self->name) == 0; entry++) {
        fm__hosts_address(entry, &address);
        if (lookup_wants(self, entry->family))
            fm__found_add(self->found, &address);
    }
    return self->found->count > 0;
}

/* Whether the system's library has to be asked. */
static bool lookup_is_systems(const struct lookup *self)
{
    const struct fm__settings *settings = &self->files->settings;
    struct utsname machine;
    char own[FM_NAME_SIZE];
    if (settings->system || !fm__ask_possible)
        return true;
    if (settings->multicast && fm__name_within(self->name, "local"))
        return true;
    return settings->own_name && fm__sys_name(&machine) == 0 &&
           fm__name_copy(machine.nodename, own) > 0 &&
           strcmp(own, self->name) == 0;
}

static int lookup_system(struct lookup *self)
{
    char name[FM_NAME_SIZE + 1];
    int family = self->v4 && self->v6 ? 0 : self->v4 ? AF_INET : AF_INET6;
    char *end = fm__name_put(name, self->name);
    if (self->complete)
        fm__name_put(end, ".");
    return fm__system_addresses(name, family, self->found);
}

static void lookup_take(struct lookup *self, const struct fm__entry *entry,
                        int family)
{
    size_t offset = 0, size;
    size_t most = self->v4 && self->v6 ? LOOKUP_HALF : FM__FOUND_LIMIT;
    const unsigned char *bytes;
    fm_address address;
    while (most-- > 0) {
        bytes = fm__answer_next(entry->answer, &offset, &size);
        if (bytes == NULL)
            return;
        fm__name_address(family, bytes, &address);
        fm__found_add(self->found, &address);
    }
}

/* Waits for one of the two answers: what it says, or why there is none. */
static int lookup_answer(struct lookup *self, struct fm__entry *entry,
                         int family)
{
    if (entry == NULL) /* nobody wants it */
        return 0;
    int rc = fm__entry_wait(entry);
    if (rc == 0)
        rc = entry->answer->rc;
    if (rc == 0)
        lookup_take(self, entry, family);
    return rc;
}

static bool lookup_is_final(int rc)
{
    return rc != -FM_ENONAME && rc != -FM_ENODATA && rc != -FM_ESERVERFAILED;
}

/* What was said of the name, or that nobody said it. */
static bool lookup_is_dns(int rc)
{
    return rc <= -FM_ENONAME && rc >= -FM_ENOSERVER;
}

/* What two failures mean together; 0 is none. */
static int lookup_worse(int a, int b)
{
    if (a == 0 || (a == -FM_ENONAME && b != 0))
        return b;
    if (b == 0 || b == -FM_ENONAME)
        return a;
    return a == -FM_ENODATA ? b : a;
}

/* Both kinds of address are asked for at once. */
static int lookup_both(struct lookup *self, const char *name)
{
    const struct fm__question a = {name, FM__RECORD_A};
    const struct fm__question aaaa = {name, FM__RECORD_AAAA};
    struct fm__entry *v4 = NULL, *v6 = NULL;
    int rc = 0, rc6 = 0;
    if (self->v6)
        rc = fm__entry_want(self->resolver, self->files, &aaaa, &v6);
    if (rc == 0 && self->v4)
        rc = fm__entry_want(self->resolver, self->files, &a, &v4);
    if (rc == 0)
        rc6 = lookup_answer(self, v6, AF_INET6);
    if (rc == 0 && (rc6 == 0 || lookup_is_dns(rc6)))
        rc = lookup_answer(self, v4, AF_INET);
    else if (rc == 0)
        rc = rc6;
    fm__entry_put(v4);
    fm__entry_put(v6);
    if (rc == -ECANCELED || rc == -ETIMEDOUT)
        return rc;
    return self->found->count > 0 ? 0 : lookup_worse(rc, rc6);
}

/* The name in one domain; "": as it is. */
static int lookup_in(struct lookup *self, const char *domain)
{
    char name[FM_NAME_SIZE * 2];
    size_t size = strlen(self->name);
    if (domain[0] != '\0' && size + 1 + strlen(domain) > FM_NAME_SIZE - 3)
        return -FM_ENONAME;
    char *end = fm__name_put(name, self->name);
    if (domain[0] != '\0')
        fm__name_put(fm__name_put(end, "."), domain);
    int rc = lookup_both(self, name);
    if (rc < 0 && !lookup_is_final(rc))
        self->failure = lookup_worse(self->failure, rc);
    return rc;
}

static int lookup_search(struct lookup *self)
{
    const struct fm__settings *settings = &self->files->settings;
    bool first = self->complete || fm__name_dots(self->name) >= settings->ndots;
    int rc = first ? lookup_in(self, "") : -FM_ENONAME;
    size_t count = self->complete ? 0 : settings->search_count;
    for (size_t i = 0; i < count && rc < 0 && !lookup_is_final(rc); i++)
        rc = lookup_in(self, settings->search[i]);
    if (!first && rc < 0 && !lookup_is_final(rc))
        rc = lookup_in(self, "");
    return rc == 0 || lookup_is_final(rc) ? rc : self->failure;
}

static int lookup_files(struct lookup *self)
{
    int rc = 0;
    if (!lookup_hosts(self)) {
        if (fm__name_within(self->name, "invalid")) /* RFC 6761, 6.4 */
            return -FM_ENONAME;
        rc =
            lookup_is_systems(self) ? lookup_system(self) : lookup_search(self);
    }
    if (rc == 0 && self->found->count > 1)
        fm__found_order(self->found);
    return rc;
}

static int lookup_name(struct lookup *self)
{
    if (fm__name_within(self->name, "localhost")) /* RFC 6761, 6.3 */
        return lookup_localhost(self);
    self->resolver->waits++;
    int rc = fm__files_get(self->resolver, &self->files);
    if (rc == 0)
        rc = lookup_files(self);
    self->resolver->waits--;
    fm__files_put(self->files);
    return rc;
}

int fm__resolve_family(fm_resolver *resolver, const char *host, int family,
                       struct fm__found *found)
{
    fm_address address;
    struct lookup self = {
        .v4 = family != AF_INET6, .v6 = family != AF_INET, .found = found};
    int rc = fm__checkpoint(fm__current, "fm_resolve");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__blocks_check(fm__current);
    if (family != 0 && family != AF_INET && family != AF_INET6)
        return -EINVAL;
    found->count = 0;
    rc = fm__name_literal(host, &address);
    if (rc != -EINVAL)
        return rc < 0 ? rc : lookup_literal(&self, &address);
    rc = fm__name_copy(host, self.name);
    if (rc < 0)
        return rc;
    self.complete = host[rc] == '.';
    rc = fm__resolver_of(resolver, "fm_resolve", &self.resolver);
    return rc < 0 ? rc : lookup_name(&self);
}

static void lookup_port(fm_address *address, int port)
{
    struct sockaddr_in6 v6; /* the port is at one place in both families */
    memcpy(&v6, &address->storage, sizeof v6);
    v6.sin6_port = htons((uint16_t)port);
    memcpy(&address->storage, &v6, sizeof v6);
}

/* The first of them, with the port. */
static int lookup_give(struct fm__found *found, int port, fm_address *addresses,
                       size_t count)
{
    if (count > found->count)
        count = found->count;
    for (size_t i = 0; i < count; i++) {
        lookup_port(&found->addresses[i], port);
        addresses[i] = found->addresses[i];
    }
    return (int)count;
}

int fm__resolve(struct fm__host host, fm_address *addresses, size_t count,
                const fm_resolve_options *options)
{
    static const fm_resolve_options defaults;
    int rc = fm__checkpoint(fm__current, "fm_resolve");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (options == NULL)
        options = &defaults;
    if (count == 0 || host.port < 0 || host.port > UINT16_MAX)
        return -EINVAL;
    /* Too large for a small stack. */
    struct fm__found *found = fm__memory_new(sizeof *found);
    if (found == NULL)
        return -ENOMEM;
    rc = fm__resolve_family(options->resolver, host.name, options->family,
                            found);
    if (rc == 0)
        rc = lookup_give(found, host.port, addresses, count);
    fm__memory_free(found);
    return rc;
}
