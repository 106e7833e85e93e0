/*
 * live.c - a page that shows its server's figures as they change, and what its
 * visitors say to each other
 *
 *   live [ADDRESS]     127.0.0.1:8080; a number alone is a port
 *
 * Figures come by server-sent events, one text for all; what is said goes both
 * ways, by a WebSocket each. One process, one loop, one thread.
 */
#include "live_page.h"

#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT 256
#define KEPT 20

struct line {
    char text[TEXT + 32];
};

FM_BROADCAST_OF(talk, struct line);

static struct live {
    fm_event_feed *figures;
    talk *said;
    struct line kept[KEPT]; /* the last that were said */
    unsigned lines;         /* so far */
    unsigned guests;        /* the same */
    uint64_t sent;          /* events */
} live;

/* ---- figures ------------------------------------------------------------ */

/* [figures] */
/* Milliseconds of the processor since the last call. */
static double busy(void)
{
    static clock_t before;
    clock_t now = clock(), spent = now - before;
    before = now;
    return (double)spent * 1000 / CLOCKS_PER_SEC;
}

static int figures(void)
{
    char data[160], id[24];
    fm_ticker ticker;
    int64_t began = fm_now();
    int rc = fm_ticker_init(&ticker, 1);
    while (rc >= 0) {
        int64_t due = fm_ticker_next(&ticker);
        rc = fm_ticker_wait(&ticker);
        if (rc < 0)
            break;
        size_t watching = fm_event_feed_followers(live.figures);
        live.sent += watching;
        snprintf(data, sizeof data,
                 "{\"watching\":%zu,\"sent\":%llu,\"busy\":%.1f,\"up\":%lld,"
                 "\"late\":%lld}",
                 watching, (unsigned long long)live.sent, busy(),
                 (long long)(fm_now() - began) / 1000000000,
                 (long long)(fm_now() - due) / 1000);
        snprintf(id, sizeof id, "%lld", (long long)due);
        rc = fm_event_feed_send(
            live.figures,
            &(fm_event_message){.type = "figures", .id = id, .data = data});
    }
    return rc;
}
/* [/figures] */

/* [watch] */
static int watch(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    (void)arg;
    int rc =
        fm_events_open(exchange, &events, &(fm_events_options){.retry = 1});
    if (rc < 0)
        return rc;
    fm_events_follow(events, live.figures);
    return fm_events_close(events);
}
/* [/watch] */

/* ---- talk --------------------------------------------------------------- */

/* [chat] */
struct tell {
    fm_ws *ws;
    talk_subscriber *reader;
};

/* A child of who listens: what others say goes out. */
static int tell(struct tell *self)
{
    struct line line;
    int rc = 0;
    while (rc == 0 || rc == -FM_ELAGGED) {
        rc = talk_receive(self->reader, &line);
        if (rc == 0)
            rc = fm_ws_send(self->ws, FM_WS_TEXT, line.text, strlen(line.text));
    }
    return rc;
}

static int say(unsigned guest, const fm_ws_message *message)
{
    struct line line;
    snprintf(line.text, sizeof line.text, "guest %u\n%.*s", guest,
             (int)message->size, message->bytes);
    live.kept[live.lines++ % KEPT] = line;
    return talk_send_try(live.said, line);
}

static int listen_to(fm_ws *ws)
{
    fm_ws_message message;
    unsigned guest = ++live.guests;
    unsigned first = live.lines > KEPT ? live.lines - KEPT : 0;
    int rc = 0;
    for (unsigned i = first; rc == 0 && i < live.lines; i++) {
        const char *text = live.kept[i % KEPT].text;
        rc = fm_ws_send(ws, FM_WS_TEXT, text, strlen(text));
    }
    while (rc == 0 && (rc = fm_ws_receive(ws, &message)) > 0)
        rc = say(guest, &message);
    return rc;
}

static int chat(fm_exchange *exchange, void *arg)
{
    const fm_ws_options options = {.message_limit = TEXT};
    talk_subscriber reader;
    fm_ws *ws;
    (void)arg;
    int rc = fm_ws_accept(exchange, &ws, &options);
    if (rc < 0)
        return rc;
    talk_subscribe(live.said, &reader, &(fm_subscriber_options){.lossy = true});
    fm_task *teller = fm_go(tell, ws, &reader);
    listen_to(ws);
    fm_stop(teller);
    talk_unsubscribe(&reader);
    fm_ws_close(ws, 0, NULL);
    return 0;
}
/* [/chat] */

/* ---- the page, and the server ------------------------------------------- */

static int page(fm_exchange *exchange, void *arg)
{
    static const char *const parts[] = {live_style, live_body, live_script};
    (void)arg;
    ssize_t rc =
        fm_reply_set(exchange, "Content-Type", "text/html; charset=utf-8");
    if (rc == 0)
        rc = fm_reply_begin(exchange, 200, -1);
    for (int i = 0; rc >= 0 && i < 3; i++)
        rc = fm_reply_write(exchange, parts[i], strlen(parts[i]));
    return rc < 0 ? (int)rc : 0;
}

static int serve(fm_listener *listener, fm_router *router)
{
    char text[FM_ADDRESS_TEXT];
    int rc = fm_route(router, "GET", "/", FM_ROUTE(page, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/events", FM_ROUTE(watch, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/chat", FM_ROUTE(chat, NULL));
    if (rc < 0) {
        fm_listener_close(listener);
        return rc;
    }
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_http_serve(listener, fm_router_handle, router);
}

static int server(void *address)
{
    fm_listener *listener;
    int rc = fm_listen(address, &listener);
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", (const char *)address, fm_strerror(rc));
        return rc;
    }
    live.figures = fm_event_feed_new(0);
    live.said = talk_new(64);
    fm_router *router = fm_router_new();
    fm_task *counting = fm_go(figures);
    rc = serve(listener, router);
    fm_stop(counting);
    fm_router_free(router);
    talk_free(live.said);
    fm_event_feed_free(live.figures);
    return rc;
}

int main(int argc, char **argv)
{
    char address[FM_ADDRESS_TEXT] = "127.0.0.1:8080";
    if (argc > 1) {
        bool port = strspn(argv[1], "0123456789") == strlen(argv[1]);
        snprintf(address, sizeof address, "%s%s", port ? "127.0.0.1:" : "",
                 argv[1]);
    }
    int rc = fm_run(server, address);
    return rc < 0 && rc != -ECANCELED;
}
