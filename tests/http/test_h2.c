/*
 * test_h2.c - HTTP/2 between our client and our server, over memory
 */
#include "task/story.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "http://a.example"

enum {
    BIG = 300000, /* bytes: more than any window */
    MANY = 150    /* more than go at once on one connection */
};

struct scene {
    fm_http_client *client;
    fm_http_client_options options;
    fm_http_serve_options serve;
    fm_event gate;
    int running;
    int most;
    int cut;
    char last[64];
    char *big;
};

static struct scene scene;

static int serve_big(fm_exchange *exchange)
{
    return fm_reply(exchange, 200, scene.big, BIG);
}

static int serve_gate(fm_exchange *exchange)
{
    scene.running++;
    if (scene.most < scene.running)
        scene.most = scene.running;
    int rc = fm_event_wait(&scene.gate);
    scene.running--;
    scene.cut += rc == -ECANCELED;
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "through\n");
}

/* Says as it hears, and waits for neither end. */
static int serve_echo(fm_exchange *exchange)
{
    char buf[5000];
    ssize_t size;
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc == 0 && (size = fm_exchange_read(exchange, buf, sizeof buf)) != 0)
        rc = size < 0 ? (int)size
                      : (int)(fm_reply_write(exchange, buf, (size_t)size) < 0);
    return rc;
}

static int serve(fm_exchange *exchange, void *arg)
{
    const char *target = fm_exchange_target(exchange);
    (void)arg;
    snprintf(scene.last, sizeof scene.last, "%s %s %s %s",
             fm_exchange_protocol(exchange), fm_exchange_method(exchange),
             fm_exchange_host(exchange), target);
    if (strcmp(target, "/big") == 0)
        return serve_big(exchange);
    if (strcmp(target, "/gate") == 0)
        return serve_gate(exchange);
    if (strcmp(target, "/echo") == 0)
        return serve_echo(exchange);
    if (strcmp(target, "/fail") == 0)
        return -EIO;
    if (strcmp(target, "/host") == 0)
        fm_reply_set(exchange, "Host", "b.example");
    return fm_reply_text(exchange, 200, "hello\n");
}

static void begin(void)
{
    memset(&scene, 0, sizeof scene);
    scene.options.handler = serve;
    scene.options.http2 = true;
    scene.options.serve = &scene.serve;
    scene.big = malloc(BIG);
    CHECK(scene.big != NULL);
    for (int i = 0; i < BIG; i++)
        scene.big[i] = (char)(i * 31 + i / 251);
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
}

static void end(void)
{
    fm_http_client_close(scene.client);
    free(scene.big);
}

static void check_get(const char *url, int status, const char *text)
{
    const char *bytes;
    fm_response *response;
    CHECK_INT(fm_http_fetch(scene.client, url, &response), 0);
    CHECK_INT(fm_response_status(response), status);
    CHECK_INT(fm_response_load(response, &bytes), (int)strlen(text));
    CHECK(strcmp(bytes, text) == 0);
    fm_response_close(response);
}

STORY(a_request_of_http_2_is_an_exchange_as_any)
{
    begin();
    check_get(A "/x?y", 200, "hello\n");
    CHECK(strcmp(scene.last, "HTTP/2 GET a.example /x?y") == 0);
    check_get(A "/z", 200, "hello\n");
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    end();
}

STORY(a_host_in_a_reply_is_a_field_as_any)
{
    fm_response *response;
    begin();
    CHECK_INT(fm_http_fetch(scene.client, A "/host", &response), 0);
    const char *host = fm_response_field(response, "Host");
    CHECK(host != NULL && strcmp(host, "b.example") == 0);
    fm_response_close(response);
    end();
}

STORY(a_body_larger_than_the_window_arrives_whole)
{
    const char *bytes;
    fm_response *response;
    begin();
    CHECK_INT(fm_http_fetch(scene.client, A "/big", &response), 0);
    CHECK_INT(fm_response_length(response), BIG);
    CHECK_INT(fm_response_load(response, &bytes), BIG);
    CHECK(memcmp(bytes, scene.big, BIG) == 0);
    fm_response_close(response);
    end();
}

STORY(both_sides_send_at_once)
{
    const char *bytes;
    fm_response *response;
    begin();
    const fm_http_request request = {.body = scene.big, .body_size = BIG};
    CHECK_INT(fm_http_fetch(scene.client, A "/echo", &response, &request), 0);
    CHECK_INT(fm_response_load(response, &bytes), BIG);
    CHECK(memcmp(bytes, scene.big, BIG) == 0);
    fm_response_close(response);
    end();
}

static int get_gate(void *arg)
{
    fm_response *response;
    const char *bytes;
    (void)arg;
    int rc = fm_http_fetch(scene.client, A "/gate", &response);
    if (rc == -ECANCELED)
        return rc;
    CHECK_INT(rc, 0);
    CHECK_INT(fm_response_status(response), 200);
    CHECK_INT(fm_response_load(response, &bytes), 8);
    fm_response_close(response);
    return 0;
}

static int get_hello(void *arg)
{
    (void)arg;
    check_get(A "/", 200, "hello\n");
    return 0;
}

static int open_gate(void *arg)
{
    (void)arg;
    while (scene.running < 100)
        if (fm_sleep(0.01) < 0)
            return -ECANCELED;
    fm_event_set(&scene.gate);
    return 0;
}

STORY(many_requests_share_one_connection)
{
    int rc;
    begin();
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 100; i++)
            rc = fm_group_start(group, get_gate, NULL);
        if (rc == 0)
            rc = fm_group_start(group, open_gate, NULL);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(scene.most, 100);
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    end();
}

STORY(a_connection_that_is_full_is_joined_by_another)
{
    int rc;
    begin();
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < MANY; i++)
            rc = fm_group_start(group, get_gate, NULL);
        if (rc == 0)
            rc = fm_group_start(group, open_gate, NULL);
    }
    CHECK_INT(rc, 0);
    CHECK(fm_http_client_connections(scene.client) >= 1);
    end();
}

/* Not before all others are over, for there may always be some. */
static void check_next(fm_http_client_options limits)
{
    fm_task *tasks[FM_HTTP_STREAMS + 1];
    begin();
    fm_http_client_close(scene.client);
    scene.options.of_origin = limits.of_origin;
    scene.options.connections = limits.connections;
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
    for (int i = 0; i < FM_HTTP_STREAMS; i++)
        tasks[i] = fm_start(get_gate, NULL);
    while (scene.running < FM_HTTP_STREAMS)
        CHECK_INT(fm_sleep(0.01), 0);
    tasks[FM_HTTP_STREAMS] = fm_start(get_hello, NULL);
    CHECK_INT(fm_yield(), 0);
    (void)fm_stop(tasks[0]);
    CHECK_INT(fm_await(tasks[FM_HTTP_STREAMS]), 0);
    CHECK(scene.running >= FM_HTTP_STREAMS - 1);
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    fm_event_set(&scene.gate);
    for (int i = 1; i < FM_HTTP_STREAMS; i++)
        CHECK_INT(fm_await(tasks[i]), 0);
    check_get(A "/", 200, "hello\n");
    end();
}

STORY(who_waits_for_a_full_connection_takes_the_first_place_that_is_free)
{
    check_next((fm_http_client_options){.of_origin = 1});
    check_next((fm_http_client_options){.connections = 1});
}

static int give_up(void *arg)
{
    fm_response *response;
    (void)arg;
    return fm_http_fetch(scene.client, A "/gate", &response);
}

STORY(who_gives_up_cuts_its_own_handler_and_no_other)
{
    begin();
    fm_task *other = fm_start(get_gate, NULL);
    fm_task *one = fm_start(give_up, NULL);
    while (scene.running < 2)
        CHECK_INT(fm_sleep(0.01), 0);
    CHECK_INT(fm_stop(one), -ECANCELED);
    while (scene.cut == 0)
        CHECK_INT(fm_sleep(0.01), 0);
    CHECK_INT(scene.running, 1);
    fm_event_set(&scene.gate);
    CHECK_INT(fm_await(other), 0);
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    end();
}

STORY(a_handler_that_fails_ends_its_own_request)
{
    const char *bytes;
    fm_response *response;
    begin();
    CHECK_INT(fm_http_fetch(scene.client, A "/fail", &response), 0);
    CHECK_INT(fm_response_status(response), 500);
    CHECK(fm_response_load(response, &bytes) > 0);
    fm_response_close(response);
    check_get(A "/", 200, "hello\n");
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    end();
}

STORY(an_answer_that_is_left_unread_is_reset)
{
    fm_response *response;
    begin();
    CHECK_INT(fm_http_fetch(scene.client, A "/big", &response), 0);
    fm_response_close(response);
    check_get(A "/", 200, "hello\n");
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    end();
}

STORY(a_head_has_no_body)
{
    const char *bytes;
    fm_response *response;
    begin();
    const fm_http_request request = {.method = "HEAD"};
    CHECK_INT(fm_http_fetch(scene.client, A "/big", &response, &request), 0);
    CHECK_INT(fm_response_length(response), BIG);
    CHECK_INT(fm_response_load(response, &bytes), 0);
    fm_response_close(response);
    end();
}
