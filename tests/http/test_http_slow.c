/*
 * test_http_slow.c - clients that take their time, and have none
 */
#include "http/http_play.h"
#include "net/neighbours.h"

#include "harness.h"

#include <errno.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define SECOND 1000000000

static struct play scene;

static void begin(fm_http_handler handler, const char *words)
{
    memset(&scene, 0, sizeof scene);
    scene.handler = handler;
    scene.words = words;
    scene.stays = true;
}

static int hello(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply(exchange, 200, "hello\n", 6);
}

static int load(fm_exchange *exchange, void *arg)
{
    const char *body;
    ssize_t *size = arg;
    *size = fm_exchange_load(exchange, &body);
    return *size < 0 ? (int)*size : fm_reply(exchange, 200, "", 0);
}

/* Seconds until the server has ended. */
static int64_t lasts(void)
{
    int64_t began = fm_now();
    play(&scene);
    return (fm_now() - began + SECOND / 2) / SECOND;
}

static void check_status(int status)
{
    char wanted[16];
    snprintf(wanted, sizeof wanted, "HTTP/1.1 %d ", status);
    CHECK(strncmp(scene.answer, wanted, strlen(wanted)) == 0);
}

STORY(who_says_nothing_is_closed_after_the_idle_time)
{
    begin(hello, "");
    CHECK_INT(lasts(), FM_HTTP_IDLE_TIMEOUT);
    CHECK_INT(scene.answered, 0);
    CHECK_INT(scene.result, 0);
    begin(hello, GET);
    scene.options.idle_timeout = 7;
    CHECK_INT(lasts(), 7);
    check_status(200);
}

STORY(a_head_has_a_deadline_that_no_byte_moves)
{
    begin(hello, "GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyy");
    scene.piece = 1;
    scene.pause = 1;
    /* And the time in which it may read the refusal. */
    CHECK(lasts() <= FM_HTTP_HEAD_TIMEOUT + 3);
    check_status(408);
}

STORY(a_body_has_a_deadline_that_moves_with_its_size)
{
    ssize_t size = 0;
    begin(load, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"
                "abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcd");
    scene.arg = &size;
    scene.piece = 1;
    scene.pause = 1;
    scene.options.head_timeout = -1;
    scene.options.body_timeout = 5;
    scene.options.body_rate = 2;
    play(&scene);
    CHECK_INT(size, -ETIMEDOUT);
    check_status(408);
}

static int sleep_and_load(fm_exchange *exchange, void *arg)
{
    int rc = fm_sleep(100);
    return rc < 0 ? rc : load(exchange, arg);
}

/* Only what a client is waited for counts. */
STORY(a_slow_handler_does_not_make_a_body_late)
{
    ssize_t size = 0;
    begin(sleep_and_load,
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    scene.arg = &size;
    play(&scene);
    CHECK_INT(size, 3);
    check_status(200);
}

STORY(a_time_of_a_body_may_be_endless)
{
    static const double times[] = {-1, INFINITY, 1e300, 1e10};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        ssize_t size = 0;
        begin(load, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
                    "abc");
        scene.arg = &size;
        scene.piece = 1;
        scene.pause = 30;
        scene.options.head_timeout = INFINITY;
        scene.options.idle_timeout = INFINITY;
        scene.options.body_timeout = times[i];
        scene.stays = false;
        play(&scene);
        CHECK_INT(size, 3);
    }
}

/* A line of a chunk is none before its end has come. */
STORY(a_chunk_may_come_byte_by_byte)
{
    ssize_t size = 0;
    begin(load, "POST / HTTP/1.1\r\nHost: a\r\n"
                "Transfer-Encoding: chunked\r\n\r\n"
                "0014;x\r\n0123456789abcdefghij\r\n0\r\n\r\n");
    scene.arg = &size;
    scene.piece = 1;
    scene.pause = 0.01;
    scene.stays = false;
    play(&scene);
    CHECK_INT(size, 20);
    check_status(200);
}

static int flood(fm_exchange *exchange, void *arg)
{
    static char bytes[1 << 20];
    int *result = arg;
    *result = fm_reply(exchange, 200, bytes, sizeof bytes);
    return *result;
}

STORY(who_takes_nothing_of_a_reply_is_given_up)
{
    int result = 0;
    fm_stream *ends[2];
    fm_http_serve_options options = {.write_timeout = 3};
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], GET, strlen(GET)), strlen(GET));
    int64_t began = fm_now();
    CHECK_INT(fm_http_serve_stream(ends[1], flood, &result, &options),
              -FM_EPEERTIMEOUT);
    CHECK_INT(result, -ETIMEDOUT);
    CHECK_INT((fm_now() - began) / SECOND, 3);
    fm_abort(ends[1]);
    fm_abort(ends[0]);
}

static int sleep_long(fm_exchange *exchange, void *arg)
{
    int *result = arg;
    (void)exchange;
    *result = fm_sleep(100);
    return *result;
}

STORY(a_handler_may_have_a_deadline)
{
    int result = 0;
    begin(sleep_long, GET);
    scene.arg = &result;
    scene.options.deadline = 2;
    CHECK(lasts() <= 5);
    CHECK_INT(result, -ETIMEDOUT);
    check_status(503);
    begin(sleep_long, GET); /* below 0: none */
    scene.arg = &result;
    scene.options.deadline = -1;
    CHECK(lasts() >= 100);
    CHECK_INT(result, 0);
}

/* It does not look at what its wait says. */
static int sleep_and_reply(fm_exchange *exchange, void *arg)
{
    int *result = arg;
    (void)fm_sleep(100);
    *result = fm_reply_text(exchange, 200, "late");
    CHECK_INT(fm_reply_status(exchange), 0);
    return *result;
}

STORY(a_reply_that_comes_behind_the_deadline_has_not_begun)
{
    int result = 0;
    begin(sleep_and_reply, GET);
    scene.arg = &result;
    scene.options.deadline = 2;
    CHECK(lasts() <= 5);
    CHECK_INT(result, -ETIMEDOUT);
    check_status(503);
    CHECK(strstr(scene.answer, "text/plain") == NULL);
}

STORY(a_connection_has_so_many_requests)
{
    begin(hello, GET GET GET);
    scene.options.requests = 2;
    play(&scene);
    const char *first = strstr(scene.answer, "hello\n");
    CHECK(first != NULL && strstr(first, "Connection: close\r\n") != NULL);
    const char *second = first != NULL ? strstr(first + 1, "hello\n") : NULL;
    CHECK(second != NULL && strcmp(second, "hello\n") == 0);
}

STORY(an_option_that_is_no_number_is_refused)
{
    fm_stream *ends[2];
    fm_http_serve_options options = {.idle_timeout = NAN};
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_http_serve_stream(ends[1], hello, NULL, &options), -EINVAL);
    fm_abort(ends[1]);
    fm_abort(ends[0]);
}

/* ---- and hold no connection ---------------------------------------------- */

/* Little by little, which waits in the stream's own memory; or at once. */
static int trickle(fm_exchange *exchange, void *size)
{
    static const char bytes[20000];
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0)
        rc = (int)fm_reply_write(exchange, bytes, *(size_t *)size);
    return rc;
}

struct house {
    fm_listener *listener;
    size_t size;
};

static int house(struct house *self)
{
    const fm_http_serve_options options = {.write_timeout = 3,
                                           .serve = {.grace = 3600}};
    return fm_http_serve(self->listener, trickle, &self->size, &options);
}

STORY(who_takes_nothing_holds_no_connection)
{
    static const size_t sizes[] = {1000, 20000};
    for (size_t i = 0; i < FM__COUNT(sizes); i++) {
        fm_stream *client;
        struct house self = {listen_here(), sizes[i]};
        fm_task *server = fm_start((int (*)(void *))house, &self);
        CHECK_INT(fm_connect(where(self.listener), &client), 0);
        CHECK_INT(fm_write(client, GET, strlen(GET)), strlen(GET));
        CHECK_INT(fm_sleep(30), 0);
        fm_serve_stop(self.listener);
        int64_t began = fm_now();
        CHECK_INT(fm_await(server), 0);
        CHECK((fm_now() - began) / SECOND < 60);
        fm_abort(client);
    }
}
