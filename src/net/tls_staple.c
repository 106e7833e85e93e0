/*
 * tls_staple.c - what the issuer says of a certificate, brought along by it
 *
 * A client asks for an OCSP response (RFC 6066, 8; RFC 6960). Where none
 * comes it believes the certificate; one that comes has to be good.
 */
#include "net/tls_record.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <stdio.h>

#define STAPLE_SKEW 300          /* s by which clocks may differ */
#define STAPLE_MOST (64L * 1024) /* bytes of a response */

/* ---- A client reads it -------------------------------------------------- */

static int tls_staple_validity(OCSP_BASICRESP *basic, OCSP_CERTID *id)
{
    int status, reason;
    ASN1_GENERALIZEDTIME *revoked, *from, *until;
    if (OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &from,
                              &until) != 1)
        return -FM_ECERT_STAPLE;
    if (status == V_OCSP_CERTSTATUS_REVOKED)
        return -FM_ECERT_REVOKED;
    if (status != V_OCSP_CERTSTATUS_GOOD ||
        OCSP_check_validity(from, until, STAPLE_SKEW, -1) != 1)
        return -FM_ECERT_STAPLE;
    return 0;
}

/* It may name the certificate by either digest. */
static int tls_staple_status(OCSP_BASICRESP *basic, STACK_OF(X509) * chain)
{
    const EVP_MD *const digests[] = {EVP_sha1(), EVP_sha256()};
    int rc = -FM_ECERT_STAPLE;
    for (int i = 0; i < 2 && rc == -FM_ECERT_STAPLE; i++) {
        OCSP_CERTID *id = OCSP_cert_to_id(digests[i], sk_X509_value(chain, 0),
                                          sk_X509_value(chain, 1));
        if (id == NULL)
            return -ENOMEM;
        rc = tls_staple_validity(basic, id);
        OCSP_CERTID_free(id);
    }
    return rc;
}

/* A chain of one has no issuer who could say anything. */
static int tls_staple_judge(SSL *ssl, OCSP_RESPONSE *response)
{
    STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
    X509_STORE *store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
    if (chain == NULL || sk_X509_num(chain) < 2)
        return 0;
    if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return -FM_ECERT_STAPLE;
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
    if (basic == NULL)
        return -FM_ECERT_STAPLE;
    int rc = -FM_ECERT_STAPLE;
    if (OCSP_basic_verify(basic, chain, store, 0) == 1)
        rc = tls_staple_status(basic, chain);
    OCSP_BASICRESP_free(basic);
    return rc;
}

/* 1: go on; 0: refuse. */
static int tls_staple_read(SSL *ssl, void *arg)
{
    struct fm__tls_engine *engine = SSL_get_app_data(ssl);
    const unsigned char *bytes = NULL;
    long size = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);
    (void)arg;
    if (bytes == NULL || size <= 0 || !engine->tls->verifies)
        return 1;
    OCSP_RESPONSE *response =
        size <= STAPLE_MOST ? d2i_OCSP_RESPONSE(NULL, &bytes, size) : NULL;
    int rc =
        response != NULL ? tls_staple_judge(ssl, response) : -FM_ECERT_STAPLE;
    OCSP_RESPONSE_free(response);
    if (rc < 0) {
        engine->refusal.code = rc;
        snprintf(engine->refusal.subject, sizeof engine->refusal.subject,
                 "by what it has stapled");
    }
    return rc == 0;
}

/* ---- A server brings it ------------------------------------------------- */

static int tls_staple_write(SSL *ssl, void *arg)
{
    const fm_tls *tls = arg;
    unsigned char *copy = OPENSSL_memdup(tls->staple, tls->staple_size);
    if (copy == NULL)
        return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)tls->staple_size);
    return SSL_TLSEXT_ERR_OK;
}

static int tls_staple_load(fm_tls *tls, const char *file)
{
    BIO *bio = BIO_new_file(file, "rb");
    OCSP_RESPONSE *response =
        bio != NULL ? d2i_OCSP_RESPONSE_bio(bio, NULL) : NULL;
    int size = response != NULL ? i2d_OCSP_RESPONSE(response, &tls->staple) : 0;
    OCSP_RESPONSE_free(response);
    BIO_free(bio);
    if (size <= 0 || size > STAPLE_MOST)
        return -FM_EPEM;
    tls->staple_size = (size_t)size;
    return 0;
}

int fm__tls_staple_open(fm_tls *tls, const fm_tls_options *options)
{
    if (tls->role == FM_TLS_CLIENT) {
        SSL_CTX_set_tlsext_status_type(tls->context, TLSEXT_STATUSTYPE_ocsp);
        SSL_CTX_set_tlsext_status_cb(tls->context, tls_staple_read);
        return 0;
    }
    if (options->staple == NULL)
        return 0;
    int rc = tls_staple_load(tls, options->staple);
    if (rc < 0)
        return fm__tls_fail(options->failure, rc, options->staple,
                            "no OCSP response");
    SSL_CTX_set_tlsext_status_cb(tls->context, tls_staple_write);
    SSL_CTX_set_tlsext_status_arg(tls->context, tls);
    return 0;
}
