/*
 * load_tls.c - requests and answers under TLS, by OpenSSL
 *
 * All servers are asked in the same way, by TLS 1.3 with AES-128-GCM and
 * X25519: what differs is theirs. Nobody verifies a certificate: that would be
 * the clients' time. A client that resumes has a session of its own, the
 * newest that it was given.
 */
#include "load.h"
#include <errno.h>
#include <openssl/err.h>

static SSL_CTX *context;

/* A client that resumes keeps it where its connection says; or nobody does. */
static int tls_new_session(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION **kept = SSL_get_app_data(ssl);

    if (kept == NULL)
        return 0;
    SSL_SESSION_free(*kept);
    *kept = session;
    return 1;
}

static void tls_begin(void)
{
    context = SSL_CTX_new(TLS_client_method());
    if (context == NULL ||
        !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
        !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") ||
        !SSL_CTX_set1_groups_list(context, "X25519")) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT |
                                                SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, tls_new_session);
}

/* The handshake is made by the first bytes. */
SSL *load_tls_open(int fd, SSL_SESSION **session)
{
    if (context == NULL)
        tls_begin();
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    SSL_set_app_data(ssl, session);
    SSL_set_connect_state(ssl);
    if (session != NULL && *session != NULL)
        SSL_set_session(ssl, *session);
    return ssl;
}

static ssize_t tls_result(SSL *ssl, int rc)
{
    if (rc > 0)
        return rc;
    int error = SSL_get_error(ssl, rc);
    ERR_clear_error();
    if (error == SSL_ERROR_ZERO_RETURN)
        return 0;
    bool wants = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    errno = wants ? EAGAIN : EPROTO;
    return -1;
}

ssize_t load_tls_send(SSL *ssl, const void *bytes, size_t size)
{
    return tls_result(ssl, SSL_write(ssl, bytes, (int)size));
}

ssize_t load_tls_receive(SSL *ssl, void *bytes, size_t size)
{
    return tls_result(ssl, SSL_read(ssl, bytes, (int)size));
}

bool load_tls_close(SSL *ssl, bool had_session)
{
    bool as_asked = !had_session || SSL_session_reused(ssl);

    SSL_shutdown(ssl);
    SSL_free(ssl);
    return as_asked;
}
