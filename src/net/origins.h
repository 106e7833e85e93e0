/*
 * origins.h - how many connections come from where
 *
 * From an IPv4 address, or from the /64 of an IPv6 one, which is what a single
 * customer has (RFC 6177). Local sockets are from nowhere.
 */
#ifndef FM_NET_ORIGINS_H
#define FM_NET_ORIGINS_H

#include "loop/loop_core.h"

#include <fermata/address.h>

struct fm__crowd;

struct fm__origins {
    unsigned limit; /* for each; 0: none, and nobody is counted */
    uint64_t seed;
    struct fm__crowd **table;
};

/* 0 or -ENOMEM. */
int fm__origins_init(struct fm__origins *origins, struct fm__loop *loop,
                     unsigned limit);
/* Nobody is counted any more. */
void fm__origins_fini(struct fm__origins *origins);

/* One more from there: 0, and *origin is to be given back, NULL where nobody
 * counts; -EDQUOT: there are as many as may be; or -ENOMEM. */
int fm__origins_enter(struct fm__origins *origins, const fm_address *address,
                      struct fm__crowd **origin);
void fm__origins_leave(struct fm__origins *origins, struct fm__crowd *origin);

#endif
