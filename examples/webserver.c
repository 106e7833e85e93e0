/*
 * webserver.c - a web server: files, a JSON route, and a page that shows live
 * what it does
 *
 *   webserver [DIRECTORY [ADDRESS [LOG]]]
 *
 *   .  127.0.0.1:8080; a number alone is a port; no log
 *
 *   /...           what is in the directory
 *   /api/figures   what it has done so far
 *   /live          the same as a page, which follows /live/events
 *
 * Each request is a line of the log, in the combined format. SIGINT and
 * SIGTERM end it in order. One process, one loop, one thread.
 */
#include "webserver.h"

#include "webserver_page.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RATES 60 /* seconds that the page shows */
#define TEXT 2048

struct site {
    struct webserver_figures own; /* where the caller keeps none */
    struct webserver_figures *figures;
    fm_listener *listener;
    fm_router *router;
    fm_event_feed *feed;
    fm_file *file; /* of the log, and its stream */
    fm_stream *stream;
    fm_access_log *log;
    int64_t began;
    uint64_t rates[RATES]; /* requests of each second, the last ones */
    size_t seconds;        /* so far */
    size_t connections;
};

/* ---- figures ------------------------------------------------------------ */

/* [note] */
static void note(const fm_exchange *exchange, void *arg)
{
    struct site *site = arg;
    site->figures->requests++;
    site->figures->bytes += fm_reply_size(exchange);
    site->figures->errors += fm_reply_status(exchange) >= 400;
    fm_access_log_note(exchange, site->log);
}
/* [/note] */

/* One text for those who ask and those who follow. */
static size_t figures_text(const struct site *site, char text[TEXT])
{
    const struct webserver_figures *figures = site->figures;
    size_t first = site->seconds > RATES ? site->seconds - RATES : 0;
    size_t size = (size_t)snprintf(
        text, TEXT,
        "{\"up\":%.3f,\"requests\":%llu,\"bytes\":%llu,\"errors\":%llu,"
        "\"connections\":%zu,\"rates\":[",
        (double)(fm_now() - site->began) / 1e9,
        (unsigned long long)figures->requests,
        (unsigned long long)figures->bytes, (unsigned long long)figures->errors,
        site->connections);
    for (size_t i = first; i < site->seconds; i++)
        size += (size_t)snprintf(text + size, TEXT - size, "%s%llu",
                                 i > first ? "," : "",
                                 (unsigned long long)site->rates[i % RATES]);
    return size + (size_t)snprintf(text + size, TEXT - size, "]}");
}

/* [tick] */
static int tick(void *arg)
{
    struct site *site = arg;
    uint64_t before = site->figures->requests;
    char text[TEXT];
    fm_ticker ticker;
    int rc = fm_ticker_init(&ticker, 1);
    while (rc >= 0 && (rc = fm_ticker_wait(&ticker)) > 0) {
        uint64_t requests = site->figures->requests;
        site->rates[site->seconds++ % RATES] =
            (requests - before) / (unsigned)rc; /* seconds have passed */
        before = requests;
        figures_text(site, text);
        fm_event_feed_send(
            site->feed, &(fm_event_message){.type = "figures", .data = text});
    }
    return rc;
}
/* [/tick] */

/* ---- routes ------------------------------------------------------------- */

/* [routes] */
static int figures(fm_exchange *exchange, void *site)
{
    char text[TEXT];
    size_t size = figures_text(site, text);
    fm_reply_set(exchange, "Content-Type", "application/json");
    fm_reply_set(exchange, "Cache-Control", "no-store");
    return fm_reply(exchange, 200, text, size);
}

static int watch(fm_exchange *exchange, void *arg)
{
    const struct site *site = arg;
    fm_events *events;
    int rc =
        fm_events_open(exchange, &events, &(fm_events_options){.retry = 1});
    if (rc < 0)
        return rc;
    fm_events_follow(events, site->feed);
    return fm_events_close(events);
}

static int page(fm_exchange *exchange, void *arg)
{
    static const char *const parts[] = {webserver_style, webserver_body,
                                        webserver_script};
    (void)arg;
    fm_reply_set(exchange, "Content-Type", "text/html; charset=utf-8");
    ssize_t rc = fm_reply_begin(exchange, 200, -1);
    for (int i = 0; rc >= 0 && i < 3; i++)
        rc = fm_reply_write(exchange, parts[i], strlen(parts[i]));
    return rc < 0 ? (int)rc : 0;
}

static int add_routes(struct site *site, const struct webserver *self,
                      fm_http_directory *files)
{
    fm_router *router = site->router;
    int rc =
        fm_route(router, "GET", "/{path...}", FM_ROUTE(fm_http_files, files));
    if (rc == 0)
        rc = fm_route(router, "GET", "/api/figures", FM_ROUTE(figures, site));
    if (rc == 0)
        rc = fm_route(router, "GET", "/live", FM_ROUTE(page, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/live/events", FM_ROUTE(watch, site));
    if (rc == 0 && self->routes != NULL)
        rc = self->routes(router, self->arg);
    return rc;
}
/* [/routes] */

/* ---- the server --------------------------------------------------------- */

/* [log] */
static int open_log(struct site *site, const char *path)
{
    const fm_file_options options = {.flags = O_WRONLY | O_CREAT | O_APPEND};
    if (path == NULL)
        return 0;
    int rc = fm_file_open(path, &site->file, &options);
    if (rc == 0)
        rc = fm_file_stream(site->file, &site->stream);
    if (rc == 0)
        rc = fm_access_log_open(&site->log, site->stream);
    return rc;
}

static void close_log(struct site *site)
{
    FM_SHIELD(5) { /* the last lines too */
        fm_access_log_close(site->log);
        fm_close(site->stream);
        fm_file_close(site->file);
    }
}
/* [/log] */

/* [serve] */
static int serve(struct site *site)
{
    const fm_http_serve_options options = {
        .serve.count = &site->connections,
        .compress = true,
        .log = note,
        .log_arg = site,
    };
    FM_TASK ticking = fm_start(tick, site);
    return fm_http_serve(site->listener, fm_router_handle, site->router,
                         &options);
}

int webserver(struct webserver *self)
{
    fm_http_directory files = {
        .path = self->directory, .listing = true, .encoded = true};
    struct site site = {.listener = self->listener, .began = fm_now()};
    site.figures = self->figures != NULL ? self->figures : &site.own;
    site.router = fm_router_new();
    site.feed = fm_event_feed_new(1);
    int rc = add_routes(&site, self, &files);
    if (rc == 0)
        rc = open_log(&site, self->log);
    if (rc == 0)
        rc = serve(&site);
    else
        fm_listener_close(self->listener);
    close_log(&site);
    fm_event_feed_free(site.feed);
    fm_router_free(site.router);
    return rc;
}
/* [/serve] */

/* ---- the program -------------------------------------------------------- */

struct words {
    const char *directory;
    const char *address;
    const char *log;
};

/* SIGINT does so by itself. */
static int end_at_sigterm(void *whom)
{
    int got = fm_signal_wait(SIGTERM);
    if (got > 0)
        fm_cancel(whom);
    return got;
}

static int program(void *arg)
{
    const struct words *words = arg;
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    FM_TASK ending = fm_start(end_at_sigterm, fm_self());
    int rc = fm_path_access(words->directory, R_OK | X_OK);
    if (rc == 0)
        rc = fm_listen(words->address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return webserver(&(struct webserver){.listener = listener,
                                         .directory = words->directory,
                                         .log = words->log});
}

int main(int argc, char **argv)
{
    char address[FM_ADDRESS_TEXT] = "127.0.0.1:8080";
    struct words words = {".", address, NULL};
    if (argc > 1)
        words.directory = argv[1];
    if (argc > 2) {
        bool port = strspn(argv[2], "0123456789") == strlen(argv[2]);
        snprintf(address, sizeof address, "%s%s", port ? "127.0.0.1:" : "",
                 argv[2]);
    }
    if (argc > 3)
        words.log = argv[3];
    int rc = fm_run(program, &words);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "webserver: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
