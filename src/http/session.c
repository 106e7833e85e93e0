/*
 * session.c - what a server knows of a client, in a cookie that it has signed
 *
 * The cookie is BODY "." MAC, both in base64. A body is the moment when the
 * session ends, eight bytes, the highest first, and the session. The MAC is of
 * a label, the cookie's name, and the body, so what was signed for another
 * purpose, or for another cookie, is no session of this one.
 */
#include "http/session_record.h"

#include "base/memory.h"
#include "base/sys.h"
#include "http/exchange_record.h"
#include "net/mac.h"
#include "proto/base64.h"

#include <errno.h>
#include <fermata/error.h>

#define SESSION_LABEL FM__SLICE("fermata session 1\n")

enum {
    SESSION_MOMENT = 8, /* bytes */
    SESSION_BODY = SESSION_MOMENT + FM_SESSION_SIZE,
    SESSION_SIGNED = 32 + FM_SESSION_NAME + 1 + SESSION_BODY
};

/* The longest one fits into a cookie. */
_Static_assert((SESSION_BODY + 2) / 3 * 4 + 1 + 44 + FM_SESSION_NAME <=
                   FM_COOKIE_SIZE,
               "no cookie has room for a session");

/* ---- what is signed ------------------------------------------------------ */

static int session_sign(const fm_sessions *sessions, unsigned key,
                        struct fm__slice body, uint8_t mac[FM__MAC_SIZE])
{
    char *text = fm__memory_new(SESSION_SIGNED);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen pen = {text, text + SESSION_SIGNED, false};
    fm__pen_write(&pen, SESSION_LABEL);
    fm__pen_write(&pen, fm__slice_of(sessions->cookie.name));
    fm__pen_put(&pen, '\n'); /* which no name has */
    fm__pen_write(&pen, body);
    int rc = fm__mac(sessions->keys[key], fm__pen_since(&pen, text), mac);
    fm__memory_free(text);
    return rc;
}

static void session_put_moment(struct fm__pen *pen, int64_t moment)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        fm__pen_put(pen, (char)(unsigned char)((uint64_t)moment >> shift));
}

static int64_t session_moment(struct fm__slice body)
{
    uint64_t moment = 0;
    for (int i = 0; i < SESSION_MOMENT; i++)
        moment = moment << 8 | (unsigned char)body.at[i];
    return (int64_t)moment;
}

int fm__session_write(const fm_sessions *sessions, struct fm__slice bytes,
                      int64_t now, struct fm__pen *pen)
{
    uint8_t mac[FM__MAC_SIZE];
    if (bytes.size > FM_SESSION_SIZE)
        return -EMSGSIZE;
    char *text = fm__memory_new(SESSION_BODY);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen plain = {text, text + SESSION_BODY, false};
    session_put_moment(&plain, now + sessions->age);
    fm__pen_write(&plain, bytes);
    struct fm__slice body = fm__pen_since(&plain, text);
    int rc = session_sign(sessions, 0, body, mac);
    if (rc == 0) {
        fm__base64_encode(pen, body);
        fm__pen_put(pen, '.');
        fm__base64_encode(pen,
                          (struct fm__slice){(const char *)mac, sizeof mac});
    }
    fm__memory_free(text);
    return rc;
}

/* Which key has signed it: 0 and above, -FM_ESESSION or -ENOMEM. */
static int session_signer(const fm_sessions *sessions, struct fm__slice body,
                          const uint8_t mac[FM__MAC_SIZE])
{
    uint8_t wanted[FM__MAC_SIZE];
    for (unsigned key = 0; key < sessions->count; key++) {
        int rc = session_sign(sessions, key, body, wanted);
        if (rc < 0)
            return rc;
        if (fm__mac_is(mac, wanted))
            return (int)key;
    }
    return -FM_ESESSION;
}

int fm__session_read(const fm_sessions *sessions, struct fm__slice text,
                     int64_t now, struct fm__session *session)
{
    char *room = session->room;
    struct fm__pen pen = {room, room + FM__SESSION_TEXT, false};
    uint8_t mac[FM__MAC_SIZE];
    struct fm__pen end = {(char *)mac, (char *)mac + sizeof mac, false};
    size_t dot = fm__slice_find(text, '.');
    if (!fm__base64_decode(&pen, fm__slice_until(text, dot)) ||
        !fm__base64_decode(&end, fm__slice_after(text, dot + 1)))
        return -FM_ESESSION;
    struct fm__slice body = fm__pen_since(&pen, room);
    if (body.size < SESSION_MOMENT || body.size > SESSION_BODY ||
        end.at < end.end)
        return -FM_ESESSION;
    int signer = session_signer(sessions, body, mac);
    if (signer < 0)
        return signer;
    session->bytes = fm__slice_after(body, SESSION_MOMENT);
    session->left = session_moment(body) - now;
    session->old = signer > 0;
    return session->left > 0 ? 0 : -FM_ESESSIONOVER;
}

/* ---- what signs ---------------------------------------------------------- */

static const char *session_name(const fm_session_options *options)
{
    const fm_cookie *cookie = &options->cookie;
    bool rooted = cookie->path == NULL || strcmp(cookie->path, "/") == 0;
    if (options->name != NULL)
        return options->name;
    return cookie->plain || cookie->domain != NULL || !rooted
               ? "session"
               : "__Host-session";
}

static size_t session_text_size(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

/* How many keys; 0: none, or one that is too short. */
static unsigned session_keys(const fm_session_options *options, size_t *size)
{
    unsigned count = 0;
    for (; count < FM_SESSION_KEYS && options->keys[count].bytes != NULL;
         count++) {
        size_t key = options->keys[count].size;
        if (key < FM_SESSION_KEY || key > INT16_MAX)
            return 0;
        *size += key;
    }
    return count;
}

static const char *session_keep_text(char **at, const char *text)
{
    size_t size = session_text_size(text);
    const char *copy = *at;
    if (text == NULL)
        return NULL;
    memcpy(*at, text, size);
    *at += size;
    return copy;
}

static void session_keep(fm_sessions *sessions,
                         const fm_session_options *options, const char *name)
{
    char *at = (char *)(sessions + 1);
    sessions->cookie = options->cookie;
    sessions->cookie.scripts = false;
    sessions->cookie.value = NULL;
    sessions->cookie.name = session_keep_text(&at, name);
    sessions->cookie.path = session_keep_text(&at, options->cookie.path);
    sessions->cookie.domain = session_keep_text(&at, options->cookie.domain);
    for (unsigned i = 0; i < sessions->count; i++) {
        size_t size = options->keys[i].size;
        sessions->keys[i] = (struct fm__slice){at, size};
        memcpy(at, options->keys[i].bytes, size);
        at += size;
    }
    sessions->age = options->age > 0 ? options->age : FM_SESSION_AGE;
    sessions->cookie.age = sessions->age;
    sessions->fixed = options->fixed;
}

int fm_sessions_new(fm_sessions **out, const fm_session_options *options)
{
    const char *name = session_name(options);
    size_t size = sizeof(fm_sessions) + strlen(name) + 1 +
                  session_text_size(options->cookie.domain) +
                  session_text_size(options->cookie.path);
    unsigned count = session_keys(options, &size);
    fm_cookie like = options->cookie;
    like.name = name;
    like.value = NULL;
    if (count == 0 || options->age < 0 || options->age > FM_COOKIE_AGE ||
        strlen(name) > FM_SESSION_NAME || fm__reply_cookie_check(&like) < 0)
        return -EINVAL;
    fm_sessions *sessions = fm__memory_new(size);
    if (sessions == NULL)
        return -ENOMEM;
    sessions->size = size;
    sessions->count = count;
    session_keep(sessions, options, name);
    *out = sessions;
    return 0;
}

void fm_sessions_free(fm_sessions *sessions)
{
    if (sessions == NULL)
        return;
    fm__mac_wipe(sessions, sessions->size);
    fm__memory_free(sessions);
}

/* ---- those of exchanges -------------------------------------------------- */

int fm_session_set(const fm_sessions *sessions, fm_exchange *exchange,
                   const void *bytes, size_t size)
{
    fm_cookie cookie = sessions->cookie;
    if (size > FM_SESSION_SIZE)
        return -EMSGSIZE;
    char *text = fm__memory_new(FM__SESSION_TEXT + 1);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen pen = {text, text + FM__SESSION_TEXT, false};
    int rc = fm__session_write(sessions,
                               (struct fm__slice){size > 0 ? bytes : "", size},
                               fm__sys_date(), &pen);
    cookie.value = text;
    if (rc == 0)
        rc = fm_reply_cookie(exchange, &cookie);
    fm__memory_free(text);
    return rc;
}

int fm_session_set_text(const fm_sessions *sessions, fm_exchange *exchange,
                        const char *text)
{
    return fm_session_set(sessions, exchange, text, strlen(text));
}

/* The reply sets a session, or ends it. */
static bool session_is_told(const fm_sessions *sessions,
                            const fm_exchange *exchange)
{
    const struct fm__slice field = FM__SLICE("Set-Cookie: ");
    const struct fm__slice name = fm__slice_of(sessions->cookie.name);
    struct fm__slice rest = {exchange->fields, exchange->fields_size};
    while (rest.size > 0) {
        struct fm__slice cookie = fm__slice_after(rest, field.size);
        if (fm__slice_is(fm__slice_until(rest, field.size), field) &&
            fm__slice_is(fm__slice_until(cookie, name.size), name) &&
            fm__slice_at(cookie, name.size) == '=')
            return true;
        rest = fm__slice_after(rest, fm__slice_find(rest, '\n') + 1);
    }
    return false;
}

/* Gives a session to the caller, and begins it anew where that is due. */
static ssize_t session_give(const fm_sessions *sessions, fm_exchange *exchange,
                            const struct fm__session *session,
                            struct fm__pen *out)
{
    const char *start = out->at;
    bool due = session->old || session->left <= sessions->age / 2;
    fm__pen_write(out, session->bytes);
    fm__pen_put(out, '\0');
    if (out->full)
        return -ENOBUFS;
    if (due && !sessions->fixed && exchange->state == FM__REPLY_NONE &&
        !session_is_told(sessions, exchange)) {
        int rc = fm_session_set(sessions, exchange, start, session->bytes.size);
        if (rc < 0)
            return rc;
    }
    return (ssize_t)session->bytes.size;
}

/* The first that is good; else what is wrong with the last one. */
static int session_find(const fm_sessions *sessions, fm_exchange *exchange,
                        struct fm__session *session)
{
    int rc = fm__exchange_cookies(exchange), found = -ENOENT;
    int64_t now = fm__sys_date();
    fm_http_field cookie;
    if (rc < 0)
        return rc;
    for (size_t i = 0; fm_exchange_cookie_at(exchange, i, &cookie); i++) {
        if (strcmp(cookie.name, sessions->cookie.name) != 0)
            continue;
        found = fm__session_read(sessions, fm__slice_of(cookie.value), now,
                                 session);
        if (found == 0 || found == -ENOMEM)
            break;
    }
    return found;
}

ssize_t fm_session_get(const fm_sessions *sessions, fm_exchange *exchange,
                       void *buf, size_t size)
{
    struct fm__session session = {.room = fm__memory_new(FM__SESSION_TEXT)};
    struct fm__pen out = {buf, buf, false};
    if (session.room == NULL)
        return -ENOMEM;
    if (size > 0)
        out.end += size;
    ssize_t rc = session_find(sessions, exchange, &session);
    if (rc == 0)
        rc = session_give(sessions, exchange, &session, &out);
    fm__memory_free(session.room);
    return rc;
}

int fm_session_end(const fm_sessions *sessions, fm_exchange *exchange)
{
    fm_cookie cookie = sessions->cookie;
    cookie.age = -1;
    return fm_reply_cookie(exchange, &cookie);
}
