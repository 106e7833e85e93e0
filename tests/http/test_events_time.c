/*
 * test_events_time.c - events in virtual time: comments, pauses, clients that
 * are slow, and a thousand of them
 */
#include "net/neighbours.h"
#include "task/story.h"

#include "harness.h"

#include "http/events_record.h"

#include <errno.h>
#include <stdlib.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define SECOND 1000000000

enum {
    CROWD = 1000,
    MESSAGES = 20
};

static struct {
    fm_listener *listener;
    fm_task *task;
    fm_http_handler handler;
    fm_http_serve_options options;
    fm_event_feed *feed;
    fm_events_options events;
    uint64_t lost;
    int result; /* what the handler's wait, or follow, returned */
    int ended;  /* handlers */
} house;

static int follow(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    (void)arg;
    int rc = fm_events_open(exchange, &events, &house.events);
    if (rc < 0)
        return rc;
    house.result = fm_events_follow(events, house.feed);
    house.lost += fm_events_lost(events);
    house.ended++;
    return fm_events_close(events);
}

static int idle(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    (void)arg;
    CHECK_INT(fm_events_open(exchange, &events, &house.events), 0);
    house.result = fm_sleep(100);
    house.ended++;
    return fm_events_close(events);
}

static int house_run(void *arg)
{
    (void)arg;
    return fm_http_serve(house.listener, house.handler, NULL, &house.options);
}

static void house_open(fm_http_handler handler)
{
    memset(&house, 0, sizeof house);
    house.handler = handler;
    house.result = 1;
    house.listener = listen_here();
    house.feed = fm_event_feed_new(0);
}

static void house_begin(void)
{
    house.task = fm_start(house_run, NULL);
}

static void house_close(void)
{
    fm_serve_stop(house.listener);
    CHECK_INT(fm_await(house.task), 0);
    fm_event_feed_free(house.feed);
}

static fm_stream *house_ask(void)
{
    char head[512];
    fm_stream *stream = NULL;
    CHECK_INT(fm_connect(where(house.listener), &stream), 0);
    CHECK(fm_write(stream, GET, strlen(GET)) > 0);
    CHECK(fm_read_until(stream, "\r\n\r\n", head, sizeof head) > 0);
    return stream;
}

static void wait_for_followers(size_t count)
{
    while (fm_event_feed_followers(house.feed) != count)
        CHECK_INT(fm_sleep(0.001), 0);
}

/* Whole seconds since then, to the nearest. */
static int since(int64_t began)
{
    return (int)((fm_now() - began + SECOND / 2) / SECOND);
}

/* ---- a server ------------------------------------------------------------ */

static void check_comments(fm_http_handler handler, double alive, int seconds)
{
    static const char comment[] = "3\r\n:\n\n\r\n";
    char heard[sizeof comment] = "";
    house_open(handler);
    house.events.alive = alive;
    house_begin();
    fm_stream *stream = house_ask();
    int64_t began = fm_now();
    for (int i = 1; i <= 3; i++) {
        CHECK_INT(fm_read_exactly(stream, heard, sizeof comment - 1),
                  sizeof comment - 1);
        CHECK(strcmp(heard, comment) == 0);
        CHECK_INT(since(began), i * seconds);
    }
    fm_close(stream);
    house_close();
    CHECK_INT(house.ended, 1);
}

STORY(a_comment_comes_after_so_many_silent_seconds)
{
    check_comments(idle, 0, FM_EVENTS_ALIVE);
    check_comments(idle, 7, 7);
    check_comments(follow, 0, FM_EVENTS_ALIVE);
    check_comments(follow, 7, 7);
}

/* A message is a word: the comment waits for its own span. */
STORY(no_comment_comes_while_messages_do)
{
    char heard[64] = "";
    house_open(follow);
    house_begin();
    fm_stream *stream = house_ask();
    wait_for_followers(1);
    int64_t began = fm_now();
    for (int i = 0; i < 4; i++) {
        CHECK_INT(fm_sleep(10), 0);
        CHECK_INT(
            fm_event_feed_send(house.feed, &(fm_event_message){.data = "x"}),
            0);
    }
    CHECK_INT(fm_read_exactly(stream, heard, 4 * 14), 4 * 14);
    CHECK(strstr(heard, ":\n\n") == NULL);
    CHECK_INT(fm_read_exactly(stream, heard, 8), 8);
    CHECK_INT(since(began), 40 + FM_EVENTS_ALIVE);
    fm_close(stream);
    house_close();
}

STORY(who_wants_no_comments_gets_none)
{
    char heard[8];
    int rc;
    house_open(idle);
    house.events.alive = -1;
    house_begin();
    fm_stream *stream = house_ask();
    FM_TIMEOUT(90, rc) {
        rc = (int)fm_read(stream, heard, sizeof heard);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_close(stream);
    house_close();
}

/* After the feed it is said by a task of its own again. */
static int follow_and_idle(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    int rc;
    (void)arg;
    CHECK_INT(fm_events_open(exchange, &events, &house.events), 0);
    FM_TIMEOUT(5, rc) {
        rc = fm_events_follow(events, house.feed);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    house.result = fm_sleep(100);
    house.ended++;
    return fm_events_close(events);
}

STORY(comments_go_on_when_nobody_follows_any_more)
{
    check_comments(follow_and_idle, 0, FM_EVENTS_ALIVE);
}

/* What it takes in is bounded; what it reads is nothing. */
static void fill_up(void)
{
    static char large[30000];
    memset(large, 'x', sizeof large - 1);
    for (int i = 0; i < 100 && house.ended == 0; i++) {
        CHECK_INT(
            fm_event_feed_send(house.feed, &(fm_event_message){.data = large}),
            0);
        CHECK_INT(fm_sleep(0.1), 0);
    }
}

STORY(who_takes_nothing_is_given_up_and_holds_nobody)
{
    char heard[64];
    house_open(follow);
    house.options.write_timeout = 5;
    house_begin();
    fm_stream *deaf = house_ask();
    wait_for_followers(1);
    int64_t began = fm_now();
    fill_up();
    fm_stream *other = house_ask();
    wait_for_followers(1); /* the deaf one is gone */
    CHECK(house.result == -ETIMEDOUT);
    CHECK(since(began) < 20);
    CHECK_INT(house.ended, 1);
    CHECK_INT(fm_event_feed_send(house.feed, &(fm_event_message){.data = "x"}),
              0);
    CHECK_INT(fm_read_exactly(other, heard, 14), 14);
    fm_abort(deaf);
    fm_close(other);
    house_close();
}

/* A comment is not taken either, long after the last message. */
STORY(who_takes_no_comment_cuts_its_handler)
{
    house_open(idle);
    house.options.write_timeout = 5;
    house.events.alive = 0.001;
    house_begin();
    fm_stream *deaf = house_ask();
    while (house.ended == 0)
        CHECK_INT(fm_sleep(1), 0);
    CHECK_INT(house.result, -ECANCELED);
    fm_abort(deaf);
    house_close();
}

/* It goes on with the oldest that is kept, and knows how many it has not got.
 */
STORY(who_is_slow_loses_what_is_not_kept)
{
    static char large[30000];
    static char heard[4096];
    memset(large, 'x', sizeof large - 1);
    house_open(follow);
    house.options.write_timeout = 3600;
    fm_event_feed_free(house.feed);
    house.feed = fm_event_feed_new(4);
    house_begin();
    fm_stream *slow = house_ask();
    wait_for_followers(1);
    for (int i = 0; i < 200; i++) {
        CHECK_INT(
            fm_event_feed_send(house.feed, &(fm_event_message){.data = large}),
            0);
        CHECK_INT(fm_sleep(0.01), 0);
    }
    fm_event_feed_shutdown(house.feed);
    size_t size = 0;
    ssize_t n = 1;
    while (n > 0 && house.ended == 0) {
        n = fm_read(slow, heard, sizeof heard);
        size += n > 0 ? (size_t)n : 0;
    }
    CHECK_INT(house.result, 0);
    CHECK(size > 0);
    CHECK(house.lost > 0);
    CHECK(house.lost < 196);
    fm_close(slow);
    house_close();
}

/* ---- a thousand ---------------------------------------------------------- */

static struct {
    fm_http_client *client;
    int clients, done;
    int messages; /* that have come, to all */
} crowd;

static int reader(void)
{
    fm_event_source *source;
    fm_event_message message;
    CHECK_INT(fm_event_source_open(crowd.client, "http://a/", &source), 0);
    for (int i = 0; i < MESSAGES; i++) {
        CHECK_INT(fm_event_source_next(source, &message), 1);
        CHECK_INT(strtol(message.data, NULL, 10), i);
        crowd.messages++;
    }
    crowd.done++;
    fm_event_source_close(source);
    return 0;
}

STORY(a_thousand_clients_get_each_message)
{
    int rc;
    memset(&crowd, 0, sizeof crowd);
    crowd.clients = (int)test_many(CROWD);
    house_open(follow);
    house_begin();
    CHECK_INT(fm_http_client_open(
                  &crowd.client, &(fm_http_client_options){.connections = CROWD,
                                                           .of_origin = CROWD,
                                                           .handler = follow}),
              0);
    FM_GROUP(readers, rc) {
        for (int i = 0; i < crowd.clients; i++)
            CHECK_INT(fm_group_go(readers, reader), 0);
        wait_for_followers((size_t)crowd.clients);
        for (int i = 0; i < MESSAGES; i++) {
            char text[16];
            snprintf(text, sizeof text, "%d", i);
            CHECK_INT(fm_event_feed_send(house.feed,
                                         &(fm_event_message){.data = text}),
                      0);
            CHECK_INT(fm_sleep(1), 0);
        }
    }
    CHECK_INT(rc, 0);
    CHECK_INT(crowd.messages, crowd.clients * MESSAGES);
    CHECK_INT(crowd.done, crowd.clients);
    fm_http_client_close(crowd.client);
    wait_for_followers(0);
    house_close();
}

/* ---- a client ------------------------------------------------------------ */

static struct {
    int64_t asked[32];
    int count;
    int good; /* the attempt that gets an answer */
    const char *says;
} server;

static int troubled(fm_exchange *exchange, void *arg)
{
    (void)arg;
    if (server.count < 32)
        server.asked[server.count] = fm_now();
    if (++server.count != server.good)
        return fm_reply_text(exchange, 503, "not now\n");
    int rc = fm_reply_set(exchange, "Content-Type", "text/event-stream");
    return rc < 0 ? rc : fm_reply_text(exchange, 200, server.says);
}

static fm_event_source *ask(fm_http_client **client, fm_http_handler handler,
                            const fm_event_source_options *options)
{
    fm_event_source *source = NULL;
    memset(&server, 0, sizeof server);
    CHECK_INT(fm_http_client_open(
                  client, &(fm_http_client_options){.handler = handler}),
              0);
    CHECK_INT(fm_event_source_open(*client, "http://a/", &source, options), 0);
    return source;
}

static void check_pause(int attempt, double least, double most)
{
    double pause =
        (double)(server.asked[attempt] - server.asked[attempt - 1]) / SECOND;
    if (pause < least - 1e-6 || pause > most + 0.01)
        test_fail(__FILE__, __LINE__, "attempt %d after %g s, not %g to %g",
                  attempt, pause, least, most);
}

STORY(pauses_double_and_have_a_least_and_a_most)
{
    fm_event_message message;
    fm_http_client *client;
    fm_event_source *source =
        ask(&client, troubled,
            &(fm_event_source_options){
                .retry = 2, .retry_most = 20, .attempts = 8});
    CHECK_INT(fm_event_source_next(source, &message), -FM_ENOEVENTS);
    CHECK_INT(server.count, 8);
    check_pause(1, 2, 4);
    check_pause(2, 4, 8);
    check_pause(3, 8, 16);
    for (int i = 4; i < 8; i++)
        check_pause(i, 10, 20);
    fm_event_source_close(source);
    fm_http_client_close(client);
}

/* What the server says, within the source's own bounds. */
static void check_said(const char *says, double least, double most)
{
    fm_event_message message;
    fm_http_client *client;
    fm_event_source *source =
        ask(&client, troubled,
            &(fm_event_source_options){
                .retry_least = 1, .retry_most = 30, .attempts = 2});
    server.good = 1;
    server.says = says;
    CHECK_INT(fm_event_source_next(source, &message), -FM_ENOEVENTS);
    CHECK_INT(server.count, 2);
    check_pause(1, least, most);
    fm_event_source_close(source);
    fm_http_client_close(client);
}

STORY(a_server_says_when_to_come_back)
{
    check_said("", FM_EVENT_RETRY, 2 * FM_EVENT_RETRY);
    check_said("retry: 5000\n\n", 5, 10);
    check_said("retry: 0\n\n", 1, 2);
    check_said("retry: 20000\n\n", 20, 30);
    check_said("retry: 40000\n\n", 30, 30);
}

STORY(a_cut_loses_no_part_of_a_pause)
{
    fm_event_message message;
    fm_http_client *client;
    fm_event_source *source =
        ask(&client, troubled,
            &(fm_event_source_options){.retry = 10, .retry_most = 10});
    int rc = -ETIMEDOUT;
    server.good = 2;
    server.says = "data: x\n\n";
    while (rc == -ETIMEDOUT)
        FM_TIMEOUT(0.3, rc) {
            rc = fm_event_source_next(source, &message);
        }
    CHECK_INT(rc, 1);
    CHECK_INT(server.count, 2);
    check_pause(1, 10, 10);
    fm_event_source_close(source);
    fm_http_client_close(client);
}

static int silent(fm_exchange *exchange, void *arg)
{
    (void)arg;
    server.asked[server.count++] = fm_now();
    int rc = fm_reply_set(exchange, "Content-Type", "text/event-stream");
    if (rc == 0)
        rc = fm_reply_begin(exchange, 200, -1);
    return rc < 0 ? rc : fm_sleep(1000);
}

/* Also by somebody who looks now and then. */
STORY(a_silent_server_is_asked_anew)
{
    fm_event_message message;
    fm_http_client *client;
    fm_event_source *source =
        ask(&client, silent, &(fm_event_source_options){.silence = 20});
    int rc = -ETIMEDOUT;
    while (rc == -ETIMEDOUT && server.count < 3)
        FM_TIMEOUT(0.7, rc) {
            rc = fm_event_source_next(source, &message);
        }
    check_pause(1, 20 + 3, 20 + 6);
    check_pause(2, 20 + 6, 20 + 12);
    fm_event_source_close(source);
    fm_http_client_close(client);
}

static void check_waits(fm_http_handler handler,
                        const fm_event_source_options *options)
{
    fm_event_message message;
    fm_http_client *client;
    fm_event_source *source = ask(&client, handler, options);
    int rc;
    FM_TIMEOUT(900, rc) {
        rc = fm_event_source_next(source, &message);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(server.count, 1);
    fm_event_source_close(source);
    fm_http_client_close(client);
}

STORY(a_patient_source_waits_for_as_long_as_it_takes)
{
    check_waits(silent, &(fm_event_source_options){.silence = -1});
}

STORY(a_pause_may_be_for_ever)
{
    check_waits(troubled, &(fm_event_source_options){.retry = INFINITY,
                                                     .retry_most = INFINITY});
}
