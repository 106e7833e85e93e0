/*
 * udp_record.h - what a datagram socket is
 */
#ifndef FM_NET_UDP_RECORD_H
#define FM_NET_UDP_RECORD_H

#include "task/operation.h"

#include <fermata/udp.h>

struct fm_udp {
    struct fm__loop *loop;
    int fd;
    bool connected;
    bool errors;    /* it was asked for them */
    bool local;     /* of unix(7) */
    unsigned users; /* tasks that send or receive */
    struct fm__guest guest;
};

/* Aborts with a sentence where the socket is another loop's. */
void fm__udp_check(const fm_udp *udp, const char *caller);

/* Sends or receives so many, at least one; waits. How many, or -errno. */
ssize_t fm__udp_operate(fm_udp *udp, enum fm__op_kind kind,
                        struct mmsghdr *messages, size_t count);

/* A new descriptor for this address, with the options set; or -errno. The
 * address is of size 0 where there is none. */
int fm__udp_socket(struct fm__loop *loop, const fm_address *address,
                   const fm_udp_options *options);

/* The number of an interface, by name or number; 0: the text is NULL;
 * -ENODEV. */
int fm__udp_interface(const char *text);

#endif
