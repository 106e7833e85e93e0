/*
 * cookie_text.c - what Set-Cookie and Cookie say (RFC 6265bis)
 */
#include "proto/cookie_text.h"

#include "proto/cookie_date.h"
#include "proto/field.h"

/* ---- Set-Cookie ---------------------------------------------------------- */

/* Up to a byte, and *rest is what is behind it. */
static struct fm__slice cookie_part(struct fm__slice *rest, char byte)
{
    size_t end = fm__slice_find(*rest, byte);
    struct fm__slice part = fm__slice_until(*rest, end);
    *rest = fm__slice_after(*rest, end + 1);
    return part;
}

static void cookie_age(struct fm__slice value, int64_t now, int64_t *expires)
{
    bool negative = fm__slice_at(value, 0) == '-';
    int64_t age = 0;
    for (size_t i = negative; i < value.size; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return;
        age = age * 10 + (value.at[i] - '0');
        age = age < FM__COOKIE_AGE ? age : FM__COOKIE_AGE;
    }
    if (value.size > 0)
        *expires = negative || age == 0 ? FM__COOKIE_OVER : now + age;
}

static void cookie_expires(struct fm__slice value, int64_t now,
                           int64_t *expires)
{
    int64_t moment;
    if (!fm__cookie_date_read(value, &moment))
        return;
    if (moment > now + FM__COOKIE_AGE)
        moment = now + FM__COOKIE_AGE;
    *expires = moment;
}

static enum fm__cookie_site cookie_site(struct fm__slice value)
{
    if (fm__slice_like(value, FM__SLICE("none")))
        return FM__COOKIE_SITE_NONE;
    if (fm__slice_like(value, FM__SLICE("strict")))
        return FM__COOKIE_SITE_STRICT;
    return fm__slice_like(value, FM__SLICE("lax")) ? FM__COOKIE_SITE_LAX
                                                   : FM__COOKIE_SITE_UNSAID;
}

/* Of each attribute the last counts; a Max-Age more than any Expires. */
struct cookie_moments {
    int64_t now;
    int64_t by_age; /* FM__COOKIE_SESSION: not said */
    int64_t by_date;
};

static void cookie_attribute(struct fm__cookie *cookie,
                             struct cookie_moments *moments,
                             struct fm__slice text)
{
    struct fm__slice name = fm__slice_trim(cookie_part(&text, '='));
    struct fm__slice value = fm__slice_trim(text);
    if (value.size > FM__COOKIE_ATTRIBUTE)
        return;
    if (fm__slice_like(name, FM__SLICE("expires")))
        cookie_expires(value, moments->now, &moments->by_date);
    else if (fm__slice_like(name, FM__SLICE("max-age")))
        cookie_age(value, moments->now, &moments->by_age);
    else if (fm__slice_like(name, FM__SLICE("domain")))
        cookie->domain = fm__slice_after(value, fm__slice_at(value, 0) == '.');
    else if (fm__slice_like(name, FM__SLICE("path")))
        cookie->path =
            fm__slice_at(value, 0) == '/' ? value : fm__slice_until(value, 0);
    else if (fm__slice_like(name, FM__SLICE("secure")))
        cookie->secure = true;
    else if (fm__slice_like(name, FM__SLICE("httponly")))
        cookie->http_only = true;
    else if (fm__slice_like(name, FM__SLICE("samesite")))
        cookie->site = cookie_site(value);
}

/* A pair; without '=' all of it is the value. */
static void cookie_pair(struct fm__slice pair, struct fm__slice *name,
                        struct fm__slice *value)
{
    size_t equal = fm__slice_find(pair, '=');
    bool named = equal < pair.size;
    *name = fm__slice_trim(fm__slice_until(pair, named ? equal : 0));
    *value = fm__slice_trim(fm__slice_after(pair, named ? equal + 1 : 0));
}

/* Of a whole field or a part: a tab is none. */
static bool cookie_has_control(struct fm__slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return true;
    }
    return false;
}

bool fm__cookie_is(struct fm__slice name, struct fm__slice value)
{
    return name.size + value.size > 0 &&
           name.size + value.size <= FM__COOKIE_SIZE &&
           !cookie_has_control(name) && !cookie_has_control(value);
}

bool fm__cookie_read(struct fm__slice text, int64_t now,
                     struct fm__cookie *cookie)
{
    struct cookie_moments moments = {now, FM__COOKIE_SESSION,
                                     FM__COOKIE_SESSION};
    if (cookie_has_control(text))
        return false;
    *cookie =
        (struct fm__cookie){.domain = FM__SLICE(""), .path = FM__SLICE("")};
    cookie_pair(cookie_part(&text, ';'), &cookie->name, &cookie->value);
    if (!fm__cookie_is(cookie->name, cookie->value))
        return false;
    while (text.size > 0)
        cookie_attribute(cookie, &moments, cookie_part(&text, ';'));
    cookie->expires =
        moments.by_age != FM__COOKIE_SESSION ? moments.by_age : moments.by_date;
    return cookie->site != FM__COOKIE_SITE_NONE || cookie->secure;
}

static bool cookie_begins(struct fm__slice text, struct fm__slice with)
{
    return fm__slice_like(fm__slice_until(text, with.size), with);
}

bool fm__cookie_prefix_holds(const struct fm__cookie *cookie, bool host)
{
    const struct fm__slice of_host = FM__SLICE("__Host-");
    const struct fm__slice of_secure = FM__SLICE("__Secure-");
    struct fm__slice name = cookie->name;
    if (name.size == 0) /* which would be sent as if it had one */
        return !cookie_begins(cookie->value, of_host) &&
               !cookie_begins(cookie->value, of_secure);
    if (cookie_begins(name, of_host))
        return cookie->secure && host;
    return cookie->secure || !cookie_begins(name, of_secure);
}

/* ---- Cookie -------------------------------------------------------------- */

bool fm__cookie_next(struct fm__slice *rest, struct fm__slice *name,
                     struct fm__slice *value)
{
    while (rest->size > 0) {
        struct fm__slice pair = fm__slice_trim(cookie_part(rest, ';'));
        cookie_pair(pair, name, value);
        if (pair.size > 0)
            return true;
    }
    return false;
}

/* ---- whose it is --------------------------------------------------------- */

bool fm__cookie_lower(struct fm__slice domain, char *out)
{
    for (size_t i = 0; i < domain.size; i++) {
        char byte = domain.at[i];
        if (byte <= ' ' || byte >= 0x7f)
            return false;
        out[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
    }
    out[domain.size] = '\0';
    return true;
}

bool fm__cookie_is_address(struct fm__slice host)
{
    size_t from = host.size;
    if (fm__slice_at(host, 0) == '[')
        return true;
    while (from > 0 && host.at[from - 1] >= '0' && host.at[from - 1] <= '9')
        from--;
    return from < host.size && (from == 0 || host.at[from - 1] == '.');
}

bool fm__cookie_domain_matches(struct fm__slice host, struct fm__slice domain)
{
    if (host.size <= domain.size || domain.size == 0)
        return fm__slice_is(host, domain);
    size_t before = host.size - domain.size;
    return host.at[before - 1] == '.' &&
           fm__slice_is(fm__slice_after(host, before), domain) &&
           !fm__cookie_is_address(host);
}

bool fm__cookie_path_matches(struct fm__slice path, struct fm__slice of)
{
    if (!fm__slice_is(fm__slice_until(path, of.size), of))
        return false;
    return path.size == of.size || path.at[of.size] == '/' ||
           (of.size > 0 && of.at[of.size - 1] == '/');
}

struct fm__slice fm__cookie_default_path(struct fm__slice path)
{
    size_t end = path.size;
    while (end > 0 && path.at[end - 1] != '/')
        end--;
    if (end < 2 || path.at[0] != '/')
        return FM__SLICE("/");
    return fm__slice_until(path, end - 1);
}
