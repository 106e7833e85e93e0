/*
 * fuzz_url.c - whatever a URL is parsed from, its text is a URL that has the
 * same text, a part that is set to what it is changes nothing, and what was
 * normalized is normal
 *
 * The first byte tells how many of the others are the base.
 */
#include "fuzz.h"

#include "http/idna.h"
#include "proto/url_parts.h"

#include <fermata/url.h>

enum {
    ROOM = 1 << 21
};

static char memory[ROOM], first[ROOM], second[ROOM];

static struct fm__slice url_text(const struct fm__url *url, char *room)
{
    struct fm__pen pen = {room, room + ROOM, false};
    fm__url_write(url, true, &pen);
    if (pen.full)
        fuzz_fail("a URL that has no end");
    return fm__pen_since(&pen, room);
}

static void check_same(const fm_url *url, const char *text)
{
    if (strcmp(fm_url_text(url), text) != 0)
        fuzz_fail("a URL that was normal was not");
}

static void check_normal(struct fm__slice href)
{
    char *text = strndup(href.at, href.size), *normal = NULL;
    fm_url *url, *again;
    if (fm_url_parse(text, NULL, &url) == 0) {
        if (fm_url_normalize(url) == 0)
            normal = strdup(fm_url_text(url));
        if (normal != NULL && fm_url_normalize(url) == 0)
            check_same(url, normal);
        if (normal != NULL && fm_url_parse(normal, NULL, &again) == 0) {
            check_same(again, normal);
            fm_url_free(again);
        }
        fm_url_free(url);
    }
    free(normal);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > FM_URL_LIMIT)
        return 0;
    size_t split = bytes[0] < size ? bytes[0] : size - 1;
    const char *text = (const char *)bytes + 1;
    struct fm__url_desk desk = {{memory, memory + ROOM, false},
                                fm__idna_to_ascii};
    struct fm__url base, url, again;
    bool based =
        fm__url_parse(&base, (struct fm__slice){text, split}, NULL, &desk) == 0;
    struct fm__slice rest = {text + split, size - 1 - split};
    if (fm__url_parse(&url, rest, based ? &base : NULL, &desk) != 0) {
        if (desk.pen.full)
            fuzz_fail("more room than was promised");
        return 0;
    }
    struct fm__slice href = url_text(&url, first);
    if (fm__url_parse(&again, href, NULL, &desk) != 0)
        fuzz_fail("a URL's text is none");
    if (!fm__slice_is(url_text(&again, second), href))
        fuzz_fail("a URL's text has another text");
    if (fm__url_set(&again, FM__URL_HASH, again.fragment, &desk) != 0 ||
        fm__url_set(&again, FM__URL_SEARCH, again.query, &desk) != 0)
        fuzz_fail("what it is cannot be set");
    check_normal(href);
    return 0;
}
