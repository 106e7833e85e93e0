/*
 * ours_sse.c - Fermata: a server of events, which sends the same one to all
 *
 * ours_sse BACKEND
 *
 * GET /events follows; GET /tick sends the next. Its limits and timeouts are
 * those it has by default.
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

static fm_event_feed *feed;
static char text[65]; /* of an event */

static int sse_follow(fm_exchange *exchange)
{
    fm_events *events;
    int rc = fm_events_open(exchange, &events);

    if (rc < 0)
        return rc;
    rc = fm_events_follow(events, feed);
    fm_events_close(events);
    return rc;
}

static int sse_answer(fm_exchange *exchange, void *arg)
{
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/events") == 0)
        return sse_follow(exchange);
    int rc = fm_event_feed_send(feed, &(fm_event_message){.data = text});
    return rc < 0 ? rc : fm_reply(exchange, 204, NULL, 0);
}

static int sse_main(void *arg)
{
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);

    (void)arg;
    if (rc < 0)
        return rc;
    feed = fm_event_feed_new(0);
    printf("listening %d\n", fm_address_port(fm_listener_address(listener)));
    fflush(stdout);
    return fm_http_serve(listener, sse_answer, NULL);
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    memset(text, 'f', sizeof text - 1);
    return fm_run(sse_main, NULL, &options) < 0;
}
