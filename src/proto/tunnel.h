/*
 * tunnel.h - the words of HTTP's CONNECT (RFC 9110, 9.3.6; RFC 9112)
 *
 * Bytes in, bytes out: nothing here waits, allocates or remembers.
 */
#ifndef FM_PROTO_TUNNEL_H
#define FM_PROTO_TUNNEL_H

#include "proto/proxy_target.h"

#include <sys/types.h>

enum {
    FM__TUNNEL_SIZE = 2048, /* in which any request fits */
    FM__TUNNEL_LIMIT = 8192 /* bytes of an answer's head */
};

/* The request, with the credentials of RFC 7617 if there is a user, into
 * FM__TUNNEL_SIZE bytes: the size, or -EINVAL for a host that is empty or too
 * long, or has what does not belong there, and for words that have a line's
 * end, or a ':' in the user. */
ssize_t fm__tunnel_ask(char *out, const struct fm__proxy_target *target);

/*
 * How many bytes the head of the answer takes, and *status; 0: more are
 * needed; -FM_EPROXY for what is no answer or longer than FM__TUNNEL_LIMIT.
 * What comes behind is the other end's.
 */
ssize_t fm__tunnel_answered(const uint8_t *bytes, size_t size, int *status);

/* 0 for a status that opens the tunnel, or its error. */
int fm__tunnel_refusal(int status);

#endif
