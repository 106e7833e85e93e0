/*
 * host_name.h - what is a name of a host, and what is an address already
 */
#ifndef FM_NET_HOST_NAME_H
#define FM_NET_HOST_NAME_H

#include "base/compiler.h"

#include <fermata/resolve.h>
#include <stdbool.h>
#include <string.h>

/* Copies a text with its NUL, which has to fit; returns where that is. */
FM__INLINE char *fm__name_put(char *to, const char *text)
{
    size_t size = strlen(text);
    memcpy(to, text, size + 1);
    return to + size;
}

/*
 * Checks a name and copies it in lower case, without the dot that completes
 * it, into FM_NAME_SIZE bytes. Parts of 1 to 63 ASCII letters, digits, '-' and
 * '_', at most 253 bytes in all (RFC 1035, 2.3.4). Returns the length or
 * -EINVAL.
 */
int fm__name_copy(const char *text, char *name);

/* Whether it is the domain or lies below it; both in lower case. */
bool fm__name_within(const char *name, const char *domain);

/* How many dots it has. */
int fm__name_dots(const char *name);

/* "192.0.2.1", "2001:db8::1", also in brackets, also with a scope: 0, and the
 * address has port 0; -EINVAL: it is a name; -ENODEV. */
int fm__name_literal(const char *text, fm_address *address);

/* An address of its bytes, 4 or 16 of them, with port 0. */
void fm__name_address(int family, const void *bytes, fm_address *address);

/* The bytes of one; NULL where it is neither IPv4 nor IPv6. */
const void *fm__name_bytes(const fm_address *address, size_t *size);

/* The name under which an address is found: of in-addr.arpa or ip6.arpa
 * (RFC 1035, 3.5; RFC 3596, 2.5). 0 or -EINVAL. */
int fm__name_reverse(const fm_address *address, char *name);

#endif
