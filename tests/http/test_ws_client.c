/*
 * test_ws_client.c - WebSockets of both roles, who talk to each other
 */
#include "net/neighbours.h"
#include "task/story.h"

#include "harness.h"

#include "http/ws_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define URL "ws://server.example/chat"

static struct {
    fm_http_client *client;
    fm_http_client_options options;
    fm_ws *ws;
    fm_ws_options server; /* of the other end */
    int received;         /* what its last fm_ws_receive returned */
    unsigned code;
    char reason[128];
    bool deaf; /* it reads nothing */
} scene;

static int echo(fm_exchange *exchange, void *arg)
{
    fm_ws_message message;
    fm_ws *ws;
    (void)arg;
    int rc = fm_ws_accept(exchange, &ws, &scene.server);
    if (rc < 0)
        return rc == -FM_ENOWS ? 0 : rc;
    while (scene.deaf && rc == 0)
        rc = fm_sleep(1);
    while (rc == 0 && (scene.received = fm_ws_receive(ws, &message)) > 0)
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    scene.code = fm_ws_close_code(ws);
    snprintf(scene.reason, sizeof scene.reason, "%s", fm_ws_close_reason(ws));
    fm_ws_close(ws, 0, NULL);
    return 0;
}

static void begin(void)
{
    memset(&scene, 0, sizeof scene);
    scene.options.handler = echo;
}

static void open_ws(const fm_ws_options *options)
{
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
    CHECK_INT(fm_ws_connect(scene.client, URL, &scene.ws, options), 0);
}

static void check_echo(enum fm_ws_kind kind, const char *bytes, size_t size)
{
    fm_ws_message message;
    CHECK_INT(fm_ws_send(scene.ws, kind, bytes, size), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(message.kind, kind);
    CHECK_INT(message.size, size);
    CHECK(memcmp(message.bytes, bytes, size) == 0);
}

STORY(messages_go_both_ways)
{
    static char large[FM_WS_MESSAGE_LIMIT];
    memset(large, 'x', sizeof large);
    begin();
    open_ws(NULL);
    check_echo(FM_WS_TEXT, "hello", 5);
    check_echo(FM_WS_BINARY, "\0\1\2", 3);
    check_echo(FM_WS_TEXT, "", 0);
    check_echo(FM_WS_BINARY, large, 1000);
    check_echo(FM_WS_BINARY, large, 70000);
    check_echo(FM_WS_BINARY, large, sizeof large);
    CHECK_INT(fm_ws_close(scene.ws, 3001, "done"), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.received, 0);
    CHECK_INT(scene.code, 3001);
    CHECK_INT(strcmp(scene.reason, "done"), 0);
}

STORY(a_message_goes_in_parts)
{
    fm_ws_message message;
    struct iovec part = {(void *)(uintptr_t)"to", 2};
    begin();
    open_ws(NULL);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_TEXT, part, false), 0);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "x", 1), -EBUSY);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_TEXT, part, true), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(strcmp(message.bytes, "toto"), 0);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.code, FM_WS_NORMAL);
}

STORY(after_a_close_nothing_is_sent)
{
    fm_ws_message message;
    begin();
    scene.server.message_limit = 3;
    open_ws(NULL);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "four", 4), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 0);
    CHECK_INT(fm_ws_close_code(scene.ws), FM_WS_TOO_LARGE);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 0);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "x", 1), -FM_EWSCLOSED);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.received, -FM_EWSSIZE);
}

STORY(a_close_that_may_not_be_said_is_a_failure_of_ours)
{
    static const unsigned codes[] = {1, 999, 1004, 1005, 1006, 1015, 5000};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        begin();
        open_ws(NULL);
        CHECK_INT(fm_ws_close(scene.ws, codes[i], NULL), -EINVAL);
        fm_http_client_close(scene.client);
        CHECK_INT(scene.code, FM_WS_FAILED);
    }
    char reason[FM_WS_REASON + 2];
    for (size_t size = FM_WS_REASON; size < sizeof reason; size++) {
        memset(reason, 'r', size);
        reason[size] = '\0';
        begin();
        open_ws(NULL);
        CHECK_INT(fm_ws_close(scene.ws, 0, reason),
                  size > FM_WS_REASON ? -EINVAL : 0);
        fm_http_client_close(scene.client);
    }
}

STORY(who_says_nothing_is_asked_and_stays)
{
    fm_ws_message message;
    int rc;
    begin();
    open_ws(&(fm_ws_options){.ping = 5, .timeout = 2});
    FM_TIMEOUT(100, rc) {
        rc = fm_ws_receive(scene.ws, &message);
    }
    CHECK_INT(rc, -ETIMEDOUT); /* and nobody was given up */
    check_echo(FM_WS_TEXT, "still there", 11);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
}

STORY(who_does_not_answer_a_ping_is_given_up)
{
    fm_ws_message message;
    begin();
    scene.deaf = true;
    open_ws(&(fm_ws_options){.ping = 5, .timeout = 2});
    int64_t began = fm_now();
    CHECK_INT(fm_ws_receive(scene.ws, &message), -FM_EPEERTIMEOUT);
    CHECK_INT((int)((fm_now() - began) / 1000000000), 7);
    CHECK_INT(fm_ws_receive(scene.ws, &message), -FM_EPEERTIMEOUT);
    fm_ws_close(scene.ws, 0, NULL);
    scene.deaf = false;
    fm_http_client_close(scene.client);
}

static int plain(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "no WebSocket\n");
}

STORY(a_server_that_speaks_something_else_is_told)
{
    fm_http_failure failure;
    begin();
    scene.options.handler = plain;
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
    CHECK_INT(fm_ws_connect(scene.client, URL, &scene.ws,
                            &(fm_ws_options){.failure = &failure}),
              -FM_ENOWS);
    CHECK_INT(failure.step, FM_HTTP_STEP_STATUS);
    CHECK_INT(failure.code, -FM_ENOWS);
    CHECK_INT(fm_ws_connect(scene.client, "ftp://a/", &scene.ws,
                            &(fm_ws_options){.failure = &failure}),
              -EINVAL);
    CHECK_INT(failure.step, FM_HTTP_STEP_URL);
    /* Its answer has come to an end, and the connection serves on. */
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    fm_http_client_close(scene.client);
}

STORY(a_protocol_is_of_both)
{
    begin();
    scene.server.protocols = "b,c";
    open_ws(&(fm_ws_options){.protocols = "a, b"});
    CHECK_INT(strcmp(fm_ws_protocol(scene.ws), "b"), 0);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
}

/* ---- cuts, and who is slow or deaf --------------------------------------- */

/* Whoever looks for a message now and then still hears that nobody is there. */
STORY(who_is_deaf_is_given_up_also_by_short_waits)
{
    fm_ws_message message;
    int rc = -ETIMEDOUT;
    begin();
    scene.deaf = true;
    open_ws(&(fm_ws_options){.ping = 5, .timeout = 2});
    int64_t began = fm_now();
    while (rc == -ETIMEDOUT)
        FM_TIMEOUT(0.7, rc) {
            rc = fm_ws_receive(scene.ws, &message);
        }
    CHECK_INT(rc, -FM_EPEERTIMEOUT);
    CHECK_INT((int)((fm_now() - began) / 1000000000), 7);
    fm_ws_close(scene.ws, 0, NULL);
    scene.deaf = false;
    fm_http_client_close(scene.client);
}

STORY(a_part_that_was_cut_before_it_left_was_not_sent)
{
    struct iovec part = {(void *)(uintptr_t)"to", 2};
    int rc;
    begin();
    open_ws(NULL);
    for (int last = 0; last < 2; last++) {
        FM_TIMEOUT(0, rc) {
            fm_sleep(1);
            rc = fm_ws_send_part(scene.ws, FM_WS_TEXT, part, last);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        check_echo(FM_WS_BINARY, "whole", 5);
    }
    CHECK_INT(fm_ws_send(scene.ws, (enum fm_ws_kind)9, "x", 1), -EINVAL);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
}

/* A close of 5 seconds, whatever .ping is. */
STORY(a_close_waits_for_its_own_time)
{
    begin();
    scene.deaf = true;
    open_ws(&(fm_ws_options){.ping = 1, .timeout = 5});
    int64_t began = fm_now();
    CHECK(fm_ws_close(scene.ws, 0, NULL) < 0);
    CHECK_INT((int)((fm_now() - began) / 1000000000), 5);
    scene.deaf = false;
    fm_http_client_close(scene.client);
}

STORY(who_waits_keeps_no_room_for_a_large_message)
{
    static char large[100000];
    fm_ws_message message;
    int rc;
    memset(large, 'x', sizeof large);
    begin();
    open_ws(NULL);
    check_echo(FM_WS_BINARY, large, sizeof large);
    CHECK(scene.ws->room >= sizeof large);
    FM_TIMEOUT(1, rc) {
        rc = fm_ws_receive(scene.ws, &message);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(scene.ws->room, 0);
    check_echo(FM_WS_TEXT, "", 0);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
}

/* ---- a server ------------------------------------------------------------- */

static struct {
    fm_listener *listener;
    fm_task *task;
    fm_http_serve_options options;
    char url[FM_ADDRESS_TEXT + 16];
    int logged;
} house;

static void house_log(const fm_exchange *exchange, void *arg)
{
    (void)arg;
    house.logged = fm_reply_status(exchange);
}

static int house_run(void *arg)
{
    (void)arg;
    return fm_http_serve(house.listener, echo, NULL, &house.options);
}

static void house_open(double grace)
{
    memset(&house, 0, sizeof house);
    house.options.log = house_log;
    house.options.serve.grace = grace;
    house.listener = listen_here();
    snprintf(house.url, sizeof house.url, "ws://%s/", where(house.listener));
    house.task = fm_start(house_run, NULL);
}

static void house_connect(const fm_ws_options *options)
{
    CHECK_INT(fm_http_client_open(&scene.client), 0);
    CHECK_INT(fm_ws_connect(scene.client, house.url, &scene.ws, options), 0);
}

STORY(a_server_that_stops_says_that_it_goes_away)
{
    fm_ws_message message;
    begin();
    house_open(3600);
    house_connect(NULL);
    check_echo(FM_WS_TEXT, "hello", 5);
    int64_t began = fm_now();
    fm_serve_stop(house.listener);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 0);
    CHECK_INT(fm_ws_close_code(scene.ws), FM_WS_GOING_AWAY);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    CHECK_INT(fm_await(house.task), 0);
    CHECK((fm_now() - began) / 1000000000 < 5);
    CHECK_INT(house.logged, 101);
    fm_http_client_close(scene.client);
}

/* Neither by its peer nor by its handler. */
STORY(a_websocket_holds_no_server_beyond_its_grace)
{
    for (int deaf = 0; deaf < 2; deaf++) {
        begin();
        scene.deaf = deaf;
        house_open(5);
        house_connect(NULL);
        int64_t began = fm_now();
        fm_serve_stop(house.listener);
        fm_await(house.task);
        CHECK((fm_now() - began) / 1000000000 <= 5);
        fm_ws_close(scene.ws, 0, NULL);
        fm_http_client_close(scene.client);
    }
}

STORY(a_handler_with_a_websocket_has_its_deadline)
{
    fm_ws_message message;
    begin();
    house_open(3600);
    house.options.deadline = 5;
    house_connect(NULL);
    CHECK(fm_ws_receive(scene.ws, &message) < 0);
    CHECK_INT(fm_ws_close_code(scene.ws), FM_WS_BROKEN);
    fm_ws_close(scene.ws, 0, NULL);
    fm_http_client_close(scene.client);
    fm_serve_stop(house.listener);
    fm_await(house.task);
}

static const char house_asks[] =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

static fm_stream *house_ask(void)
{
    char head[512];
    fm_stream *stream;
    CHECK_INT(fm_connect(where(house.listener), &stream), 0);
    CHECK(fm_write(stream, house_asks, sizeof house_asks - 1) > 0);
    CHECK(fm_read_until(stream, "\r\n\r\n", head, sizeof head) > 0);
    return stream;
}

/* What comes behind the refusal does not reset it. */
STORY(who_sends_too_much_hears_that)
{
    static char large[150000];
    static const char head[] = {'\x82', '\xff', 0, 0, 0, 0, 0,
                                2,      0,      0, 0, 0, 0, 0};
    char heard[16];
    begin();
    scene.server.message_limit = 1000;
    house_open(3600);
    fm_stream *stream = house_ask();
    CHECK(fm_write(stream, head, sizeof head) > 0);
    CHECK(fm_write(stream, large, sizeof large) > 0);
    CHECK_INT(fm_read(stream, heard, sizeof heard), 4);
    CHECK(memcmp(heard, "\x88\x02\x03\xf1", 4) == 0);
    fm_close(stream);
    fm_serve_stop(house.listener);
    CHECK_INT(fm_await(house.task), 0);
    CHECK_INT(scene.received, -FM_EWSSIZE);
}

/* It pings, and takes no answer; then it is given up, and its handler goes on.
 */
STORY(who_takes_no_answers_is_given_up)
{
    static char pings[131 * 1000];
    int rc = 0;
    for (size_t at = 0; at < sizeof pings; at += 131)
        memcpy(pings + at, "\x89\xfd\0\0\0\0", 6);
    begin();
    scene.server.timeout = 3;
    house_open(3600);
    fm_stream *stream = house_ask();
    while (rc >= 0)
        FM_TIMEOUT(60, rc) {
            rc = (int)fm_write(stream, pings, sizeof pings);
        }
    CHECK(rc != -ETIMEDOUT); /* it has been left */
    CHECK_INT(scene.received, -FM_EPEERTIMEOUT);
    fm_abort(stream);
    fm_serve_stop(house.listener);
    fm_await(house.task);
}
