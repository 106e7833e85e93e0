/*
 * tls_record.h - what a TLS context and one stream's engine are
 *
 * These files are libfermata-tls: they know OpenSSL, and of libfermata only
 * what it exports. Invariant: OpenSSL's queue of errors, which is a thread's
 * and not a task's, is empty whenever an engine returns.
 *
 * A context may serve several threads. What changes in it after fm_tls_new
 * (sessions, keys of tickets, the key log) is changed under its lock, and
 * OpenSSL counts what it shares itself.
 */
#ifndef FM_NET_TLS_RECORD_H
#define FM_NET_TLS_RECORD_H

#include "base/atomic.h"
#include "base/list.h"
#include "io/filter.h"
#include "net/secure.h"

#include <openssl/ssl.h>

enum {
    FM__TLS_ALPN = 256, /* bytes of a list of protocols, as it is sent */
    FM__TLS_SUBJECT = 128,
    FM__TLS_KEY = 32,
    FM__TLS_TICKETS = 2 /* of each connection */
};

/* The key that seals tickets from a moment on. */
struct fm__tls_key {
    unsigned char name[16];
    unsigned char cipher[FM__TLS_KEY];
    unsigned char mac[FM__TLS_KEY];
    int64_t born; /* of fm_now; valid where `made` */
    bool made;
};

struct fm_tls {
    const struct fm__secure *secure; /* first: see secure.h */
    struct fm__atomic_word count;
    enum fm_tls_role role;
    bool verifies; /* a client: whoever answers; a server: who sends one */
    SSL_CTX *context;
    BIO_METHOD *method;
    CRYPTO_RWLOCK *lock;
    double timeout;
    unsigned handshakes;
    unsigned alpn_size;
    unsigned char alpn[FM__TLS_ALPN];
    unsigned char *staple; /* or NULL */
    size_t staple_size;
    BIO *key_log;               /* or NULL */
    struct fm__tls_key keys[2]; /* the one that seals, and the one before */
    struct fm__list sessions;   /* the newest last */
    unsigned session_count;
};

/* Why a certificate is refused. */
struct fm__tls_refusal {
    int code; /* 0: none is; else negative */
    int depth;
    int reason; /* X509_V_ERR_... */
    char subject[FM__TLS_SUBJECT];
};

struct fm__tls_engine {
    struct fm__filter filter; /* first */
    fm_tls *tls;
    SSL *ssl;
    bool gave;   /* a server: its tickets */
    int error;   /* the first, which stays; or 0 */
    int starved; /* why the wire's chain did not take what was put */
    struct fm__tls_refusal refusal;
    fm_tls_failure *failure; /* of the start; else NULL */
    char server_name[FM_TLS_NAME];
    char alpn[FM__TLS_ALPN]; /* the protocol that was chosen; or "" */
};

/* ---- tls_context.c ------------------------------------------------------ */

fm_tls *fm__tls_get(fm_tls *tls);

/* ---- tls_engine.c ------------------------------------------------------- */

/* The BIO through which OpenSSL reaches a filter; NULL without memory. */
BIO_METHOD *fm__tls_method(void);
/* NULL without memory. */
struct fm__tls_engine *fm__tls_engine_new(fm_tls *tls);
void fm__tls_engine_free(struct fm__filter *filter);
/* Of a stream that has shaken hands by one of ours; or NULL. */
struct fm__tls_engine *fm__tls_engine(const fm_stream *stream);
/* The certificates that are refused; SSL_set_verify. */
int fm__tls_judge(int good, X509_STORE_CTX *store);

/* ---- tls_error.c -------------------------------------------------------- */

/* What the first error of OpenSSL's queue means, negative. */
int fm__tls_code(void);
/* The same of an X509_V_ERR_... */
int fm__tls_certificate_code(int reason);
/* Says what went wrong with which thing, and what OpenSSL said last; empties
 * its queue. failure may be NULL. Returns the code. */
int fm__tls_fail(fm_tls_failure *failure, int code, const char *thing,
                 const char *what);
/* Says why the engine's handshake has failed. */
void fm__tls_explain(const struct fm__tls_engine *engine, int code);

/* ---- tls_load.c --------------------------------------------------------- */

/* What the options name, into the context: 0 or -errno, and the failure says
 * which. */
int fm__tls_load(fm_tls *tls, const fm_tls_options *options);

/* ---- tls_memory.c ------------------------------------------------------- */

/* OpenSSL's memory passes the door from now on; only before it has any. */
bool fm__tls_memory(void);

/* ---- tls_session.c ------------------------------------------------------ */

/* A client keeps what it is given, and takes the newest of that name. */
void fm__tls_sessions_open(fm_tls *tls);
void fm__tls_sessions_close(fm_tls *tls);
void fm__tls_session_use(struct fm__tls_engine *engine);

/* ---- tls_ticket.c ------------------------------------------------------- */

int fm__tls_tickets_open(fm_tls *tls);

/* ---- tls_staple.c ------------------------------------------------------- */

int fm__tls_staple_open(fm_tls *tls, const fm_tls_options *options);

/* "h2,http/1.1" as it is sent, each behind its length: how many bytes, or
 * -EINVAL. NULL is none. */
int fm__tls_protocols(const char *list, unsigned char out[FM__TLS_ALPN]);

#endif
