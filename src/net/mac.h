/*
 * mac.h - a message and who has written it: HMAC-SHA-256 (RFC 2104)
 *
 * What libfermata-tls does for libraries above, who know no cryptography.
 */
#ifndef FM_NET_MAC_H
#define FM_NET_MAC_H

#include "proto/slice.h"

#include <fermata/api.h>

enum {
    FM__MAC_SIZE = 32 /* bytes */
};

/* 0, or -ENOMEM. */
FM_API int fm__mac(struct fm__slice key, struct fm__slice message,
                   uint8_t mac[FM__MAC_SIZE]);

/* Both are the same; it takes as long when they are not. */
FM_API bool fm__mac_is(const uint8_t mac[FM__MAC_SIZE],
                       const uint8_t other[FM__MAC_SIZE]);

/* Secrets are forgotten, whatever the compiler thinks. */
FM_API void fm__mac_wipe(void *secret, size_t size);

#endif
