/*
 * fetch_all.c - many pages of a web server at once, each with its own time
 *
 *   fetch_all ADDRESS PATH...     such as 127.0.0.1:8000 /index.html /about
 *
 * Five at a time, two seconds for each. What fails is named, with the reason,
 * and does not hold up the rest.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [page] */
struct page {
    const char *path;
    int rc;     /* 0, or why there is no answer */
    int status; /* of HTTP: 200, 404, ... */
    size_t size;
};
/* [/page] */

/* ---- HTTP/1.0, by hand --------------------------------------------------- */

/* [ask] */
static int ask(fm_stream *server, const char *path)
{
    char request[1024];
    int size =
        snprintf(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", path);
    if (size < 0 || (size_t)size >= sizeof request)
        return -EMSGSIZE;
    ssize_t n = fm_write(server, request, (size_t)size);
    return n < 0 ? (int)n : 0;
}
/* [/ask] */

/* [answer] */
/* A line with the status, lines of headers, an empty one; then the page, to
 * the end of the stream. */
static int read_answer(fm_stream *server, struct page *page)
{
    char line[4096];
    ssize_t n = fm_read_line(server, line, sizeof line);
    if (n < 0)
        return (int)n;
    if (sscanf(line, "HTTP/1.%*d %d", &page->status) != 1)
        return -EPROTO;
    while ((n = fm_read_line(server, line, sizeof line)) > 0)
        ;
    if (n < 0)
        return (int)n;
    while ((n = fm_read(server, line, sizeof line)) > 0)
        page->size += (size_t)n;
    return (int)n;
}
/* [/answer] */

/* [fetch] */
struct fetch {
    const char *address;
    struct page *page;
};

/* What goes wrong is the page's business, not the group's. */
static int fetch(struct fetch *self)
{
    struct page *page = self->page;
    FM_TIMEOUT(2, page->rc) {
        fm_stream *server = NULL;
        page->rc = fm_connect(self->address, &server);
        if (page->rc == 0)
            page->rc = ask(server, page->path);
        if (page->rc == 0)
            page->rc = read_answer(server, page);
        fm_close(server);
    }
    return page->rc == -ECANCELED ? -ECANCELED : 0;
}
/* [/fetch] */

struct list {
    const char *address;
    struct page *pages;
    size_t count;
};

/* [all] */
static int fetch_all(void *arg)
{
    struct list *list = arg;
    int rc;
    FM_GROUP(g, rc, .limit = 5) {
        for (size_t i = 0; rc == 0 && i < list->count; i++)
            rc = fm_group_go(g, fetch, list->address, &list->pages[i]);
    }
    return rc;
}
/* [/all] */

/* Returns how many of them are not there. */
static int print(const struct list *list)
{
    int failed = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct page *page = &list->pages[i];
        if (page->rc < 0)
            printf("%-20s failed: %s\n", page->path, fm_strerror(page->rc));
        else
            printf("%-20s %d, %zu bytes\n", page->path, page->status,
                   page->size);
        failed += page->rc < 0 || page->status != 200;
    }
    printf("%d of %zu failed\n", failed, list->count);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: fetch_all ADDRESS PATH...\n");
        return 2;
    }
    struct list list = {argv[1], NULL, (size_t)argc - 2};
    list.pages = calloc(list.count, sizeof *list.pages);
    if (list.pages == NULL)
        return 1;
    for (size_t i = 0; i < list.count; i++)
        list.pages[i].path = argv[i + 2];
    int rc = fm_run(fetch_all, &list);
    if (rc < 0)
        fprintf(stderr, "fetch_all: %s\n", fm_strerror(rc));
    int failed = rc < 0 ? 1 : print(&list);
    free(list.pages);
    return failed > 0;
}
