/*
 * jar.c - the cookies of a client: what is kept (RFC 6265bis, 5.7) and what is
 * sent (5.8)
 */
#include "http/jar_record.h"

#include "base/memory.h"
#include "base/sys.h"
#include "http/suffix.h"

#include <errno.h>
#include <fermata/error.h>

_Static_assert((int)FM__COOKIE_SIZE == FM_COOKIE_SIZE &&
                   (int)FM__COOKIE_ATTRIBUTE == FM_COOKIE_ATTRIBUTE &&
                   (int)FM__COOKIE_AGE == FM_COOKIE_AGE,
               "as the header says");

/* ---- what may be set ----------------------------------------------------- */

/* Who is asked, and how. */
struct jar_asked {
    struct fm__slice host;
    struct fm__slice path;
    bool secure;
};

/* What is said to this machine is heard by nobody else. */
static bool jar_is_here(struct fm__slice host)
{
    return fm__slice_is(host, FM__SLICE("localhost")) ||
           fm__slice_is(host, FM__SLICE("[::1]")) ||
           (fm__slice_is(fm__slice_until(host, 4), FM__SLICE("127.")) &&
            fm__cookie_is_address(host));
}

static struct jar_asked jar_asked(const fm_url *url)
{
    struct jar_asked asked = {
        .host = fm__slice_of(fm_url_get(url, FM_URL_HOSTNAME)),
        .path = fm__slice_of(fm_url_get(url, FM_URL_PATHNAME)),
    };
    asked.secure = strcmp(fm_url_get(url, FM_URL_PROTOCOL), "https:") == 0 ||
                   jar_is_here(asked.host);
    return asked;
}

/* Names with an empty label at an end are not in the list. */
static enum fm__suffix jar_suffix(const char *domain, struct fm__slice text)
{
    return text.at[0] == '.' || text.at[text.size - 1] == '.'
               ? FM__SUFFIX_PUBLIC
               : fm__suffix_of(domain);
}

/* Whose the cookie is (5.7): of the host alone, or of the domain that was said,
 * which is written into `room`. */
static int jar_domain(const struct jar_asked *asked,
                      const struct fm__cookie *said,
                      struct fm__jar_cookie *cookie, char *room)
{
    cookie->domain = asked->host;
    cookie->host_only = true;
    if (said->domain.size == 0)
        return 0;
    if (!fm__cookie_lower(said->domain, room))
        return -FM_ECOOKIE;
    struct fm__slice domain = {room, said->domain.size};
    if (!fm__cookie_domain_matches(asked->host, domain))
        return -FM_ECOOKIE;
    bool same = fm__slice_is(asked->host, domain);
    if (same && fm__cookie_is_address(domain))
        return 0;
    enum fm__suffix suffix = jar_suffix(room, domain);
    if (suffix == FM__SUFFIX_PUBLIC)
        return same ? 0 : -FM_ECOOKIE;
    if (suffix == FM__SUFFIX_NOT) {
        cookie->domain = domain;
        cookie->host_only = false;
    }
    return 0;
}

/* It would hide one that is for TLS alone (5.7). */
static bool jar_hides(const fm_cookie_jar *jar,
                      const struct fm__jar_cookie *cookie)
{
    for (size_t i = 0; i < jar->count; i++) {
        const struct fm__jar_cookie *each = jar->cookies[i];
        if (each->secure && fm__slice_is(each->name, cookie->name) &&
            (fm__cookie_domain_matches(each->domain, cookie->domain) ||
             fm__cookie_domain_matches(cookie->domain, each->domain)) &&
            fm__cookie_path_matches(cookie->path, each->path))
            return true;
    }
    return false;
}

int fm__jar_set(fm_cookie_jar *jar, const fm_url *url, struct fm__slice text,
                int64_t now)
{
    const struct jar_asked asked = jar_asked(url);
    struct fm__jar_cookie cookie = {0};
    struct fm__cookie said;
    char room[FM__COOKIE_ATTRIBUTE + 1];
    if (!fm__cookie_read(text, now, &said))
        return -FM_ECOOKIE;
    bool rooted = fm__slice_is(said.path, FM__SLICE("/"));
    if (!fm__cookie_prefix_holds(&said, rooted && said.domain.size == 0) ||
        (said.secure && !asked.secure))
        return -FM_ECOOKIE;
    int rc = jar_domain(&asked, &said, &cookie, room);
    if (rc < 0)
        return rc;
    cookie.name = said.name;
    cookie.value = said.value;
    cookie.path =
        said.path.size > 0 ? said.path : fm__cookie_default_path(asked.path);
    cookie.expires = said.expires;
    cookie.site = said.site;
    cookie.secure = said.secure;
    cookie.http_only = said.http_only;
    fm__jar_expire(jar, now);
    if (!asked.secure && jar_hides(jar, &cookie))
        return -FM_ECOOKIE;
    return fm__jar_keep(jar, &cookie, now);
}

/* ---- what is sent -------------------------------------------------------- */

struct jar_picked {
    struct fm__jar_cookie *each[FM_COOKIES_SENT];
    unsigned count;
};

static bool jar_is_sent_before(const struct fm__jar_cookie *one,
                               const struct fm__jar_cookie *other)
{
    if (one->path.size != other->path.size)
        return one->path.size > other->path.size;
    return one->made < other->made;
}

static void jar_pick(struct jar_picked *picked, struct fm__jar_cookie *cookie)
{
    unsigned at = picked->count;
    if (at == FM_COOKIES_SENT) {
        if (!jar_is_sent_before(cookie, picked->each[at - 1]))
            return;
        at--;
    } else {
        picked->count++;
    }
    for (; at > 0 && jar_is_sent_before(cookie, picked->each[at - 1]); at--)
        picked->each[at] = picked->each[at - 1];
    picked->each[at] = cookie;
}

/* Those of a domain that the host is of. */
static void jar_pick_domain(const fm_cookie_jar *jar,
                            const struct jar_asked *asked,
                            struct fm__slice domain, struct jar_picked *picked)
{
    size_t to = fm__jar_place(jar, domain, true);
    bool same = domain.size == asked->host.size;
    for (size_t i = fm__jar_place(jar, domain, false); i < to; i++) {
        struct fm__jar_cookie *cookie = jar->cookies[i];
        if ((same || !cookie->host_only) &&
            (asked->secure || !cookie->secure) &&
            fm__cookie_path_matches(asked->path, cookie->path))
            jar_pick(picked, cookie);
    }
}

static size_t jar_size(const struct fm__jar_cookie *cookie)
{
    return cookie->name.size + (cookie->name.size > 0) + cookie->value.size;
}

static void jar_write_one(const struct fm__jar_cookie *cookie,
                          struct fm__pen *pen)
{
    fm__pen_write(pen, cookie->name);
    if (cookie->name.size > 0)
        fm__pen_put(pen, '=');
    fm__pen_write(pen, cookie->value);
}

void fm__jar_write(fm_cookie_jar *jar, const fm_url *url, int64_t now,
                   struct fm__pen *pen)
{
    const struct jar_asked asked = jar_asked(url);
    struct fm__slice domain = asked.host;
    struct jar_picked picked;
    size_t size = 0;
    picked.count = 0;
    fm__jar_expire(jar, now);
    for (bool all = false; !all;) {
        jar_pick_domain(jar, &asked, domain, &picked);
        domain = fm__slice_after(domain, fm__slice_find(domain, '.') + 1);
        all = domain.size == 0 || fm__cookie_is_address(asked.host);
    }
    for (unsigned i = 0; i < picked.count; i++) {
        size += jar_size(picked.each[i]) + (i > 0 ? 2 : 0);
        if (size > FM_COOKIE_FIELD)
            break;
        if (i > 0)
            fm__pen_write(pen, FM__SLICE("; "));
        jar_write_one(picked.each[i], pen);
        picked.each[i]->used = ++jar->clock;
    }
}

/* ---- what users call ----------------------------------------------------- */

int fm_cookie_jar_new(fm_cookie_jar **out)
{
    fm_cookie_jar *jar = fm__memory_new(sizeof *jar);
    if (jar == NULL)
        return -ENOMEM;
    jar->first_over = FM__COOKIE_SESSION;
    *out = jar;
    return 0;
}

void fm_cookie_jar_free(fm_cookie_jar *jar)
{
    if (jar == NULL)
        return;
    for (size_t i = 0; i < jar->count; i++)
        fm__memory_free(jar->cookies[i]);
    fm__memory_free(jar->cookies);
    fm__memory_free(jar);
}

static int jar_url(const char *text, fm_url **url)
{
    int rc = fm_url_parse(text, NULL, url);
    if (rc < 0)
        return rc == -ENOMEM ? rc : -EINVAL;
    const char *scheme = fm_url_get(*url, FM_URL_PROTOCOL);
    if (strcmp(scheme, "http:") == 0 || strcmp(scheme, "https:") == 0)
        return 0;
    fm_url_free(*url);
    return -EINVAL;
}

int fm_cookie_jar_set(fm_cookie_jar *jar, const char *url, const char *text)
{
    fm_url *from;
    int rc = jar_url(url, &from);
    if (rc < 0)
        return rc;
    rc = fm__jar_set(jar, from, fm__slice_of(text), fm__sys_date());
    fm_url_free(from);
    return rc;
}

ssize_t fm_cookie_jar_get(fm_cookie_jar *jar, const char *url, char *out,
                          size_t size)
{
    struct fm__pen pen = {out, out, false};
    fm_url *to;
    int rc = jar_url(url, &to);
    if (rc < 0)
        return rc;
    if (size > 0)
        pen.end += size;
    fm__jar_write(jar, to, fm__sys_date(), &pen);
    fm_url_free(to);
    size = (size_t)(pen.at - out);
    fm__pen_put(&pen, '\0');
    return pen.full ? -ENAMETOOLONG : (ssize_t)size;
}

size_t fm_cookie_jar_count(const fm_cookie_jar *jar)
{
    return jar->count;
}

static fm_same_site jar_site(enum fm__cookie_site site)
{
    switch (site) {
    case FM__COOKIE_SITE_LAX:
        return FM_SAME_SITE_LAX;
    case FM__COOKIE_SITE_STRICT:
        return FM_SAME_SITE_STRICT;
    case FM__COOKIE_SITE_NONE:
        return FM_SAME_SITE_NONE;
    default:
        return FM_SAME_SITE_UNSAID;
    }
}

bool fm_cookie_jar_at(const fm_cookie_jar *jar, size_t index,
                      fm_kept_cookie *cookie)
{
    if (index >= jar->count)
        return false;
    const struct fm__jar_cookie *kept = jar->cookies[index];
    *cookie = (fm_kept_cookie){
        .name = kept->name.at,
        .value = kept->value.at,
        .domain = kept->domain.at,
        .path = kept->path.at,
        .expires = kept->expires == FM__COOKIE_SESSION ? 0 : kept->expires,
        .same_site = jar_site(kept->site),
        .subdomains = !kept->host_only,
        .secure = kept->secure,
        .http_only = kept->http_only,
    };
    return true;
}

void fm_cookie_jar_remove(fm_cookie_jar *jar, size_t index)
{
    if (index < jar->count)
        fm__jar_remove(jar, index);
}
