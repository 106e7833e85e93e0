/*
 * stranger.c - see stranger.h
 *
 * OpenSSL has two memories instead of a socket; what it puts into one is
 * written to the stream, and the other is filled from it, after each call.
 */
#include "stranger.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>

#define STRANGER_BUFFER 4096

static SSL_CTX *stranger_context(const SSL_METHOD *method)
{
    SSL_CTX *context = SSL_CTX_new(method);
    if (context == NULL)
        abort();
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    return context;
}

SSL_CTX *stranger_client(void)
{
    return stranger_context(TLS_client_method());
}

SSL_CTX *stranger_server(const struct work *work, X509 *const *further)
{
    SSL_CTX *context = stranger_context(TLS_server_method());
    if (SSL_CTX_use_certificate(context, work->certificate) != 1 ||
        SSL_CTX_use_PrivateKey(context, work->key) != 1)
        abort();
    for (; further != NULL && *further != NULL; further++)
        SSL_CTX_add1_chain_cert(context, *further);
    return context;
}

struct stranger stranger_make(SSL_CTX *context, fm_stream *stream)
{
    struct stranger made = {.ssl = SSL_new(context),
                            .stream = stream,
                            .alert = -1,
                            .allowance = SIZE_MAX};
    if (made.ssl == NULL)
        abort();
    SSL_set_bio(made.ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    return made;
}

void stranger_free(struct stranger *stranger)
{
    if (stranger != NULL)
        SSL_free(stranger->ssl);
}

static int stranger_send(struct stranger *stranger, char *bytes, size_t size)
{
    size_t most = size < stranger->allowance ? size : stranger->allowance;
    size_t step = stranger->crumbs ? 1 : most;
    if (stranger->spoil)
        bytes[size - 1] ^= 1;
    stranger->allowance -= most;
    for (size_t at = 0; at < most; at += step) {
        ssize_t n = fm_write(stranger->stream, bytes + at, step);
        if (n >= 0 && stranger->crumbs)
            n = fm_flush(stranger->stream);
        if (n < 0)
            return (int)n;
    }
    return most < size ? -ECANCELED : 0;
}

static int stranger_push(struct stranger *stranger)
{
    char bytes[STRANGER_BUFFER];
    int size;
    BIO *out = SSL_get_wbio(stranger->ssl);
    int rc = 0;
    while (rc == 0 && (size = BIO_read(out, bytes, sizeof bytes)) > 0)
        rc = stranger_send(stranger, bytes, (size_t)size);
    return rc;
}

static int stranger_pull(struct stranger *stranger)
{
    char bytes[STRANGER_BUFFER];
    ssize_t n = fm_read(stranger->stream, bytes, sizeof bytes);
    if (n == 0)
        return -FM_EEOF;
    if (n > 0)
        BIO_write(SSL_get_rbio(stranger->ssl), bytes, (int)n);
    return n < 0 ? (int)n : 0;
}

static int stranger_failed(struct stranger *stranger)
{
    int reason = ERR_GET_REASON(ERR_peek_error());
    stranger->reason = reason;
    if (reason >= SSL_AD_REASON_OFFSET)
        stranger->alert = reason - SSL_AD_REASON_OFFSET;
    ERR_clear_error();
    (void)stranger_push(stranger);
    return -EPROTO;
}

/* What a call of OpenSSL came to: 1 says that it is to be made again. */
static int stranger_step(struct stranger *stranger, int result)
{
    int error = SSL_get_error(stranger->ssl, result);
    if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL)
        return stranger_failed(stranger);
    int rc = stranger_push(stranger);
    if (rc < 0 || error != SSL_ERROR_WANT_READ)
        return rc;
    rc = stranger_pull(stranger);
    return rc < 0 ? rc : 1;
}

int stranger_shake(struct stranger *stranger)
{
    int rc;
    SSL *ssl = stranger->ssl;
    do {
        ERR_clear_error();
        rc = SSL_is_server(ssl) ? SSL_accept(ssl) : SSL_connect(ssl);
        rc = stranger_step(stranger, rc);
    } while (rc == 1);
    return rc;
}

ssize_t stranger_read(struct stranger *stranger, void *buf, size_t size)
{
    int rc, n;
    do {
        ERR_clear_error();
        n = SSL_read(stranger->ssl, buf, (int)size);
        rc = stranger_step(stranger, n);
    } while (rc == 1);
    if (rc < 0)
        return rc;
    return n > 0 ? n : 0;
}

ssize_t stranger_write(struct stranger *stranger, const void *buf, size_t size)
{
    int rc, n;
    do {
        ERR_clear_error();
        n = SSL_write(stranger->ssl, buf, (int)size);
        rc = stranger_step(stranger, n);
    } while (rc == 1);
    return rc < 0 ? rc : n;
}

int stranger_leave(struct stranger *stranger)
{
    (void)SSL_shutdown(stranger->ssl);
    return stranger_push(stranger);
}
