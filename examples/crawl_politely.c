/*
 * crawl_politely.c - many at once, so many in a second, and once more
 *
 * The server here is a made-up one: some of its pages are not to be had at
 * the first try, and one of them never. What it takes is what a real one
 * would take: see fetch_all.c for that.
 */
#include <fermata.h>
#include <stdio.h>

/* [pages] */
struct page {
    const char *path;
    int failures; /* of the server, before it answers */
    int code;     /* what they are */
    int attempts;
    int rc;
};

static struct page pages[] = {
    {"/", 0, 0, 0, 0},
    {"/news", 2, -ECONNRESET, 0, 0},
    {"/about", 0, 0, 0, 0},
    {"/archive", 9, -FM_EPEERTIMEOUT, 0, 0},
    {"/secret", 9, -EACCES, 0, 0},
    {"/contact", 1, -ECONNREFUSED, 0, 0},
};
/* [/pages] */

static int ask(struct page *page)
{
    int rc = fm_sleep(0.02);
    if (rc < 0)
        return rc;
    return page->attempts++ < page->failures ? page->code : 0;
}

/* [polite] */
/* Ten requests in a second, and no more than three of them at once. */
static fm_rate polite = {.tokens = 10, .burst = 3};

/* What will not be better a second later. */
static bool worth(int rc, void *arg)
{
    (void)arg;
    return rc != -ECANCELED && rc != -EACCES;
}

static int fetch_page(struct page *page)
{
    fm_retry retry = {.attempts = 4, .first = 0.05, .worth = worth};
    int rc;
    do {
        rc = fm_rate_take(&polite, 1);
        if (rc == 0)
            rc = ask(page);
    } while (fm_retry_again(&retry, rc));
    return rc;
}
/* [/polite] */

/* [crawl] */
struct fetch {
    struct page *page;
};

/* What goes wrong is the page's business, not the crawl's. */
static int fetch(struct fetch *self)
{
    FM_TIMEOUT(20, self->page->rc) {
        self->page->rc = fetch_page(self->page);
    }
    return self->page->rc == -ECANCELED ? -ECANCELED : 0;
}

static int crawl(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(g, rc, .limit = 4) {
        for (size_t i = 0; rc == 0 && i < sizeof pages / sizeof *pages; i++)
            rc = fm_group_go(g, fetch, &pages[i]);
    }
    for (size_t i = 0; rc == 0 && i < sizeof pages / sizeof *pages; i++)
        printf("%-9s attempts: %d, %s\n", pages[i].path, pages[i].attempts,
               fm_strerror(pages[i].rc));
    return rc;
}
/* [/crawl] */

int main(void)
{
    return fm_run(crawl, NULL) < 0;
}
