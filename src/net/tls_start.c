/*
 * tls_start.c - a handshake, within its time
 */
#include <fermata/tls.h>

#include "net/tls_record.h"

#include <arpa/inet.h>
#include <fermata/timeout.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

/* An address is told from a name by its form, as in a URL's host. */
static bool tls_start_is_address(const char *name)
{
    struct in6_addr address;
    return inet_pton(AF_INET, name, &address) == 1 ||
           inet_pton(AF_INET6, name, &address) == 1;
}

/* A name is sent and checked without the dot of the root. One that begins with
 * a dot would be any below it, for OpenSSL. */
static int tls_start_keep_name(struct fm__tls_engine *engine, const char *name)
{
    size_t size = name != NULL ? strlen(name) : 0;
    if (size > 0 && name[size - 1] == '.')
        size--;
    if (size >= sizeof engine->server_name || (size > 0 && name[0] == '.'))
        return -EINVAL;
    if (size == 0)
        return engine->tls->verifies ? -EINVAL : 0;
    memcpy(engine->server_name, name, size);
    if (strchr(name, ':') != NULL) /* the zone of an address is the host's */
        *strchrnul(engine->server_name, '%') = '\0';
    return 0;
}

static int tls_start_expect_address(struct fm__tls_engine *engine)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(engine->ssl);
    int set = X509_VERIFY_PARAM_set1_ip_asc(param, engine->server_name);
    return set == 1 ? 0 : -ENOMEM;
}

static int tls_start_expect_name(struct fm__tls_engine *engine)
{
    SSL_set_hostflags(engine->ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set_tlsext_host_name(engine->ssl, engine->server_name) != 1 ||
        SSL_set1_host(engine->ssl, engine->server_name) != 1)
        return -ENOMEM;
    return 0;
}

/* What a client expects of its server. */
static int tls_start_expect(struct fm__tls_engine *engine, const char *name)
{
    if (engine->tls->role != FM_TLS_CLIENT)
        return 0;
    int rc = tls_start_keep_name(engine, name);
    if (rc < 0 || engine->server_name[0] == '\0')
        return rc;
    rc = tls_start_is_address(engine->server_name)
             ? tls_start_expect_address(engine)
             : tls_start_expect_name(engine);
    if (rc == 0)
        fm__tls_session_use(engine);
    return rc;
}

static int tls_start_in_time(fm_stream *stream, struct fm__tls_engine *engine)
{
    int rc;
    FM_TIMEOUT(engine->tls->timeout, rc) {
        rc = fm__filter_start(stream, &engine->filter, "fm_start_tls");
        if (rc == -ETIMEDOUT)
            rc = -FM_EPEERTIMEOUT;
    }
    engine->failure = NULL;
    if (engine->filter.stream == NULL)
        fm__tls_engine_free(&engine->filter);
    return rc;
}

/* What the engine has not told. */
static int tls_start_told(fm_tls_failure *failure, int rc)
{
    if (rc < 0 && failure != NULL && failure->code == 0)
        (void)fm__tls_fail(failure, rc, "the handshake", fm_strerror(rc));
    ERR_clear_error();
    return rc;
}

static int tls_start_offer(struct fm__tls_engine *engine, const char *list)
{
    unsigned char protocols[FM__TLS_ALPN];
    int size = list != NULL ? fm__tls_protocols(list, protocols) : 0;
    if (size <= 0)
        return size;
    return SSL_set_alpn_protos(engine->ssl, protocols, (unsigned)size) == 0
               ? 0
               : -ENOMEM;
}

static int tls_start_engine(fm_stream *stream, fm_tls *tls,
                            const fm_tls_start_options *options)
{
    ERR_clear_error();
    struct fm__tls_engine *engine = fm__tls_engine_new(tls);
    if (engine == NULL)
        return -ENOMEM;
    engine->failure = options->failure;
    int rc = tls_start_expect(engine, options->server_name);
    if (rc == 0)
        rc = tls_start_offer(engine, options->alpn);
    if (rc == 0)
        return tls_start_in_time(stream, engine);
    fm__tls_engine_free(&engine->filter);
    return rc;
}

int fm__start_tls(fm_stream *stream, fm_tls *tls,
                  const fm_tls_start_options *options)
{
    static const fm_tls_start_options defaults;
    if (options == NULL)
        options = &defaults;
    if (options->failure != NULL)
        *options->failure = (fm_tls_failure){0};
    int rc = fm__filter_check(stream, "fm_start_tls");
    if (rc == 0)
        rc = tls_start_engine(stream, tls, options);
    return tls_start_told(options->failure, rc);
}
