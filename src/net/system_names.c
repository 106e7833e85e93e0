/*
 * system_names.c - the system's library, asked on a thread
 *
 * It cannot be interrupted: what it works on is memory of its own, and a cut
 * leaves it to the thread.
 */
#include "base/memory.h"
#include "net/address_order.h"
#include "net/host_name.h"
#include "net/resolver.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/thread.h>
#include <netdb.h>
#include <string.h>

struct system_call {
    int family;
    char name[FM_NAME_SIZE + 1];
    fm_address address; /* whose name is asked for */
    struct fm__found found;
};

/* What getaddrinfo(3) and getnameinfo(3) mean. */
static int system_code(int error)
{
    switch (error) {
    case 0:
        return 0;
    case EAI_NONAME:
        return -FM_ENONAME;
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        return -FM_ENODATA;
    case EAI_AGAIN:
        return -FM_ENOSERVER;
    case EAI_MEMORY:
        return -ENOMEM;
    default:
        return -FM_ESERVERFAILED;
    }
}

static void system_add(struct fm__found *found, const struct addrinfo *info)
{
    fm_address address;
    if (info->ai_addrlen > sizeof address.storage)
        return;
    memset(&address, 0, sizeof address);
    memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.size = info->ai_addrlen;
    fm__found_add(found, &address);
}

/* On the thread. */
static int system_find_addresses(void *arg)
{
    struct system_call *call = arg;
    const struct addrinfo hints = {
        .ai_family = call->family,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *all;
    int rc = getaddrinfo(call->name, NULL, &hints, &all);
    if (rc != 0)
        return system_code(rc);
    for (const struct addrinfo *info = all; info != NULL; info = info->ai_next)
        system_add(&call->found, info);
    freeaddrinfo(all);
    return call->found.count > 0 ? 0 : -FM_ENODATA;
}

static int system_find_name(void *arg)
{
    struct system_call *call = arg;
    const struct sockaddr *address =
        (const struct sockaddr *)&call->address.storage;
    return system_code(getnameinfo(address, call->address.size, call->name,
                                   sizeof call->name, NULL, 0, NI_NAMEREQD));
}

/* Runs it on a thread. Where the call is cut it is the thread's, and *call
 * NULL; else the caller's, to be freed. */
static int system_run(int (*fn)(void *arg), struct system_call **call)
{
    static const fm_thread_options options = {.abandon = fm__memory_free};
    if (*call == NULL)
        return -ENOMEM;
    int rc = fm_thread_run(fn, *call, &options);
    if (rc == -ECANCELED || rc == -ETIMEDOUT)
        *call = NULL;
    return rc;
}

int fm__system_addresses(const char *name, int family, struct fm__found *found)
{
    struct system_call *call = fm__memory_new(sizeof *call);
    if (call != NULL) {
        call->family = family;
        fm__name_put(call->name, name);
    }
    int rc = system_run(system_find_addresses, &call);
    if (rc == 0)
        *found = call->found;
    fm__memory_free(call);
    return rc;
}

int fm__system_name(const fm_address *address, char *name)
{
    struct system_call *call = fm__memory_new(sizeof *call);
    if (call != NULL)
        call->address = *address;
    int rc = system_run(system_find_name, &call);
    if (rc == 0 && fm__name_copy(call->name, name) < 0)
        rc = -FM_ESERVERFAILED;
    fm__memory_free(call);
    return rc;
}
