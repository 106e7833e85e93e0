/*
 * crawler_links.c - the links of a page, as its bytes come
 *
 * By libxml2, which takes any bytes for a page, and no tree is built.
 */
#include "crawler_links.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MOST 500 /* elements in each other; the rest is not looked at */

struct links {
    htmlParserCtxtPtr parser;
    fm_url *base; /* of what is relative */
    links_found *found;
    void *arg;
};

/* [add] */
static void links_add(const char *link, const fm_url *base, links_found *found,
                      void *arg)
{
    fm_url *url;
    if (fm_url_parse(link, base, &url) < 0)
        return;
    if (fm_url_set(url, FM_URL_HASH, "") == 0 && fm_url_normalize(url) == 0)
        found(arg, url);
    fm_url_free(url);
}
/* [/add] */

void links_moved(const char *url, const char *location, links_found *found,
                 void *arg)
{
    fm_url *base;
    if (fm_url_parse(url, NULL, &base) < 0)
        return;
    links_add(location, base, found, arg);
    fm_url_free(base);
}

static void links_rebase(struct links *links, const char *link)
{
    fm_url *base;
    if (fm_url_parse(link, links->base, &base) < 0)
        return;
    fm_url_free(links->base);
    links->base = base;
}

/* [element] */
static void links_element(void *arg, const xmlChar *name, const xmlChar **pairs)
{
    struct links *links = arg;
    bool base = strcmp((const char *)name, "base") == 0;
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2) {
        const char *key = (const char *)pairs[0];
        const char *link = pairs[1] != NULL ? (const char *)pairs[1] : "";
        if (strcmp(key, "href") != 0 && strcmp(key, "src") != 0)
            continue;
        if (base)
            links_rebase(links, link);
        else
            links_add(link, links->base, links->found, links->arg);
    }
    if (links->parser->nameNr > DEPTH_MOST)
        xmlStopParser(links->parser);
}
/* [/element] */

/* What the header says goes before what the page says of itself. */
static xmlCharEncoding links_coding(const char *type)
{
    char name[32] = "";
    const char *charset = strstr(type, "charset=");
    if (charset == NULL ||
        sscanf(charset, "charset=%*[\"]%31[^\"; ]", name) == 1)
        return xmlParseCharEncoding(name);
    sscanf(charset, "charset=%31[^\"; ]", name);
    return xmlParseCharEncoding(name);
}

struct links *links_begin(const char *url, const char *type, links_found *found,
                          void *arg)
{
    htmlSAXHandler handler = {.startElement = links_element};
    struct links *links = calloc(1, sizeof *links);
    if (links == NULL)
        return NULL;
    *links = (struct links){.found = found, .arg = arg};
    links->parser = htmlCreatePushParserCtxt(&handler, links, NULL, 0, NULL,
                                             links_coding(type));
    if (links->parser == NULL || fm_url_parse(url, NULL, &links->base) < 0) {
        htmlFreeParserCtxt(links->parser);
        free(links);
        return NULL;
    }
    return links;
}

void links_feed(struct links *links, const char *bytes, size_t size)
{
    htmlParseChunk(links->parser, bytes, (int)size, 0);
}

void links_end(struct links *links)
{
    if (links == NULL)
        return;
    htmlParseChunk(links->parser, NULL, 0, 1);
    htmlFreeParserCtxt(links->parser);
    fm_url_free(links->base);
    free(links);
}
