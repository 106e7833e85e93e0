/*
 * udp_record.h - what a datagram socket is
 */
#ifndef FM_NET_UDP_RECORD_H
#define FM_NET_UDP_RECORD_H

#include "net/socket_file.h"
#include "task/operation.h"

#include <fermata/udp.h>

struct fm_udp {
    struct fm__loop *loop;
    int fd;
    bool connected;
    bool errors;                 /* it was asked for them */
    bool local;                  /* of unix(7) */
    unsigned users;              /* tasks that send or receive */
    fm_address address;          /* that was asked for, or of size 0 */
    struct fm__socket_file file; /* of a local one with a path */
    struct fm__guest guest;
};

/* Aborts with a sentence where the socket is another loop's. */
void fm__udp_check(const fm_udp *udp, const char *caller);

/* Sends or receives so many, at least one; waits. How many, or -errno. */
ssize_t fm__udp_operate(fm_udp *udp, enum fm__op_kind kind,
                        struct mmsghdr *messages, size_t count);

/* From whom a datagram came, whose address is in *from but for its size. */
void fm__udp_sender(fm_address *from, socklen_t size);

/* A new descriptor for the socket's loop and address, with the options set,
 * and perhaps with a file; or -errno. */
int fm__udp_socket(fm_udp *udp, const fm_udp_options *options);

/* The number of an interface, by name or number; 0: the text is NULL;
 * -ENODEV. */
int fm__udp_interface(const char *text);

#endif
