/*
 * url_path.c - the parts behind the host (the URL standard, 4.4: path state,
 * query state, fragment state)
 *
 * The path is written at the pen as it grows, so ".." cuts back what stands
 * there.
 */
#include "proto/percent.h"
#include "proto/url_work.h"

size_t fm__url_find(struct fm__slice text, const char *bytes)
{
    size_t at = 0;
    while (at < text.size &&
           (text.at[at] == '\0' || strchr(bytes, text.at[at]) == NULL))
        at++;
    return at;
}

struct fm__slice fm__url_encoded(struct fm__pen *pen, struct fm__slice text,
                                 int set)
{
    char *start = pen->at;
    fm__percent_encode(pen, text, (enum fm__percent_set)set);
    return fm__pen_since(pen, start);
}

void fm__url_query(struct fm__url *url, struct fm__slice text,
                   struct fm__pen *pen)
{
    url->has_query = true;
    url->query = fm__url_encoded(pen, text,
                                 url->special ? FM__PERCENT_SPECIAL_QUERY
                                              : FM__PERCENT_QUERY);
}

void fm__url_fragment(struct fm__url *url, struct fm__slice text,
                      struct fm__pen *pen)
{
    url->has_fragment = true;
    url->fragment = fm__url_encoded(pen, text, FM__PERCENT_FRAGMENT);
}

/* How many dots a segment is, written as they are or as "%2e"; 0: it is
 * something else. */
static int url_path_dots(struct fm__slice segment)
{
    int dots = 0;
    while (segment.size > 0 && dots < 3) {
        size_t size = segment.at[0] == '.' ? 1 : 3;
        if (size == 3 &&
            (segment.size < 3 || memcmp(segment.at, "%2", 2) != 0 ||
             (segment.at[2] | 0x20) != 'e'))
            return 0;
        segment = fm__slice_after(segment, size);
        dots++;
    }
    return dots < 3 ? dots : 0;
}

bool fm__url_is_drive(struct fm__slice text)
{
    char letter = (char)(fm__slice_at(text, 0) | 0x20);
    return text.size == 2 && letter >= 'a' && letter <= 'z' &&
           (text.at[1] == ':' || text.at[1] == '|');
}

bool fm__url_begins_with_drive(struct fm__slice text)
{
    return fm__url_is_drive(fm__slice_until(text, 2)) &&
           (text.size == 2 ||
            fm__url_find(fm__slice_after(text, 2), "/\\?#") == 0);
}

void fm__url_shorten(struct fm__url *url)
{
    struct fm__slice *path = &url->path;
    bool file = fm__slice_is(url->scheme, FM__SLICE("file"));
    if (file && path->size == 3 && path->at[2] == ':' &&
        fm__url_is_drive(fm__slice_after(*path, 1)))
        return;
    while (path->size > 0 && path->at[--path->size] != '/')
        continue;
}

static void url_path_append(struct fm__url *url, struct fm__slice segment,
                            struct fm__pen *pen)
{
    bool drive = url->path.size == 0 && fm__url_is_drive(segment) &&
                 fm__slice_is(url->scheme, FM__SLICE("file"));
    fm__pen_put(pen, '/');
    if (drive) {
        fm__pen_put(pen, segment.at[0]);
        fm__pen_put(pen, ':');
    } else {
        fm__percent_encode(pen, segment, FM__PERCENT_PATH);
    }
}

static void url_path_step(struct fm__url *url, struct fm__slice segment,
                          bool last, struct fm__pen *pen)
{
    const char *start = url->path.at;
    int dots = url_path_dots(segment);
    if (dots == 2)
        fm__url_shorten(url);
    pen->at = (char *)(uintptr_t)(start + url->path.size);
    if (dots == 0)
        url_path_append(url, segment, pen);
    else if (last)
        fm__pen_put(pen, '/');
    url->path = fm__pen_since(pen, start);
}

void fm__url_path(struct fm__url *url, struct fm__slice text,
                  struct fm__pen *pen)
{
    const char *slashes = url->special ? "/\\" : "/";
    char *start = pen->at;
    fm__pen_write(pen, url->path);
    url->path = fm__pen_since(pen, start);
    if (fm__url_find(text, slashes) == 0 && text.size > 0)
        text = fm__slice_after(text, 1);
    for (bool last = false; !last;) {
        size_t size = fm__url_find(text, slashes);
        last = size == text.size;
        url_path_step(url, fm__slice_until(text, size), last, pen);
        text = fm__slice_after(text, size + 1);
    }
}
