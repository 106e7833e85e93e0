/*
 * webserver.c - files, a JSON route, and a page that shows live what it does
 *
 *   webserver [DIRECTORY [ADDRESS [LOG]]]
 *
 * By default of this directory, at 127.0.0.1:8080, without a log; an ADDRESS
 * that is a number alone is a port.
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
#include <inttypes.h>
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
    size_t seconds, connections;
};

/* ---- figures ------------------------------------------------------------ */

/* One text for those who ask and those who follow: its size. */
static size_t figures_text(const struct site *site, char text[TEXT])
{
    const struct webserver_figures *done = site->figures;
    size_t i = site->seconds > RATES ? site->seconds - RATES : 0;
    int size =
        snprintf(text, TEXT,
                 "{\"up\":%.3f,\"requests\":%" PRIu64 ",\"bytes\":%" PRIu64
                 ",\"errors\":%" PRIu64 ",\"connections\":%zu,\"rates\":[",
                 (double)(fm_now() - site->began) / 1e9, done->requests,
                 done->bytes, done->errors, site->connections);
    for (const char *comma = ""; i < site->seconds; i++, comma = ",")
        size += snprintf(text + size, TEXT - (size_t)size, "%s%" PRIu64, comma,
                         site->rates[i % RATES]);
    size += snprintf(text + size, TEXT - (size_t)size, "]}");
    return (size_t)size;
}

/* [figures] */
static void note(const fm_exchange *exchange, void *arg)
{
    struct site *site = arg;
    site->figures->requests++;
    site->figures->bytes += fm_reply_size(exchange);
    site->figures->errors += fm_reply_status(exchange) >= 400;
    fm_access_log_note(exchange, site->log);
}

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
/* [/figures] */

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
    int rc = fm_events_open(exchange, &events);
    if (rc < 0)
        return rc;
    fm_events_follow(events, site->feed);
    return fm_events_close(events);
}

static int page(fm_exchange *exchange, void *arg)
{
    (void)arg;
    fm_reply_set(exchange, "Content-Type", "text/html; charset=utf-8");
    ssize_t rc = fm_reply_begin(exchange, 200, -1);
    for (int i = 0; rc >= 0 && webserver_page[i] != NULL; i++)
        rc = fm_reply_write(exchange, webserver_page[i],
                            strlen(webserver_page[i]));
    return rc < 0 ? (int)rc : 0;
}

static int add_routes(struct site *site, fm_http_directory *files)
{
    static const char *const paths[] = {"/{path...}", "/api/figures", "/live",
                                        "/live/events"};
    const fm_route_target targets[] = {
        FM_ROUTE(fm_http_files, files), FM_ROUTE(figures, site),
        FM_ROUTE(page, NULL), FM_ROUTE(watch, site)};
    int rc = 0;
    for (int i = 0; rc == 0 && i < 4; i++)
        rc = fm_route(site->router, "GET", paths[i], targets[i]);
    return rc;
}
/* [/routes] */

/* ---- the server --------------------------------------------------------- */

static int open_log(struct site *site, const char *path)
{
    const fm_file_options options = {.flags = O_WRONLY | O_CREAT | O_APPEND};
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

/* [serve] */
static int serve(struct site *site)
{
    const fm_http_serve_options options = {.serve.count = &site->connections,
                                           .compress = true,
                                           .log = note,
                                           .log_arg = site};
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
    int rc = add_routes(&site, &files);
    if (rc == 0 && self->routes != NULL)
        rc = self->routes(site.router, self->arg);
    if (rc == 0 && self->log != NULL)
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

static const char *directory = ".", *log_path;
static char address[FM_ADDRESS_TEXT] = "127.0.0.1:8080";

static int tell(const char *what, int rc)
{
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "%s: %s\n", what, fm_strerror(rc));
    return rc;
}

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
    struct webserver self = {.directory = directory, .log = log_path};
    char text[FM_ADDRESS_TEXT];
    (void)arg;
    FM_TASK ending = fm_start(end_at_sigterm, fm_self());
    int rc = tell(directory, fm_path_access(directory, R_OK | X_OK));
    if (rc == 0)
        rc = tell(address, fm_listen(address, &self.listener));
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(self.listener), text));
    fflush(stdout);
    return tell(log_path != NULL ? log_path : "webserver", webserver(&self));
}

int main(int argc, char **argv)
{
    directory = argc > 1 ? argv[1] : directory;
    log_path = argc > 3 ? argv[3] : NULL;
    if (argc > 2) {
        bool port = strspn(argv[2], "0123456789") == strlen(argv[2]);
        snprintf(address, sizeof address, "%s%s", port ? "127.0.0.1:" : "",
                 argv[2]);
    }
    int rc = fm_run(program, NULL);
    return rc < 0 && rc != -ECANCELED;
}
