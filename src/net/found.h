/*
 * found.h - looking up a host, for those who connect to it
 */
#ifndef FM_NET_FOUND_H
#define FM_NET_FOUND_H

#include "base/compiler.h"

#include <fermata/resolve.h>

enum {
    FM__FOUND_LIMIT = 32 /* what a name has beyond them is left out */
};

/* Addresses without a port. */
struct fm__found {
    size_t count;
    fm_address addresses[FM__FOUND_LIMIT];
};

/*
 * The addresses of a host as fm_resolve finds and orders them; suspends.
 * resolver NULL: the loop's own; family AF_INET, AF_INET6, or 0 for both.
 * Returns 0, and found has at least one; or as fm_resolve.
 */
FM__NOINLINE int fm__resolve_family(fm_resolver *resolver, const char *host,
                                    int family, struct fm__found *found);

#endif
