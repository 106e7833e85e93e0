/*
 * test_exchange.c - requests and their replies, over a pair in memory
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define CLOSING "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define POST(fields, body) "POST / HTTP/1.1\r\nHost: a\r\n" fields "\r\n" body
#define OK(fields) "HTTP/1.1 200 OK\r\nDate: -\r\n" fields
#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define PROBLEM(status, text, size, more)                                      \
    "HTTP/1.1 " status " " text "\r\nDate: -\r\n"                              \
    "Content-Type: application/problem+json\r\nContent-Length: " size          \
    "\r\nConnection: close\r\n\r\n{\"type\":\"about:blank\",\"title\":\"" text \
    "\",\"status\":" status more "}\n"
#define REFUSED(status, text, size, detail)                                    \
    PROBLEM(status, text, size, ",\"detail\":\"" detail "\"")

static struct play scene;

static void begin(fm_http_handler handler, const char *words)
{
    memset(&scene, 0, sizeof scene);
    scene.handler = handler;
    scene.words = words;
}

static int hello(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "hello\n");
}

static int wait_and_say(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int rc = fm_sleep(0.01);
    return rc < 0 ? rc : fm_reply(exchange, 200, "x", 1);
}

static int echo(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return (int)size;
    return fm_reply(exchange, 200, body, (size_t)size);
}

static int in_pieces(fm_exchange *exchange, void *arg)
{
    int rc = fm_reply_begin(exchange, 200, *(const int64_t *)arg);
    if (rc == 0)
        rc = (int)fm_reply_write(exchange, "hello", 5);
    if (rc > 0)
        rc = (int)fm_reply_write(exchange, " world", 6);
    return rc;
}

STORY(a_request_is_answered)
{
    begin(hello, CLOSING);
    play_answers(&scene, OK(TEXT "Content-Length: 6\r\n"
                                 "Connection: close\r\n\r\nhello\n"));
    CHECK_INT(scene.result, 0);
}

STORY(a_handler_may_wait)
{
    begin(wait_and_say, GET GET);
    play_answers(&scene, OK("Content-Length: 1\r\n\r\nx")
                             OK("Content-Length: 1\r\n\r\nx"));
}

STORY(requests_that_come_together_are_answered_in_order)
{
    begin(echo,
          POST("Content-Length: 1\r\n", "1")
              POST("Transfer-Encoding: chunked\r\n", "1\r\n2\r\n0\r\n\r\n")
                  POST("Content-Length: 2\r\n", "34"));
    play_answers(&scene, OK("Content-Length: 1\r\n\r\n1")
                             OK("Content-Length: 1\r\n\r\n2")
                                 OK("Content-Length: 2\r\n\r\n34"));
}

/* By the target: "/404" is not found. */
static int by_target(fm_exchange *exchange, void *arg)
{
    (void)arg;
    const char *status = fm_exchange_target(exchange) + 1;
    return fm_reply(exchange, (int)strtol(status, NULL, 10), "x", 1);
}

#define ASK(status) "GET /" status " HTTP/1.1\r\nHost: a\r\n\r\n"
#define TOLD(status, reason)                                                   \
    "HTTP/1.1 " status " " reason "\r\nDate: -\r\nContent-Length: 1\r\n\r\nx"

STORY(each_reply_has_the_line_of_its_own_status)
{
    begin(by_target, ASK("200") ASK("404") ASK("404") ASK("200") ASK("599")
                         ASK("431") ASK("200"));
    play_answers(&scene,
                 TOLD("200", "OK") TOLD("404", "Not Found")
                     TOLD("404", "Not Found") TOLD("200", "OK") TOLD("599", "")
                         TOLD("431", "Request Header Fields Too Large")
                             TOLD("200", "OK"));
}

static int peek(fm_stream *stream)
{
    const void *bytes;
    return (int)fm_peek(stream, 1, &bytes);
}

STORY(answers_to_requests_that_came_together_leave_together)
{
    static const char words[] = GET GET GET CLOSING;
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], words, sizeof words - 1), sizeof words - 1);
    fm_task *hearing = fm_start((int (*)(void *))peek, ends[0]);
    CHECK_INT(fm_http_serve_stream(ends[1], hello, NULL), 0);
    CHECK_INT(fm_close(ends[1]), 0);
    int first = fm_await(hearing);
    CHECK(first > 0);
    char all[1024];
    CHECK_INT(fm_read(ends[0], all, sizeof all), first);
    CHECK_INT(fm_read(ends[0], all, sizeof all), 0);
    fm_close(ends[0]);
}

STORY(a_request_may_come_byte_by_byte)
{
    begin(echo, POST("Content-Length: 3\r\n", "abc")
                    POST("Transfer-Encoding: chunked\r\n",
                         "1;x\r\na\r\n2\r\nbc\r\n0\r\nT: t\r\n\r\n"));
    scene.piece = 1;
    play_answers(&scene, OK("Content-Length: 3\r\n\r\nabc")
                             OK("Content-Length: 3\r\n\r\nabc"));
}

STORY(a_reply_of_unknown_size_comes_in_chunks)
{
    int64_t size = -1;
    begin(in_pieces, GET);
    scene.arg = &size;
    play_answers(&scene, OK("Transfer-Encoding: chunked\r\n\r\n"
                            "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));
    begin(in_pieces, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    scene.arg = &size;
    play_answers(&scene, OK("Connection: close\r\n\r\nhello world"));
}

STORY(a_reply_has_the_size_that_it_said)
{
    int64_t size = 11;
    begin(in_pieces, GET);
    scene.arg = &size;
    play_answers(&scene, OK("Content-Length: 11\r\n\r\nhello world"));
    CHECK_INT(scene.result, 0);
    size = 12;
    begin(in_pieces, GET GET);
    scene.arg = &size;
    play_answers(&scene, OK("Content-Length: 12\r\n\r\nhello world"));
    CHECK_INT(scene.result, -EPIPE);
    size = 10;
    begin(in_pieces, GET GET);
    scene.arg = &size;
    play_answers(&scene, OK("Content-Length: 10\r\n\r\nhello"));
    CHECK_INT(scene.result, -EMSGSIZE);
}

STORY(a_head_has_no_body)
{
    int64_t size = -1;
    begin(hello, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" GET);
    play_answers(&scene, OK(TEXT "Content-Length: 6\r\n\r\n")
                             OK(TEXT "Content-Length: 6\r\n\r\nhello\n"));
    begin(in_pieces, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    scene.arg = &size;
    play_answers(&scene, OK("\r\n"));
}

STORY(http_1_0_closes_unless_it_is_asked_not_to)
{
    begin(hello, "GET / HTTP/1.0\r\n\r\n" GET);
    play_answers(&scene, OK(TEXT "Content-Length: 6\r\n"
                                 "Connection: close\r\n\r\nhello\n"));
    begin(hello, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" CLOSING);
    play_answers(&scene, OK(TEXT "Content-Length: 6\r\n"
                                 "Connection: keep-alive\r\n\r\nhello\n")
                             OK(TEXT "Content-Length: 6\r\n"
                                     "Connection: close\r\n\r\nhello\n"));
}

STORY(a_client_that_waits_to_be_asked_is_asked)
{
    begin(echo, POST("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab"));
    play_answers(&scene, "HTTP/1.1 100 Continue\r\n\r\n" OK(
                             "Content-Length: 2\r\n\r\nab"));
}

STORY(who_is_not_asked_for_a_body_is_not_read_on)
{
    begin(hello,
          POST("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab") GET);
    play_answers(&scene, OK(TEXT "Content-Length: 6\r\n"
                                 "Connection: close\r\n\r\nhello\n"));
}

STORY(a_body_that_nobody_reads_is_passed_over)
{
    begin(hello, POST("Content-Length: 2\r\n", "ab")
                     POST("Transfer-Encoding: chunked\r\n",
                          "2\r\nab\r\n0\r\n\r\n") CLOSING);
    play_answers(&scene, OK(TEXT "Content-Length: 6\r\n\r\nhello\n")
                             OK(TEXT "Content-Length: 6\r\n\r\nhello\n")
                                 OK(TEXT "Content-Length: 6\r\n"
                                         "Connection: close\r\n\r\nhello\n"));
}

STORY(a_body_above_the_limit_is_refused)
{
    static const char *const words[] = {
        POST("Content-Length: 4\r\n", "abcd") GET,
        POST("Transfer-Encoding: chunked\r\n", "4\r\nabcd\r\n0\r\n\r\n") GET,
    };
    for (int i = 0; i < 2; i++) {
        begin(echo, words[i]);
        scene.options.body_limit = 3;
        play_answers(&scene, REFUSED("413", "Content Too Large", "97",
                                     "the body is too large"));
    }
    begin(echo, POST("Content-Length: 3\r\n", "abc"));
    scene.options.body_limit = 3;
    play_answers(&scene, OK("Content-Length: 3\r\n\r\nabc"));
}

STORY(what_is_no_http_is_refused_and_ends_the_connection)
{
    static const struct {
        const char *words;
        const char *answer;
    } bad[] = {
        {"nonsense\r\n\r\n" GET,
         REFUSED("400", "Bad Request", "99", "no HTTP/1.1: a bad first line")},
        {"GET / HTTP/1.1\r\n\r\n" GET,
         REFUSED("400", "Bad Request", "91", "a missing or bad Host")},
        {"GET / HTTP/2.0\r\n\r\n" GET,
         REFUSED("505", "HTTP Version Not Supported", "113",
                 "no HTTP/1.1: another version")},
        {POST("Transfer-Encoding: gzip\r\n", "") GET,
         REFUSED("501", "Not Implemented", "100",
                 "an unknown transfer coding")},
        {POST("Transfer-Encoding: chunked\r\n", "zz\r\n") GET,
         REFUSED("400", "Bad Request", "93", "a bad chunk of the body")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(echo, bad[i].words);
        play_answers(&scene, bad[i].answer);
        CHECK_INT(scene.result, 0);
    }
}

static int fail(fm_exchange *exchange, void *arg)
{
    (void)exchange;
    return *(int *)arg;
}

STORY(a_handler_that_fails_is_answered_for)
{
    int rc = -EIO;
    begin(fail, GET GET);
    scene.arg = &rc;
    play_answers(&scene, PROBLEM("500", "Internal Server Error", "68", ""));
    CHECK_INT(scene.result, -EIO);
    rc = 0;
    begin(fail, GET GET);
    scene.arg = &rc;
    play_answers(&scene, PROBLEM("500", "Internal Server Error", "68", ""));
    CHECK_INT(scene.result, -ENODATA);
}

static int set_fields(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_reply_set(exchange, "X-A", "b c"), 0);
    CHECK_INT(fm_reply_set(exchange, "X-A", ""), 0);
    CHECK_INT(fm_reply_set(exchange, "X A", "b"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "", "b"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "X-B", "c\r\nX-C: d"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "X-B", "c\n"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "X-B", "c\x7f"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "Content-Length", "1"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "transfer-encoding", "chunked"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "Connection", "keep-alive"), -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "Connection", "Close"), 0);
    CHECK_INT(fm_reply(exchange, 99, NULL, 0), -EINVAL);
    CHECK_INT(fm_reply(exchange, 600, NULL, 0), -EINVAL);
    int rc = fm_reply(exchange, 204, NULL, 0);
    CHECK_INT(fm_reply_set(exchange, "X-B", "c"), -EALREADY);
    CHECK_INT(fm_reply(exchange, 200, NULL, 0), -EALREADY);
    return rc;
}

STORY(fields_of_a_reply_cannot_be_smuggled)
{
    begin(set_fields, GET);
    play_answers(&scene, "HTTP/1.1 204 No Content\r\nDate: -\r\n"
                         "X-A: b c\r\nX-A: \r\nConnection: close\r\n\r\n");
}

static int tell(fm_exchange *exchange, void *arg)
{
    char text[256];
    fm_http_field field;
    (void)arg;
    const char *missing = fm_exchange_field(exchange, "missing");
    CHECK(missing == NULL);
    CHECK(fm_exchange_field_at(exchange, 1, &field));
    CHECK(!fm_exchange_field_at(exchange, 2, &field));
    snprintf(text, sizeof text, "%s %s %s %s=%s %s %lld",
             fm_exchange_method(exchange), fm_exchange_target(exchange),
             fm_exchange_host(exchange), field.name, field.value,
             fm_exchange_field(exchange, "x-a"),
             (long long)fm_exchange_length(exchange));
    return fm_reply_text(exchange, 200, text);
}

STORY(a_handler_knows_its_request)
{
    begin(tell, "PUT /a%20b?c HTTP/1.1\r\nHost: h:1\r\nX-A:  v \r\n\r\n");
    play_answers(&scene, OK(TEXT "Content-Length: 26\r\n\r\n"
                                 "PUT /a%20b?c h:1 X-A=v v 0"));
}

static int reply_then_read(fm_exchange *exchange, void *arg)
{
    char buf[8];
    int rc = fm_reply_begin(exchange, 200, 0);
    *(ssize_t *)arg = fm_exchange_read(exchange, buf, sizeof buf);
    return rc;
}

STORY(who_has_a_reply_instead_of_being_asked_is_not_waited_for)
{
    ssize_t size = 0;
    begin(reply_then_read,
          POST("Expect: 100-continue\r\nContent-Length: 2\r\n", ""));
    scene.arg = &size;
    scene.stays = true;
    play(&scene);
    CHECK_INT(size, -EALREADY);
}

struct reader {
    fm_stream *stream;
    ssize_t size;
};

static int read_cancelled(fm_exchange *exchange, void *arg)
{
    char buf[8];
    fm_cancel(fm_self());
    *(ssize_t *)arg = fm_exchange_read(exchange, buf, sizeof buf);
    return 0;
}

static int serve_one(void *arg)
{
    struct reader *self = arg;
    return fm_http_serve_stream(self->stream, read_cancelled, &self->size);
}

STORY(a_body_that_has_ended_is_a_cancel_point_too)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], GET, strlen(GET)), strlen(GET));
    struct reader reader = {.stream = ends[1]};
    fm_task *task = fm_start(serve_one, &reader);
    CHECK_INT(fm_await(task), -ECANCELED);
    CHECK_INT(reader.size, -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}
