/*
 * address.c - literal addresses: host and port as text, or a local name
 *
 * The text is taken apart from its end: the last colon is followed by the
 * port, because an IPv6 host has colons of its own and therefore brackets.
 * Only what begins with "unix:" is all name.
 */
#include <fermata/address.h>

#include "base/sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define ADDRESS_PORT_MAX 65535
#define ADDRESS_LOCAL "unix:"

_Static_assert(sizeof((struct sockaddr_un *)NULL)->sun_path ==
                   FM_ADDRESS_PATH + 1,
               "a path and its NUL fit");

/* As long as the longest host, with a scope: no copy is cut short unseen. */
enum {
    ADDRESS_HOST_SIZE = 72
};

/* A number of at most `limit` in decimal digits alone; -1: it is none. */
static int64_t address_number(const char *digits, int64_t limit)
{
    int64_t number = 0;
    if (*digits == '\0')
        return -1;
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9')
            return -1;
        number = number * 10 + (*digits - '0');
        if (number > limit)
            return -1;
    }
    return number;
}

static int address_port(const char *digits)
{
    if (strlen(digits) > 5)
        return -EINVAL;
    int64_t port = address_number(digits, ADDRESS_PORT_MAX);
    return port < 0 ? -EINVAL : (int)port;
}

/* An interface by number or, from the system, by name. */
static int64_t address_scope(const char *text)
{
    int64_t number = address_number(text, UINT32_MAX);
    if (number > 0)
        return number;
    return number == 0 || *text == '\0' ? -EINVAL : fm__sys_interface(text);
}

static int address_v4(const char *host, int port, fm_address *address)
{
    struct sockaddr_in v4 = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
    };
    if (inet_pton(AF_INET, host, &v4.sin_addr) != 1)
        return -EINVAL;
    memset(address, 0, sizeof *address);
    memcpy(&address->storage, &v4, sizeof v4);
    address->size = sizeof v4;
    return 0;
}

/* host: "[2001:db8::1]" or "[fe80::1%eth0]"; it is taken apart in place. */
static int address_v6(char *host, int port, fm_address *address)
{
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6,
        .sin6_port = htons((uint16_t)port),
    };
    size_t size = strlen(host);
    if (host[size - 1] != ']')
        return -EINVAL;
    host[size - 1] = '\0';
    char *scope = strchr(host, '%');
    if (scope != NULL)
        *scope++ = '\0';
    if (inet_pton(AF_INET6, host + 1, &v6.sin6_addr) != 1)
        return -EINVAL;
    int64_t index = scope != NULL ? address_scope(scope) : 0;
    if (index < 0)
        return (int)index;
    v6.sin6_scope_id = (uint32_t)index;
    memset(address, 0, sizeof *address);
    memcpy(&address->storage, &v6, sizeof v6);
    address->size = sizeof v6;
    return 0;
}

/* name: "/run/socket", "@abstract" or "". A path is sent with its NUL, an
 * abstract name with its size alone: unix(7), "Address format". */
static int address_local(const char *name, fm_address *address)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    size_t size = strlen(name), start = offsetof(struct sockaddr_un, sun_path);
    bool abstract = name[0] == '@';
    if (size - abstract > FM_ADDRESS_PATH || (abstract && size == 1))
        return -EINVAL;
    memcpy(local.sun_path, name, size);
    if (abstract)
        local.sun_path[0] = '\0';
    else if (size > 0)
        size++;
    memset(address, 0, sizeof *address);
    memcpy(&address->storage, &local, sizeof local);
    address->size = (socklen_t)(start + size);
    return 0;
}

int fm_address_parse(const char *text, fm_address *address)
{
    if (strncmp(text, ADDRESS_LOCAL, strlen(ADDRESS_LOCAL)) == 0)
        return address_local(text + strlen(ADDRESS_LOCAL), address);
    char host[ADDRESS_HOST_SIZE];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof host)
        return -EINVAL;
    int port = address_port(colon + 1);
    if (port < 0)
        return port;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    return host[0] == '[' ? address_v6(host, port, address)
                          : address_v4(host, port, address);
}

static void address_format_v4(const fm_address *address, char *text)
{
    char host[INET_ADDRSTRLEN] = "";
    struct sockaddr_in v4;
    memcpy(&v4, &address->storage, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
    snprintf(text, FM_ADDRESS_TEXT, "%s:%u", host, ntohs(v4.sin_port));
}

static void address_format_v6(const fm_address *address, char *text)
{
    char host[INET6_ADDRSTRLEN] = "", scope[16] = "";
    struct sockaddr_in6 v6;
    memcpy(&v6, &address->storage, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    if (v6.sin6_scope_id != 0)
        snprintf(scope, sizeof scope, "%%%u", v6.sin6_scope_id);
    snprintf(text, FM_ADDRESS_TEXT, "[%s%s]:%u", host, scope,
             ntohs(v6.sin6_port));
}

/* A path ends at its NUL or with the address; an abstract name begins with a
 * NUL and has the address's size: unix(7). */
static void address_format_local(const fm_address *address, char *text)
{
    struct sockaddr_un local;
    size_t start = offsetof(struct sockaddr_un, sun_path);
    size_t size = address->size > start ? address->size - start : 0;
    if (size > sizeof local.sun_path)
        size = sizeof local.sun_path;
    memcpy(&local, &address->storage, sizeof local);
    if (size > 0 && local.sun_path[0] != '\0')
        size = strnlen(local.sun_path, size);
    for (size_t i = 0; i < size; i++) {
        if (local.sun_path[i] == '\0')
            local.sun_path[i] = '@';
    }
    snprintf(text, FM_ADDRESS_TEXT, ADDRESS_LOCAL "%.*s", (int)size,
             local.sun_path);
}

char *fm_address_format(const fm_address *address, char *text)
{
    int family = address->storage.ss_family;
    if (family == AF_INET)
        address_format_v4(address, text);
    else if (family == AF_INET6)
        address_format_v6(address, text);
    else if (family == AF_UNIX)
        address_format_local(address, text);
    else
        snprintf(text, FM_ADDRESS_TEXT, "family %d", family);
    return text;
}

int fm_address_port(const fm_address *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, &address->storage, sizeof v4);
    memcpy(&v6, &address->storage, sizeof v6);
    switch (address->storage.ss_family) {
    case AF_INET:
        return ntohs(v4.sin_port);
    case AF_INET6:
        return ntohs(v6.sin6_port);
    default:
        return 0;
    }
}
