/*
 * dial.h - one attempt to connect to one address
 */
#ifndef FM_NET_DIAL_H
#define FM_NET_DIAL_H

#include <fermata/address.h>
#include <fermata/stream.h>

/* What all attempts of a connection have in common. */
struct fm__dialling {
    const fm_stream_options *stream; /* or NULL */
    const fm_address *source;        /* from where, or NULL: from anywhere */
};

/* Waits until the connection stands: its descriptor, -errno, or why it was
 * cut. A cancel point. */
int fm__dial(const fm_address *address, const struct fm__dialling *how);

#endif
