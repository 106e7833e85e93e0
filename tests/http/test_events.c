/*
 * test_events.c - events that a server sends: what is said, to whom, and how
 * it ends
 */
#include "http/http_play.h"
#include "net/neighbours.h"

#include "harness.h"

#include "http/events_record.h"

#include <errno.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_BEHIND(id)                                                         \
    "GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: " id "\r\n\r\n"
#define HEAD                                                                   \
    "HTTP/1.1 200 OK\r\nDate: -\r\nContent-Type: text/event-stream\r\n"        \
    "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

/* ---- what is said -------------------------------------------------------- */

static int two(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    (void)arg;
    CHECK_INT(
        fm_events_open(exchange, &events, &(fm_events_options){.retry = 1.5}),
        0);
    CHECK_INT(fm_events_send(events, &(fm_event_message){.data = "a\nb"}), 0);
    CHECK_INT(fm_events_send(events, &(fm_event_message){.type = "add",
                                                         .id = "7",
                                                         .data = "xyz",
                                                         .size = 1,
                                                         .retry = 2}),
              0);
    return fm_events_close(events);
}

STORY(messages_are_pieces_of_a_reply)
{
    static struct play play_two = {.words = GET, .handler = two};
    play(&play_two);
    play_answers(&play_two,
                 HEAD CHUNKED "\r\n"
                              "d\r\nretry: 1500\n\n\r\n"
                              "11\r\ndata: a\ndata: b\n\n\r\n"
                              "26\r\nevent: add\nid: 7\nretry: 2000\n"
                              "data: x\n\n\r\n0\r\n\r\n");
    CHECK_INT(play_two.result, 0);
}

static int refusing(fm_exchange *exchange, void *arg)
{
    static char large[FM_EVENT_LIMIT + 2];
    static const struct {
        fm_event_message message;
        int rc;
    } odd[] = {
        {{.data = NULL}, -EINVAL},
        {{.type = "a"}, -EINVAL},
        {{.type = "a\n", .data = ""}, -EINVAL},
        {{.id = "a\r", .data = ""}, -EINVAL},
        {{.data = "\xff"}, -EINVAL},
        {{.data = "x", .retry = -1}, -EINVAL},
        {{.data = "x", .retry = NAN}, -EINVAL},
        {{.data = "x", .retry = 86401}, -EINVAL},
        {{.data = large}, -EMSGSIZE},
    };
    fm_events *events;
    (void)arg;
    memset(large, 'x', sizeof large - 1);
    CHECK_INT(
        fm_events_open(exchange, &events, &(fm_events_options){.alive = NAN}),
        -EINVAL);
    CHECK_INT(
        fm_events_open(exchange, &events, &(fm_events_options){.retry = -1}),
        -EINVAL);
    CHECK_INT(fm_reply_set(exchange, "Content-Type", "text/event-stream"), 0);
    CHECK_INT(fm_events_open(exchange, &events), 0);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        CHECK_INT(fm_events_send(events, &odd[i].message), odd[i].rc);
    CHECK_INT(fm_events_open(exchange, &events), -EALREADY);
    CHECK_INT(fm_events_send(events, &(fm_event_message){.id = ""}), 0);
    return fm_events_close(events);
}

STORY(what_cannot_be_said_is_refused_and_not_sent)
{
    static struct play odd = {.words = GET, .handler = refusing};
    play(&odd);
    play_answers(&odd, HEAD CHUNKED "\r\n6\r\nid: \n\n\r\n0\r\n\r\n");
}

static int waits(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    CHECK_INT(fm_events_open(exchange, &events), 0);
    *(int *)arg = fm_sleep(3600);
    CHECK_INT(fm_events_send(events, &(fm_event_message){.data = "x"}),
              -ECANCELED);
    fm_events_close(events);
    return -ECANCELED;
}

STORY(a_head_is_all_that_a_head_gets)
{
    static int waited;
    static struct play head = {.words = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
                               .handler = waits,
                               .arg = &waited};
    play(&head);
    play_answers(&head, HEAD "\r\n");
    CHECK_INT(waited, -ECANCELED);
    CHECK_INT(head.result, 0);
}

static int forgets(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    (void)arg;
    return fm_events_open(exchange, &events, &(fm_events_options){.alive = -1});
}

static void forget(void)
{
    static struct play forgetting = {.words = GET, .handler = forgets};
    play(&forgetting);
}

TEST(who_forgets_to_close_is_told)
{
    CHECK_DOOMED(forget, "fm_events");
}

struct speaker {
    fm_events *events;
    const char *text;
};

static int speaker(struct speaker *self)
{
    for (int i = 0; i < 100; i++)
        CHECK_INT(fm_events_send(self->events,
                                 &(fm_event_message){.data = self->text}),
                  0);
    return 0;
}

static int crowded(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    (void)arg;
    CHECK_INT(fm_events_open(exchange, &events), 0);
    CHECK_INT(fm_gather(fm_go(speaker, events, "aaaaaaaaaaaaaaaaaaa"),
                        fm_go(speaker, events, "bbbbbbbbbbbbbbbbbbb"),
                        fm_go(speaker, events, "ccccccccccccccccccc")),
              0);
    return fm_events_close(events);
}

STORY(messages_of_several_tasks_do_not_mix)
{
    static struct play crowd = {.words = GET, .handler = crowded};
    play(&crowd);
    size_t count = 0;
    for (const char *at = crowd.answer; (at = strstr(at, "1b\r\n")) != NULL;
         count++) {
        at += strlen("1b\r\ndata: ");
        char word[20];
        memset(word, at[0], 19);
        word[19] = '\0';
        CHECK(strncmp(at, word, 19) == 0);
        CHECK(strncmp(at + 19, "\n\n\r\n", 4) == 0);
    }
    CHECK_INT(count, 300);
}

/* ---- feeds --------------------------------------------------------------- */

static fm_event_feed *feed;

/* However slow the machine is. */
static const fm_events_options quiet = {.alive = 3600};

static int follow(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    int rc = fm_events_open(exchange, &events, &quiet);
    if (rc < 0)
        return rc;
    rc = fm_events_follow(events, feed);
    if (arg != NULL)
        *(int *)arg = rc;
    return fm_events_close(events);
}

static void feed_with(const char *id, const char *data)
{
    CHECK_INT(
        fm_event_feed_send(feed, &(fm_event_message){.id = id, .data = data}),
        0);
}

/* No copy of a play is made: it is larger than a stack. */
static void check_fed(const char *words, const char *wanted)
{
    static int followed;
    static struct play fed;
    memset(&fed, 0, sizeof fed);
    fed.words = words;
    fed.handler = follow;
    fed.arg = &followed;
    play(&fed);
    const char *body = strstr(fed.answer, "\r\n\r\n");
    CHECK(body != NULL && strcmp(body + 4, wanted) == 0);
    CHECK_INT(followed, 0);
}

#define FED(text) "f\r\nid: " text "\ndata: " text "\n\n\r\n"

STORY(who_comes_back_gets_what_it_has_missed)
{
    feed = fm_event_feed_new(2);
    CHECK(feed != NULL);
    feed_with("1", "1");
    feed_with("2", "2");
    feed_with("3", "3");
    fm_event_feed_shutdown(feed);
    fm_event_feed_shutdown(feed);
    CHECK_INT(fm_event_feed_send(feed, &(fm_event_message){.data = ""}),
              -ESHUTDOWN);
    check_fed(GET, "0\r\n\r\n");
    check_fed(GET_BEHIND("3"), "0\r\n\r\n");
    check_fed(GET_BEHIND("2"), FED("3") "0\r\n\r\n");
    check_fed(GET_BEHIND("1"), FED("2") FED("3") "0\r\n\r\n");
    check_fed(GET_BEHIND("other"), FED("2") FED("3") "0\r\n\r\n");
    fm_event_feed_free(feed);
}

STORY(a_feed_without_memory_may_be_used)
{
    static int followed;
    static struct play none = {
        .words = GET, .handler = follow, .arg = &followed};
    feed = fm_event_feed_new(SIZE_MAX / 2);
    CHECK(feed == NULL);
    CHECK_INT(fm_event_feed_send(feed, &(fm_event_message){.data = ""}),
              -ENOMEM);
    CHECK_INT(fm_event_feed_followers(feed), 0);
    play(&none);
    CHECK_INT(followed, -ENOMEM);
    fm_event_feed_shutdown(feed);
    fm_event_feed_free(feed);
}

static void new_without_a_loop(void *arg)
{
    (void)arg;
    feed = fm_event_feed_new(0);
}

TEST(a_feed_wants_a_loop)
{
    CHECK_DIES(new_without_a_loop, NULL,
               "fm_event_feed_new: this thread runs no");
}

static int other_loop(void *arg)
{
    (void)arg;
    feed = fm_event_feed_new(0);
    return 0;
}

static int other_thread(void *arg)
{
    return fm_run(other_loop, arg);
}

static void follow_anothers(void)
{
    static struct play anothers = {.words = GET, .handler = follow};
    CHECK_INT(fm_thread_run(other_thread, NULL), 0);
    play(&anothers);
}

static void send_anothers(void)
{
    CHECK_INT(fm_thread_run(other_thread, NULL), 0);
    fm_event_feed_send(feed, &(fm_event_message){.data = ""});
}

TEST(a_feed_is_of_its_loop)
{
    CHECK_DOOMED(follow_anothers, "fm_events_follow: the feed belongs to");
    CHECK_DOOMED(send_anothers, "fm_event_feed_send: the feed belongs to");
}

/* ---- over a server ------------------------------------------------------- */

static struct {
    fm_listener *listener;
    fm_task *task;
    fm_http_handler handler;
    int result; /* what the handler's wait, or follow, returned */
} house;

static int house_run(void *arg)
{
    (void)arg;
    return fm_http_serve(house.listener, house.handler, &house.result,
                         &(fm_http_serve_options){.serve = {.grace = 3600}});
}

static void house_open(fm_http_handler handler)
{
    house.handler = handler;
    house.result = 1;
    house.listener = listen_here();
    house.task = fm_start(house_run, NULL);
    feed = fm_event_feed_new(0);
}

static void house_end(void)
{
    CHECK_INT(fm_await(house.task), 0);
    fm_event_feed_free(feed);
}

static void house_close(void)
{
    fm_serve_stop(house.listener);
    house_end();
}

/* A client that has read the head. */
static fm_stream *house_ask(const char *words)
{
    char head[512];
    fm_stream *stream = NULL;
    CHECK_INT(fm_connect(where(house.listener), &stream), 0);
    CHECK(fm_write(stream, words, strlen(words)) > 0);
    CHECK(fm_read_until(stream, "\r\n\r\n", head, sizeof head) > 0);
    return stream;
}

static void wait_for_followers(size_t count)
{
    while (fm_event_feed_followers(feed) != count)
        CHECK_INT(fm_sleep(0.001), 0);
}

static void check_heard(fm_stream *stream, const char *wanted)
{
    char text[128] = "";
    size_t size = strlen(wanted);
    CHECK_INT(fm_read_exactly(stream, text, size), size);
    CHECK(memcmp(text, wanted, size) == 0);
}

STORY(a_message_goes_to_all_who_follow)
{
    fm_stream *streams[3];
    house_open(follow);
    for (int i = 0; i < 3; i++)
        streams[i] = house_ask(GET);
    wait_for_followers(3);
    feed_with("1", "1");
    feed_with("2", "2");
    for (int i = 0; i < 3; i++) {
        check_heard(streams[i], FED("1") FED("2"));
        CHECK_INT(fm_close(streams[i]), 0);
    }
    wait_for_followers(0);
    CHECK_INT(house.result, -ECANCELED);
    house_close();
}

static void free_feed(void *arg)
{
    fm_event_feed_free(arg);
}

STORY(who_follows_a_feed_keeps_it)
{
    house_open(follow);
    fm_stream *stream = house_ask(GET);
    wait_for_followers(1);
    CHECK_DIES(free_feed, feed, "fm_event_feed_free: somebody follows it");
    fm_event_feed_shutdown(feed);
    check_heard(stream, "0\r\n\r\n");
    CHECK_INT(house.result, 0);
    fm_close(stream);
    house_close();
}

/* Whatever its handler waits for, and long before the grace is over. */
STORY(a_server_that_stops_ends_its_streams_in_order)
{
    static const fm_http_handler handlers[] = {follow, waits};
    for (int i = 0; i < 2; i++) {
        char text[8];
        house_open(handlers[i]);
        fm_stream *stream = house_ask(GET);
        if (i == 0)
            wait_for_followers(1);
        fm_serve_stop(house.listener);
        check_heard(stream, "0\r\n\r\n");
        CHECK_INT(fm_read(stream, text, sizeof text), 0);
        CHECK_INT(fm_close(stream), 0);
        house_end();
        CHECK_INT(house.result, -ECANCELED);
    }
}

STORY(a_client_that_is_gone_cuts_its_handler)
{
    house_open(waits);
    fm_stream *stream = house_ask(GET);
    fm_abort(stream);
    while (house.result == 1)
        CHECK_INT(fm_sleep(0.001), 0);
    CHECK_INT(house.result, -ECANCELED);
    house_close();
}

/* The connection is good for another request. */
STORY(a_stream_that_has_ended_lets_another_begin)
{
    house_open(two);
    fm_stream *stream = house_ask(GET);
    check_heard(stream, "d\r\nretry: 1500\n\n\r\n");
    char rest[256];
    CHECK(fm_read_until(stream, "0\r\n\r\n", rest, sizeof rest) > 0);
    CHECK(fm_write(stream, GET, strlen(GET)) > 0);
    CHECK(fm_read_until(stream, "\r\n\r\n", rest, sizeof rest) > 0);
    check_heard(stream, "d\r\nretry: 1500\n\n\r\n");
    fm_close(stream);
    house_close();
}

/* A cut of what is not being written breaks nothing. */
static int hurried(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    int rc;
    CHECK_INT(fm_events_open(exchange, &events, &quiet), 0);
    FM_TIMEOUT(0, rc) {
        fm_sleep(1);
        rc = fm_events_send(events, &(fm_event_message){.data = "lost"});
    }
    CHECK_INT(rc, -ETIMEDOUT);
    FM_TIMEOUT(0.001, rc) {
        rc = fm_events_follow(events, feed);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_events_send(events, &(fm_event_message){.data = "sent"}), 0);
    *(int *)arg = 0;
    return fm_events_close(events);
}

STORY(who_was_cut_before_it_wrote_may_go_on)
{
    house_open(hurried);
    fm_stream *stream = house_ask(GET);
    check_heard(stream, "c\r\ndata: sent\n\n\r\n0\r\n\r\n");
    fm_close(stream);
    house_close();
}

static int hasty(fm_exchange *exchange, void *arg)
{
    fm_events *events;
    fm_timeout timeout;
    (void)arg;
    CHECK_INT(fm_events_open(exchange, &events), 0);
    fm_timeout_open(&timeout, 1);
    fm_events_close(events);
    return 0;
}

static void haste(void)
{
    static struct play hasting = {.words = GET, .handler = hasty};
    play(&hasting);
}

TEST(a_block_that_is_left_open_is_told)
{
    CHECK_DOOMED(haste, "this is not the innermost open block");
}
