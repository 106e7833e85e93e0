/*
 * test_events_source.c - events that come from a server, and from the next
 * connection to it
 */
#include "http/http_stage.h"
#include "task/story.h"

#include "harness.h"

#include "http/events_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
#define ENDLESS STREAM "\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"

static struct {
    struct stage stage;
    fm_http_client *client;
    fm_event_source *source;
    fm_http_failure failure;
    fm_event_message message;
} scene;

/* As fast as it may be. */
static const fm_event_source_options quick = {
    .retry = 0.001,
    .retry_least = 0.001,
    .retry_most = 0.001,
    .silence = -1,
    .failure = &scene.failure,
};

static void begin(const struct stage_act *acts,
                  const fm_event_source_options *options)
{
    memset(&scene, 0, sizeof scene);
    stage_open(&scene.stage, acts);
    CHECK_INT(fm_http_client_open(&scene.client), 0);
    CHECK_INT(fm_event_source_open(scene.client, scene.stage.url, &scene.source,
                                   options),
              0);
}

static void end(void)
{
    fm_event_source_close(scene.source);
    fm_http_client_close(scene.client);
    stage_close(&scene.stage);
}

static void check_next(const char *type, const char *id, const char *data)
{
    CHECK_INT(fm_event_source_next(scene.source, &scene.message), 1);
    CHECK_SAID(scene.message.type, type);
    CHECK_SAID(scene.message.id, id);
    CHECK_SAID(scene.message.data, data);
    CHECK_INT(scene.message.size, strlen(data));
    CHECK_SAID(fm_event_source_last_id(scene.source), id);
}

/* What is returned, and returned again. */
static void check_end(int rc)
{
    CHECK_INT(fm_event_source_next(scene.source, &scene.message), rc);
    CHECK_INT(fm_event_source_next(scene.source, &scene.message), rc);
}

STORY(a_source_comes_back_behind_the_last_id)
{
    static const struct stage_act acts[] = {
        {ENDLESS "data: a\n\nid: 1\nevent: add\ndata: b\n\nid: 2\ndata: lost",
         STAGE_CLOSES},
        {STREAM "Transfer-Encoding: chunked\r\n\r\n"
                "9\r\ndata: c\n\n\r\n8\r\nid: 3\n\nd\r\n3\r\nata\r\n0\r\n\r\n",
         STAGE_STAYS},
        {ENDLESS "id\ndata: d\n\n", STAGE_RESETS},
        {"HTTP/1.1 204 No Content\r\n\r\n", STAGE_CLOSES},
        {NULL, STAGE_CLOSES},
    };
    begin(acts, &quick);
    check_next("message", "", "a");
    check_next("add", "1", "b");
    check_next("message", "1", "c");
    check_next("message", "", "d");
    check_end(0);
    CHECK_SAID(stage_field(&scene.stage, 0, "Last-Event-ID"), "-");
    CHECK_SAID(stage_field(&scene.stage, 0, "Accept"), "text/event-stream");
    CHECK_SAID(stage_field(&scene.stage, 0, "Cache-Control"), "no-store");
    CHECK_SAID(stage_field(&scene.stage, 1, "Last-Event-ID"), "1");
    CHECK_SAID(stage_field(&scene.stage, 2, "Last-Event-ID"), "3");
    CHECK_SAID(stage_field(&scene.stage, 3, "Last-Event-ID"), "-");
    CHECK_INT(scene.stage.requests, 4);
    end();
}

STORY(a_source_begins_where_it_is_told_to)
{
    static const fm_http_field fields[] = {{"Cookie", "a=b"}, {NULL, NULL}};
    static const struct stage_act acts[] = {
        {ENDLESS "data: a\n\n", STAGE_CLOSES},
        {"HTTP/1.1 204 No Content\r\n\r\n", STAGE_CLOSES},
        {NULL, STAGE_CLOSES},
    };
    fm_event_source_options options = quick;
    options.last_id = "41";
    options.fields = fields;
    begin(acts, &options);
    CHECK_SAID(fm_event_source_last_id(scene.source), "41");
    check_next("message", "41", "a");
    check_end(0);
    for (int i = 0; i < 2; i++) {
        CHECK_SAID(stage_field(&scene.stage, i, "Last-Event-ID"), "41");
        CHECK_SAID(stage_field(&scene.stage, i, "Cookie"), "a=b");
    }
    end();
}

STORY(another_status_or_type_fails_for_good)
{
    static const char *const answers[] = {
        "HTTP/1.1 404 Not Found\r\n" EMPTY,
        "HTTP/1.1 201 Created\r\nContent-Type: text/event-stream\r\n" EMPTY,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" EMPTY,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-streams\r\n" EMPTY,
        "HTTP/1.1 200 OK\r\n" EMPTY,
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct stage_act acts[] = {{answers[i], STAGE_CLOSES},
                                         {NULL, STAGE_CLOSES}};
        begin(acts, &quick);
        check_end(-FM_ENOEVENTS);
        CHECK_INT(scene.failure.code, -FM_ENOEVENTS);
        CHECK_INT(scene.failure.step, FM_HTTP_STEP_STATUS);
        CHECK_INT(scene.stage.requests, 1);
        end();
    }
}

STORY(a_type_may_have_parameters_and_capitals)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 200 OK\r\n"
         "Content-Type: Text/Event-Stream ; charset=utf-8\r\n\r\ndata: a\n\n",
         STAGE_CLOSES},
        {NULL, STAGE_CLOSES},
    };
    begin(acts, &quick);
    check_next("message", "", "a");
    end();
}

STORY(a_server_in_trouble_is_asked_again)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 503 Busy\r\n" EMPTY, STAGE_CLOSES},
        {"HTTP/1.1 500 No\r\n" EMPTY, STAGE_STAYS},
        {"", STAGE_RESETS},
        {"", STAGE_CLOSES},
        {ENDLESS "data: a\n\n", STAGE_CLOSES},
        {"HTTP/1.1 404 Not Found\r\n" EMPTY, STAGE_CLOSES},
        {NULL, STAGE_CLOSES},
    };
    begin(acts, &quick);
    check_next("message", "", "a");
    check_end(-FM_ENOEVENTS);
    CHECK_INT(scene.stage.requests, 6);
    end();
}

/* The end of what has brought a message is not among them. */
STORY(so_many_attempts_may_fail_in_a_row)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 503 Busy\r\n" EMPTY, STAGE_CLOSES},
        {ENDLESS "data: a\n\n", STAGE_CLOSES},
        {"HTTP/1.1 503 Busy\r\n" EMPTY, STAGE_CLOSES},
        {ENDLESS ": no message\n\n", STAGE_CLOSES},
        {NULL, STAGE_CLOSES},
    };
    fm_event_source_options options = quick;
    options.retry_most = 3600; /* none has lasted for that */
    options.attempts = 2;
    begin(acts, &options);
    check_next("message", "", "a");
    check_end(-FM_EEOF);
    CHECK_INT(scene.stage.requests, 4);
    end();
}

STORY(nobody_there_is_asked_again_and_a_bad_answer_is_not)
{
    static const struct stage_act acts[] = {
        {"no HTTP at all\r\n\r\n", STAGE_CLOSES}, {NULL, STAGE_CLOSES}};
    fm_event_source_options options = quick;
    options.attempts = 3;
    begin(acts, &options);
    check_end(-FM_EHTTPLINE);
    stage_close(&scene.stage);
    fm_event_source_close(scene.source);
    CHECK_INT(fm_event_source_open(scene.client, scene.stage.url, &scene.source,
                                   &options),
              0);
    check_end(-ECONNREFUSED);
    fm_event_source_close(scene.source);
    fm_http_client_close(scene.client);
}

STORY(what_cannot_be_asked_for_is_refused)
{
    static const struct {
        const char *url;
        fm_event_source_options options;
    } odd[] = {
        {"no URL", {.retry = 0}},
        {"http://a/", {.retry = -1}},
        {"http://a/", {.retry_least = NAN}},
        {"http://a/", {.retry_most = -1}},
        {"http://a/", {.silence = NAN}},
        {"http://a/", {.last_id = "a\nb"}},
        {"http://a/", {.last_id = " a"}},
    };
    CHECK_INT(fm_http_client_open(&scene.client), 0);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        CHECK_INT(fm_event_source_open(scene.client, odd[i].url, &scene.source,
                                       &odd[i].options),
                  -EINVAL);
    CHECK_INT(fm_event_source_open(scene.client, "ftp://a/", &scene.source), 0);
    check_end(-EINVAL);
    fm_event_source_close(scene.source);
    fm_event_source_close(NULL);
    fm_http_client_close(scene.client);
}

/* ---- in memory ----------------------------------------------------------- */

/* Says this in pieces of so many bytes; then it waits. */
static struct {
    const char *text;
    size_t size;
    size_t piece;
} words;

static int say_words(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_reply_set(exchange, "Content-Type", "text/event-stream"), 0);
    int rc = fm_reply_begin(exchange, 200, -1);
    for (size_t at = 0; rc >= 0 && at < words.size; at += words.piece) {
        size_t left = words.size - at;
        rc = (int)fm_reply_write(exchange, words.text + at,
                                 words.piece < left ? words.piece : left);
        if (rc >= 0)
            rc = fm_sleep(0);
    }
    return rc < 0 ? rc : fm_sleep(3600);
}

static void begin_in_memory(fm_http_handler handler,
                            const fm_event_source_options *options)
{
    memset(&scene, 0, sizeof scene);
    CHECK_INT(fm_http_client_open(
                  &scene.client, &(fm_http_client_options){.handler = handler}),
              0);
    CHECK_INT(
        fm_event_source_open(scene.client, "http://a/", &scene.source, options),
        0);
}

static void end_in_memory(void)
{
    fm_event_source_close(scene.source);
    fm_http_client_close(scene.client);
}

/* What has a limit of so many bytes comes with `rc`. */
static void check_limit(const char *text, size_t limit, int rc)
{
    fm_event_source_options options = quick;
    options.limit = limit;
    words.text = text;
    words.size = strlen(text);
    words.piece = words.size;
    begin_in_memory(say_words, &options);
    CHECK_INT(fm_event_source_next(scene.source, &scene.message), rc);
    if (rc < 0)
        check_end(rc);
    end_in_memory();
}

STORY(data_has_its_limit_at_that_byte)
{
    check_limit("data: abcd\n\n", 4, 1);
    check_limit("data:abcd\n\n", 4, 1);
    check_limit("data:abcde\n\n", 4, -FM_EEVENTSIZE);
    check_limit("data: ab\ndata: c\n\n", 4, 1);
    check_limit("data: ab\ndata: cd\n\n", 4, -FM_EEVENTSIZE);
}

STORY(a_line_without_end_has_a_limit)
{
    const size_t most = FM_EVENT_LIMIT + 8192;
    char *text = calloc(1, most + 1);
    memset(text, 'x', most);
    check_limit(text, 0, -FM_EEVENTSIZE);
    text[0] = ':'; /* but a comment is nothing that is kept */
    memcpy(text + most - 9, "\ndata:a\n\n", 9);
    check_limit(text, 0, 1);
    CHECK_INT(scene.message.size, 1);
    free(text);
}

static int say_large(fm_exchange *exchange, void *arg)
{
    static char text[FM_EVENT_LIMIT];
    fm_events *events;
    (void)arg;
    memset(text, 'x', sizeof text);
    fm_event_message message = {.data = text, .size = sizeof text};
    CHECK_INT(fm_events_open(exchange, &events), 0);
    CHECK_INT(fm_events_send(events, &message), 0);
    CHECK_INT(fm_events_send(events, &(fm_event_message){.data = "small"}), 0);
    int rc = fm_sleep(3600);
    fm_events_close(events);
    return rc;
}

STORY(a_large_message_arrives_and_its_room_is_given_back)
{
    int rc;
    begin_in_memory(say_large, &quick);
    CHECK_INT(fm_event_source_next(scene.source, &scene.message), 1);
    CHECK_INT(scene.message.size, FM_EVENT_LIMIT);
    CHECK_INT(strspn(scene.message.data, "x"), FM_EVENT_LIMIT);
    check_next("message", "", "small");
    FM_TIMEOUT(0.001, rc) {
        rc = fm_event_source_next(scene.source, &scene.message);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(scene.source->reader.room <= 4096);
    end_in_memory();
}

/* However small the pieces, and however often the wait is cut. */
STORY(a_cut_loses_no_message)
{
    static const char text[] = "id: 1\ndata: first\n\n:\n\nevent: x\n"
                               "data: second\ndata\n\ndata: third\n\n";
    static const char *const wanted[] = {"first", "second\n", "third"};
    for (size_t piece = 1; piece < 9; piece++) {
        words.text = text;
        words.size = sizeof text - 1;
        words.piece = piece;
        begin_in_memory(say_words, &quick);
        CHECK_INT(fm_event_source_next(scene.source, &scene.message), 1);
        CHECK_SAID(scene.message.data, wanted[0]);
        for (int count = 1; count < 3;) {
            int rc;
            FM_TIMEOUT(0, rc) {
                fm_sleep(0);
                rc = fm_event_source_next(scene.source, &scene.message);
            }
            CHECK_INT(rc, -ETIMEDOUT);
            FM_TIMEOUT(0.0001, rc) {
                rc = fm_event_source_next(scene.source, &scene.message);
            }
            if (rc == -ETIMEDOUT)
                continue;
            CHECK_INT(rc, 1);
            CHECK_SAID(scene.message.data, wanted[count++]);
            CHECK_SAID(scene.message.id, "1");
        }
        end_in_memory();
    }
}

static int two_wait(void *arg)
{
    return fm_event_source_next(arg, &scene.message);
}

static void wait_twice(void)
{
    words.size = 0;
    begin_in_memory(say_words, NULL);
    fm_task *one = fm_start(two_wait, scene.source);
    fm_sleep(0);
    fm_event_source_next(scene.source, &scene.message);
    fm_stop(one);
}

static void close_while_waiting(void)
{
    words.size = 0;
    begin_in_memory(say_words, NULL);
    fm_task *one = fm_start(two_wait, scene.source);
    fm_sleep(0);
    fm_event_source_close(scene.source);
    fm_stop(one);
}

TEST(one_task_waits_at_a_time)
{
    CHECK_DOOMED(wait_twice, "another task waits");
    CHECK_DOOMED(close_while_waiting, "another task waits");
}
