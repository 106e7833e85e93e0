/*
 * workshop.h - certificates for tests, good and bad, made when they are wanted
 *
 *     struct work root = workshop_make(&order, NULL);
 *     struct work leaf = workshop_make(&(struct workshop_order){
 *         .name = "a", .alternatives = "DNS:a.example.test"}, &root);
 *
 * What is wrong with a certificate is what its order says. Nothing is kept
 * between runs, and days count from now.
 */
#ifndef TESTS_NET_WORKSHOP_H
#define TESTS_NET_WORKSHOP_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>

#define WORKSHOP_AUTHORITY "critical,CA:TRUE"

enum workshop_key {
    WORKSHOP_P256,
    WORKSHOP_ED25519,
    WORKSHOP_RSA2048,
    WORKSHOP_RSA1024
};

struct workshop_order {
    const char *name;         /* common name */
    const char *alternatives; /* "DNS:a.test,IP:127.0.0.1"; NULL: none */
    const char *usage;        /* extended key usage; NULL: any */
    const char *basic;        /* basic constraints; NULL: "CA:FALSE" */
    const char *constraints;  /* of names; NULL: none */
    enum workshop_key key;
    const char *digest; /* of the signature; NULL: SHA-256 */
    int from, until;    /* days from now; 0 and 0: -1 and 30 */
};

/* A certificate and its key; both are the caller's. */
struct work {
    X509 *certificate;
    EVP_PKEY *key;
};

/* Without an issuer it signs itself. Aborts where libcrypto will not. */
struct work workshop_make(const struct workshop_order *order,
                          const struct work *issuer);
void workshop_free(struct work *work);

/* PEM texts, to be freed: the certificates in this order, up to a NULL; the
 * key. */
char *workshop_chain(X509 *const *certificates);
char *workshop_key(const struct work *work);

/* Writes both beside each other: DIRECTORY/NAME.pem and DIRECTORY/NAME.key. */
void workshop_save(const char *directory, const char *name,
                   X509 *const *certificates, const struct work *work);

/* What an OCSP responder, the issuer itself, says of a certificate: a status
 * of V_OCSP_CERTSTATUS_...; DER to be given to OpenSSL. Returns its size. */
size_t workshop_ocsp(const struct work *work, const struct work *issuer,
                     int status, unsigned char **der);

#endif
