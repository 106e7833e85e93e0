/*
 * cookie.h - what servers have clients remember
 *
 *     fm_http_client *client;                      // a client's
 *     fm_cookie_jar *jar;
 *     int rc = fm_cookie_jar_new(&jar);
 *     if (rc == 0)
 *         rc = fm_http_client_open(
 *             &client, &(fm_http_client_options){.jar = jar});
 *
 *     rc = fm_reply_cookie(exchange,               // a server's
 *                          &(fm_cookie){.name = "seen", .value = "1"});
 *
 * Cookies as RFC 6265bis has them. In libfermata-http.
 */
#ifndef FERMATA_COOKIE_H
#define FERMATA_COOKIE_H

#include <fermata/api.h>
#include <fermata/exchange.h>
#include <stdbool.h>
#include <sys/types.h>

#define FM_COOKIE_SIZE 4096      /* bytes of a name and its value */
#define FM_COOKIE_ATTRIBUTE 1024 /* bytes of a domain, or a path */
#define FM_COOKIE_AGE 34560000   /* seconds: 400 days */
#define FM_COOKIES 3000          /* of a jar */
#define FM_COOKIES_OF_DOMAIN 50  /* the same, of one domain */
#define FM_COOKIES_SENT 150      /* with a request */
#define FM_COOKIE_FIELD 8190     /* bytes of them: what servers take */
#define FM_COOKIES_TAKEN 200     /* of a request, by a server */
#define FM_COOKIE_FILE 33554432  /* bytes of a file: 32 MiB */

/* Whether a page of another site has the cookie sent. */
typedef enum fm_same_site {
    FM_SAME_SITE_LAX,    /* when it leads here by a link */
    FM_SAME_SITE_STRICT, /* never */
    FM_SAME_SITE_NONE,   /* always */
    FM_SAME_SITE_UNSAID  /* as browsers like it: mostly as LAX */
} fm_same_site;

/*
 * A cookie that a server sets; zero is the default, which is the safe one: sent
 * over TLS alone, to this host alone, for all its paths, kept from the scripts
 * of pages, and until the browser is closed.
 *
 *   name       a token; one that begins with "__Host-" can be set by no other
 *              host and not without TLS
 *   value      printable ASCII but space, quote, comma, semicolon and
 *              backslash; or such in quotes, which are a part of it. NULL: ""
 *   domain     "example.org": for all hosts below it too; NULL: this one alone
 *   path       and what is below it; NULL: "/"
 *   age        seconds; 0: until the browser is closed; below 0: it is removed;
 *              above FM_COOKIE_AGE is that
 *   same_site  see above; FM_SAME_SITE_NONE is for TLS alone
 *   plain      also without TLS. Behind a proxy that speaks TLS it is not
 *              needed; nor for http://localhost in most browsers
 *   scripts    the scripts of pages may read it
 */
typedef struct fm_cookie {
    const char *name;
    const char *value;
    const char *domain;
    const char *path;
    int64_t age;
    fm_same_site same_site;
    bool plain;
    bool scripts;
} fm_cookie;

/* The cookies of a client, or of several. It belongs to no loop, and to one
 * thread at a time. */
typedef struct fm_cookie_jar fm_cookie_jar;

/*
 * A cookie in a jar. Its texts are the jar's, until that is changed.
 *
 *   name       may be ""
 *   domain     in lower case, without a dot in front
 *   expires    seconds since 1970; 0: with the jar
 *   subdomains it is for all hosts below its domain too
 *   secure     it is for TLS alone
 *   http_only  not for the scripts of pages; a jar has none
 */
typedef struct fm_kept_cookie {
    const char *name;
    const char *value;
    const char *domain;
    const char *path;
    int64_t expires;
    fm_same_site same_site;
    bool subdomains;
    bool secure;
    bool http_only;
} fm_kept_cookie;

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Jars ---------------------------------------------------------------- */

/*
 * Makes a jar without cookies, for the option .jar of fm_http_client_options:
 * each request of the client, after a redirect too, is sent the cookies that
 * are for its URL, and the jar keeps what the answer sets.
 *
 * Where there are more than FM_COOKIES_OF_DOMAIN of a domain, or FM_COOKIES in
 * all, one goes: that has expired; else, in a domain, one that is not for TLS
 * alone; and of those that which was not sent for the longest time.
 *
 * Returns 0, and *jar is the caller's, to be freed after the clients; -ENOMEM.
 */
FM_API int fm_cookie_jar_new(fm_cookie_jar **jar);

/* Frees it, with its cookies; NULL is nothing. */
FM_API void fm_cookie_jar_free(fm_cookie_jar *jar);

/*
 * Keeps what the text of one Set-Cookie sets, in an answer from a URL. Both are
 * borrowed. A cookie of the same name, domain and path is replaced, and one
 * that has expired is removed.
 *
 * A domain that is no suffix of the host is refused, and so is a public suffix
 * ("com", "co.uk", "github.io"), unless it is the host itself, whose alone the
 * cookie is then. Where the library was built without libpsl it does not know
 * them, and every cookie is that of its host alone. A cookie for TLS alone is
 * taken from https and from this machine ("localhost", 127.0.0.1, [::1]), and
 * one that is not replaces none of those for TLS when it comes from elsewhere.
 * A name that begins with "__Secure-" or "__Host-" has to keep its promise.
 * Sites (SameSite) are not looked at: it is the program that asks, and no page.
 *
 * Returns 0; -FM_ECOOKIE for what is refused; -EINVAL for a URL that is none or
 * not of HTTP; -ENOMEM.
 */
FM_API int fm_cookie_jar_set(fm_cookie_jar *jar, const char *url,
                             const char *text);

/*
 * Writes the cookies for a URL into the caller's memory, as the field Cookie
 * has them, with a NUL behind: "a=1; b=2", those of longer paths first, and of
 * the same the older ones. With FM_COOKIE_FIELD + 1 bytes there is room for
 * all; what is above that, or above FM_COOKIES_SENT, is not sent.
 *
 * Returns the size, 0 where there are none; -ENAMETOOLONG when there is no room
 * for all; -EINVAL and -ENOMEM as above.
 */
FM_API ssize_t fm_cookie_jar_get(fm_cookie_jar *jar, const char *url, char *out,
                                 size_t size);

/* Returns how many there are; some may have expired. */
FM_API size_t fm_cookie_jar_count(const fm_cookie_jar *jar);

/* Puts the cookie at an index, from 0 on, into *cookie; those of a domain are
 * together. Returns false where there is none. */
FM_API bool fm_cookie_jar_at(const fm_cookie_jar *jar, size_t index,
                             fm_kept_cookie *cookie);

/* Removes the cookie at an index; those behind it move up. */
FM_API void fm_cookie_jar_remove(fm_cookie_jar *jar, size_t index);

/*
 * Adds the cookies of a file, as curl and browsers of old write it ("Netscape
 * HTTP Cookie File"): domain, TRUE for hosts below it too, path, TRUE for TLS
 * alone, seconds since 1970 or 0, name, value, with tabs between them. Lines
 * that are none are passed over, and so are cookies that have expired or that
 * no answer could set.
 *
 * Returns how many were added; -EFBIG for more than FM_COOKIE_FILE bytes; or as
 * fm_file_load. Some may have been added when it is -ENOMEM, or was cut.
 */
FM_API FM_SUSPENDS ssize_t fm_cookie_jar_load(fm_cookie_jar *jar,
                                              const char *path);

/*
 * Writes the cookies to such a file, which only its owner may read; those that
 * end with the jar too, as curl does. What is at the path is replaced in one
 * step, as by fm_path_replace. What the form has no place for is not written:
 * SameSite, a cookie with a tab in it.
 *
 * Returns 0; -ENOMEM; or as fm_path_replace.
 */
FM_API FM_SUSPENDS int fm_cookie_jar_save(const fm_cookie_jar *jar,
                                          const char *path);

/* ---- Servers ------------------------------------------------------------- */

/*
 * Returns the value of the first cookie of a name that a request has, as it was
 * sent, with the quotes it may have. NULL where there is none, or no memory to
 * take it apart. What it gives out is the exchange's. No more than
 * FM_COOKIES_TAKEN are looked at, which is more than browsers send.
 */
FM_API const char *fm_exchange_cookie(fm_exchange *exchange, const char *name);

/* Puts the cookie at an index, from 0 on, into *cookie; one that was sent
 * without a name has "". Returns false where there is none, as above. */
FM_API bool fm_exchange_cookie_at(fm_exchange *exchange, size_t index,
                                  fm_http_field *cookie);

/*
 * Sets a cookie with the reply that is still to come; it is copied. One of the
 * same name, domain and path that was set with this reply before is replaced.
 *
 * Returns 0; -EINVAL for what clients would not take: a name, a value, a path
 * or a domain that is none, FM_SAME_SITE_NONE or a prefix of the name that
 * .plain, a domain or a path contradicts; -EMSGSIZE for more bytes than
 * FM_COOKIE_SIZE, or FM_COOKIE_ATTRIBUTE; or as fm_reply_set.
 */
FM_API int fm_reply_cookie(fm_exchange *exchange, const fm_cookie *cookie);

#ifdef __cplusplus
}
#endif

#endif
