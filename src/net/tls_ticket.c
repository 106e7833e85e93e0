/*
 * tls_ticket.c - what a server lets its clients keep, sealed
 *
 * A ticket has all of a session, so the server keeps nothing (RFC 5077). Its
 * key is made when the first ticket is sealed and grows old with the loop's
 * clock; who has stolen one reads no more than two ages of traffic.
 */
#include "net/tls_record.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

#define TICKET_AGE (FM_TLS_TICKET_KEY_AGE * INT64_C(1000000000)) /* ns */

static bool tls_ticket_old(const struct fm__tls_key *key, int64_t now,
                           int64_t age)
{
    return !key->made || now - key->born >= age;
}

static bool tls_ticket_renew(fm_tls *tls, int64_t now)
{
    struct fm__tls_key fresh = {.born = now, .made = true};
    bool made = RAND_bytes(fresh.name, sizeof fresh.name) == 1 &&
                RAND_priv_bytes(fresh.cipher, sizeof fresh.cipher) == 1 &&
                RAND_priv_bytes(fresh.mac, sizeof fresh.mac) == 1;
    if (made) {
        tls->keys[1] = tls->keys[0];
        tls->keys[0] = fresh;
    }
    OPENSSL_cleanse(&fresh, sizeof fresh);
    return made;
}

/* The key that seals now, or NULL. */
static const struct fm__tls_key *tls_ticket_sealing(fm_tls *tls, int64_t now)
{
    if (tls_ticket_old(&tls->keys[0], now, TICKET_AGE) &&
        !tls_ticket_renew(tls, now))
        return NULL;
    return &tls->keys[0];
}

/* The key that has sealed it, or NULL. */
static const struct fm__tls_key *
tls_ticket_opening(const fm_tls *tls, int64_t now, const unsigned char *name)
{
    for (int i = 0; i < 2; i++) {
        const struct fm__tls_key *key = &tls->keys[i];
        if (!tls_ticket_old(key, now, 2 * TICKET_AGE) &&
            memcmp(key->name, name, sizeof key->name) == 0)
            return key;
    }
    return NULL;
}

static bool tls_ticket_mac(EVP_MAC_CTX *mac, const struct fm__tls_key *key)
{
    char digest[] = "SHA256";
    unsigned char secret[FM__TLS_KEY];
    memcpy(secret, key->mac, sizeof secret);
    OSSL_PARAM params[3];
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret,
                                                  sizeof secret);
    params[1] =
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
    params[2] = OSSL_PARAM_construct_end();
    bool set = EVP_MAC_CTX_set_params(mac, params) == 1;
    OPENSSL_cleanse(secret, sizeof secret);
    return set;
}

/* As OpenSSL asks: name, iv and two contexts are to be set by the key that
 * was found. 1: done; 2: and a new ticket shall be given; 0: there is no such
 * key; -1: it failed. */
struct ticket_set {
    int64_t now;
    unsigned char *name;
    unsigned char *iv;
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac;
};

static int tls_ticket_seal(fm_tls *tls, const struct ticket_set *set)
{
    const struct fm__tls_key *key = tls_ticket_sealing(tls, set->now);
    if (key == NULL || RAND_bytes(set->iv, 16) != 1)
        return -1;
    memcpy(set->name, key->name, sizeof key->name);
    bool done = EVP_EncryptInit_ex(set->cipher, EVP_aes_256_cbc(), NULL,
                                   key->cipher, set->iv) == 1 &&
                tls_ticket_mac(set->mac, key);
    return done ? 1 : -1;
}

static int tls_ticket_open(const fm_tls *tls, const struct ticket_set *set)
{
    const struct fm__tls_key *key =
        tls_ticket_opening(tls, set->now, set->name);
    if (key == NULL)
        return 0;
    bool done = EVP_DecryptInit_ex(set->cipher, EVP_aes_256_cbc(), NULL,
                                   key->cipher, set->iv) == 1 &&
                tls_ticket_mac(set->mac, key);
    if (!done)
        return -1;
    return tls_ticket_old(key, set->now, TICKET_AGE) || key != &tls->keys[0]
               ? 2
               : 1;
}

/* wide: what OpenSSL calls */
static int tls_ticket_key(SSL *ssl, unsigned char name[16], unsigned char *iv,
                          EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
    const struct fm__tls_engine *engine = SSL_get_app_data(ssl);
    fm_tls *tls = engine->tls;
    const struct ticket_set set = {fm__filter_now(&engine->filter), name, iv,
                                   cipher, mac};
    if (CRYPTO_THREAD_write_lock(tls->lock) != 1)
        return -1;
    int rc = sealing ? tls_ticket_seal(tls, &set) : tls_ticket_open(tls, &set);
    CRYPTO_THREAD_unlock(tls->lock);
    return rc;
}

int fm__tls_tickets_open(fm_tls *tls)
{
    static const unsigned char id[] = "fermata";
    if (tls->role != FM_TLS_SERVER)
        return 0;
    SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_num_tickets(tls->context, 0); /* see tls_engine.c */
    SSL_CTX_set_timeout(tls->context, 2L * FM_TLS_TICKET_KEY_AGE);
    if (SSL_CTX_set_session_id_context(tls->context, id, sizeof id - 1) != 1 ||
        SSL_CTX_set_tlsext_ticket_key_evp_cb(tls->context, tls_ticket_key) != 1)
        return -ENOMEM;
    return 0;
}
