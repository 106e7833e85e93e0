/*
 * tls_look.c - what both sides have agreed on
 */
#include <fermata/tls.h>

#include "net/tls_look.h"
#include "net/tls_record.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

const char *fm_tls_alpn(const fm_stream *stream)
{
    struct fm__tls_engine *engine = fm__tls_engine(stream);
    return engine != NULL && engine->alpn[0] != '\0' ? engine->alpn : NULL;
}

/* Each one has its size before it (RFC 7301, 3.1). */
bool fm__tls_offers(const fm_tls *tls, const char *protocol)
{
    size_t size = strlen(protocol);
    for (unsigned i = 0; i < tls->alpn_size; i += tls->alpn[i] + 1U)
        if (tls->alpn[i] == size &&
            memcmp(tls->alpn + i + 1, protocol, size) == 0)
            return true;
    return false;
}

const char *fm_tls_version(const fm_stream *stream)
{
    struct fm__tls_engine *engine = fm__tls_engine(stream);
    return engine != NULL ? SSL_get_version(engine->ssl) : NULL;
}

const char *fm_tls_cipher(const fm_stream *stream)
{
    struct fm__tls_engine *engine = fm__tls_engine(stream);
    if (engine == NULL)
        return NULL;
    return SSL_CIPHER_standard_name(SSL_get_current_cipher(engine->ssl));
}

bool fm_tls_resumed(const fm_stream *stream)
{
    struct fm__tls_engine *engine = fm__tls_engine(stream);
    return engine != NULL && SSL_session_reused(engine->ssl) != 0;
}

const char *fm_tls_server_name(const fm_stream *stream)
{
    struct fm__tls_engine *engine = fm__tls_engine(stream);
    if (engine == NULL)
        return NULL;
    return SSL_get_servername(engine->ssl, TLSEXT_NAMETYPE_host_name);
}

/* What the BIO of memory holds, as a text. */
static ssize_t tls_look_text(BIO *bio, char *name, size_t size)
{
    char *bytes;
    long length = BIO_get_mem_data(bio, &bytes);
    if (length < 0)
        return -ENOMEM;
    if ((size_t)length >= size)
        return -EMSGSIZE;
    memcpy(name, bytes, (size_t)length);
    name[length] = '\0';
    return length;
}

ssize_t fm_tls_peer_name(const fm_stream *stream, char *name, size_t size)
{
    struct fm__tls_engine *engine = fm__tls_engine(stream);
    const X509 *peer =
        engine != NULL ? SSL_get0_peer_certificate(engine->ssl) : NULL;
    if (peer == NULL)
        return -ENODATA;
    ssize_t rc = -ENOMEM;
    ERR_clear_error();
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && X509_NAME_print_ex(bio, X509_get_subject_name(peer), 0,
                                          XN_FLAG_RFC2253) >= 0)
        rc = tls_look_text(bio, name, size);
    BIO_free(bio);
    ERR_clear_error();
    return rc;
}
