/*
 * test_ws_lost.c - WebSockets that are cut, and peers that are slow or deaf
 */
#include "http/ws_scene.h"

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

/* ---- a server ------------------------------------------------------------ */

static struct {
    fm_listener *listener;
    fm_task *task;
    fm_http_serve_options options;
    fm_http_handler handler;
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
    return fm_http_serve(house.listener, house.handler, NULL, &house.options);
}

static void house_open(double grace)
{
    memset(&house, 0, sizeof house);
    house.handler = echo;
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

static int push(fm_exchange *exchange, void *arg)
{
    static char large[FM_WS_MESSAGE_LIMIT];
    fm_ws_message message;
    fm_ws *ws;
    (void)arg;
    CHECK_INT(fm_ws_accept(exchange, &ws), 0);
    CHECK_INT(fm_ws_send(ws, FM_WS_BINARY, large, sizeof large), 0);
    CHECK_INT(fm_ws_send(ws, FM_WS_BINARY, "", 0), -FM_EWSCLOSED);
    CHECK_INT(fm_ws_receive(ws, &message), 0);
    return fm_ws_close(ws, 0, NULL);
}

STORY(a_server_that_stops_ends_its_message_first)
{
    fm_ws_message message;
    begin();
    house_open(3600);
    house.handler = push;
    house_connect(NULL);
    CHECK_INT(fm_sleep(1), 0);
    fm_serve_stop(house.listener);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(message.size, FM_WS_MESSAGE_LIMIT);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 0);
    CHECK_INT(fm_ws_close_code(scene.ws), FM_WS_GOING_AWAY);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    CHECK_INT(fm_await(house.task), 0);
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

/* ---- what must abort ----------------------------------------------------- */

static int also_receives(void *arg)
{
    fm_ws_message message;
    (void)arg;
    return fm_ws_receive(scene.ws, &message);
}

static int also_sends(void *arg)
{
    static char large[FM_WS_MESSAGE_LIMIT];
    (void)arg;
    return fm_ws_send(scene.ws, FM_WS_BINARY, large, sizeof large);
}

static void begin_beside(int (*beside)(void *arg))
{
    begin();
    scene.deaf = true;
    open_ws(NULL);
    CHECK(fm_start(beside, NULL) != NULL);
    fm_sleep(1);
}

static void receives_twice(void)
{
    begin_beside(also_receives);
    also_receives(NULL);
}

static void closes_while_receiving(void)
{
    begin_beside(also_receives);
    fm_ws_close(scene.ws, 0, NULL);
}

static void closes_while_sending(void)
{
    begin_beside(also_sends);
    fm_ws_close(scene.ws, 0, NULL);
}

TEST(two_tasks_do_not_receive_nor_is_one_left_alone)
{
    CHECK_DOOMED(receives_twice, "fm_ws_receive: another task is receiving");
    CHECK_DOOMED(closes_while_receiving,
                 "fm_ws_close: another task is receiving");
    CHECK_DOOMED(closes_while_sending, "fm_ws_close: another task is sending");
}
