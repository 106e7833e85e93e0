/*
 * target.h - whom somebody wants to reach, as text taken apart
 */
#ifndef FM_NET_TARGET_H
#define FM_NET_TARGET_H

#include <fermata/resolve.h>
#include <stdbool.h>

struct fm__target {
    bool literal;       /* address is where it is; else host has to be found */
    fm_address address; /* of a literal one */
    int port;           /* 0 also for a local socket */
    char host[FM_NAME_SIZE]; /* a name, or an address without brackets */
};

/*
 * A literal address as fm_address_parse reads it, or "name:port". A name is
 * what fm_resolve takes for one, and its last part no number: "127.1" and
 * "0x7f000001" are no other way to write an address.
 *
 * 0, -EINVAL or -ENODEV.
 */
int fm__target_parse(const char *text, struct fm__target *target);

/* Writes a port into an IPv4 or IPv6 address. */
void fm__target_set_port(fm_address *address, int port);

#endif
