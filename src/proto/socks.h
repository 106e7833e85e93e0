/*
 * socks.h - the words of SOCKS version 5 (RFC 1928, RFC 1929)
 *
 * Bytes in, bytes out: nothing here waits, allocates or remembers. Each
 * writer fills a buffer of FM__SOCKS_SIZE bytes; each reader looks at the
 * bytes that have come so far and takes no more than its own.
 */
#ifndef FM_PROTO_SOCKS_H
#define FM_PROTO_SOCKS_H

#include "proto/proxy_target.h"

#include <sys/types.h>

enum {
    FM__SOCKS_SIZE = 3 + 2 * FM__PROXY_WORD, /* of the longest, a login */
    FM__SOCKS_LONGEST = 7 + 255              /* of all that is read */
};

enum fm__socks_method {
    FM__SOCKS_NOBODY = 0,
    FM__SOCKS_PASSWORD = 2
};

/* Which methods may be chosen from: the size. */
size_t fm__socks_greet(uint8_t *out, const struct fm__proxy_target *target);
/* RFC 1929, 2: the size, or -EINVAL where a word is empty or too long. */
ssize_t fm__socks_login(uint8_t *out, const struct fm__proxy_target *target);
/* CONNECT, to an address or by name: the size, or -EINVAL for a name that is
 * empty or too long. */
ssize_t fm__socks_ask(uint8_t *out, const struct fm__proxy_target *target);

/* How many bytes the answer takes; 0: more are needed; -FM_EPROXY for what is
 * no answer; -FM_EPROXYLOGIN where no method suits, or the login is refused;
 * for a refusal its own error, and *reply is the proxy's number. */
ssize_t fm__socks_chosen(const uint8_t *bytes, size_t size,
                         enum fm__socks_method *method);
ssize_t fm__socks_logged_in(const uint8_t *bytes, size_t size);
ssize_t fm__socks_answered(const uint8_t *bytes, size_t size, int *reply);

#endif
