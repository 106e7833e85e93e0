/*
 * proxy.h - a connection that somebody else makes
 */
#ifndef FM_NET_PROXY_H
#define FM_NET_PROXY_H

#include "net/target.h"
#include "proto/proxy_target.h"

#include <fermata/stream.h>

enum fm__proxy_kind {
    FM__PROXY_SOCKS, /* RFC 1928 */
    FM__PROXY_TUNNEL /* RFC 9110, 9.3.6 */
};

struct fm__proxy {
    enum fm__proxy_kind kind;
    struct fm__target at;
    bool login;
    char user[FM__PROXY_WORD + 1];
    char password[FM__PROXY_WORD + 1];
};

/* "socks5://user:password@host:port" and the like: 0, -EINVAL or -ENODEV. */
int fm__proxy_parse(const char *text, struct fm__proxy *proxy);

/* Asks the proxy at the other end for the target, by its name. 0, and the
 * stream is one to the target; or what the proxy says, as `reply` is its
 * number for that; or as fm_peek and fm_write. */
int fm__proxy_pass(fm_stream *stream, const struct fm__proxy *proxy,
                   const struct fm__target *target, int *reply);

#endif
