/*
 * test_http_limits.c - what is asked of a server that it does not do, and
 * each time that it waits, one step before its end and one behind
 */
#include "http/http_play.h"
#include "io/stream_record.h"

#include "harness.h"

#include "base/fault.h"

#include <errno.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define STEP 1e-6 /* s: far above what a clock or a float may lose */

static int hello(fm_exchange *exchange, void *arg)
{
    int *calls = arg;
    if (calls != NULL)
        ++*calls;
    return fm_reply(exchange, 200, "hello\n", 6);
}

/* ---- other protocols ----------------------------------------------------- */

static struct play scene;

static int replies(const char *status)
{
    int count = 0;
    for (const char *at = scene.answer; (at = strstr(at, status)) != NULL; at++)
        count++;
    return count;
}

static bool http1;

static int ask(const char *words)
{
    static int calls;
    calls = 0;
    memset(&scene, 0, sizeof scene); /* which is too large for a stack */
    scene.handler = hello;
    scene.arg = &calls;
    scene.options.http1 = http1;
    scene.words = words;
    play(&scene);
    return calls;
}

STORY(a_wish_for_http_2_is_passed_over)
{
    CHECK_INT(ask("GET / HTTP/1.1\r\nHost: a\r\n"
                  "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                  "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n" GET),
              2);
    CHECK_INT(replies("HTTP/1.1 200 OK\r\n"), 2);
    CHECK_INT(replies("HTTP/1.1 101"), 0);
    CHECK_INT(replies("pgrade"), 0);
}

/* It is a body, and what lies behind it a request of HTTP/1.1. */
STORY(a_wish_for_http_2_with_a_body_is_passed_over)
{
    CHECK_INT(ask("POST / HTTP/1.1\r\nHost: a\r\n"
                  "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                  "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
                  "Content-Length: 29\r\n\r\n"
                  "GET /evil HTTP/1.1\r\nHost: a\r\n" GET),
              2);
    CHECK_INT(replies("HTTP/1.1 200 OK\r\n"), 2);
    CHECK_INT(replies("HTTP/1.1 101"), 0);
}

STORY(the_preface_of_http_2_is_no_request)
{
    http1 = true;
    CHECK_INT(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0);
    http1 = false;
    CHECK_INT(replies("HTTP/1.1 505 "), 1);
    CHECK_INT(replies("Connection: close\r\n"), 1);
}

/* Nor are the bytes that a client sends into its tunnel. */
STORY(a_tunnel_is_refused)
{
    CHECK_INT(ask("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n" GET), 0);
    CHECK_INT(replies("HTTP/1.1 "), 1);
    CHECK_INT(replies("HTTP/1.1 501 Not Implemented\r\n"), 1);
    CHECK_INT(replies("Connection: close\r\n"), 1);
}

/* ---- times --------------------------------------------------------------- */

/* A server and its client, which is here. */
struct room {
    fm_stream *ends[2];
    fm_task *task;
    fm_http_handler handler;
    void *arg;
    fm_http_serve_options options;
    int handled; /* what the handler came to */
    bool over;
};

static struct room room;

static int room_run(void *arg)
{
    struct room *self = arg;
    int rc = fm_http_serve_stream(self->ends[1], self->handler, self->arg,
                                  &self->options);
    fm_close(self->ends[1]);
    self->over = true;
    return rc;
}

static void room_open(fm_http_handler handler, fm_http_serve_options options)
{
    room = (struct room){.handler = handler, .arg = &room, .options = options};
    CHECK_INT(fm_stream_pair(room.ends), 0);
    room.task = fm_start(room_run, &room);
    fm_yield();
}

static void say(const char *words)
{
    CHECK_INT(fm_write(room.ends[0], words, strlen(words)), strlen(words));
}

/* What is heard until the server ends, or one status. */
static void check_heard(const char *words)
{
    char text[512] = "";
    ssize_t size = 1, at = 0;
    while (size > 0) {
        size = fm_read(room.ends[0], text + at, sizeof text - 1 - (size_t)at);
        at += size > 0 ? size : 0;
    }
    CHECK(strncmp(text, words, strlen(words)) == 0);
    CHECK((at == 0) == (*words == '\0'));
}

static void room_close(int result)
{
    CHECK_INT(fm_await(room.task), result);
    fm_close(room.ends[0]);
}

static int answer_all(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    room.handled = (int)fm_exchange_load(exchange, &body);
    return room.handled < 0 ? room.handled : fm_reply(exchange, 200, "", 0);
}

/* The client waits for all but a step of the time, then for a step more than
 * it. */
static const struct {
    double span;
    bool late;
} moments[] = {{2 - STEP, false}, {2 + STEP, true}};

STORY(a_request_may_begin_until_the_idle_time_is_over)
{
    for (int i = 0; i < 2; i++) {
        room_open(answer_all, (fm_http_serve_options){.idle_timeout = 2});
        fm_sleep(moments[i].span);
        CHECK_INT(room.over, moments[i].late);
        if (!room.over) {
            say(GET);
            fm_write_eof(room.ends[0]);
        }
        check_heard(moments[i].late ? "" : "HTTP/1.1 200 ");
        room_close(0);
    }
}

STORY(a_head_may_end_until_its_time_is_over)
{
    for (int i = 0; i < 2; i++) {
        room_open(answer_all, (fm_http_serve_options){.head_timeout = 2});
        say("GET / HTTP/1.1\r\n");
        fm_sleep(moments[i].span);
        if (fm_write(room.ends[0], "Host: a\r\n\r\n", 11) == 11)
            fm_write_eof(room.ends[0]);
        check_heard(moments[i].late ? "HTTP/1.1 408 " : "HTTP/1.1 200 ");
        room_close(0);
    }
}

STORY(a_body_may_end_until_its_time_is_over)
{
    for (int i = 0; i < 2; i++) {
        room_open(answer_all,
                  (fm_http_serve_options){.body_timeout = 1, .body_rate = 3});
        say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabc");
        fm_sleep(moments[i].span);
        (void)fm_write(room.ends[0], "d", 1);
        fm_write_eof(room.ends[0]);
        check_heard(moments[i].late ? "HTTP/1.1 408 " : "HTTP/1.1 200 ");
        CHECK_INT(room.handled, moments[i].late ? -ETIMEDOUT : 4);
        room_close(0);
    }
}

static double nap_span;

static int take_a_nap(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int rc = fm_sleep(nap_span);
    return rc < 0 ? rc : fm_reply(exchange, 200, "", 0);
}

STORY(a_handler_may_reply_until_its_deadline_is_over)
{
    for (int i = 0; i < 2; i++) {
        nap_span = moments[i].span;
        room_open(take_a_nap, (fm_http_serve_options){
                                  .deadline = 2, .keep_half_closed = true});
        say(GET);
        fm_write_eof(room.ends[0]);
        check_heard(moments[i].late ? "HTTP/1.1 503 " : "HTTP/1.1 200 ");
        room_close(moments[i].late ? -ETIMEDOUT : 0);
    }
}

/* More than is on its way without a client that reads. */
static int flood(fm_exchange *exchange, void *arg)
{
    static const char bytes[65536];
    (void)arg;
    int rc = fm_reply_begin(exchange, 200, 4 * 65536);
    for (int i = 0; rc >= 0 && i < 4; i++)
        rc = (int)fm_reply_write(exchange, bytes, sizeof bytes);
    room.handled = rc;
    return rc;
}

STORY(a_client_may_take_something_until_the_time_is_over)
{
    for (int i = 0; i < 2; i++) {
        static char sink[65536];
        ssize_t rc = 1;
        room_open(flood, (fm_http_serve_options){.write_timeout = 2,
                                                 .keep_half_closed = true});
        say(GET);
        fm_sleep(moments[i].span);
        if (!moments[i].late)
            fm_write_eof(room.ends[0]);
        while (rc > 0)
            rc = fm_read(room.ends[0], sink, sizeof sink);
        CHECK_INT(room.handled, moments[i].late ? -ETIMEDOUT : 65536);
        room_close(moments[i].late ? -FM_EPEERTIMEOUT : 0);
    }
}

/* ---- what a connection holds --------------------------------------------- */

/* A client that takes nothing has no more than that on its way. */
STORY(what_waits_for_a_client_has_a_limit)
{
    room_open(flood, (fm_http_serve_options){.write_timeout = 10});
    say(GET);
    for (int i = 0; i < 9; i++) {
        fm_sleep(1);
        CHECK(room.ends[1]->queued <= 256 * 1024);
    }
    fm_abort(room.ends[0]);
    room.ends[0] = NULL;
    room_close(-ECONNRESET);
}

STORY(ten_thousand_requests_of_a_connection_take_no_memory)
{
    char text[512];
    room_open(answer_all, (fm_http_serve_options){.requests = 20000});
    uint64_t held = 0;
    for (int i = 0; i < 10000; i++) {
        say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        CHECK(fm_read_until(room.ends[0], "\r\n\r\n", text, sizeof text) > 0);
        if (i == 10)
            held = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
    }
    CHECK(fm__atomic_load(&fm__ledger[FM__HELD_BYTES]) == held);
    fm_write_eof(room.ends[0]);
    room_close(0);
}
