/*
 * session_none.c - no sessions, where OpenSSL is not there
 *
 * Nobody has what signs, so the other calls are never made.
 */
#include <fermata/session.h>

#include <errno.h>

int fm_sessions_new(fm_sessions **out, const fm_session_options *options)
{
    (void)out;
    (void)options;
    return -EOPNOTSUPP;
}

void fm_sessions_free(fm_sessions *sessions)
{
    (void)sessions;
}

int fm_session_set(const fm_sessions *sessions, fm_exchange *exchange,
                   const void *bytes, size_t size)
{
    (void)sessions;
    (void)exchange;
    (void)bytes;
    (void)size;
    return -EOPNOTSUPP;
}

int fm_session_set_text(const fm_sessions *sessions, fm_exchange *exchange,
                        const char *text)
{
    return fm_session_set(sessions, exchange, text, 0);
}

ssize_t fm_session_get(const fm_sessions *sessions, fm_exchange *exchange,
                       void *buf, size_t size)
{
    return fm_session_set(sessions, exchange, buf, size);
}

int fm_session_end(const fm_sessions *sessions, fm_exchange *exchange)
{
    return fm_session_set(sessions, exchange, NULL, 0);
}
