/*
 * url_parse.c - text becomes a URL (the URL standard, 4.4)
 *
 * The standard's state machine, with each state a function that takes what
 * belongs to it from the front of the text.
 */
#include "proto/percent.h"
#include "proto/url_host.h"
#include "proto/url_work.h"

#include <errno.h>

struct url_parse {
    struct fm__slice rest; /* not yet taken */
    struct fm__url *url;
    const struct fm__url *base; /* or NULL */
    struct fm__url_desk *desk;
};

static const struct {
    struct fm__slice scheme;
    int port;
} url_parse_special[] = {
    {{"http", 4}, 80}, {{"https", 5}, 443}, {{"ws", 2}, 80},
    {{"wss", 3}, 443}, {{"ftp", 3}, 21},    {{"file", 4}, FM__URL_NO_PORT},
};

int fm__url_default_port(struct fm__slice scheme)
{
    for (size_t i = 0; i < FM__COUNT(url_parse_special); i++)
        if (fm__slice_is(scheme, url_parse_special[i].scheme))
            return url_parse_special[i].port;
    return FM__URL_NOT_SPECIAL;
}

/* --- small parts --------------------------------------------------------- */

static bool url_parse_is_letter(char byte)
{
    byte |= 0x20;
    return byte >= 'a' && byte <= 'z';
}

static bool url_parse_is_scheme(char byte)
{
    return url_parse_is_letter(byte) || (byte >= '0' && byte <= '9') ||
           byte == '+' || byte == '-' || byte == '.';
}

size_t fm__url_scheme(struct fm__slice text, struct fm__pen *pen,
                      struct fm__slice *scheme)
{
    size_t size = 0;
    while (size < text.size && url_parse_is_scheme(text.at[size]))
        size++;
    if (fm__slice_at(text, size) != ':' || !url_parse_is_letter(text.at[0]))
        return 0;
    char *start = pen->at;
    for (size_t i = 0; i < size; i++)
        if (url_parse_is_letter(text.at[i]))
            fm__pen_put(pen, (char)(text.at[i] | 0x20));
        else
            fm__pen_put(pen, text.at[i]);
    *scheme = fm__pen_since(pen, start);
    return size + 1;
}

size_t fm__url_colon(struct fm__slice text)
{
    bool inside = false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == ':' && !inside)
            return i;
        if (text.at[i] == '[' || text.at[i] == ']')
            inside = text.at[i] == '[';
    }
    return text.size;
}

int fm__url_port(struct fm__url *url, struct fm__slice digits)
{
    int port = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return -EINVAL;
        port = port * 10 + digits.at[i] - '0';
        if (port > UINT16_MAX)
            return -EINVAL;
    }
    bool own = port == fm__url_default_port(url->scheme);
    url->port = own || digits.size == 0 ? FM__URL_NO_PORT : port;
    return 0;
}

int fm__url_file_host(struct fm__url *url, struct fm__slice text,
                      struct fm__url_desk *desk)
{
    int rc = 0;
    url->has_host = true;
    url->host = fm__slice_until(text, 0);
    if (text.size > 0)
        rc = fm__url_host(text, true, desk, &url->host);
    if (fm__slice_is(url->host, FM__SLICE("localhost")))
        url->host.size = 0;
    return rc;
}

/* --- the states ---------------------------------------------------------- */

static bool url_parse_slash(const struct url_parse *self, size_t index)
{
    char byte = fm__slice_at(self->rest, index);
    return byte == '/' || (byte == '\\' && self->url->special);
}

static void url_parse_skip(struct url_parse *self, size_t size)
{
    self->rest = fm__slice_after(self->rest, size);
}

static struct fm__slice url_parse_take(struct url_parse *self,
                                       const char *until)
{
    size_t size = fm__url_find(self->rest, until);
    struct fm__slice taken = fm__slice_until(self->rest, size);
    url_parse_skip(self, size);
    return taken;
}

/* Query and fragment, each if it is there. */
static int url_parse_behind(struct url_parse *self)
{
    struct fm__pen *pen = &self->desk->pen;
    if (fm__slice_at(self->rest, 0) == '?') {
        url_parse_skip(self, 1);
        fm__url_query(self->url, url_parse_take(self, "#"), pen);
    }
    if (self->rest.size > 0) {
        url_parse_skip(self, 1);
        fm__url_fragment(self->url, self->rest, pen);
    }
    return 0;
}

static int url_parse_path(struct url_parse *self)
{
    fm__url_path(self->url, url_parse_take(self, "?#"), &self->desk->pen);
    return url_parse_behind(self);
}

/* The path start state: one that is not special may have none. */
static int url_parse_path_start(struct url_parse *self)
{
    char first = fm__slice_at(self->rest, 0);
    if (!self->url->special &&
        (self->rest.size == 0 || first == '?' || first == '#'))
        return url_parse_behind(self);
    return url_parse_path(self);
}

static int url_parse_opaque(struct url_parse *self)
{
    struct fm__pen *pen = &self->desk->pen;
    struct fm__slice text = url_parse_take(self, "?#");
    bool spaced = text.size > 0 && text.at[text.size - 1] == ' ';
    char *start = pen->at;
    text.size -= spaced;
    fm__percent_encode(pen, text, FM__PERCENT_C0);
    if (spaced)
        fm__percent_put(pen, ' ');
    self->url->opaque = true;
    self->url->path = fm__pen_since(pen, start);
    return url_parse_behind(self);
}

static void url_parse_user(struct url_parse *self, struct fm__slice text)
{
    struct fm__url *url = self->url;
    struct fm__pen *pen = &self->desk->pen;
    size_t colon = fm__slice_find(text, ':');
    url->username = fm__url_encoded(pen, fm__slice_until(text, colon),
                                    FM__PERCENT_USERINFO);
    url->password = fm__url_encoded(pen, fm__slice_after(text, colon + 1),
                                    FM__PERCENT_USERINFO);
}

static int url_parse_host_and_port(struct url_parse *self,
                                   struct fm__slice text)
{
    struct fm__url *url = self->url;
    size_t colon = fm__url_colon(text);
    struct fm__slice host = fm__slice_until(text, colon);
    if (host.size == 0 && (url->special || colon < text.size))
        return -EINVAL;
    int rc = fm__url_host(host, url->special, self->desk, &url->host);
    url->has_host = true;
    return rc < 0 ? rc : fm__url_port(url, fm__slice_after(text, colon + 1));
}

static int url_parse_authority(struct url_parse *self)
{
    struct fm__slice text =
        url_parse_take(self, self->url->special ? "/\\?#" : "/?#");
    size_t at = text.size;
    while (at > 0 && text.at[at - 1] != '@')
        at--;
    if (at > 0) {
        url_parse_user(self, fm__slice_until(text, at - 1));
        text = fm__slice_after(text, at);
        if (text.size == 0)
            return -EINVAL;
    }
    int rc = url_parse_host_and_port(self, text);
    return rc < 0 ? rc : url_parse_path_start(self);
}

static int url_parse_after_slashes(struct url_parse *self)
{
    while (url_parse_slash(self, 0))
        url_parse_skip(self, 1);
    return url_parse_authority(self);
}

/* The path and query of the base, which a text of nothing else keeps. */
static int url_parse_from_base(struct url_parse *self, bool drive)
{
    struct fm__url *url = self->url;
    const struct fm__url *base = self->base;
    char first = fm__slice_at(self->rest, 0);
    url->path = base->path;
    if (self->rest.size == 0 || first == '#') {
        url->query = base->query;
        url->has_query = base->has_query;
        return url_parse_behind(self);
    }
    if (first == '?')
        return url_parse_behind(self);
    if (drive)
        url->path.size = 0;
    else
        fm__url_shorten(url);
    return url_parse_path(self);
}

static void url_parse_base_authority(struct url_parse *self)
{
    struct fm__url *url = self->url;
    url->username = self->base->username;
    url->password = self->base->password;
    url->host = self->base->host;
    url->has_host = self->base->has_host;
    url->port = self->base->port;
}

static int url_parse_relative(struct url_parse *self)
{
    if (url_parse_slash(self, 0) && url_parse_slash(self, 1)) {
        url_parse_skip(self, 2);
        return self->url->special ? url_parse_after_slashes(self)
                                  : url_parse_authority(self);
    }
    url_parse_base_authority(self);
    return url_parse_slash(self, 0) ? url_parse_path(self)
                                    : url_parse_from_base(self, false);
}

/* --- file ---------------------------------------------------------------- */

/* Behind "//": a drive is no host. */
static int url_parse_file_host(struct url_parse *self)
{
    size_t size = fm__url_find(self->rest, "/\\?#");
    struct fm__slice text = fm__slice_until(self->rest, size);
    if (fm__url_is_drive(text))
        return url_parse_path(self);
    url_parse_skip(self, size);
    int rc = fm__url_file_host(self->url, text, self->desk);
    return rc < 0 ? rc : url_parse_path_start(self);
}

/* Behind one '/': the base's host, and its drive unless there is another. */
static int url_parse_file_slash(struct url_parse *self)
{
    struct fm__url *url = self->url;
    const struct fm__url *base = self->base;
    if (base != NULL) {
        url->host = base->host;
        struct fm__slice first = fm__slice_until(base->path, 3);
        bool drive = first.size == 3 && first.at[2] == ':' &&
                     fm__url_is_drive(fm__slice_after(first, 1)) &&
                     (base->path.size == 3 || base->path.at[3] == '/');
        if (drive && !fm__url_begins_with_drive(fm__slice_after(self->rest, 1)))
            url->path = first;
    }
    return url_parse_path(self);
}

static int url_parse_file(struct url_parse *self)
{
    struct fm__url *url = self->url;
    if (self->base != NULL &&
        !fm__slice_is(self->base->scheme, FM__SLICE("file")))
        self->base = NULL;
    url->has_host = true;
    if (url_parse_slash(self, 0) && url_parse_slash(self, 1)) {
        url_parse_skip(self, 2);
        return url_parse_file_host(self);
    }
    if (url_parse_slash(self, 0))
        return url_parse_file_slash(self);
    if (self->base == NULL)
        return url_parse_path(self);
    url->host = self->base->host;
    return url_parse_from_base(self, fm__url_begins_with_drive(self->rest));
}

/* --- the beginning ------------------------------------------------------- */

static bool url_parse_is_file(const struct fm__url *url)
{
    return fm__slice_is(url->scheme, FM__SLICE("file"));
}

static int url_parse_without_scheme(struct url_parse *self)
{
    const struct fm__url *base = self->base;
    struct fm__url *url = self->url;
    if (base == NULL)
        return -EINVAL;
    url->scheme = base->scheme;
    url->special = base->special;
    if (base->opaque) {
        if (fm__slice_at(self->rest, 0) != '#')
            return -EINVAL;
        url->opaque = true;
        return url_parse_from_base(self, false);
    }
    return url_parse_is_file(url) ? url_parse_file(self)
                                  : url_parse_relative(self);
}

static int url_parse_with_scheme(struct url_parse *self)
{
    struct fm__url *url = self->url;
    url->special = fm__url_default_port(url->scheme) != FM__URL_NOT_SPECIAL;
    bool two = url_parse_slash(self, 0) && url_parse_slash(self, 1);
    if (url_parse_is_file(url))
        return url_parse_file(self);
    if (url->special && !two && self->base != NULL &&
        fm__slice_is(self->base->scheme, url->scheme))
        return url_parse_relative(self);
    if (url->special)
        return url_parse_after_slashes(self);
    if (two) {
        url_parse_skip(self, 2);
        return url_parse_authority(self);
    }
    return url_parse_slash(self, 0) ? url_parse_path(self)
                                    : url_parse_opaque(self);
}

int fm__url_parse(struct fm__url *url, struct fm__slice text,
                  const struct fm__url *base, struct fm__url_desk *desk)
{
    static const struct fm__slice nothing = {"", 0};
    struct fm__pen *pen = &desk->pen;
    struct url_parse self = {fm__url_clean(text, true, pen), url, base, desk};
    *url = (struct fm__url){
        .scheme = nothing,
        .username = nothing,
        .password = nothing,
        .host = nothing,
        .path = nothing,
        .query = nothing,
        .fragment = nothing,
        .port = FM__URL_NO_PORT,
    };
    size_t size = fm__url_scheme(self.rest, pen, &url->scheme);
    url_parse_skip(&self, size);
    int rc = size > 0 ? url_parse_with_scheme(&self)
                      : url_parse_without_scheme(&self);
    return pen->full ? -ENOBUFS : rc;
}
