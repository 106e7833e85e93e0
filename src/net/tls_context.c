/*
 * tls_context.c - whom one believes and who one is
 */
#include <fermata/tls.h>

#include "net/tls_record.h"

#include "base/memory.h"

#include <math.h>
#include <openssl/err.h>
#include <string.h>

fm_tls *fm__tls_get(fm_tls *tls)
{
    fm__atomic_add(&tls->count, 1);
    return tls;
}

void fm_tls_free(fm_tls *tls)
{
    if (tls == NULL || fm__atomic_add(&tls->count, (uint64_t)-1) > 1)
        return;
    fm__tls_sessions_close(tls);
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->method);
    CRYPTO_THREAD_lock_free(tls->lock);
    BIO_free(tls->key_log);
    OPENSSL_free(tls->staple);
    OPENSSL_cleanse(tls->keys, sizeof tls->keys);
    ERR_clear_error();
    fm__memory_free(tls);
}

/* ---- Options ------------------------------------------------------------ */

static bool tls_context_twice(const char *file, const char *text)
{
    return file != NULL && text != NULL;
}

static const char *tls_context_client_wrong(const fm_tls_options *options)
{
    if (options->verify_client != FM_TLS_ANYBODY ||
        options->client_ca != NULL || options->client_ca_text != NULL ||
        options->staple != NULL)
        return "options of a server";
    bool roots = options->ca_file != NULL || options->ca_path != NULL ||
                 options->ca_text != NULL;
    if (roots && options->insecure_no_verification)
        return "roots, and no verification";
    return NULL;
}

static const char *tls_context_server_wrong(const fm_tls_options *options)
{
    bool roots = options->client_ca != NULL || options->client_ca_text != NULL;
    if (options->ca_file != NULL || options->ca_path != NULL ||
        options->ca_text != NULL || options->insecure_no_verification)
        return "options of a client";
    if (options->certificate == NULL && options->certificate_text == NULL)
        return "a server needs a certificate";
    if (roots != (options->verify_client != FM_TLS_ANYBODY))
        return "verify_client and client_ca need each other";
    return NULL;
}

/* What is wrong with them, or NULL. */
static const char *tls_context_wrong(enum fm_tls_role role,
                                     const fm_tls_options *options)
{
    bool certificate =
        options->certificate != NULL || options->certificate_text != NULL;
    bool key = options->key != NULL || options->key_text != NULL;
    if (tls_context_twice(options->ca_file, options->ca_text) ||
        tls_context_twice(options->client_ca, options->client_ca_text) ||
        tls_context_twice(options->certificate, options->certificate_text) ||
        tls_context_twice(options->key, options->key_text))
        return "a file and a text for one thing";
    if (key && !certificate)
        return "a key without a certificate";
    if (!(options->handshake_timeout >= 0))
        return "the timeout is no number of seconds";
    return role == FM_TLS_CLIENT ? tls_context_client_wrong(options)
                                 : tls_context_server_wrong(options);
}

int fm__tls_protocols(const char *list, unsigned char out[FM__TLS_ALPN])
{
    unsigned size = 0;
    while (list != NULL) {
        const char *comma = strchrnul(list, ',');
        size_t length = (size_t)(comma - list);
        if (length == 0 || size + 1 + length > FM__TLS_ALPN)
            return -EINVAL;
        out[size] = (unsigned char)length;
        memcpy(out + size + 1, list, length);
        size += 1 + (unsigned)length;
        list = *comma != '\0' ? comma + 1 : NULL;
    }
    return (int)size;
}

/* ---- The context -------------------------------------------------------- */

/* The server's order decides; nothing in common is an alert (RFC 7301, 3.2).
 * wide: what OpenSSL calls */
static int tls_context_choose(SSL *ssl, const unsigned char **out,
                              unsigned char *size, const unsigned char *offered,
                              unsigned offered_size, void *arg)
{
    const fm_tls *tls = arg;
    unsigned char *chosen;
    (void)ssl;
    if (SSL_select_next_proto(&chosen, size, tls->alpn, tls->alpn_size, offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static void tls_context_protocols(fm_tls *tls)
{
    if (tls->alpn_size == 0)
        return;
    if (tls->role == FM_TLS_SERVER)
        SSL_CTX_set_alpn_select_cb(tls->context, tls_context_choose, tls);
    else
        (void)SSL_CTX_set_alpn_protos(tls->context, tls->alpn, tls->alpn_size);
}

static void tls_context_verify(fm_tls *tls, const fm_tls_options *options)
{
    int mode = SSL_VERIFY_NONE;
    if (tls->verifies)
        mode = SSL_VERIFY_PEER;
    if (options->verify_client == FM_TLS_REQUIRE)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(tls->context, mode,
                       tls->verifies ? fm__tls_judge : NULL);
    SSL_CTX_set_verify_depth(tls->context, FM_TLS_DEPTH);
}

static void tls_context_rules(fm_tls *tls, const fm_tls_options *options)
{
    SSL_CTX_set_app_data(tls->context, tls);
    (void)SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
    SSL_CTX_set_security_level(tls->context, 2);
    SSL_CTX_set_options(tls->context,
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_max_early_data(tls->context, 0);
    SSL_CTX_set_mode(tls->context, SSL_MODE_RELEASE_BUFFERS |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    tls_context_verify(tls, options);
    tls_context_protocols(tls);
    fm__tls_sessions_open(tls);
}

static int tls_context_build(fm_tls *tls, const fm_tls_options *options)
{
    bool client = tls->role == FM_TLS_CLIENT;
    tls->context =
        SSL_CTX_new(client ? TLS_client_method() : TLS_server_method());
    tls->method = fm__tls_method();
    tls->lock = CRYPTO_THREAD_lock_new();
    if (tls->context == NULL || tls->method == NULL || tls->lock == NULL)
        return fm__tls_fail(options->failure, -ENOMEM, "OpenSSL", "no context");
    tls_context_rules(tls, options);
    int rc = fm__tls_tickets_open(tls);
    if (rc == 0)
        rc = fm__tls_load(tls, options);
    return rc == 0 ? fm__tls_staple_open(tls, options) : rc;
}

static unsigned tls_context_handshakes(const fm_tls *tls)
{
    return tls->handshakes;
}

static const struct fm__secure context_secure = {
    .start = fm__start_tls,
    .handshakes = tls_context_handshakes,
};

static void tls_context_init(fm_tls *tls, enum fm_tls_role role,
                             const fm_tls_options *options)
{
    tls->secure = &context_secure;
    tls->count.value = 1;
    tls->role = role;
    tls->verifies = role == FM_TLS_CLIENT
                        ? !options->insecure_no_verification
                        : options->verify_client != FM_TLS_ANYBODY;
    tls->timeout = options->handshake_timeout > 0 ? options->handshake_timeout
                                                  : FM_TLS_HANDSHAKE_TIMEOUT;
    tls->handshakes =
        options->handshakes > 0 ? options->handshakes : FM_TLS_HANDSHAKES;
    fm__list_init(&tls->sessions);
}

static int tls_context_new(fm_tls **out, enum fm_tls_role role,
                           const fm_tls_options *options)
{
    const char *wrong = tls_context_wrong(role, options);
    if (wrong != NULL)
        return fm__tls_fail(options->failure, -EINVAL, "the options", wrong);
    fm_tls *tls = fm__memory_new(sizeof *tls);
    if (tls == NULL)
        return fm__tls_fail(options->failure, -ENOMEM, "a context",
                            fm_strerror(-ENOMEM));
    tls_context_init(tls, role, options);
    int rc = fm__tls_protocols(options->alpn, tls->alpn);
    tls->alpn_size = rc > 0 ? (unsigned)rc : 0;
    rc = rc > 0 ? 0 : rc;
    if (rc < 0)
        rc = fm__tls_fail(options->failure, rc, "the option alpn",
                          "not a list of protocols");
    else
        rc = tls_context_build(tls, options);
    if (rc == 0)
        *out = tls;
    else
        fm_tls_free(tls);
    return rc;
}

int fm__tls_new(fm_tls **tls, enum fm_tls_role role,
                const fm_tls_options *options)
{
    static const fm_tls_options defaults;
    if (options == NULL)
        options = &defaults;
    if (options->failure != NULL)
        *options->failure = (fm_tls_failure){0};
    ERR_clear_error();
    return tls_context_new(tls, role, options);
}
