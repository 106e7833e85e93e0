/*
 * host_name.c - names of hosts as text
 */
#include "net/host_name.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
    HOST_NAME_MAX_BYTES = 253,
    HOST_NAME_MAX_PART = 63,
    HOST_NAME_LITERAL = 64 /* no address with its scope is longer */
};

static bool host_name_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static char host_name_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* One more byte: the length of the part that it belongs to, or -EINVAL. */
static int host_name_step(char c, int part)
{
    if (c == '.')
        return part > 0 ? 0 : -EINVAL;
    return host_name_letter(c) && part < HOST_NAME_MAX_PART ? part + 1
                                                            : -EINVAL;
}

int fm__name_copy(const char *text, char *name)
{
    int size = 0, part = 0;
    for (; text[size] != '\0' && part >= 0; size++) {
        if (size > HOST_NAME_MAX_BYTES)
            return -EINVAL;
        name[size] = host_name_lower(text[size]);
        part = host_name_step(name[size], part);
    }
    if (part < 0 || size == 0)
        return -EINVAL;
    if (part == 0)
        size--;
    name[size] = '\0';
    return size <= HOST_NAME_MAX_BYTES ? size : -EINVAL;
}

bool fm__name_within(const char *name, const char *domain)
{
    size_t size = strlen(name), tail = strlen(domain);
    if (size < tail || strcmp(name + size - tail, domain) != 0)
        return false;
    return size == tail || name[size - tail - 1] == '.';
}

int fm__name_dots(const char *name)
{
    int dots = 0;
    for (; *name != '\0'; name++)
        dots += *name == '.';
    return dots;
}

int fm__name_literal(const char *text, fm_address *address)
{
    char whole[HOST_NAME_LITERAL + 8];
    bool bare = strchr(text, ':') != NULL && text[0] != '[';
    /* With a port behind it that name would be a local socket. */
    if (strlen(text) > HOST_NAME_LITERAL || strcmp(text, "unix") == 0)
        return -EINVAL;
    snprintf(whole, sizeof whole, bare ? "[%s]:0" : "%s:0", text);
    return fm_address_parse(whole, address);
}

void fm__name_address(int family, const void *bytes, fm_address *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memset(address, 0, sizeof *address);
    if (family == AF_INET) {
        memcpy(&v4.sin_addr, bytes, sizeof v4.sin_addr);
        memcpy(&address->storage, &v4, sizeof v4);
        address->size = sizeof v4;
    } else {
        memcpy(&v6.sin6_addr, bytes, sizeof v6.sin6_addr);
        memcpy(&address->storage, &v6, sizeof v6);
        address->size = sizeof v6;
    }
}

const void *fm__name_bytes(const fm_address *address, size_t *size)
{
    const char *start = (const char *)&address->storage;
    switch (address->storage.ss_family) {
    case AF_INET:
        *size = sizeof(struct in_addr);
        return start + offsetof(struct sockaddr_in, sin_addr);
    case AF_INET6:
        *size = sizeof(struct in6_addr);
        return start + offsetof(struct sockaddr_in6, sin6_addr);
    default:
        *size = 0;
        return NULL;
    }
}

static char *host_name_nibbles(const unsigned char *bytes, size_t size,
                               char *to)
{
    static const char digits[] = "0123456789abcdef";
    while (size-- > 0) {
        *to++ = digits[bytes[size] & 15];
        *to++ = '.';
        *to++ = digits[bytes[size] >> 4];
        *to++ = '.';
    }
    return to;
}

int fm__name_reverse(const fm_address *address, char *name)
{
    size_t size;
    const unsigned char *bytes = fm__name_bytes(address, &size);
    if (bytes == NULL)
        return -EINVAL;
    if (size == sizeof(struct in_addr))
        snprintf(name, FM_NAME_SIZE, "%u.%u.%u.%u.in-addr.arpa", bytes[3],
                 bytes[2], bytes[1], bytes[0]);
    else
        fm__name_put(host_name_nibbles(bytes, size, name), "ip6.arpa");
    return 0;
}
