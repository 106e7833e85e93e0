/*
 * address_order.h - which address of a host to try first: RFC 6724
 */
#ifndef FM_NET_ADDRESS_ORDER_H
#define FM_NET_ADDRESS_ORDER_H

#include "net/found.h"

#include <stdbool.h>

/* An address, and the one of this machine that would call it. */
struct fm__candidate {
    fm_address address;
    fm_address source;
    bool usable; /* there is a way to it */
};

/* Below 0: a is to be tried before b; 0: the rules do not say. */
int fm__candidate_order(const struct fm__candidate *a,
                        const struct fm__candidate *b);

/* One more, unless it is there already or there is no room. */
void fm__found_add(struct fm__found *found, const fm_address *address);

/* Puts those to try first at the beginning. */
void fm__found_order(struct fm__found *found);

#endif
