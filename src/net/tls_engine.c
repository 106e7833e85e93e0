/*
 * tls_engine.c - OpenSSL as the filter of a stream
 *
 * OpenSSL reads and writes by a BIO of ours, which takes from the filter what
 * has come and puts into its chain what shall leave. It wants to read where
 * nothing is there, in a write, too; what it writes always finds room.
 */
#include "net/tls_record.h"

#include "base/memory.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <string.h>

/* ---- The BIO ------------------------------------------------------------ */

static int tls_engine_bio_read(BIO *bio, char *buf, int size)
{
    struct fm__tls_engine *engine = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    size_t count = fm__filter_take(&engine->filter, buf, (size_t)size);
    if (count > 0)
        return (int)count;
    if (engine->filter.ended)
        return 0;
    BIO_set_retry_read(bio);
    return -1;
}

static int tls_engine_bio_write(BIO *bio, const char *bytes, int size)
{
    struct fm__tls_engine *engine = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    int rc = fm__filter_put(&engine->filter, bytes, (size_t)size);
    if (rc < 0)
        engine->starved = rc;
    return rc < 0 ? -1 : size;
}

static long tls_engine_bio_ctrl(BIO *bio, int what, long number, void *arg)
{
    const struct fm__tls_engine *engine = BIO_get_data(bio);
    (void)number;
    (void)arg;
    if (what == BIO_CTRL_EOF)
        return engine->filter.ended;
    return what == BIO_CTRL_FLUSH;
}

static int tls_engine_bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *fm__tls_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_MEM, "fermata");
    if (method == NULL)
        return NULL;
    BIO_meth_set_read(method, tls_engine_bio_read);
    BIO_meth_set_write(method, tls_engine_bio_write);
    BIO_meth_set_ctrl(method, tls_engine_bio_ctrl);
    BIO_meth_set_create(method, tls_engine_bio_create);
    return method;
}

/* ---- Outcomes ----------------------------------------------------------- */

int fm__tls_judge(int good, X509_STORE_CTX *store)
{
    SSL *ssl =
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct fm__tls_engine *engine = SSL_get_app_data(ssl);
    struct fm__tls_refusal *refusal = &engine->refusal;
    if (good || refusal->code != 0)
        return good;
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    refusal->reason = X509_STORE_CTX_get_error(store);
    refusal->depth = X509_STORE_CTX_get_error_depth(store);
    refusal->code = fm__tls_certificate_code(refusal->reason);
    if (certificate != NULL)
        X509_NAME_oneline(X509_get_subject_name(certificate), refusal->subject,
                          sizeof refusal->subject);
    return 0;
}

static int tls_engine_failed(struct fm__tls_engine *engine, int why)
{
    int code = fm__tls_code();
    if (engine->starved == -ENOMEM)
        code = -ENOMEM;
    else if (engine->refusal.code != 0)
        code = engine->refusal.code;
    else if (why == SSL_ERROR_SYSCALL && ERR_peek_error() == 0)
        code = engine->filter.ended ? -FM_ETRUNCATED : -FM_ETLS;
    engine->error = code;
    fm__tls_explain(engine, code);
    ERR_clear_error();
    return code;
}

/* Of a call that did not succeed: 0, -EAGAIN, or an error that stays. */
static int tls_engine_outcome(struct fm__tls_engine *engine, int rc)
{
    int why = SSL_get_error(engine->ssl, rc);
    if (why == SSL_ERROR_WANT_READ)
        return -EAGAIN;
    return why == SSL_ERROR_ZERO_RETURN ? 0 : tls_engine_failed(engine, why);
}

/* ---- The filter --------------------------------------------------------- */

static struct fm__tls_engine *tls_engine_of(struct fm__filter *filter)
{
    return (struct fm__tls_engine *)(void *)filter;
}

static void tls_engine_keep_protocol(struct fm__tls_engine *engine)
{
    const unsigned char *chosen;
    unsigned size;
    SSL_get0_alpn_selected(engine->ssl, &chosen, &size);
    if (size > 0)
        memcpy(engine->alpn, chosen, size); /* 255 bytes at most */
}

static int tls_engine_begin(struct fm__filter *filter)
{
    struct fm__tls_engine *engine = tls_engine_of(filter);
    ERR_clear_error();
    int rc = SSL_do_handshake(engine->ssl);
    if (rc != 1) {
        rc = tls_engine_outcome(engine, rc);
        return rc == 0 ? -FM_ETRUNCATED : rc;
    }
    tls_engine_keep_protocol(engine);
    return 0;
}

/*
 * A server gives tickets with the first bytes that it writes, and not before.
 * A client that has nothing to read would close with them unread, and the
 * system would reset the connection, with what is on its way (RFC 9293,
 * 3.10.7.4; RFC 1122, 4.2.2.13).
 */
static void tls_engine_give_tickets(struct fm__tls_engine *engine)
{
    bool gives = engine->tls->role == FM_TLS_SERVER && !engine->gave;
    engine->gave = true;
    for (int i = 0; gives && i < FM__TLS_TICKETS; i++)
        (void)SSL_new_session_ticket(engine->ssl);
}

/* Where half a message of the peer's has come, like a ticket in two records,
 * OpenSSL writes nothing before the other half: -EAGAIN. */
static int tls_engine_encode(struct fm__filter *filter, const void *bytes,
                             size_t size)
{
    struct fm__tls_engine *engine = tls_engine_of(filter);
    if (engine->error < 0)
        return engine->error;
    ERR_clear_error();
    tls_engine_give_tickets(engine);
    int rc = SSL_write(engine->ssl, bytes, (int)size);
    if (rc == (int)size)
        return 0;
    rc = tls_engine_outcome(engine, rc);
    return rc < 0 ? rc : -FM_ETLS;
}

static ssize_t tls_engine_decode(struct fm__filter *filter, void *buf,
                                 size_t size)
{
    struct fm__tls_engine *engine = tls_engine_of(filter);
    if (engine->error < 0)
        return engine->error;
    ERR_clear_error();
    int rc = SSL_read(engine->ssl, buf, size < INT_MAX ? (int)size : INT_MAX);
    return rc > 0 ? rc : tls_engine_outcome(engine, rc);
}

/* What is broken has been told by an alert. */
static int tls_engine_finish(struct fm__filter *filter)
{
    struct fm__tls_engine *engine = tls_engine_of(filter);
    if (engine->error < 0)
        return 0;
    ERR_clear_error();
    int rc = SSL_shutdown(engine->ssl);
    ERR_clear_error();
    return rc < 0 && engine->starved < 0 ? -ENOMEM : 0;
}

void fm__tls_engine_free(struct fm__filter *filter)
{
    struct fm__tls_engine *engine = tls_engine_of(filter);
    SSL_free(engine->ssl);
    ERR_clear_error();
    fm_tls_free(engine->tls);
    fm__memory_free(engine);
}

static const struct fm__filter_kind engine_kind = {
    .begin = tls_engine_begin,
    .encode = tls_engine_encode,
    .decode = tls_engine_decode,
    .finish = tls_engine_finish,
    .free = fm__tls_engine_free,
};

/* SSL_set_bio takes the BIO. */
static int tls_engine_fill(struct fm__tls_engine *engine)
{
    engine->ssl = SSL_new(engine->tls->context);
    if (engine->ssl == NULL)
        return -ENOMEM;
    BIO *bio = BIO_new(engine->tls->method);
    if (bio == NULL)
        return -ENOMEM;
    BIO_set_data(bio, engine);
    SSL_set_bio(engine->ssl, bio, bio);
    SSL_set_app_data(engine->ssl, engine);
    if (engine->tls->role == FM_TLS_CLIENT)
        SSL_set_connect_state(engine->ssl);
    else
        SSL_set_accept_state(engine->ssl);
    return 0;
}

struct fm__tls_engine *fm__tls_engine_new(fm_tls *tls)
{
    struct fm__tls_engine *engine = fm__memory_new(sizeof *engine);
    if (engine == NULL)
        return NULL;
    engine->filter.kind = &engine_kind;
    engine->tls = fm__tls_get(tls);
    if (tls_engine_fill(engine) == 0)
        return engine;
    fm__tls_engine_free(&engine->filter);
    return NULL;
}

struct fm__tls_engine *fm__tls_engine(const fm_stream *stream)
{
    struct fm__filter *filter = fm__stream_filter(stream);
    bool ours = filter != NULL && filter->kind == &engine_kind;
    return ours ? tls_engine_of(filter) : NULL;
}
