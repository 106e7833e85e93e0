/*
 * url.c - a URL as an object: its parts, and their texts, in one block
 *
 * Invariant: `block` holds whatever `parts` points to, and the text of every
 * part, each with its NUL.
 */
#include <fermata/url.h>

#include "base/memory.h"
#include "http/idna.h"
#include "proto/percent.h"
#include "proto/url_parts.h"

#include <errno.h>

enum {
    URL_TEXTS = FM_URL_ORIGIN + 2, /* the parts, and the whole */
    URL_WHOLE = URL_TEXTS - 1,
    URL_SIZE_LIMIT = 4 * FM_URL_LIMIT,
    /* Each text is a piece of the whole, three are of the host. */
    URL_COPIES = 4
};

struct fm_url {
    struct fm__url parts;
    const char *texts[URL_TEXTS];
    char *block;
};

static void url_show_host(const struct fm__url *parts, struct fm__pen *pen)
{
    fm__pen_write(pen, parts->host);
    if (parts->port != FM__URL_NO_PORT) {
        fm__pen_put(pen, ':');
        fm__url_write_port(parts->port, pen);
    }
}

static void url_show_origin(const struct fm__url *parts, struct fm__pen *pen)
{
    if (fm__url_default_port(parts->scheme) < 0) {
        fm__pen_write(pen, FM__SLICE("null"));
        return;
    }
    fm__pen_write(pen, parts->scheme);
    fm__pen_write(pen, FM__SLICE("://"));
    url_show_host(parts, pen);
}

/* With what it begins with, unless it is empty. */
static void url_show_marked(char mark, struct fm__slice text,
                            struct fm__pen *pen)
{
    if (text.size > 0)
        fm__pen_put(pen, mark);
    fm__pen_write(pen, text);
}

static void url_show(const struct fm__url *parts, unsigned which,
                     struct fm__pen *pen)
{
    switch (which) {
    case FM_URL_PROTOCOL:
        fm__pen_write(pen, parts->scheme);
        fm__pen_put(pen, ':');
        break;
    case FM_URL_USERNAME:
        fm__pen_write(pen, parts->username);
        break;
    case FM_URL_PASSWORD:
        fm__pen_write(pen, parts->password);
        break;
    case FM_URL_HOST:
        url_show_host(parts, pen);
        break;
    case FM_URL_HOSTNAME:
        fm__pen_write(pen, parts->host);
        break;
    case FM_URL_PORT:
        if (parts->port != FM__URL_NO_PORT)
            fm__url_write_port(parts->port, pen);
        break;
    case FM_URL_PATHNAME:
        fm__pen_write(pen, parts->path);
        break;
    case FM_URL_SEARCH:
        url_show_marked('?', parts->query, pen);
        break;
    case FM_URL_HASH:
        url_show_marked('#', parts->fragment, pen);
        break;
    case FM_URL_ORIGIN:
        url_show_origin(parts, pen);
        break;
    default:
        fm__url_write(parts, true, pen);
        break;
    }
}

static size_t url_size(const struct fm__url *parts)
{
    return parts->scheme.size + parts->username.size + parts->password.size +
           parts->host.size + parts->path.size + parts->query.size +
           parts->fragment.size + FM__URL_MORE;
}

static void url_keep(struct fm__slice *part, struct fm__pen *pen)
{
    char *start = pen->at;
    fm__pen_write(pen, *part);
    *part = fm__pen_since(pen, start);
}

/* Takes the parts, wherever they lie, into a block of its own. */
static int url_take(fm_url *url, struct fm__url parts)
{
    size_t size = url_size(&parts);
    if (size > URL_SIZE_LIMIT)
        return -ENAMETOOLONG;
    size = (1 + URL_COPIES) * size + URL_TEXTS;
    char *block = fm__memory_new(size);
    if (block == NULL)
        return -ENOMEM;
    struct fm__pen pen = {block, block + size, false};
    struct fm__slice *all[] = {
        &parts.scheme, &parts.username, &parts.password, &parts.host,
        &parts.path,   &parts.query,    &parts.fragment,
    };
    for (size_t i = 0; i < FM__COUNT(all); i++)
        url_keep(all[i], &pen);
    for (unsigned i = 0; i < URL_TEXTS; i++) {
        url->texts[i] = pen.at;
        url_show(&parts, i, &pen);
        fm__pen_put(&pen, '\0');
    }
    fm__memory_free(url->block);
    url->block = block;
    url->parts = parts;
    return 0;
}

/* Room for what a text becomes, relative to a base or in place of a part. */
static int url_desk(struct fm__url_desk *desk, size_t text, size_t others)
{
    size_t room = text * FM__URL_GROWTH + others + 2 * FM__URL_MORE;
    char *memory = fm__memory_new(room);
    if (memory == NULL)
        return -ENOMEM;
    desk->pen = (struct fm__pen){memory, memory + room, false};
    desk->to_ascii = fm__idna_to_ascii;
    return 0;
}

int fm_url_parse(const char *text, const fm_url *base, fm_url **out)
{
    struct fm__slice slice = fm__slice_of(text);
    struct fm__url_desk desk;
    if (slice.size > FM_URL_LIMIT)
        return -ENAMETOOLONG;
    fm_url *url = fm__memory_new(sizeof *url);
    if (url == NULL)
        return -ENOMEM;
    int rc =
        url_desk(&desk, slice.size, base != NULL ? url_size(&base->parts) : 0);
    if (rc == 0) {
        char *memory = desk.pen.at;
        struct fm__url parts = {0};
        rc = fm__url_parse(&parts, slice, base != NULL ? &base->parts : NULL,
                           &desk);
        if (rc == 0)
            rc = url_take(url, parts);
        fm__memory_free(memory);
    }
    if (rc == 0)
        *out = url;
    else
        fm__memory_free(url);
    return rc;
}

void fm_url_free(fm_url *url)
{
    if (url == NULL)
        return;
    fm__memory_free(url->block);
    fm__memory_free(url);
}

const char *fm_url_text(const fm_url *url)
{
    return url->texts[URL_WHOLE];
}

const char *fm_url_get(const fm_url *url, fm_url_part part)
{
    return (unsigned)part <= FM_URL_ORIGIN ? url->texts[part] : "";
}

int fm_url_port(const fm_url *url)
{
    if (url->parts.port != FM__URL_NO_PORT)
        return url->parts.port;
    int port = fm__url_default_port(url->parts.scheme);
    return port > 0 ? port : -1;
}

int fm_url_set(fm_url *url, fm_url_part part, const char *value)
{
    struct fm__slice slice = fm__slice_of(value);
    struct fm__url_desk desk;
    struct fm__url changed = url->parts;
    if ((unsigned)part > FM_URL_HASH)
        return -EINVAL;
    if (slice.size > FM_URL_LIMIT)
        return -ENAMETOOLONG;
    int rc = url_desk(&desk, slice.size, 0);
    if (rc < 0)
        return rc;
    char *memory = desk.pen.at;
    rc = fm__url_set(&changed, (enum fm__url_part)part, slice, &desk);
    if (rc == 0)
        rc = url_take(url, changed);
    fm__memory_free(memory);
    return rc;
}

static struct fm__slice url_normal(struct fm__pen *pen, struct fm__slice text)
{
    char *start = pen->at;
    fm__percent_normal(pen, text, "");
    return fm__pen_since(pen, start);
}

int fm_url_normalize(fm_url *url)
{
    struct fm__url changed = url->parts;
    size_t room = 3 * (changed.path.size + changed.query.size) + 1;
    char *memory = fm__memory_new(room);
    if (memory == NULL)
        return -ENOMEM;
    struct fm__pen pen = {memory, memory + room, false};
    changed.path = url_normal(&pen, changed.path);
    changed.query = url_normal(&pen, changed.query);
    int rc = url_take(url, changed);
    fm__memory_free(memory);
    return rc;
}
