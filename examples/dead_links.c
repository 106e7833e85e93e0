/*
 * dead_links.c - which links of a site lead nowhere
 *
 *   dead_links [URL]
 *
 * Eight pages at a time, those behind them next. Without a URL the site is a
 * made-up one, and no connection is made.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_MOST 1000

/* ---- a made-up site ------------------------------------------------------ */

/* [site] */
static const char *const site_pages[][2] = {
    {"/", "<a href=\"/guide/\">Guide</a> <a href=\"news\">News</a>"},
    {"/news", "<a href=\"/\">Home</a> <a href=\"/2019\">Old news</a>"},
    {"/guide/", "<a href=\"..\">Home</a> <a href=\"first#top\">First</a>"},
    {"/guide/first", "<a href=\"second\">Next</a> <a href=\"./\">Up</a>"},
};

static int site(fm_exchange *exchange, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof site_pages / sizeof site_pages[0]; i++) {
        if (strcmp(fm_exchange_target(exchange), site_pages[i][0]) != 0)
            continue;
        fm_reply_set(exchange, "Content-Type", "text/html");
        return fm_reply_text(exchange, 200, site_pages[i][1]);
    }
    return fm_reply_text(exchange, 404, "no such page\n");
}
/* [/site] */

/* ---- pages --------------------------------------------------------------- */

struct page {
    char *url;
    const struct page *from; /* has the link, or had it first */
    int rc;                  /* or why there was no answer */
    int status;
};

static struct page pages[PAGES_MOST];
static size_t pages_count;
static fm_http_client *client;

static void page_add(const char *url, const struct page *from)
{
    for (size_t i = 0; i < pages_count; i++)
        if (strcmp(pages[i].url, url) == 0)
            return;
    if (pages_count < PAGES_MOST)
        pages[pages_count++] = (struct page){strdup(url), from, 0, 0};
}

/* Without its fragment, and where it is of the same site. */
static void page_link(const struct page *page, const fm_url *base,
                      const char *link)
{
    fm_url *url;
    if (fm_url_parse(link, base, &url) < 0)
        return;
    fm_url_set(url, FM_URL_HASH, "");
    if (strcmp(fm_url_get(url, FM_URL_ORIGIN),
               fm_url_get(base, FM_URL_ORIGIN)) == 0)
        page_add(fm_url_text(url), page);
    fm_url_free(url);
}

/* What stands in href="...". A crawler would parse the page. */
static void page_links(const struct page *page, const char *url,
                       const char *text)
{
    char link[2048];
    fm_url *base;
    if (fm_url_parse(url, NULL, &base) < 0)
        return;
    while ((text = strstr(text, "href=\"")) != NULL) {
        text += strlen("href=\"");
        size_t size = strcspn(text, "\"");
        snprintf(link, sizeof link, "%.*s", (int)size, text);
        page_link(page, base, link);
        text += size;
    }
    fm_url_free(base);
}

/* [visit] */
struct visit {
    struct page *page;
};

/* What is wrong with a page is the page's business. */
static int visit(struct visit *self)
{
    struct page *page = self->page;
    fm_response *response;
    const char *text;
    page->rc = fm_http_fetch(client, page->url, &response);
    if (page->rc < 0)
        return 0;
    page->status = fm_response_status(response);
    const char *type = fm_response_field(response, "Content-Type");
    if (page->status == 200 && type != NULL && strstr(type, "html") != NULL) {
        ssize_t size = fm_response_load(response, &text);
        if (size < 0)
            page->rc = (int)size;
        else
            page_links(page, fm_response_url(response), text);
    }
    fm_response_close(response);
    return 0;
}

/* Page by page as they are found, so that each is known before it is asked. */
static int walk(void)
{
    size_t next = 0, end;
    int rc = 0;
    for (; rc == 0 && next < pages_count; next = end) {
        end = pages_count;
        FM_GROUP(g, rc, .limit = 8) {
            for (size_t i = next; rc == 0 && i < end; i++)
                rc = fm_group_go(g, visit, &pages[i]);
        }
    }
    return rc;
}
/* [/visit] */

static void tell(const struct page *page)
{
    const char *from = page->from != NULL ? page->from->url : "-";
    if (page->rc < 0)
        printf("%s (from %s): %s\n", page->url, from, fm_strerror(page->rc));
    else if (page->status >= 400)
        printf("%s (from %s): %d\n", page->url, from, page->status);
}

static int dead_links(void *url)
{
    fm_http_client_options options = {.handler = url == NULL ? site : NULL};
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    page_add(url != NULL ? url : "http://made-up.example/", NULL);
    rc = walk();
    fm_http_client_close(client);
    for (size_t i = 0; i < pages_count; i++) {
        tell(&pages[i]);
    }
    printf("%zu pages\n", pages_count);
    for (size_t i = 0; i < pages_count; i++)
        free(pages[i].url);
    return rc;
}

int main(int argc, char **argv)
{
    return fm_run(dead_links, argc > 1 ? argv[1] : NULL) < 0;
}
