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

enum {
    JAR_FIRST_ROOM = 16 /* cookies */
};

/* ---- the table ----------------------------------------------------------- */

static int jar_compare(struct fm__slice one, struct fm__slice other)
{
    size_t size = one.size < other.size ? one.size : other.size;
    int order = memcmp(one.at, other.at, size);
    if (order != 0 || one.size == other.size)
        return order;
    return one.size < other.size ? -1 : 1;
}

/* The first whose domain is not before this one; or, past it, behind it. */
static size_t jar_place(const fm_cookie_jar *jar, struct fm__slice domain,
                        bool past)
{
    size_t from = 0, to = jar->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = jar_compare(jar->cookies[middle]->domain, domain);
        if (order < 0 || (past && order == 0))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void jar_remove(fm_cookie_jar *jar, size_t index)
{
    fm__memory_free(jar->cookies[index]);
    jar->count--;
    memmove(&jar->cookies[index], &jar->cookies[index + 1],
            (jar->count - index) * sizeof(void *));
}

/* What has expired is no cookie any more. */
static void jar_expire(fm_cookie_jar *jar, int64_t now)
{
    size_t kept = 0;
    if (now < jar->first_over)
        return;
    jar->first_over = FM__COOKIE_SESSION;
    for (size_t i = 0; i < jar->count; i++) {
        struct fm__jar_cookie *cookie = jar->cookies[i];
        if (cookie->expires <= now) {
            fm__memory_free(cookie);
            continue;
        }
        if (cookie->expires < jar->first_over)
            jar->first_over = cookie->expires;
        jar->cookies[kept++] = cookie;
    }
    jar->count = kept;
}

/* In a domain, which of two is to go (RFC 6265bis, 5.7). */
static bool jar_goes_before(const struct fm__jar_cookie *one,
                            const struct fm__jar_cookie *other, bool crowded)
{
    if (crowded && one->secure != other->secure)
        return other->secure;
    return one->used < other->used;
}

/* One of these goes. */
static void jar_evict(fm_cookie_jar *jar, size_t from, size_t to, bool crowded)
{
    size_t victim = from;
    for (size_t i = from + 1; i < to; i++)
        if (jar_goes_before(jar->cookies[i], jar->cookies[victim], crowded))
            victim = i;
    jar_remove(jar, victim);
}

static void jar_make_room(fm_cookie_jar *jar, struct fm__slice domain)
{
    size_t from = jar_place(jar, domain, false);
    size_t to = jar_place(jar, domain, true);
    if (to - from >= FM_COOKIES_OF_DOMAIN)
        jar_evict(jar, from, to, true);
    if (jar->count >= FM_COOKIES)
        jar_evict(jar, 0, jar->count, false);
}

/* Room for one more: 0 or -ENOMEM. */
static int jar_grow(fm_cookie_jar *jar)
{
    if (jar->count < jar->room)
        return 0;
    size_t room = jar->room > 0 ? 2 * jar->room : JAR_FIRST_ROOM;
    void *cookies = fm__memory_resize(jar->cookies, room * sizeof(void *));
    if (cookies == NULL)
        return -ENOMEM;
    jar->cookies = cookies;
    jar->room = room;
    return 0;
}

/* ---- keeping ------------------------------------------------------------- */

/* The one that it would replace, or jar->count. */
static size_t jar_find(const fm_cookie_jar *jar,
                       const struct fm__jar_cookie *cookie)
{
    size_t to = jar_place(jar, cookie->domain, true);
    for (size_t i = jar_place(jar, cookie->domain, false); i < to; i++) {
        const struct fm__jar_cookie *each = jar->cookies[i];
        if (fm__slice_is(each->name, cookie->name) &&
            fm__slice_is(each->path, cookie->path) &&
            each->host_only == cookie->host_only)
            return i;
    }
    return jar->count;
}

static struct fm__slice jar_text(char **at, struct fm__slice text)
{
    char *copy = *at;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    *at += text.size + 1;
    return (struct fm__slice){copy, text.size};
}

static struct fm__jar_cookie *jar_copy(const struct fm__jar_cookie *cookie)
{
    struct fm__jar_cookie *copy =
        fm__memory_new(sizeof *copy + cookie->domain.size + cookie->path.size +
                       cookie->name.size + cookie->value.size + 4);
    if (copy == NULL)
        return NULL;
    *copy = *cookie;
    char *at = (char *)(copy + 1);
    copy->domain = jar_text(&at, cookie->domain);
    copy->path = jar_text(&at, cookie->path);
    copy->name = jar_text(&at, cookie->name);
    copy->value = jar_text(&at, cookie->value);
    return copy;
}

static void jar_insert(fm_cookie_jar *jar, struct fm__jar_cookie *cookie)
{
    size_t at = jar_place(jar, cookie->domain, true);
    memmove(&jar->cookies[at + 1], &jar->cookies[at],
            (jar->count - at) * sizeof(void *));
    jar->cookies[at] = cookie;
    jar->count++;
}

int fm__jar_keep(fm_cookie_jar *jar, const struct fm__jar_cookie *cookie,
                 int64_t now)
{
    jar_expire(jar, now);
    size_t found = jar_find(jar, cookie);
    if (cookie->expires <= now) {
        if (found < jar->count)
            jar_remove(jar, found);
        return 0;
    }
    struct fm__jar_cookie *copy = jar_copy(cookie);
    if (copy == NULL || jar_grow(jar) < 0) {
        fm__memory_free(copy);
        return -ENOMEM;
    }
    copy->used = copy->made = ++jar->clock;
    if (copy->expires < jar->first_over)
        jar->first_over = copy->expires;
    if (found < jar->count) { /* it is as old as what it replaces */
        copy->made = jar->cookies[found]->made;
        fm__memory_free(jar->cookies[found]);
        jar->cookies[found] = copy;
        return 0;
    }
    jar_make_room(jar, copy->domain);
    jar_insert(jar, copy);
    return 0;
}

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
    jar_expire(jar, now);
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
    size_t to = jar_place(jar, domain, true);
    bool same = domain.size == asked->host.size;
    for (size_t i = jar_place(jar, domain, false); i < to; i++) {
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
    jar_expire(jar, now);
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
        jar_remove(jar, index);
}
