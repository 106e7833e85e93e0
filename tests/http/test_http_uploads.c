/*
 * test_http_uploads.c - bodies that go to a server while it says something
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>

enum {
    LARGE = 10 * 1024 * 1024,
    PIECE = 65536
};

static struct stage stage;
static fm_http_failure failure;

/* A server of our own, in memory or at a listener. */
struct hall {
    fm_http_client *client;
    fm_listener *listener;
    fm_task *server;
    fm_http_handler handler;
    char url[FM_ADDRESS_TEXT + 16];
};

static struct hall hall;
static const fm_http_serve_options serve_options = {.body_limit = LARGE};

static int hall_run(void *arg)
{
    (void)arg;
    return fm_http_serve(hall.listener, hall.handler, NULL, &serve_options);
}

static void hall_open(fm_http_handler handler, bool in_memory)
{
    fm_http_client_options options = {.serve = &serve_options};
    char address[FM_ADDRESS_TEXT];
    memset(&hall, 0, sizeof hall);
    hall.handler = handler;
    snprintf(hall.url, sizeof hall.url, "http://a.example/");
    if (in_memory) {
        options.handler = handler;
    } else {
        CHECK_INT(fm_listen("127.0.0.1:0", &hall.listener), 0);
        fm_address_format(fm_listener_address(hall.listener), address);
        snprintf(hall.url, sizeof hall.url, "http://%s/", address);
        hall.server = fm_start(hall_run, NULL);
    }
    CHECK_INT(fm_http_client_open(&hall.client, &options), 0);
}

static void hall_close(void)
{
    fm_http_client_close(hall.client);
    if (hall.server != NULL)
        fm_stop(hall.server);
}

/* Each byte says where it is. */
static char byte_at(size_t at)
{
    return (char)(at * 7 + (at >> 8) + (at >> 16));
}

static void fill(char *buf, size_t at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        buf[i] = byte_at(at + i);
}

static int write_large(fm_upload *upload, void *arg)
{
    static char buf[PIECE];
    size_t *sent = arg;
    for (*sent = 0; *sent < LARGE; *sent += PIECE) {
        fill(buf, *sent, PIECE);
        ssize_t rc = fm_upload_write(upload, buf, PIECE);
        if (rc < 0)
            return (int)rc;
    }
    return 0;
}

static int read_large(fm_response *response)
{
    static char buf[PIECE], wanted[PIECE];
    size_t at = 0;
    ssize_t size;
    while ((size = fm_response_read(response, buf, sizeof buf)) > 0) {
        fill(wanted, at, (size_t)size);
        CHECK(memcmp(buf, wanted, (size_t)size) == 0);
        at += (size_t)size;
    }
    CHECK_INT((int)size, 0);
    return (int)at;
}

/* ---- both at once ------------------------------------------------------- */

/* What comes goes back at once, and none of it is kept. */
static int echo(fm_exchange *exchange, void *arg)
{
    static char buf[PIECE];
    (void)arg;
    ssize_t size = fm_exchange_read(exchange, buf, sizeof buf);
    int rc = fm_reply_begin(exchange, 200, fm_exchange_length(exchange));
    while (rc >= 0 && size > 0) {
        rc = (int)fm_reply_write(exchange, buf, (size_t)size);
        if (rc >= 0)
            size = fm_exchange_read(exchange, buf, sizeof buf);
    }
    return size < 0 ? (int)size : rc;
}

STORY(large_bodies_go_both_ways_at_once)
{
    static const uint64_t sizes[] = {LARGE, 0};
    for (int i = 0; i < 4; i++) {
        size_t sent;
        fm_response *response;
        const fm_http_request request = {.upload = write_large,
                                         .upload_arg = &sent,
                                         .upload_size = sizes[i % 2]};
        hall_open(echo, i / 2 == 0);
        CHECK_INT(fm_http_fetch(hall.client, hall.url, &response, &request), 0);
        CHECK_INT(read_large(response), LARGE);
        CHECK_INT((int)sent, LARGE);
        fm_response_close(response);
        hall_close();
    }
}

STORY(a_body_in_memory_goes_both_ways_too)
{
    static char body[LARGE];
    fm_response *response;
    const fm_http_request request = {.body = body, .body_size = LARGE};
    fill(body, 0, LARGE);
    hall_open(echo, false);
    CHECK_INT(fm_http_fetch(hall.client, hall.url, &response, &request), 0);
    CHECK_INT(read_large(response), LARGE);
    fm_response_close(response);
    hall_close();
}

/* ---- answers before the end --------------------------------------------- */

/* The server wants none of it, and has said so before. */
STORY(an_answer_may_come_while_the_body_still_goes)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: "
         "4\r\n\r\nmuch",
         STAGE_WAITS},
        {0}};
    for (int i = 0; i < 2; i++) {
        size_t sent = 0;
        fm_http_client *client;
        fm_response *response;
        const char *bytes;
        const fm_http_request request = {.upload = write_large,
                                         .upload_arg = &sent,
                                         .upload_size = i == 0 ? LARGE : 0};
        stage_open(&stage, acts);
        CHECK_INT(fm_http_client_open(&client), 0);
        CHECK_INT(fm_http_fetch(client, stage.url, &response, &request), 0);
        CHECK_INT(fm_response_status(response), 413);
        CHECK_INT((int)fm_response_load(response, &bytes), 4);
        CHECK_SAID(bytes, "much");
        fm_response_close(response);
        CHECK_INT((int)fm_http_client_connections(client), 0);
        fm_http_client_close(client);
        stage_close(&stage);
    }
}

STORY(a_close_ends_an_upload_that_runs)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", STAGE_WAITS}, {0}};
    size_t sent = 0;
    fm_http_client *client;
    fm_response *response;
    const fm_http_request request = {.upload = write_large,
                                     .upload_arg = &sent};
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response, &request), 0);
    fm_response_close(response);
    CHECK_INT((int)fm_http_client_connections(client), 0);
    fm_http_client_close(client);
    stage_close(&stage);
}

/* ---- asking first ------------------------------------------------------- */

static int write_word(fm_upload *upload, void *arg)
{
    int *calls = arg;
    ++*calls;
    ssize_t rc = fm_upload_write(upload, "word", 4);
    return rc < 0 ? (int)rc : 0;
}

static void check_expect(const struct stage_act *acts, int status, int calls)
{
    int called = 0;
    fm_http_client *client;
    fm_response *response;
    const fm_http_request request = {.method = "PUT",
                                     .upload = write_word,
                                     .upload_arg = &called,
                                     .upload_size = 4,
                                     .expect = true};
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response, &request), 0);
    CHECK_INT(fm_response_status(response), status);
    CHECK_SAID(stage_field(&stage, 0, "Expect"), "100-continue");
    fm_response_close(response);
    fm_http_client_close(client);
    if (test_simulated()) /* a machine may be too slow to answer in time */
        CHECK_INT(called, calls);
    stage_close(&stage);
}

STORY(who_answers_at_once_does_not_get_the_body)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n", STAGE_WAITS}, {0}};
    check_expect(acts, 401, 0);
}

/* Asks for the body, and answers when it has it. */
static int ask_for_it(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return (int)size;
    return fm_reply(exchange, 200, body, (size_t)size);
}

STORY(who_asks_for_the_body_gets_it)
{
    int called = 0;
    const char *bytes;
    fm_response *response;
    const fm_http_request request = {
        .upload = write_word, .upload_arg = &called, .expect = true};
    hall_open(ask_for_it, false);
    CHECK_INT(fm_http_fetch(hall.client, hall.url, &response, &request), 0);
    CHECK_INT((int)fm_response_load(response, &bytes), 4);
    CHECK_SAID(bytes, "word");
    fm_response_close(response);
    CHECK_INT((int)fm_http_client_connections(hall.client), 1);
    hall_close();
    CHECK_INT(called, 1);
}

/* Knows nothing of such questions (RFC 9110, 10.1.1). */
static int say_nothing(fm_stream *stream, void *arg)
{
    char head[1024];
    (void)arg;
    ssize_t n = fm_read_until(stream, "\r\n\r\n", head, sizeof head);
    if (n > 0)
        n = fm_read_exactly(stream, head, 4);
    if (n > 0)
        n = fm_write(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                     38);
    return n < 0 ? (int)n : 0;
}

static int run_nothing(void *arg)
{
    return fm_serve(arg, say_nothing, NULL);
}

STORY(who_says_nothing_gets_it_after_a_while)
{
    int called = 0;
    fm_http_client *client;
    fm_response *response;
    fm_listener *listener;
    char address[FM_ADDRESS_TEXT];
    const fm_http_request request = {.upload = write_word,
                                     .upload_arg = &called,
                                     .upload_size = 4,
                                     .expect = true};
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    fm_address_format(fm_listener_address(listener), address);
    fm_task *server = fm_start(run_nothing, listener);
    const fm_http_client_options options = {.address = address};
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    int64_t began = fm_now();
    CHECK_INT(fm_http_fetch(client, "http://a/", &response, &request), 0);
    CHECK(fm_now() - began >= FM_HTTP_EXPECT_TIMEOUT * INT64_C(1000000000));
    CHECK_INT(fm_response_status(response), 200);
    fm_response_close(response);
    fm_http_client_close(client);
    fm_stop(server);
    CHECK_INT(called, 1);
}

STORY(interim_answers_are_passed_over_and_counted)
{
    enum {
        ROOM = 64 * (FM_HTTP_INTERIM + 2)
    };
    static const char interim[] = "HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n";
    static const char final[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (int more = 0; more < 2; more++) {
        char text[ROOM] = "";
        fm_http_client *client;
        fm_response *response;
        size_t size = 0;
        for (int i = 0; i < FM_HTTP_INTERIM + more; i++)
            size += (size_t)snprintf(text + size, ROOM - size, "%s", interim);
        snprintf(text + size, ROOM - size, "%s", final);
        const struct stage_act acts[] = {{text, STAGE_WAITS}, {0}};
        stage_open(&stage, acts);
        CHECK_INT(fm_http_client_open(&client), 0);
        int rc = fm_http_fetch(client, stage.url, &response,
                               &(fm_http_request){.failure = &failure});
        CHECK_INT(rc, more ? -FM_EHTTPINTERIM : 0);
        if (rc == 0) {
            CHECK(fm_response_field(response, "Link") == NULL);
            fm_response_close(response);
        }
        fm_http_client_close(client);
        stage_close(&stage);
    }
}

/* ---- sizes -------------------------------------------------------------- */

STORY(a_body_has_its_limit)
{
    static const int sizes[] = {99, 100, 101};
    for (int i = 0; i < 6; i++) {
        char text[300];
        int size = sizes[i / 2];
        fm_http_client *client;
        fm_response *response;
        const char *bytes;
        if (i % 2 == 0)
            snprintf(text, sizeof text,
                     "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%0*d", size,
                     size, 0);
        else
            snprintf(text, sizeof text,
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "%x\r\n%0*d\r\n0\r\n\r\n",
                     (unsigned)size, size, 0);
        const struct stage_act acts[] = {{text, STAGE_WAITS}, {0}};
        stage_open(&stage, acts);
        CHECK_INT(fm_http_client_open(
                      &client, &(fm_http_client_options){.body_limit = 100}),
                  0);
        CHECK_INT(fm_http_fetch(client, stage.url, &response), 0);
        CHECK_INT((int)fm_response_load(response, &bytes),
                  size > 100 ? -FM_EHTTPBODY : size);
        fm_response_close(response);
        CHECK_INT((int)fm_http_client_connections(client), size <= 100);
        fm_http_client_close(client);
        stage_close(&stage);
    }
}

STORY(what_has_no_body_has_none)
{
    static const struct {
        const char *method, *says;
        int length;
    } rows[] = {
        {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 1000},
        {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", -1},
        {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", 0},
        {"GET", "HTTP/1.1 204 No\r\n\r\n", 0},
        {"GET", "HTTP/1.1 304 No\r\nContent-Length: 1000\r\n\r\n", 1000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct stage_act acts[] = {{rows[i].says, STAGE_WAITS}, {0}};
        fm_http_client *client;
        fm_response *response;
        const char *bytes;
        stage_open(&stage, acts);
        CHECK_INT(fm_http_client_open(&client), 0);
        CHECK_INT(fm_http_fetch(client, stage.url, &response,
                                &(fm_http_request){.method = rows[i].method}),
                  0);
        CHECK_INT((int)fm_response_load(response, &bytes), 0);
        if (rows[i].length != 0)
            CHECK_INT((int)fm_response_length(response), rows[i].length);
        CHECK_INT((int)fm_http_client_connections(client), 1);
        fm_response_close(response);
        fm_http_client_close(client);
        stage_close(&stage);
    }
}
