/*
 * peer.h - asking a descriptor for the address of one of its two ends
 */
#ifndef FM_NET_PEER_H
#define FM_NET_PEER_H

#include "loop/loop_core.h"

#include <fermata/address.h>

/* A backend's `address` or `peer`. */
typedef int (*fm__end_fn)(struct fm__loop *loop, int fd, struct sockaddr *addr,
                          socklen_t *size);

/* 0, or -errno and *address is as it was. */
int fm__end_address(struct fm__loop *loop, int fd, fm__end_fn ask,
                    fm_address *address);

#endif
