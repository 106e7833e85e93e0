/*
 * test_http_theirs.c - what a client can bring about is nobody's failure
 */
#include "task/story.h"

#include "harness.h"

#include <errno.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/* What a handler came to, and its server. */
struct scene {
    fm_http_handler handler;
    fm_http_serve_options options;
    fm_event entered;
    fm_event logged;
    int cut;
};

static struct scene scene;

static void note(const fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    (void)exchange;
    fm_event_set(&self->logged);
}

static int hold(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    (void)exchange;
    fm_event_set(&self->entered);
    self->cut = fm_sleep(INFINITY);
    return self->cut;
}

struct server {
    fm_listener *listener;
    int errors;
    int last;
};

static struct server server;

static void hear_error(fm_stream *client, int result, void *arg)
{
    (void)client;
    (void)arg;
    server.errors++;
    server.last = result;
}

static int serve_all(void *arg)
{
    struct scene *self = arg;
    return fm_http_serve(server.listener, self->handler, self, &self->options);
}

/* Its client says this, and leaves or does not; who asks hears of errors. */
static void serve_one(fm_http_handler handler, const char *words, bool leaves)
{
    fm_stream *stream;
    char address[FM_ADDRESS_TEXT];
    scene.handler = handler;
    scene.options.log = note;
    scene.options.log_arg = &scene;
    CHECK_INT(fm_listen("127.0.0.1:0", &server.listener), 0);
    fm_address_format(fm_listener_address(server.listener), address);
    fm_task *task = fm_start(serve_all, &scene);
    CHECK_INT(fm_connect(address, &stream), 0);
    CHECK_INT(fm_write(stream, words, strlen(words)), strlen(words));
    CHECK_INT(fm_event_wait(&scene.entered), 0);
    if (leaves)
        fm_close(stream);
    CHECK_INT(fm_event_wait(&scene.logged), 0);
    if (!leaves)
        fm_abort(stream);
    fm_serve_stop(server.listener);
    CHECK_INT(fm_await(task), 0);
}

/* Nothing is reported; who asks is told. */
STORY(a_client_that_goes_is_nobodys_failure)
{
    for (int asks = 0; asks < 2; asks++) {
        scene = (struct scene){0};
        server = (struct server){0};
        if (asks)
            scene.options.serve.on_error = hear_error;
        serve_one(hold, GET, true);
        CHECK_INT(scene.cut, -ECANCELED);
        CHECK_INT(server.errors, asks);
        CHECK_INT(server.last, asks ? -FM_EEOF : 0);
    }
}

/* What it makes of that is not asked for. */
static int hold_and_fail(fm_exchange *exchange, void *arg)
{
    return hold(exchange, arg) < 0 ? -EIO : 0;
}

STORY(what_a_handler_makes_of_a_client_that_goes_is_nobodys_failure)
{
    scene = (struct scene){0};
    server = (struct server){0};
    serve_one(hold_and_fail, GET, true);
    CHECK_INT(scene.cut, -ECANCELED);
}

/* Its words are a frame that no client sends. */
static int receive(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    fm_ws_message message;
    fm_ws *ws;
    CHECK_INT(fm_ws_accept(exchange, &ws), 0);
    fm_event_set(&self->entered);
    self->cut = (int)fm_ws_receive(ws, &message);
    fm_ws_close(ws, 0, NULL);
    return self->cut;
}

STORY(a_websocket_that_goes_wrong_is_the_clients_failure)
{
    scene = (struct scene){0};
    server = (struct server){0};
    serve_one(receive,
              "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
              "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
              "\x81\x01x",
              false);
    CHECK_INT(scene.cut, -FM_EWS);
}

static int begin_and_read(fm_exchange *exchange, void *arg)
{
    char buf[64];
    ssize_t rc = 1;
    struct scene *self = arg;
    CHECK_INT(fm_exchange_read(exchange, buf, 1), 1);
    CHECK_INT(fm_reply_begin(exchange, 200, -1), 0);
    fm_event_set(&self->entered);
    while (rc > 0)
        rc = fm_exchange_read(exchange, buf, sizeof buf);
    self->cut = (int)rc;
    return self->cut;
}

#define CHUNKS                                                                 \
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "                        \
    "chunked\r\n\r\n1\r\na\r\n"

/* Its reply has begun: no other can say so. */
STORY(a_body_that_goes_wrong_halfway_is_the_clients_failure)
{
    scene = (struct scene){0};
    server = (struct server){0};
    serve_one(begin_and_read, CHUNKS "xyz\r\n", false);
    CHECK_INT(scene.cut, -FM_EHTTPCHUNK);
    scene = (struct scene){0};
    scene.options.body_timeout = story_span(1);
    serve_one(begin_and_read, CHUNKS "5\r\nabc", false);
    CHECK_INT(scene.cut, -ETIMEDOUT);
}

/* Far more than is on its way without a client that reads. */
static int flood(fm_exchange *exchange, void *arg)
{
    static const char bytes[65536];
    struct scene *self = arg;
    ssize_t rc = fm_reply_begin(exchange, 200, -1);
    fm_event_set(&self->entered);
    while (rc >= 0)
        rc = fm_reply_write(exchange, bytes, sizeof bytes);
    self->cut = (int)rc;
    return self->cut;
}

STORY(a_client_that_takes_nothing_is_the_clients_failure)
{
    scene = (struct scene){0};
    server = (struct server){0};
    scene.options.write_timeout = story_span(10);
    serve_one(flood, GET, false);
    CHECK_INT(scene.cut, -ETIMEDOUT);
}
