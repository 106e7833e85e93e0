/*
 * show_page.c - a page on which the three are seen as they move
 *
 *   /         the page
 *   /figures  what it shows, by server-sent events
 *   /windows  the pipeline's windows, by its WebSocket
 *
 * Each message says all there is, so that who comes late has missed nothing.
 */
#include "show.h"

#include <stdarg.h>
#include <string.h>

#define TEXT 32768 /* of a message, and */
#define LINK 8192  /* of a link that it tells, at most */

/* ---- what is said ------------------------------------------------------- */

struct text {
    size_t size;
    char bytes[TEXT];
};

static void add(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int size =
        vsnprintf(text->bytes + text->size, TEXT - text->size, format, list);
    va_end(list);
    if (size > 0 && (size_t)size < TEXT - text->size)
        text->size += (size_t)size;
}

/* Between quotes, without what JSON does not take. */
static void add_string(struct text *text, struct show_text string)
{
    add(text, "\"");
    for (int i = 0; i < string.size; i++) {
        char byte = string.bytes[i];
        bool plain = byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
        add(text, "%c", plain ? byte : '?');
    }
    add(text, "\"");
}

static void add_three(struct text *text, const struct show *show)
{
    const struct webserver_figures *server = &show->server;
    const struct crawler_figures *crawler = &show->crawler;
    const struct pipeline_figures *pipeline = &show->pipeline;
    add(text,
        "\"server\":{\"requests\":%llu,\"errors\":%llu,\"bytes\":%llu,"
        "\"rate\":%u},",
        (unsigned long long)server->requests,
        (unsigned long long)server->errors, (unsigned long long)server->bytes,
        gauges_rate(show));
    add(text,
        "\"crawler\":{\"found\":%u,\"pages\":%u,\"redirects\":%u,"
        "\"broken\":%u,\"forbidden\":%u,\"requests\":%llu,\"last\":",
        crawler->found, crawler->fetched, crawler->redirects, crawler->broken,
        crawler->forbidden, (unsigned long long)gauges_asked(show));
    add_string(text,
               (struct show_text){crawler->last, (int)strlen(crawler->last)});
    add(text,
        "},\"pipeline\":{\"lines\":%llu,\"windows\":%llu,\"late\":%llu,"
        "\"unreadable\":%llu},",
        (unsigned long long)pipeline->lines,
        (unsigned long long)pipeline->windows,
        (unsigned long long)pipeline->late,
        (unsigned long long)pipeline->unreadable);
}

static void add_cost(struct text *text, const struct show *show)
{
    const struct show_cost *cost = &show->cost;
    add(text,
        "\"cost\":{\"seconds\":%.1f,\"processor\":%.3f,\"memory\":%zu,"
        "\"tasks\":%zu,\"threads\":%zu},\"rates\":[",
        cost->seconds, cost->processor, cost->memory, cost->tasks,
        cost->threads);
    for (uint64_t i = SHOW_TICKS; i-- > 0;)
        add(text, "%u%s",
            show->rates[(show->ticks + SHOW_TICKS - i) % SHOW_TICKS],
            i > 0 ? "," : "]");
}

static void add_links(struct text *text, const struct show *show)
{
    const char *report = show->done ? show->report : NULL;
    struct show_broken broken;
    add(text, ",\"links\":[");
    for (bool first = true;
         text->size < TEXT - LINK && broken_next(&report, &broken);
         first = false) {
        add(text, first ? "[" : ",[");
        add_string(text, broken.what);
        add(text, ",");
        add_string(text, broken.place);
        add(text, ",");
        add_string(text, broken.from);
        add(text, ",%u]", broken.pages);
    }
    add(text, "]");
}

static void tell(const struct show *show, fm_event_feed *feed)
{
    static struct text text;
    text.size = 0;
    add(&text, "{\"site\":\"%s\",\"guests\":%llu,\"done\":%s,\"agree\":%s,",
        show->start, (unsigned long long)gauges_guests(show),
        show->done ? "true" : "false", show->agree ? "true" : "false");
    add_three(&text, show);
    add_cost(&text, show);
    add_links(&text, show);
    add(&text, "}");
    fm_event_feed_send(
        feed, &(fm_event_message){.type = "figures", .data = text.bytes});
}

/* ---- the server --------------------------------------------------------- */

struct ticks {
    struct show *show;
    fm_event_feed *feed;
};

static int ticks(struct ticks *self)
{
    fm_ticker ticker;
    int rc = fm_ticker_init(&ticker, SHOW_TICK);
    while (rc >= 0) {
        if (!self->show->done) /* who comes late sees how it was */
            gauges_read(self->show);
        tell(self->show, self->feed);
        rc = fm_ticker_wait(&ticker);
    }
    return rc;
}

static int page(fm_exchange *exchange, void *path)
{
    fm_reply_set(exchange, "Cache-Control", "no-cache");
    return fm_reply_file(exchange, path);
}

static int figures(fm_exchange *exchange, void *feed)
{
    const fm_events_options options = {.retry = 1};
    fm_events *events;
    int rc = fm_events_open(exchange, &events, &options);
    if (rc < 0)
        return rc;
    fm_events_follow(events, feed);
    return fm_events_close(events);
}

/* [page] */
int show_page(struct show_page *self)
{
    fm_event_feed *feed = fm_event_feed_new(1);
    fm_router *router = fm_router_new();
    FM_TASK ticking = fm_go(ticks, self->show, feed);
    int rc =
        fm_route(router, "GET", "/", FM_ROUTE(page, (char *)self->show->page));
    if (rc == 0)
        rc = fm_route(router, "GET", "/figures", FM_ROUTE(figures, feed));
    if (rc == 0)
        rc = fm_route(router, "GET", "/windows",
                      FM_ROUTE(pipeline_watch, self->show));
    if (rc == 0)
        rc = fm_http_serve(self->listener, fm_router_handle, router);
    else
        fm_listener_close(self->listener);
    fm_stop(ticking);
    fm_router_free(router);
    fm_event_feed_free(feed);
    return rc;
}
/* [/page] */
