/*
 * url_host.h - the host of a URL (the URL standard, 3)
 */
#ifndef FM_PROTO_URL_HOST_H
#define FM_PROTO_URL_HOST_H

#include "proto/url_parts.h"

/* The host's text in its one form: 0, or -EINVAL, which means nothing where
 * the pen is full. */
int fm__url_host(struct fm__slice text, bool special, struct fm__url_desk *desk,
                 struct fm__slice *host);

/* The whole slice is an address: 0, or -EINVAL. */
int fm__url_ipv6(struct fm__slice text, uint16_t pieces[8]);

/* Writes it as RFC 5952 has it, without brackets. */
void fm__url_ipv6_write(const uint16_t pieces[8], struct fm__pen *pen);

#endif
