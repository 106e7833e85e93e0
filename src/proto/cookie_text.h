/*
 * cookie_text.h - what Set-Cookie and Cookie say (RFC 6265bis)
 */
#ifndef FM_PROTO_COOKIE_TEXT_H
#define FM_PROTO_COOKIE_TEXT_H

#include "proto/slice.h"

enum {
    FM__COOKIE_SIZE = 4096,      /* bytes of a name and its value (5.6) */
    FM__COOKIE_ATTRIBUTE = 1024, /* of an attribute's value */
    FM__COOKIE_AGE = 34560000    /* seconds: 400 days (5.5) */
};

#define FM__COOKIE_SESSION INT64_MAX /* no moment of its own */
#define FM__COOKIE_OVER INT64_MIN    /* it has expired */

enum fm__cookie_site {
    FM__COOKIE_SITE_UNSAID,
    FM__COOKIE_SITE_LAX,
    FM__COOKIE_SITE_STRICT,
    FM__COOKIE_SITE_NONE
};

/* What a Set-Cookie says, borrowed from it. */
struct fm__cookie {
    struct fm__slice name; /* may be empty, but not the value too */
    struct fm__slice value;
    struct fm__slice domain; /* without the first dot; empty: none */
    struct fm__slice path;   /* begins with '/', or empty: none */
    int64_t expires;         /* seconds since 1970, or one of the above */
    enum fm__cookie_site site;
    bool secure;
    bool http_only;
};

/* 5.6, and what 5.7 refuses whoever says it: false. `now` in seconds since
 * 1970. */
bool fm__cookie_read(struct fm__slice text, int64_t now,
                     struct fm__cookie *cookie);

/* The bytes and the size of a name and a value (5.7, 1 to 3): false for what is
 * no cookie. */
bool fm__cookie_is(struct fm__slice name, struct fm__slice value);

/* The prefixes of names (5.4): `host` is whether the cookie is its host's alone
 * and its path "/". */
bool fm__cookie_prefix_holds(const struct fm__cookie *cookie, bool host);

/* The next cookie of a Cookie field; one without '=' has no name. False: there
 * is no more. */
bool fm__cookie_next(struct fm__slice *rest, struct fm__slice *name,
                     struct fm__slice *value);

/* A domain in lower case, with a NUL, into one byte more than it has; false for
 * what is not printable ASCII. */
bool fm__cookie_lower(struct fm__slice domain, char *out);

/* 5.1.3: both in lower case. An address matches itself alone. */
bool fm__cookie_domain_matches(struct fm__slice host, struct fm__slice domain);

/* It is an address and no name: of IPv4, or in brackets. */
bool fm__cookie_is_address(struct fm__slice host);

/* 5.1.4. */
bool fm__cookie_path_matches(struct fm__slice path, struct fm__slice of);

/* The path of what a path is asked for sets (5.1.4): a part of it, or "/". */
struct fm__slice fm__cookie_default_path(struct fm__slice path);

#endif
