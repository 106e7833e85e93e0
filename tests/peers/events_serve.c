/*
 * events_serve.c - a server of events, and of a page that listens to them
 *
 *     events_serve
 *
 * Says where it listens. Each connection to /events gets two of four events,
 * behind the last that it says it had; then it is told not to come back. The
 * page says what it has heard by a POST to /heard, which is said here, and ends
 * the server.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SERVE_ALL = 4
};

static fm_listener *serve_listener;

/* It listens to one type by name, and says how each connection went. */
static const char serve_page[] =
    "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'>\n"
    "<script>\n"
    "const heard = [];\n"
    "let opened = 0, left = 2;\n"
    "const done = () => --left || fetch('/heard', { method: 'POST',\n"
    "  body: `${heard.join(' ')} opened ${opened}` });\n"
    "const events = new EventSource('/events');\n"
    "const note = event =>\n"
    "  heard.push(`${event.type}/${event.lastEventId}/${event.data}`);\n"
    "events.onopen = () => opened++;\n"
    "events.onmessage = note;\n"
    "events.addEventListener('add', note);\n"
    "events.onerror = () => events.readyState == 2 && done();\n"
    "const url = new URL('/socket', location);\n"
    "url.protocol = 'ws:';\n"
    "const socket = new WebSocket(url);\n"
    "socket.onopen = () => socket.send('hello');\n"
    "socket.onmessage = event => {\n"
    "  heard.unshift(`socket/${event.data}`); socket.close(); };\n"
    "socket.onclose = done;\n"
    "</script>\n";

static int page(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int rc = fm_reply_set(exchange, "Content-Type", "text/html");
    return rc < 0 ? rc : fm_reply_text(exchange, 200, serve_page);
}

static int say(fm_events *events, int number)
{
    char id[16];
    snprintf(id, sizeof id, "%d", number);
    return fm_events_send(
        events, &(fm_event_message){.type = number % 2 == 0 ? "add" : NULL,
                                    .id = id,
                                    .data = number == 3 ? "a\nb" : id});
}

static int events(fm_exchange *exchange, void *arg)
{
    const char *last = fm_exchange_field(exchange, "Last-Event-ID");
    int number = last != NULL ? (int)strtol(last, NULL, 10) : 0, rc = 0;
    fm_events *stream;
    (void)arg;
    if (number >= SERVE_ALL)
        return fm_reply(exchange, 204, NULL, 0);
    rc = fm_events_open(exchange, &stream, &(fm_events_options){.retry = 0.1});
    if (rc < 0)
        return rc;
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = say(stream, ++number);
    fm_events_close(stream);
    return rc;
}

static int socket_echo(fm_exchange *exchange, void *arg)
{
    fm_ws_message message;
    fm_ws *ws;
    (void)arg;
    int rc = fm_ws_accept(exchange, &ws);
    if (rc < 0)
        return rc;
    while (rc == 0 && fm_ws_receive(ws, &message) > 0)
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    fm_ws_close(ws, 0, NULL);
    return 0;
}

static int heard(fm_exchange *exchange, void *arg)
{
    const char *text;
    (void)arg;
    ssize_t size = fm_exchange_load(exchange, &text);
    if (size < 0)
        return (int)size;
    for (const char *at = text; at < text + size; at++)
        putchar(*at == '\n' ? '+' : *at);
    putchar('\n');
    fflush(stdout);
    fm_serve_stop(serve_listener);
    return fm_reply_text(exchange, 200, "");
}

static int serve(void *arg)
{
    char text[FM_ADDRESS_TEXT];
    fm_router *router = fm_router_new();
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &serve_listener);
    if (rc == 0)
        rc = fm_route(router, "GET", "/", FM_ROUTE(page, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/events", FM_ROUTE(events, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/socket", FM_ROUTE(socket_echo, NULL));
    if (rc == 0)
        rc = fm_route(router, "POST", "/heard", FM_ROUTE(heard, NULL));
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(serve_listener), text));
    fflush(stdout);
    rc = fm_http_serve(serve_listener, fm_router_handle, router);
    fm_router_free(router);
    return rc;
}

int main(void)
{
    return fm_run(serve, NULL) < 0;
}
