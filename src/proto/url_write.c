/*
 * url_write.c - a URL as text (the URL standard, 4.5)
 */
#include "proto/url_parts.h"

void fm__url_write_port(int port, struct fm__pen *pen)
{
    char digits[5];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + port % 10);
    while ((port /= 10) > 0);
    fm__pen_write(pen, (struct fm__slice){digits + at, sizeof digits - at});
}

static void url_write_authority(const struct fm__url *url, struct fm__pen *pen)
{
    fm__pen_write(pen, FM__SLICE("//"));
    fm__pen_write(pen, url->username);
    if (url->password.size > 0) {
        fm__pen_put(pen, ':');
        fm__pen_write(pen, url->password);
    }
    if (url->username.size > 0 || url->password.size > 0)
        fm__pen_put(pen, '@');
    fm__pen_write(pen, url->host);
    if (url->port != FM__URL_NO_PORT) {
        fm__pen_put(pen, ':');
        fm__url_write_port(url->port, pen);
    }
}

void fm__url_write(const struct fm__url *url, bool fragment,
                   struct fm__pen *pen)
{
    fm__pen_write(pen, url->scheme);
    fm__pen_put(pen, ':');
    if (url->has_host)
        url_write_authority(url, pen);
    else if (!url->opaque && fm__slice_at(url->path, 0) == '/' &&
             fm__slice_at(url->path, 1) == '/')
        fm__pen_write(pen, FM__SLICE("/."));
    fm__pen_write(pen, url->path);
    if (url->has_query) {
        fm__pen_put(pen, '?');
        fm__pen_write(pen, url->query);
    }
    if (url->has_fragment && fragment) {
        fm__pen_put(pen, '#');
        fm__pen_write(pen, url->fragment);
    }
}
