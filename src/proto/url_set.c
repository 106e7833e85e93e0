/*
 * url_set.c - one part of a URL is changed (the URL standard, 6.1)
 *
 * Works on a copy, which takes the URL's place when all went well: so a setter
 * that the standard lets do nothing has done nothing.
 */
#include "proto/percent.h"
#include "proto/url_host.h"
#include "proto/url_work.h"

#include <errno.h>

static bool url_set_is_file(const struct fm__url *url)
{
    return fm__slice_is(url->scheme, FM__SLICE("file"));
}

static bool url_set_has_user(const struct fm__url *url)
{
    return url->username.size > 0 || url->password.size > 0;
}

/* "Cannot have a username/password/port". */
static bool url_set_is_bare(const struct fm__url *url)
{
    return !url->has_host || url->host.size == 0 || url_set_is_file(url);
}

/* "x:" or "x"; what comes behind the colon is nobody's. */
static int url_set_protocol(struct fm__url *url, struct fm__slice value,
                            struct fm__url_desk *desk)
{
    struct fm__pen *pen = &desk->pen;
    struct fm__slice scheme;
    char *start = pen->at;
    fm__pen_write(pen, fm__slice_until(value, fm__slice_find(value, ':')));
    fm__pen_put(pen, ':');
    if (fm__url_scheme(fm__pen_since(pen, start), pen, &scheme) == 0)
        return -EINVAL;
    int port = fm__url_default_port(scheme);
    bool file = fm__slice_is(scheme, FM__SLICE("file"));
    if ((port != FM__URL_NOT_SPECIAL) != url->special ||
        (file && (url_set_has_user(url) || url->port != FM__URL_NO_PORT)) ||
        (url_set_is_file(url) && url->host.size == 0))
        return -EINVAL;
    url->scheme = scheme;
    if (url->port == port)
        url->port = FM__URL_NO_PORT;
    return 0;
}

static int url_set_user(struct fm__url *url, struct fm__slice *part,
                        struct fm__slice value, struct fm__pen *pen)
{
    if (url_set_is_bare(url))
        return -EINVAL;
    *part = fm__url_encoded(pen, value, FM__PERCENT_USERINFO);
    return 0;
}

/* Digits from the front; what follows them is nobody's. */
static int url_set_port_from(struct fm__url *url, struct fm__slice text)
{
    size_t size = 0;
    while (fm__slice_at(text, size) >= '0' && fm__slice_at(text, size) <= '9')
        size++;
    if (size == 0)
        return -EINVAL;
    return fm__url_port(url, fm__slice_until(text, size));
}

static int url_set_port(struct fm__url *url, struct fm__slice value)
{
    if (url_set_is_bare(url))
        return -EINVAL;
    return url_set_port_from(url, value);
}

static int url_set_host(struct fm__url *url, struct fm__slice value, bool port,
                        struct fm__url_desk *desk)
{
    if (url->opaque)
        return -EINVAL;
    value = fm__slice_until(
        value, fm__url_find(value, url->special ? "/\\?#" : "/?#"));
    if (url_set_is_file(url))
        return fm__url_file_host(url, value, desk);
    size_t colon = fm__url_colon(value);
    struct fm__slice host = fm__slice_until(value, colon);
    bool more = colon < value.size;
    if ((more && !port) || (host.size == 0 && (more || url->special)) ||
        (host.size == 0 &&
         (url_set_has_user(url) || url->port != FM__URL_NO_PORT)))
        return -EINVAL;
    int rc = fm__url_host(host, url->special, desk, &url->host);
    url->has_host = true;
    struct fm__url before = *url;
    if (rc == 0 && more &&
        url_set_port_from(url, fm__slice_after(value, colon + 1)) < 0)
        *url = before;
    return rc;
}

static int url_set_path(struct fm__url *url, struct fm__slice value,
                        struct fm__pen *pen)
{
    if (url->opaque)
        return -EINVAL;
    url->path.size = 0;
    if (value.size > 0 || url->special)
        fm__url_path(url, value, pen);
    else if (!url->has_host)
        url->path = FM__SLICE("/");
    return 0;
}

static int url_set_part(struct fm__url *url, enum fm__url_part part,
                        struct fm__slice value, struct fm__url_desk *desk)
{
    switch (part) {
    case FM__URL_PROTOCOL:
        return url_set_protocol(url, value, desk);
    case FM__URL_USERNAME:
        return url_set_user(url, &url->username, value, &desk->pen);
    case FM__URL_PASSWORD:
        return url_set_user(url, &url->password, value, &desk->pen);
    case FM__URL_HOST:
    case FM__URL_HOSTNAME:
        return url_set_host(url, value, part == FM__URL_HOST, desk);
    case FM__URL_PORT:
        return url_set_port(url, value);
    case FM__URL_PATHNAME:
        return url_set_path(url, value, &desk->pen);
    case FM__URL_SEARCH:
        fm__url_query(url, value, &desk->pen);
        break;
    case FM__URL_HASH:
        fm__url_fragment(url, value, &desk->pen);
        break;
    }
    return 0;
}

/* An empty value takes away what may be missing: true. */
static bool url_set_removes(struct fm__url *url, enum fm__url_part part)
{
    if (part == FM__URL_SEARCH) {
        url->has_query = false;
        url->query.size = 0;
    } else if (part == FM__URL_HASH) {
        url->has_fragment = false;
        url->fragment.size = 0;
    } else if (part == FM__URL_PORT && !url_set_is_bare(url)) {
        url->port = FM__URL_NO_PORT;
    } else {
        return false;
    }
    return true;
}

/* The '?' or '#' that a value may begin with. */
static size_t url_set_prefix(enum fm__url_part part, struct fm__slice value)
{
    char first = fm__slice_at(value, 0);
    return (part == FM__URL_SEARCH && first == '?') ||
           (part == FM__URL_HASH && first == '#');
}

int fm__url_set(struct fm__url *url, enum fm__url_part part,
                struct fm__slice value, struct fm__url_desk *desk)
{
    struct fm__url changed = *url;
    if (value.size == 0 && url_set_removes(url, part))
        return 0;
    value = fm__slice_after(value, url_set_prefix(part, value));
    if (part != FM__URL_USERNAME && part != FM__URL_PASSWORD)
        value = fm__url_clean(value, false, &desk->pen);
    int rc = url_set_part(&changed, part, value, desk);
    if (desk->pen.full)
        return -ENOBUFS;
    if (rc == 0)
        *url = changed;
    return rc;
}
