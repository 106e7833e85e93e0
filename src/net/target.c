/*
 * target.c - literal addresses, and names with a port
 */
#include "net/target.h"

#include "net/host_name.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Programs of before 1983 took "0x7f.1" for an address, and some still do. */
static bool target_ends_in_number(const char *host)
{
    size_t size = strlen(host);
    if (size > 0 && host[size - 1] == '.')
        size--;
    size_t start = size;
    while (start > 0 && host[start - 1] != '.')
        start--;
    const char *last = host + start;
    size -= start;
    bool hex =
        size >= 2 && last[0] == '0' && (last[1] == 'x' || last[1] == 'X');
    return hex ? strspn(last + 2, "0123456789abcdefABCDEF") >= size - 2
               : strspn(last, "0123456789") >= size;
}

static bool target_is_name(const char *host)
{
    char name[FM_NAME_SIZE];
    return fm__name_copy(host, name) > 0 && !target_ends_in_number(host);
}

/* Of ":80"; read as the port of an address is. */
static int target_port(const char *colon)
{
    char text[16];
    fm_address address;
    int size = snprintf(text, sizeof text, "0.0.0.0%s", colon);
    if (size >= (int)sizeof text || fm_address_parse(text, &address) < 0)
        return -EINVAL;
    return fm_address_port(&address);
}

static int target_parse_name(const char *text, struct fm__target *target)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon != NULL ? (size_t)(colon - text) : 0;
    if (size == 0 || size >= sizeof target->host)
        return -EINVAL;
    int port = target_port(colon);
    if (port < 0)
        return port;
    memcpy(target->host, text, size);
    target->host[size] = '\0';
    target->port = port;
    return target_is_name(target->host) ? 0 : -EINVAL;
}

/* The host of a literal address, as it was written; of a local one nothing. */
static void target_host(const char *text, struct fm__target *target)
{
    const char *colon = strrchr(text, ':');
    bool brackets = text[0] == '[';
    size_t size = (size_t)(colon - text) - (brackets ? 2 : 0);
    int family = target->address.storage.ss_family;
    if (family != AF_INET && family != AF_INET6)
        size = 0;
    memcpy(target->host, text + brackets, size);
    target->host[size] = '\0';
}

int fm__target_parse(const char *text, struct fm__target *target)
{
    int rc = fm_address_parse(text, &target->address);
    target->literal = rc == 0;
    if (rc == -EINVAL)
        return target_parse_name(text, target);
    if (rc < 0)
        return rc;
    target->port = fm_address_port(&target->address);
    target_host(text, target);
    return 0;
}

void fm__target_set_port(fm_address *address, int port)
{
    uint16_t number = htons((uint16_t)port);
    size_t place = address->storage.ss_family == AF_INET
                       ? offsetof(struct sockaddr_in, sin_port)
                       : offsetof(struct sockaddr_in6, sin6_port);
    memcpy((char *)&address->storage + place, &number, sizeof number);
}
