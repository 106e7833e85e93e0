/*
 * sweep_http.c - scenarios: requests and replies, a server of them, URLs
 */
#include "fault/sweep_talk.h"

#include "base/fault.h"

#include <string.h>

#define HTTP_PINGS "4\r\nping\r\n4\r\nping\r\n0\r\n\r\n"

/* A body of each kind. */
static const char http_words[] =
    "POST /pings/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nping"
    "POST /pings/8 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    "Connection: close\r\n\r\n4\r\nping\r\n0\r\n\r\n";

/* The body twice, in chunks; the last request stops the server, if there is
 * one. */
static int http_pings(fm_exchange *exchange, void *listener)
{
    const char *body;
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return (int)size;
    if (fm_exchange_number(exchange, "id") == 8 && listener != NULL)
        fm_serve_stop(listener);
    int rc = fm_reply_set(exchange, "X-Pings", "2");
    if (rc == 0)
        rc = fm_reply_begin(exchange, 200, -1);
    for (int i = 0; rc >= 0 && i < 2; i++)
        rc = (int)fm_reply_write(exchange, body, (size_t)size);
    return rc;
}

static int http_routes(fm_router *router, fm_listener *listener)
{
    int rc = fm_route(router, "POST", "/pings/{id:int}",
                      FM_ROUTE(http_pings, listener));
    return rc < 0 ? rc
                  : fm_route(router, NULL, "/", FM_ROUTE(http_pings, NULL));
}

static int http_count(const char *text, const char *word)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        count++;
    return count;
}

/* Both replies whole: 0. One that looks whole has to be so. */
static int http_ask(fm_stream *stream)
{
    char heard[1024];
    ssize_t n = sweep_say_and_hear(stream, http_words, heard, sizeof heard);
    int whole = http_count(heard, "\r\n0\r\n\r\n");
    int right = http_count(heard, "\r\n\r\n" HTTP_PINGS);
    sweep_state.noted += whole != right;
    if (n < 0)
        return (int)n;
    return right == 2 ? 0 : -ECONNRESET;
}

static const char *http_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a reply was wrong" : NULL;
}

/* ---- a pair -------------------------------------------------------------- */

static int http_talks(void *arg)
{
    (void)arg;
    fm_router *router = fm_router_new();
    int rc = http_routes(router, NULL);
    if (rc == 0)
        rc = sweep_talk(&(struct sweep_talk){
            .ask = http_ask, .handler = fm_router_handle, .arg = router});
    fm_router_free(router);
    return rc;
}

/* ---- a listener ---------------------------------------------------------- */

struct http_host {
    fm_listener *listener;
    fm_router *router;
};

static int http_host(struct http_host *self)
{
    return fm_http_serve(self->listener, fm_router_handle, self->router);
}

/* The listener is the server's, so its end is awaited before all else. */
static int http_hosts(fm_listener *listener, fm_router *router)
{
    char address[FM_ADDRESS_TEXT];
    int rc;
    fm_address_format(fm_listener_address(listener), address);
    fm_task *server = fm_go(http_host, listener, router);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = fm_await(fm_go(sweep_asker, address, http_ask));
    }
    int ended = rc < 0 ? fm_stop(server) : fm_await(server);
    return rc < 0 ? rc : ended;
}

static int http_serves(void *arg)
{
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_router *router = fm_router_new();
    rc = http_routes(router, listener);
    if (rc == 0)
        rc = http_hosts(listener, router);
    else
        fm_listener_close(listener);
    fm_router_free(router);
    return rc;
}

/* ---- URLs ---------------------------------------------------------------- */

static int http_set(fm_url *url, fm_url_part part, const char *value)
{
    char before[256];
    size_t size = strlen(fm_url_text(url)) + 1;
    memcpy(before, fm_url_text(url), size);
    int rc = fm_url_set(url, part, value);
    sweep_state.noted += rc < 0 && strcmp(before, fm_url_text(url)) != 0;
    return rc;
}

static int http_urls(void *arg)
{
    fm_url *base = NULL, *url = NULL;
    (void)arg;
    int rc =
        fm_url_parse("https://user:word@example.org:8080/a/b?c#d", NULL, &base);
    if (rc == 0)
        rc = fm_url_parse("../e%20f?g h#i", base, &url);
    for (int part = FM_URL_PROTOCOL; rc == 0 && part < FM_URL_ORIGIN; part++)
        rc =
            http_set(url, (fm_url_part)part, part == FM_URL_PORT ? "1" : "wss");
    fm_url_free(url);
    fm_url_free(base);
    return rc;
}

static const char *http_left_alone(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a failed fm_url_set has changed it" : NULL;
}

const struct scenario sweep_http[] = {
    {"http-pair", http_talks, .also = {-ECONNRESET, -ECANCELED},
     .wrong = http_heard_right},
    {"http-serve", http_serves,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT},
     .wrong = http_heard_right},
    {"urls", http_urls, .wrong = http_left_alone},
    {.name = NULL},
};
