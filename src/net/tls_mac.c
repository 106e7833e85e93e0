/*
 * tls_mac.c - a message and who has written it
 */
#include "net/mac.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

int fm__mac(struct fm__slice key, struct fm__slice message,
            uint8_t mac[FM__MAC_SIZE])
{
    const unsigned char *bytes = (const unsigned char *)message.at;
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.at, (int)key.size, bytes, message.size, mac,
             &size) != NULL &&
        size == FM__MAC_SIZE)
        return 0;
    ERR_clear_error(); /* of this thread, for whoever looks at it next */
    return -ENOMEM;
}

bool fm__mac_is(const uint8_t mac[FM__MAC_SIZE],
                const uint8_t other[FM__MAC_SIZE])
{
    return CRYPTO_memcmp(mac, other, FM__MAC_SIZE) == 0;
}

void fm__mac_wipe(void *secret, size_t size)
{
    OPENSSL_cleanse(secret, size);
}
