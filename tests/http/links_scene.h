/*
 * links_scene.h - a page, and what is found in it
 */
#ifndef TESTS_HTTP_LINKS_SCENE_H
#define TESTS_HTTP_LINKS_SCENE_H

#include "http/http_play.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINKS_PIECE 4096 /* bytes that the parser is given at once */
#define PAGE "http://a.example/b/c?d"

/* Writes each as a line: its kind in a letter, small if it is not to be
 * followed, and its URL, where that is of the page's site without that. */
static inline void write_link(FILE *found, const fm_link *link)
{
    static const char site[] = "http://a.example";
    const char *text = link->url != NULL ? fm_url_text(link->url) : "?";
    char letter = "ARCFIMSTO"[link->kind];
    if (strncmp(text, site, strlen(site)) == 0)
        text += strlen(site);
    fprintf(found, "%c %s\n", link->nofollow ? letter | 0x20 : letter, text);
}

/* What a page is, and how it comes. */
struct page {
    const char *bytes;
    size_t size;
    const char *type;
    size_t piece; /* bytes at a time; 0: all at once */
    bool wrong;
};

static inline int feed(fm_links *links, const struct page *page)
{
    size_t piece = page->piece > 0 ? page->piece : page->size;
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < page->size; at += piece) {
        size_t rest = page->size - at;
        rc =
            fm_links_feed(links, page->bytes + at, rest < piece ? rest : piece);
    }
    return rc == 0 ? fm_links_feed(links, NULL, 0) : rc;
}

/* The lines of all its links, to be freed, and the answer of the last feed. */
static inline char *read_page(const struct page *page, int *rc)
{
    char *text = NULL;
    size_t size;
    fm_links *links;
    fm_link link;
    fm_links_options options = {.wrong = page->wrong};
    FILE *found = open_memstream(&text, &size);
    CHECK_INT(fm_links_new(PAGE, page->type, &links, &options), 0);
    *rc = feed(links, page);
    while (fm_links_next(links, &link) > 0)
        write_link(found, &link);
    fm_links_free(links);
    fclose(found);
    return text;
}

#endif
