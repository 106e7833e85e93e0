/*
 * sweep_ws.c - scenarios: WebSockets, in memory and by the network, and those
 * that compress
 *
 * What comes back is what was sent, or there is an error; and whoever is cut
 * has ended its WebSocket.
 */
#include "fault/sweep_talk.h"

#include "base/fault.h"

#include <string.h>

enum {
    WS_LARGE = 20000 /* more than a buffer of the loop's */
};

static char ws_large[WS_LARGE];

enum ws_way {
    WS_PLAIN,
    WS_PACKS,
    WS_PACKS_ON /* and refers to what it has said before */
};

/* What an injected failure keeps from coming is not waited for. */
static fm_ws_options ws_options(enum ws_way way)
{
    const struct fm__fault_plan *plan = fm__fault_plan;
    bool fails = false;
    for (int i = 0; plan != NULL && i < FM__DOORS; i++)
        fails = fails || plan->fail_at[i] > 0;
    double seconds = fails ? 0.05 : 60;
    return (fm_ws_options){.ping = seconds,
                           .timeout = seconds,
                           .compress = way != WS_PLAIN,
                           .context = way == WS_PACKS_ON};
}

/* A peer that gave up shows in one of these ways. */
static int ws_told(int rc)
{
    switch (-rc) {
    case FM_EWSCLOSED:
    case FM_EPEERTIMEOUT:
    case FM_ENOWS:
        return -ECONNRESET;
    default:
        return sweep_told(rc);
    }
}

/* `way` is an enum ws_way, or NULL. */
static int ws_echo(fm_exchange *exchange, void *way)
{
    const fm_ws_options options =
        ws_options(way != NULL ? *(enum ws_way *)way : WS_PLAIN);
    fm_ws_message message;
    fm_ws *ws;
    int rc = fm_ws_accept(exchange, &ws, &options);
    if (rc < 0)
        return rc;
    while (rc == 0 && (rc = fm_ws_receive(ws, &message)) > 0)
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    fm_ws_close(ws, 0, NULL);
    return rc;
}

static int ws_hear(fm_ws *ws, const char *bytes, size_t size)
{
    fm_ws_message message;
    int rc = fm_ws_receive(ws, &message);
    if (rc <= 0)
        return rc < 0 ? rc : -ECONNRESET;
    sweep_state.noted +=
        message.size != size || memcmp(message.bytes, bytes, size) != 0;
    return 0;
}

static int ws_talk(fm_ws *ws)
{
    const struct iovec half = {ws_large, WS_LARGE / 2};
    int rc = fm_ws_send(ws, FM_WS_TEXT, "", 0);
    if (rc == 0)
        rc = fm_ws_send(ws, FM_WS_BINARY, ws_large, WS_LARGE);
    if (rc == 0)
        rc = ws_hear(ws, "", 0);
    if (rc == 0)
        rc = fm_ws_send_part(ws, FM_WS_BINARY, half, false);
    if (rc == 0)
        rc = fm_ws_send_part(ws, FM_WS_BINARY, half, true);
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = ws_hear(ws, ws_large, WS_LARGE);
    int closed = fm_ws_close(ws, 0, "done");
    return rc < 0 ? rc : closed;
}

struct ws_visit {
    const char *url;
    fm_http_handler handler; /* NULL: by the network */
    enum ws_way way;
};

static int ws_visit(struct ws_visit *self)
{
    const fm_http_client_options of_client = {
        .handler = self->handler,
        .handler_arg = &self->way,
        .answer_timeout = ws_options(self->way).timeout};
    const fm_ws_options options = ws_options(self->way);
    fm_http_client *client = NULL;
    fm_ws *ws;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_http_client_open(&client, &of_client);
    if (rc == 0)
        rc = fm_ws_connect(client, self->url, &ws, &options);
    if (rc == 0)
        rc = ws_talk(ws);
    if (client != NULL)
        fm_http_client_close(client);
    return sweep_end(block, ws_told(rc));
}

static int ws_in_memory(void *arg)
{
    (void)arg;
    return fm_await(fm_go(ws_visit, "ws://a/", ws_echo, WS_PLAIN));
}

static int ws_packed(void *arg)
{
    (void)arg;
    return fm_await(fm_go(ws_visit, "ws://a/", ws_echo, WS_PACKS));
}

static int ws_packed_on(void *arg)
{
    (void)arg;
    return fm_await(fm_go(ws_visit, "ws://a/", ws_echo, WS_PACKS_ON));
}

struct ws_host {
    fm_listener *listener;
};

static int ws_host(struct ws_host *self)
{
    return fm_http_serve(self->listener, ws_echo, NULL,
                         &(fm_http_serve_options){.serve = {.grace = 0.1}});
}

static int ws_by_network(void *arg)
{
    char url[SWEEP_URL];
    fm_listener *listener;
    (void)arg;
    int rc = sweep_host("ws://", &listener, url);
    if (rc < 0)
        return rc;
    fm_task *server = fm_go(ws_host, listener);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = fm_await(fm_go(ws_visit, url, NULL, WS_PLAIN));
    }
    int ended = fm_stop(server);
    return rc < 0 || ended == -ECANCELED ? rc : ended;
}

static const char *ws_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a message was not what was sent" : NULL;
}

const struct scenario sweep_ws[] = {
    {"ws", ws_in_memory, .also = {-ECONNRESET, -ETIMEDOUT},
     .wrong = ws_heard_right},
    {"ws-deflate", ws_packed, .also = {-ECONNRESET, -ETIMEDOUT},
     .wrong = ws_heard_right},
    {"ws-context", ws_packed_on, .also = {-ECONNRESET, -ETIMEDOUT},
     .wrong = ws_heard_right},
    {"ws-network", ws_by_network,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}, .dear = true,
     .wrong = ws_heard_right},
    {.name = NULL},
};
