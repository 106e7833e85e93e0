/*
 * crawler.c - crawls a site, and tells which of its links lead nowhere
 *
 *   crawler [--delay SECONDS] [--store FILE] URL
 *
 * What robots.txt says is left alone, and a redirect is one more URL. With a
 * store it goes on where it was, however it ended.
 */
#include "crawler.h"

#include "crawler_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGENT "fermata-crawler"
#define DELAY_MOST 60     /* that a site may ask for */
#define BODY_MOST 4194304 /* bytes that are looked at */

struct crawl {
    const struct crawler *self;
    struct crawler_figures *figures;
    struct store store;
    fm_http_client *client;
    fm_robots *robots;
    fm_url *site;
    fm_rate rate;
};

/* ---- a page -------------------------------------------------------------- */

struct visit {
    struct crawl *crawl;
    struct store_page *page;
};

/* [read] */
/* Links are found as the bytes come. What is no page has none. */
static int visit_read(struct visit *self, fm_response *response)
{
    const char *type = fm_response_field(response, "Content-Type");
    fm_links *links = NULL;
    fm_link link;
    char bytes[16384];
    ssize_t size = 1;
    int found = fm_links_new(self->page->url, type, &links);
    while (size > 0 && self->page->bytes < BODY_MOST) {
        size = fm_response_read(response, bytes, sizeof bytes);
        size_t some = size > 0 ? (size_t)size : 0;
        self->page->bytes += some;
        if (found == 0)
            found = fm_links_feed(links, bytes, some);
        while (fm_links_next(links, &link) > 0)
            store_link(&self->crawl->store, self->page, link.url);
    }
    fm_links_free(links);
    return size < 0 ? (int)size : 0;
}
/* [/read] */

/* [ask] */
static void visit_moved(struct visit *self, const char *place)
{
    fm_url *page = NULL, *url = NULL;
    if (fm_url_parse(self->page->url, NULL, &page) == 0 &&
        fm_url_parse(place, page, &url) == 0)
        store_link(&self->crawl->store, self->page, url);
    fm_url_free(page);
    fm_url_free(url);
}

static int visit_ask(struct visit *self)
{
    static const fm_http_request request = {.redirects = -1, .retries = 1};
    struct store_page *page = self->page;
    fm_response *response;
    int rc = fm_http_fetch(self->crawl->client, page->url, &response, &request);
    if (rc < 0)
        return rc;
    page->status = fm_response_status(response);
    const char *place = fm_response_field(response, "Location");
    if (page->status / 100 == 3 && place != NULL)
        visit_moved(self, place);
    rc = visit_read(self, response);
    fm_response_close(response);
    return rc;
}
/* [/ask] */

/* [visit] */
/* What goes wrong is the page's business, but for a cancel. */
static int visit_page(struct visit *self)
{
    struct crawl *crawl = self->crawl;
    struct store_page *page = self->page;
    const char *path = strchr(strstr(page->url, "//") + 2, '/');
    if (!fm_robots_allowed(crawl->robots, path))
        return 0;
    int rc = crawl->rate.tokens > 0 ? fm_rate_take(&crawl->rate, 1) : 0;
    if (rc < 0)
        return rc;
    snprintf(crawl->figures->last, sizeof crawl->figures->last, "%s", path);
    rc = visit_ask(self);
    page->status = rc < 0 ? rc : page->status;
    return rc == -ECANCELED ? rc : 0;
}

static int visit(struct visit *self)
{
    struct crawl *crawl = self->crawl;
    int rc = visit_page(self);
    if (rc == 0)
        rc = store_keep(&crawl->store, self->page, crawl->figures);
    store_back(&crawl->store, self->page);
    return rc;
}
/* [/visit] */

/* ---- the crawl ----------------------------------------------------------- */

/* [all] */
static int crawl_pages(struct crawl *crawl)
{
    unsigned most = crawl->self->per_host > 0 ? crawl->self->per_host : 2;
    struct store_page *page;
    int rc;
    FM_GROUP(g, rc, .limit = most) {
        while (rc == 0 && (rc = store_next(&crawl->store, &page)) > 0) {
            rc = fm_group_go(g, visit, crawl, page);
            if (rc < 0)
                store_back(&crawl->store, page);
        }
    }
    return rc;
}
/* [/all] */

/* [polite] */
static int crawl_politely(struct crawl *crawl)
{
    const char *start = fm_url_text(crawl->site);
    int rc = fm_robots_fetch(crawl->client, start, AGENT, &crawl->robots);
    if (rc < 0) {
        fprintf(stderr, "%s: robots.txt: %s\n", start, fm_strerror(rc));
        return rc;
    }
    double delay = fm_robots_delay(crawl->robots);
    delay = delay < DELAY_MOST ? delay : DELAY_MOST;
    delay = delay > crawl->self->delay ? delay : crawl->self->delay;
    crawl->rate = (fm_rate){.tokens = delay > 0, .seconds = delay};
    rc = crawl_pages(crawl);
    fm_robots_free(crawl->robots);
    return rc;
}
/* [/polite] */

static int crawl_site(struct crawl *crawl)
{
    const struct crawler *self = crawl->self;
    static const fm_http_client_options options = {.user_agent =
                                                       AGENT "/" FM_VERSION,
                                                   .answer_timeout = 30,
                                                   .body_timeout = 30};
    int rc = store_open(&crawl->store, self->store, crawl->site);
    if (rc == 0)
        rc = store_count(&crawl->store, crawl->figures);
    if (rc == 0)
        rc = fm_http_client_open(&crawl->client, &options);
    if (rc == 0)
        rc = crawl_politely(crawl);
    if (rc == 0 && self->report != NULL)
        rc = store_report(&crawl->store, self->report);
    fm_http_client_close(crawl->client);
    sql_close(&crawl->store.sql);
    return rc;
}

int crawler(struct crawler *self)
{
    struct crawler_figures figures = {0};
    struct crawl crawl = {
        .self = self,
        .figures = self->figures != NULL ? self->figures : &figures,
        .store.most = self->most > 0 ? self->most : 20000,
    };
    int rc = fm_url_parse(self->start, NULL, &crawl.site);
    if (rc == 0)
        rc = fm_url_set(crawl.site, FM_URL_HASH, "");
    if (rc == 0)
        rc = fm_url_normalize(crawl.site);
    if (rc == 0)
        rc = crawl_site(&crawl);
    fm_url_free(crawl.site);
    return rc;
}

/* ---- the program --------------------------------------------------------- */

static int progress(void *figures)
{
    const struct crawler_figures *now = figures;
    while (fm_sleep(0.1) == 0)
        fprintf(stderr, "\r\033[K%u URLs found, %u asked for, %u broken",
                now->found, now->fetched + now->redirects + now->broken,
                now->broken);
    return fprintf(stderr, "\r\033[K");
}

static int run(void *arg)
{
    struct crawler *self = arg;
    struct crawler_figures figures = {0};
    bool shows = isatty(STDERR_FILENO) == 1;
    fm_task *shown = shows ? fm_start(progress, &figures) : NULL;
    self->figures = &figures;
    int rc = crawler(self);
    fm_stop(shown);
    return rc;
}

int main(int argc, char **argv)
{
    char *report = NULL;
    size_t size;
    struct crawler self = {.delay = 0.1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--delay") == 0 && i + 1 < argc)
            self.delay = strtod(argv[++i], NULL);
        else if (strcmp(argv[i], "--store") == 0 && i + 1 < argc)
            self.store = argv[++i];
        else
            self.start = argv[i];
    }
    if (self.start == NULL) {
        fprintf(stderr, "crawler [--delay SECONDS] [--store FILE] URL\n");
        return 2;
    }
    self.report = open_memstream(&report, &size);
    int rc = fm_run(run, &self);
    fclose(self.report);
    printf("%s", report);
    free(report);
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", self.start, fm_strerror(rc));
    return rc < 0;
}
