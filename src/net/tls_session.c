/*
 * tls_session.c - the sessions that a client may resume
 *
 * A ticket of TLS 1.3 is taken out as it is used, so that nobody sees the
 * same one twice (RFC 8446, C.4); one of TLS 1.2 stays. Invariant: never more
 * than FM_TLS_SESSIONS, nor FM_TLS_SESSIONS_OF_NAME of a name; the oldest
 * go first.
 */
#include "net/tls_record.h"

#include "base/memory.h"

#include <string.h>

struct session_kept {
    struct fm__list link;
    SSL_SESSION *session;
    char name[FM_TLS_NAME];
};

static struct session_kept *tls_session_at(struct fm__list *link)
{
    return FM__CONTAINER(link, struct session_kept, link);
}

static void tls_session_drop(fm_tls *tls, struct session_kept *kept)
{
    fm__list_remove(&kept->link);
    tls->session_count--;
    SSL_SESSION_free(kept->session);
    fm__memory_free(kept);
}

/* There is one more of this name than may be, or in all. */
static void tls_session_trim(fm_tls *tls, const char *name)
{
    unsigned same = 0;
    struct session_kept *oldest = NULL;
    for (struct fm__list *at = tls->sessions.prev; at != &tls->sessions;
         at = at->prev) {
        if (strcmp(tls_session_at(at)->name, name) != 0)
            continue;
        same++;
        oldest = tls_session_at(at);
    }
    if (same > FM_TLS_SESSIONS_OF_NAME)
        tls_session_drop(tls, oldest);
    else if (tls->session_count > FM_TLS_SESSIONS)
        tls_session_drop(tls, tls_session_at(tls->sessions.next));
}

/* Where one cannot be kept, the next handshake is a whole one. 1: taken. */
static int tls_session_new(SSL *ssl, SSL_SESSION *session)
{
    const struct fm__tls_engine *engine = SSL_get_app_data(ssl);
    fm_tls *tls = engine->tls;
    struct session_kept *kept = fm__memory_new(sizeof *kept);
    if (kept == NULL)
        return 0;
    if (CRYPTO_THREAD_write_lock(tls->lock) != 1) {
        fm__memory_free(kept);
        return 0;
    }
    kept->session = session;
    memcpy(kept->name, engine->server_name, sizeof kept->name);
    fm__list_push(&tls->sessions, &kept->link);
    tls->session_count++;
    tls_session_trim(tls, kept->name);
    CRYPTO_THREAD_unlock(tls->lock);
    return 1;
}

static struct session_kept *tls_session_find(const fm_tls *tls,
                                             const char *name)
{
    for (struct fm__list *at = tls->sessions.prev; at != &tls->sessions;
         at = at->prev) {
        if (strcmp(tls_session_at(at)->name, name) == 0)
            return tls_session_at(at);
    }
    return NULL;
}

void fm__tls_session_use(struct fm__tls_engine *engine)
{
    fm_tls *tls = engine->tls;
    if (CRYPTO_THREAD_write_lock(tls->lock) != 1)
        return;
    struct session_kept *kept = tls_session_find(tls, engine->server_name);
    if (kept != NULL) {
        (void)SSL_set_session(engine->ssl, kept->session);
        if (SSL_SESSION_get_protocol_version(kept->session) >= TLS1_3_VERSION)
            tls_session_drop(tls, kept);
    }
    CRYPTO_THREAD_unlock(tls->lock);
}

void fm__tls_sessions_open(fm_tls *tls)
{
    if (tls->role != FM_TLS_CLIENT)
        return;
    SSL_CTX_set_session_cache_mode(
        tls->context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(tls->context, tls_session_new);
}

void fm__tls_sessions_close(fm_tls *tls)
{
    while (!fm__list_empty(&tls->sessions))
        tls_session_drop(tls, tls_session_at(tls->sessions.next));
}
