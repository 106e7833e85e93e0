/*
 * jar_record.h - what a jar is
 *
 * The cookies lie in one table, in the order of their domains' bytes, and those
 * of a domain as they were made. It is searched by halving, so no name can be
 * chosen that makes it slow.
 */
#ifndef FM_HTTP_JAR_RECORD_H
#define FM_HTTP_JAR_RECORD_H

#include "proto/cookie_text.h"

#include <fermata/cookie.h>
#include <fermata/url.h>

/* Its texts are behind it, each with a NUL. */
struct fm__jar_cookie {
    struct fm__slice domain;
    struct fm__slice path;
    struct fm__slice name;
    struct fm__slice value;
    int64_t expires; /* seconds since 1970, or FM__COOKIE_SESSION */
    uint64_t made;   /* by the jar's clock */
    uint64_t used;
    enum fm__cookie_site site;
    bool host_only;
    bool secure;
    bool http_only;
};

struct fm_cookie_jar {
    struct fm__jar_cookie **cookies;
    size_t count;
    size_t room;
    uint64_t clock;     /* counts what is done with it */
    int64_t first_over; /* none expires before; seconds since 1970 */
};

/* ---- jar_table.c --------------------------------------------------------- */

/* The first whose domain is not before this one; or, past it, behind it. */
size_t fm__jar_place(const fm_cookie_jar *jar, struct fm__slice domain,
                     bool past);

void fm__jar_remove(fm_cookie_jar *jar, size_t index);

/* What has expired is no cookie any more. */
void fm__jar_expire(fm_cookie_jar *jar, int64_t now);

/* Keeps a copy, in place of the one of the same name, domain and path, unless
 * it has expired: 0 or -ENOMEM. */
int fm__jar_keep(fm_cookie_jar *jar, const struct fm__jar_cookie *cookie,
                 int64_t now);

/* ---- jar.c --------------------------------------------------------------- */

/* The same with what a Set-Cookie from a URL says: 0, -FM_ECOOKIE or -ENOMEM.
 */
int fm__jar_set(fm_cookie_jar *jar, const fm_url *url, struct fm__slice text,
                int64_t now);

/* Writes the cookies that are for a URL, at most FM_COOKIE_FIELD bytes, and
 * marks them as used. */
void fm__jar_write(fm_cookie_jar *jar, const fm_url *url, int64_t now,
                   struct fm__pen *pen);

#endif
