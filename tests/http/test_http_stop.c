/*
 * test_http_stop.c - a server that stops, whatever a connection is about
 */
#include "task/story.h"

#include "harness.h"

#include "base/fault.h"

#include <errno.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define SECOND 1000000000

struct server {
    fm_listener *listener;
    fm_http_handler handler;
    fm_task *task;
    fm_stream *client;
    fm_event entered;
    fm_event leave;
    fm_event stopping;
    char address[FM_ADDRESS_TEXT];
    char heard[1024];
};

static struct server server;

static void note_stop(void *arg)
{
    struct server *self = arg;
    fm_event_set(&self->stopping);
}

static int run(void *arg)
{
    struct server *self = arg;
    const fm_http_serve_options options = {
        .serve = {.on_stop = note_stop, .grace = 1000}};
    return fm_http_serve(self->listener, self->handler, self, &options);
}

static void call(fm_http_handler handler, const char *words)
{
    server = (struct server){.handler = handler};
    CHECK_INT(fm_listen("127.0.0.1:0", &server.listener), 0);
    fm_address_format(fm_listener_address(server.listener), server.address);
    server.task = fm_start(run, &server);
    CHECK_INT(fm_connect(server.address, &server.client), 0);
    CHECK_INT(fm_write(server.client, words, strlen(words)), strlen(words));
    CHECK_INT(fm_flush(server.client), 0);
    fm_sleep(story_span(1));
}

static void say(const char *words)
{
    CHECK_INT(fm_write(server.client, words, strlen(words)), strlen(words));
}

static void hear(void)
{
    size_t size = 0;
    ssize_t rc = 1;
    while (rc > 0) {
        rc = fm_read(server.client, server.heard + size,
                     sizeof server.heard - 1 - size);
        size += rc > 0 ? (size_t)rc : 0;
    }
    server.heard[size] = '\0';
}

static void stop(void)
{
    fm_serve_stop(server.listener);
    CHECK_INT(fm_event_wait(&server.stopping), 0);
}

/* The server ends, and the client had this in its last reply. */
static void check_ends(const char *words)
{
    CHECK_INT(fm_await(server.task), 0);
    hear();
    CHECK(strstr(server.heard, "Connection: close\r\n") != NULL);
    CHECK(strstr(server.heard, words) != NULL);
    fm_close(server.client);
}

static int load(fm_exchange *exchange, void *arg)
{
    const char *body;
    struct server *self = arg;
    fm_event_set(&self->entered);
    ssize_t size = fm_exchange_load(exchange, &body);
    return size < 0 ? (int)size : fm_reply(exchange, 200, body, (size_t)size);
}

STORY(half_a_head_may_come_to_its_end)
{
    call(load, "GET / HTTP/1.1\r\nHo");
    stop();
    say("st: a\r\n\r\n");
    check_ends("Content-Length: 0\r\n");
}

STORY(half_a_body_may_come_to_its_end)
{
    call(load, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    CHECK_INT(fm_event_wait(&server.entered), 0);
    stop();
    say("def");
    check_ends("\r\n\r\nabcdef");
}

static int hold(fm_exchange *exchange, void *arg)
{
    struct server *self = arg;
    fm_event_set(&self->entered);
    int rc = fm_event_wait(&self->leave);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "late\n");
}

STORY(a_handler_that_runs_may_reply)
{
    call(hold, GET);
    CHECK_INT(fm_event_wait(&server.entered), 0);
    stop();
    fm_event_set(&server.leave);
    check_ends("\r\n\r\nlate\n");
}

/* It has said that the connection stays; the end of it is in order. */
static int stream_on(fm_exchange *exchange, void *arg)
{
    struct server *self = arg;
    CHECK_INT(fm_reply_begin(exchange, 200, -1), 0);
    CHECK_INT(fm_reply_write(exchange, "one", 3), 3);
    fm_event_set(&self->entered);
    int rc = fm_event_wait(&self->leave);
    return rc < 0 ? rc : (int)fm_reply_write(exchange, "two", 3);
}

STORY(half_a_reply_may_come_to_its_end)
{
    call(stream_on, GET);
    CHECK_INT(fm_event_wait(&server.entered), 0);
    stop();
    fm_event_set(&server.leave);
    CHECK_INT(fm_await(server.task), 0);
    hear();
    CHECK(strstr(server.heard, "3\r\ntwo\r\n0\r\n\r\n") != NULL);
    fm_close(server.client);
}

/* Requests that lie behind it are not begun. */
STORY(only_the_request_that_has_begun_is_answered)
{
    call(hold, GET GET GET);
    CHECK_INT(fm_event_wait(&server.entered), 0);
    stop();
    fm_event_set(&server.leave);
    check_ends("\r\n\r\nlate\n");
    const char *first = strstr(server.heard, "late\n");
    CHECK(first != NULL && strstr(first + 1, "late\n") == NULL);
}

/* It reads what still comes behind a refusal, for two seconds at most. */
STORY(a_connection_that_is_refused_may_linger)
{
    for (int leaves = 0; leaves < 2; leaves++) {
        call(hold, "GET bad\r\n\r\n");
        hear();
        CHECK(strncmp(server.heard, "HTTP/1.1 400 ", 13) == 0);
        int64_t began = fm_now();
        stop();
        if (leaves) {
            fm_close(server.client);
            server.client = NULL;
        }
        CHECK_INT(fm_await(server.task), 0);
        if (test_simulated())
            CHECK(fm_now() - began <= (leaves ? SECOND : 3LL * SECOND));
        fm_close(server.client);
    }
}

STORY(who_waits_between_two_requests_is_closed_at_once)
{
    int64_t began;
    call(load, GET);
    CHECK(fm_read_until(server.client, "\r\n\r\n", server.heard,
                        sizeof server.heard) > 0);
    fm_sleep(story_span(1));
    began = fm_now();
    stop();
    CHECK_INT(fm_await(server.task), 0);
    if (test_simulated())
        CHECK_INT((fm_now() - began) / (SECOND / 10), 0);
    CHECK_INT(fm_read(server.client, server.heard, 1), 0);
    fm_close(server.client);
}

/* Not the idle time, and not the grace. */
STORY(who_has_not_asked_has_a_second_to)
{
    for (int asks = 0; asks < 2; asks++) {
        call(load, "");
        int64_t began = fm_now();
        stop();
        if (asks && test_simulated()) {
            fm_sleep(0.9);
            say(GET);
            check_ends("HTTP/1.1 200 ");
            continue;
        }
        CHECK_INT(fm_await(server.task), 0);
        if (test_simulated())
            CHECK_INT((fm_now() - began + SECOND / 2) / SECOND, 1);
        CHECK_INT(fm_read(server.client, server.heard, 1), 0);
        fm_close(server.client);
    }
}

/* It is accepted, and its task may not have run yet. */
STORY(who_comes_as_a_server_stops_does_not_hold_it)
{
    for (int turns = 0; turns < 6; turns++) {
        int64_t began = fm_now();
        server = (struct server){.handler = load};
        CHECK_INT(fm_listen("127.0.0.1:0", &server.listener), 0);
        fm_address_format(fm_listener_address(server.listener), server.address);
        CHECK_INT(fm_connect(server.address, &server.client), 0);
        server.task = fm_start(run, &server);
        for (int turn = 0; turn < turns; turn++)
            fm_yield();
        fm_serve_stop(server.listener);
        CHECK_INT(fm_await(server.task), 0);
        if (test_simulated())
            CHECK(fm_now() - began <= 2LL * SECOND);
        fm_abort(server.client);
    }
}

/* ---- what an idle connection holds --------------------------------------- */

enum {
    CROWD = 40
};

static fm_stream *crowd[CROWD];

static void let_them_ask(int from, int until)
{
    for (int i = from; i < until; i++) {
        CHECK_INT(fm_connect(server.address, &crowd[i]), 0);
        CHECK_INT(fm_write(crowd[i], GET, strlen(GET)), strlen(GET));
        CHECK(fm_read_until(crowd[i], "\r\n\r\n", server.heard,
                            sizeof server.heard) > 0);
    }
}

/* Its two streams, and no exchange: that is of the requests that run. */
STORY(an_idle_connection_holds_no_exchange)
{
    call(load, GET);
    let_them_ask(0, CROWD / 2);
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_BLOCKS]);
    let_them_ask(CROWD / 2, CROWD);
    uint64_t more = fm__atomic_load(&fm__ledger[FM__HELD_BLOCKS]) - held;
    if (!test_simulated()) /* whose sockets lie in memory too */
        CHECK_INT(more, CROWD);
    for (int i = 0; i < CROWD; i++)
        fm_close(crowd[i]);
    stop();
    CHECK_INT(fm_await(server.task), 0);
    fm_close(server.client);
}
