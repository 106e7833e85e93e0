/*
 * crawler_links.h - the links of a page, as its bytes come
 */
#ifndef EXAMPLES_CRAWLER_LINKS_H
#define EXAMPLES_CRAWLER_LINKS_H

#include <fermata.h>

/* Is told of a link: its URL, without a fragment, normalized, the caller's to
 * keep for as long as it is called. */
typedef void links_found(void *arg, fm_url *url);

/* The one link of a page that has moved. */
void links_moved(const char *url, const char *location, links_found *found,
                 void *arg);

/* A page that is read; of whoever has begun it. */
struct links *links_begin(const char *url, const char *type, links_found *found,
                          void *arg);

/* Some bytes of it. Whatever they are, they are a page. */
void links_feed(struct links *links, const char *bytes, size_t size);

/* The page is all there; NULL is nothing. */
void links_end(struct links *links);

#endif
