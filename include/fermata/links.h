/*
 * links.h - where a page of HTML leads, found as its bytes come
 *
 *     const char *page = "<a href=../c>";
 *     fm_links *links;
 *     fm_link link;
 *     int rc = fm_links_new("http://example.org/a/b", "text/html", &links);
 *     if (rc == 0 && fm_links_feed(links, page, strlen(page)) == 0 &&
 *         fm_links_feed(links, NULL, 0) == 0)           // that was all
 *         while (fm_links_next(links, &link) > 0)
 *             puts(fm_url_text(link.url));             // http://example.org/c
 *
 * By libxml2, and no tree is built. Nothing here waits; in libfermata-http.
 */
#ifndef FERMATA_LINKS_H
#define FERMATA_LINKS_H

#include <fermata/api.h>
#include <fermata/url.h>
#include <stdbool.h>

/* Bytes of a page that are looked at. */
#define FM_LINKS_LIMIT 16777216

/* How deep the elements lie that are looked at: as deep as browsers keep. */
#define FM_LINKS_DEPTH 512

/* Attributes of an element that are looked at. */
#define FM_LINKS_ATTRIBUTES 256

/* Bytes of a start tag; a few thousand more may be looked at. */
#define FM_LINKS_TAG 1048576

/* The links of a page that is read: of whoever has begun it, who ends them by
 * fm_links_free. They belong to no loop. */
typedef struct fm_links fm_links;

/* What a link is for. Forms have none: what they send changes something. */
typedef enum fm_link_kind {
    FM_LINK_ANCHOR,    /* a, area: who reads may go there */
    FM_LINK_REFRESH,   /* meta http-equiv="refresh": who reads is sent there */
    FM_LINK_CANONICAL, /* link rel="canonical": where the page belongs */
    FM_LINK_FRAME,     /* iframe, frame, embed, object: shown in the page */
    FM_LINK_IMAGE,     /* img, each of a srcset, input, a poster, an icon */
    FM_LINK_MEDIA,     /* audio, video, their source and track */
    FM_LINK_SCRIPT,    /* script */
    FM_LINK_STYLE,     /* link rel="stylesheet" */
    FM_LINK_OTHER      /* link of another rel: "next", "alternate", ... */
} fm_link_kind;

/*
 * A link.
 *
 *   url       without what is relative; may be changed, by fm_url_set and
 *             fm_url_normalize. NULL for what is no URL, see below
 *   text      as it stands in the page
 *   kind      what it is for
 *   nofollow  the page asks robots not to follow it: by its rel, or by a meta
 *             name="robots" that stands before it
 */
typedef struct fm_link {
    fm_url *url;
    const char *text;
    fm_link_kind kind;
    bool nofollow;
} fm_link;

/*
 * Options; zero is the default.
 *
 *   wrong  what is no URL is a link too, with NULL for its url: for who looks
 *          for what is broken. Else it is passed over
 */
typedef struct fm_links_options {
    bool wrong;
} fm_links_options;

/*
 *     int fm_links_new(const char *url, const char *type, fm_links **links,
 *                      ...);
 *
 * Begins a page. url is its own, after redirects; type its Content-Type, or
 * NULL for what is taken for a page. Both are borrowed by the call alone. A
 * fourth argument, a `const fm_links_options *`, is optional.
 *
 * Returns 0, and *links is the caller's; or, with *links as it was:
 * -FM_EHTTPTYPE for a type that is neither text/html nor application/xhtml+xml;
 * -EINVAL for a URL that is none; -EOPNOTSUPP where the library was built
 * without libxml2; -ENOMEM.
 */
#define fm_links_new(...) FM__LINKS_NEW(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads on; bytes are borrowed by the call alone. Size 0 is the end of the
 * page, before which its last 4096 may not have been looked at. Any bytes are a
 * page, and its links are the same however it is cut. NULL links have none.
 *
 * The alphabet is that of a byte order mark, else of the Content-Type, else of
 * the page's own meta; else UTF-8, where the first 4096 bytes are that, or
 * Latin 1. From a byte that is not of it on, every byte is one of Latin 1. One
 * that only the C library knows is looked up on the disk, the first time.
 *
 * Returns 0; -E2BIG at an element that is deeper than FM_LINKS_DEPTH, or has
 * more attributes than FM_LINKS_ATTRIBUTES or a longer tag than FM_LINKS_TAG,
 * or at a byte behind FM_LINKS_LIMIT, and from then on: the links before that
 * remain; -ENOMEM, and from then on. Takes 16 KiB of the task's stack at most,
 * and a time that grows with the bytes and no faster. libxml2 takes its memory
 * from malloc, unless the program says otherwise by xmlMemSetup.
 */
FM_API FM_MUST_USE int fm_links_feed(fm_links *links, const void *bytes,
                                     size_t size);

/*
 * The next link of what was read, in the order of the page. What *link has is
 * borrowed until the next call with these links.
 *
 * It is relative to the first base of the page that has a href, if that stands
 * before it, else to the page's URL (HTML, 2.4.3). A query is UTF-8, whatever
 * the page's alphabet. One in a comment, a script or a style is none.
 *
 * Returns 1, and *link; 0 when there is none before more is read; -ENOMEM, and
 * the next call has the one behind it.
 */
FM_API int fm_links_next(fm_links *links, fm_link *link);

/* Ends them; NULL is nothing. */
FM_API void fm_links_free(fm_links *links);

/* Private: what the macro above calls. */
FM_API FM_MUST_USE int fm__links_new(const char *url, const char *type,
                                     fm_links **links,
                                     const fm_links_options *options);

#ifdef __cplusplus
}
#endif

#define FM__LINKS_NEW(url, type, links, ...)                                   \
    fm__links_new((url), (type), (links),                                      \
                  FM__OPTIONS(fm_links_options, __VA_ARGS__))

#endif
