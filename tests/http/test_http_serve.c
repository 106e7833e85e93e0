/*
 * test_http_serve.c - a server of HTTP at a listener, from beginning to end
 */
#include "task/story.h"

#include "harness.h"

#include <errno.h>
#include <math.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

struct server {
    fm_listener *listener;
    fm_http_handler handler;
    fm_event entered;
    fm_event leave;
    fm_event stopping;
    char address[FM_ADDRESS_TEXT];
    int logged;
    int status;
    int result;
};

static struct server server;

static int hello(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "hello\n");
}

static int hold(fm_exchange *exchange, void *arg)
{
    struct server *self = arg;
    fm_event_set(&self->entered);
    int rc = fm_event_wait(&self->leave);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "late\n");
}

static void note(const fm_exchange *exchange, void *arg)
{
    struct server *self = arg;
    self->logged++;
    self->status = fm_reply_status(exchange);
}

static void stop(void *arg)
{
    struct server *self = arg;
    fm_event_set(&self->stopping);
}

static int run(void *arg)
{
    struct server *self = arg;
    const fm_http_serve_options options = {
        .log = note, .log_arg = self, .serve = {.on_stop = stop}};
    return fm_http_serve(self->listener, self->handler, self, &options);
}

static fm_task *start(fm_http_handler handler)
{
    memset(&server, 0, sizeof server);
    server.handler = handler;
    CHECK_INT(fm_listen("127.0.0.1:0", &server.listener), 0);
    fm_address_format(fm_listener_address(server.listener), server.address);
    return fm_start(run, &server);
}

static fm_stream *call(const char *words)
{
    fm_stream *stream = NULL;
    CHECK_INT(fm_connect(server.address, &stream), 0);
    CHECK_INT(fm_write(stream, words, strlen(words)), strlen(words));
    return stream;
}

/* All there is, until the server closes. */
static size_t hear(fm_stream *stream, char *text, size_t room)
{
    size_t size = 0;
    ssize_t rc = 1;
    while (rc > 0) {
        rc = fm_read(stream, text + size, room - 1 - size);
        size += rc > 0 ? (size_t)rc : 0;
    }
    text[size] = '\0';
    return size;
}

STORY(a_server_answers_and_stops_when_it_is_asked)
{
    char text[512];
    fm_task *task = start(hello);
    fm_stream *stream = call(GET);
    CHECK(fm_peek(stream, 100, &(const void *){NULL}) > 0);
    fm_serve_stop(server.listener);
    CHECK_INT(fm_await(task), 0);
    hear(stream, text, sizeof text);
    CHECK(strstr(text, "\r\n\r\nhello\n") != NULL);
    CHECK_INT(server.logged, 1);
    CHECK_INT(server.status, 200);
    fm_close(stream);
}

STORY(who_waits_for_nothing_is_closed_when_a_server_stops)
{
    char text[512];
    fm_task *task = start(hello);
    fm_stream *stream = call(GET);
    CHECK(fm_peek(stream, 100, &(const void *){NULL}) > 0);
    int64_t began = fm_now();
    fm_serve_stop(server.listener);
    CHECK_INT(fm_await(task), 0);
    if (test_simulated())
        CHECK((fm_now() - began) < 1000000000); /* not the grace */
    hear(stream, text, sizeof text);
    fm_close(stream);
}

STORY(a_request_that_has_begun_is_answered_when_a_server_stops)
{
    char text[512];
    fm_task *task = start(hold);
    fm_stream *stream = call(GET);
    CHECK_INT(fm_event_wait(&server.entered), 0);
    fm_serve_stop(server.listener);
    CHECK_INT(fm_event_wait(&server.stopping), 0);
    fm_event_set(&server.leave);
    CHECK_INT(fm_await(task), 0);
    hear(stream, text, sizeof text);
    CHECK(strstr(text, "Connection: close\r\n\r\nlate\n") != NULL);
    fm_close(stream);
}

STORY(a_server_that_is_cut_ends_in_order_too)
{
    fm_task *task = start(hold);
    fm_stream *stream = call(GET);
    CHECK_INT(fm_event_wait(&server.entered), 0);
    fm_cancel(task);
    CHECK_INT(fm_event_wait(&server.stopping), 0);
    fm_event_set(&server.leave);
    CHECK_INT(fm_await(task), -ECANCELED);
    fm_close(stream);
}

STORY(many_clients_are_served_at_once)
{
    enum {
        CLIENTS = 20
    };
    fm_stream *streams[CLIENTS];
    char text[512];
    fm_task *task = start(hold);
    for (int i = 0; i < CLIENTS; i++)
        streams[i] = call("GET / HTTP/1.0\r\n\r\n");
    CHECK_INT(fm_event_wait(&server.entered), 0);
    fm_event_set(&server.leave);
    for (int i = 0; i < CLIENTS; i++) {
        hear(streams[i], text, sizeof text);
        CHECK(strstr(text, "\r\n\r\nlate\n") != NULL);
        fm_close(streams[i]);
    }
    fm_serve_stop(server.listener);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(server.logged, CLIENTS);
}

STORY(a_time_that_is_not_a_number_is_none_and_the_listener_is_taken)
{
    fm_listener *listener;
    const fm_http_serve_options options = {.idle_timeout = NAN};
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    CHECK_INT(fm_http_serve(listener, NULL, NULL, &options), -EINVAL);
}
