/*
 * session.h - what a server knows of a client, in a cookie that it has signed
 *
 *     fm_sessions *sessions;
 *     int rc = fm_sessions_new(&sessions, &(fm_session_options){
 *         .keys = {{key, 32}}, .age = 3600});
 *
 *     // Once she signs in:
 *     rc = fm_session_set_text(sessions, exchange, "alice");
 *     ssize_t n = fm_session_get(sessions, exchange, user, sizeof user);
 *
 * The client can read a session but neither change nor make one. The server
 * keeps nothing, so it cannot take one back before its time is over.
 */
#ifndef FERMATA_SESSION_H
#define FERMATA_SESSION_H

#include <fermata/api.h>
#include <fermata/cookie.h>
#include <fermata/exchange.h>
#include <stdbool.h>
#include <sys/types.h>

#define FM_SESSION_KEY 32      /* bytes of a key, at least */
#define FM_SESSION_KEYS 8      /* at once */
#define FM_SESSION_SIZE 2800   /* bytes of a session */
#define FM_SESSION_NAME 200    /* bytes of its cookie's name */
#define FM_SESSION_AGE 1209600 /* seconds: two weeks */

/* Keys, and what is signed by them. It belongs to no loop, and may be used by
 * many threads. */
typedef struct fm_sessions fm_sessions;

/* Bytes by chance that nobody else knows: of getrandom(2), in a file. */
typedef struct fm_session_key {
    const void *bytes;
    size_t size;
} fm_session_key;

/*
 * Options of fm_sessions_new; zero is the default, but for the key. What it
 * points to is copied.
 *
 *   keys       the first one signs, and all are believed: a new key is put in
 *              front, and the oldest left out once its sessions are over. It
 *              ends at the first whose bytes are NULL
 *   name       of the cookie; NULL: "__Host-session", or "session" with .plain
 *              or a domain. Sessions of another name are none of this one,
 *              whatever keys they have
 *   age        seconds that a session is good for; 0: FM_SESSION_AGE; at most
 *              FM_COOKIE_AGE. A session that is looked at in the second half of
 *              its time, or was signed by an older key, begins anew
 *   fixed      it does not: it ends when it ends
 *   cookie     its .domain, .path, .same_site and .plain are those of the
 *              cookie
 */
typedef struct fm_session_options {
    fm_session_key keys[FM_SESSION_KEYS];
    const char *name;
    int64_t age;
    bool fixed;
    fm_cookie cookie;
} fm_session_options;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes what signs, by HMAC-SHA-256 (RFC 2104).
 *
 * Returns 0, and *sessions is the caller's, to be freed; -EINVAL without a key,
 * for one of fewer bytes than FM_SESSION_KEY, an age, a name, or what
 * fm_reply_cookie refuses of the cookie; -EOPNOTSUPP where the library was
 * built without OpenSSL; -ENOMEM.
 */
FM_API int fm_sessions_new(fm_sessions **sessions,
                           const fm_session_options *options);

/* Frees it, and wipes the keys; NULL is nothing. */
FM_API void fm_sessions_free(fm_sessions *sessions);

/*
 * Begins a session with the reply that is still to come: the bytes, which are
 * copied. The client sends them back with each request, until the age is over.
 *
 * Returns 0; -EMSGSIZE for more bytes than FM_SESSION_SIZE; -ENOMEM; or as
 * fm_reply_set.
 */
FM_API int fm_session_set(const fm_sessions *sessions, fm_exchange *exchange,
                          const void *bytes, size_t size);

/* The same with a text. Returns as fm_session_set. */
FM_API int fm_session_set_text(const fm_sessions *sessions,
                               fm_exchange *exchange, const char *text);

/*
 * Looks for the session of a request, and puts its bytes into the caller's buf,
 * with a NUL behind them: FM_SESSION_SIZE + 1 is room for all. Where it is to
 * begin anew and the reply has not begun, it does, unless that sets a session
 * or ends it. Of several cookies of the name the first that is good counts.
 *
 * Returns the number of bytes; -ENOENT where there is none; -FM_ESESSION for
 * one that was not signed here, or was changed; -FM_ESESSIONOVER when its time
 * is over; -ENOBUFS when buf is too small; -EMSGSIZE for one that is to begin
 * anew and finds no room among the fields of the reply; -ENOMEM.
 */
FM_API ssize_t fm_session_get(const fm_sessions *sessions,
                              fm_exchange *exchange, void *buf, size_t size);

/*
 * Has the client forget its session. One that was copied before is still good
 * until its time is over.
 *
 * Returns as fm_reply_set.
 */
FM_API int fm_session_end(const fm_sessions *sessions, fm_exchange *exchange);

#ifdef __cplusplus
}
#endif

#endif
