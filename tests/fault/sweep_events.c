/*
 * sweep_events.c - scenarios: events that go and come, in memory and by the
 * network
 *
 * Whatever fails, those that come are the next ones: none is lost to a cut, to
 * a connection that ends or to one that cannot be made, and none comes twice.
 */
#include "fault/sweep_talk.h"

#include "base/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVENTS_ALL = 4,  /* messages, two of a connection */
    EVENTS_LONG = 60 /* seconds: what has lasted so long has not failed */
};

/* A peer that gave up shows in one of these ways. */
static int events_told(int rc)
{
    switch (-rc) {
    case FM_ENOEVENTS:
    case FM_EPEERTIMEOUT:
    case ESHUTDOWN:
        return -ECONNRESET;
    default:
        return sweep_told(rc);
    }
}

static int events_number(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

static int events_say(fm_events *events, int from)
{
    int rc = 0;
    for (int i = from; rc == 0 && i <= EVENTS_ALL && i < from + 2; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        rc = fm_events_send(events, &(fm_event_message){.id = id, .data = id});
        if (rc == 0)
            rc = sweep_sleep(2); /* long enough for a comment */
    }
    return rc;
}

/* Goes on behind what the client has; who has all is told not to come back. */
static int events_count(fm_exchange *exchange, void *arg)
{
    const fm_events_options options = {.alive = sweep_ticks(1),
                                       .retry = sweep_ticks(1)};
    const char *id = fm_exchange_field(exchange, "Last-Event-ID");
    int from = id != NULL ? events_number(id) + 1 : 1;
    fm_events *events;
    (void)arg;
    if (from > EVENTS_ALL)
        return fm_reply(exchange, 204, NULL, 0);
    int rc = fm_events_open(exchange, &events, &options);
    if (rc < 0)
        return rc;
    rc = events_say(events, from);
    int closed = fm_events_close(events);
    return rc < 0 ? rc : closed;
}

/* To the end: 0 or a failure. */
static int events_hear(fm_event_source *source)
{
    fm_event_message message;
    int rc, count = 0;
    while ((rc = fm_event_source_next(source, &message)) > 0) {
        count++;
        sweep_state.noted += events_number(message.data) != count ||
                             events_number(message.id) != count;
    }
    sweep_state.noted += rc == 0 && count != EVENTS_ALL;
    return rc;
}

struct events_visit {
    const char *url;
    fm_http_handler handler; /* NULL: by the network */
};

static int events_visit(struct events_visit *self)
{
    const fm_http_client_options of_client = {
        .handler = self->handler, .answer_timeout = sweep_silence()};
    const fm_event_source_options options = {.retry = sweep_ticks(1),
                                             .retry_least = sweep_ticks(1),
                                             .retry_most = EVENTS_LONG,
                                             .silence = sweep_silence(),
                                             .attempts = 2};
    fm_http_client *client = NULL;
    fm_event_source *source = NULL;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_http_client_open(&client, &of_client);
    if (rc == 0)
        rc = fm_event_source_open(client, self->url, &source, &options);
    if (rc == 0)
        rc = events_hear(source);
    fm_event_source_close(source);
    if (client != NULL)
        fm_http_client_close(client);
    return sweep_end(block, events_told(rc));
}

static int events_in_memory(void *arg)
{
    (void)arg;
    return fm_await(fm_go(events_visit, "http://a/", events_count));
}

/* ---- a feed, and a server that stops ------------------------------------- */

struct events_host {
    fm_listener *listener;
    fm_event_feed *feed;
};

static int events_follow(fm_exchange *exchange, void *feed)
{
    fm_events *events;
    int rc = fm_events_open(exchange, &events);
    if (rc < 0)
        return rc;
    rc = fm_events_follow(events, feed);
    fm_events_close(events);
    return rc;
}

static int events_host(struct events_host *self)
{
    return fm_http_serve(self->listener, events_follow, self->feed,
                         &(fm_http_serve_options){.serve = {.grace = 0.1}});
}

/* All of them are kept for who says that it comes back. */
static int events_fill(fm_event_feed *feed)
{
    int rc = 0;
    for (int i = 1; rc == 0 && i <= EVENTS_ALL; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        rc =
            fm_event_feed_send(feed, &(fm_event_message){.id = id, .data = id});
    }
    return rc;
}

struct events_reader {
    const char *url;
};

static int events_reader(struct events_reader *self)
{
    const fm_http_client_options of_client = {.answer_timeout =
                                                  sweep_silence()};
    const fm_event_source_options options = {.last_id = "0",
                                             .silence = sweep_silence(),
                                             .retry = sweep_ticks(1),
                                             .retry_least = sweep_ticks(1),
                                             .retry_most = EVENTS_LONG,
                                             .attempts = 2};
    fm_http_client *client = NULL;
    fm_event_source *source = NULL;
    fm_event_message message;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_http_client_open(&client, &of_client);
    if (rc == 0)
        rc = fm_event_source_open(client, self->url, &source, &options);
    for (int i = 1; rc >= 0 && i <= EVENTS_ALL; i++) {
        rc = fm_event_source_next(source, &message);
        sweep_state.noted += rc > 0 && events_number(message.data) != i;
    }
    fm_event_source_close(source);
    if (client != NULL)
        fm_http_client_close(client);
    return sweep_end(block, rc < 0 ? events_told(rc) : 0);
}

static int events_serve(fm_event_feed *feed)
{
    char url[SWEEP_URL];
    fm_listener *listener;
    int rc = sweep_host("http://", &listener, url);
    if (rc < 0)
        return rc;
    fm_task *server = fm_go(events_host, listener, feed);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = fm_await(fm_go(events_reader, url));
    }
    int ended = fm_stop(server);
    return rc < 0 || ended == -ECANCELED ? rc : ended;
}

static int events_by_network(void *arg)
{
    fm_event_feed *feed = fm_event_feed_new(0);
    (void)arg;
    int rc = events_fill(feed);
    if (rc == 0)
        rc = events_serve(feed);
    fm_event_feed_free(feed);
    return rc;
}

static const char *events_come_in_order(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "an event was lost, or came twice" : NULL;
}

const struct scenario sweep_events[] = {
    {"events", events_in_memory, .also = {-ECONNRESET, -ETIMEDOUT},
     .wrong = events_come_in_order},
    {"events-network", events_by_network,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}, .dear = true,
     .wrong = events_come_in_order},
    {.name = NULL},
};
