/*
 * headlines.c - a reader of news whose connection ends after each headline, and
 * who misses none
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const lines[] = {
    "Rain expected",
    "Rain falls\nUmbrellas sold out",
    "Sun expected",
};

enum {
    LINES = sizeof lines / sizeof lines[0]
};

/* [say] */
/* One headline, behind the last that the client has; then the end. */
static int say(fm_exchange *exchange, void *arg)
{
    const char *last = fm_exchange_field(exchange, "Last-Event-ID");
    int next = last != NULL ? (int)strtol(last, NULL, 10) + 1 : 0;
    fm_events *events;
    char id[16];
    (void)arg;
    if (next >= LINES)
        return fm_reply(exchange, 204, NULL, 0); /* nobody is to come back */
    int rc = fm_events_open(exchange, &events);
    if (rc < 0)
        return rc;
    snprintf(id, sizeof id, "%d", next);
    fm_events_send(events, &(fm_event_message){.id = id, .data = lines[next]});
    return fm_events_close(events);
}
/* [/say] */

/* [read] */
static int reader(fm_http_client *client)
{
    const fm_event_source_options options = {.retry = 0.01,
                                             .retry_least = 0.01};
    fm_event_source *source;
    fm_event_message message;
    int rc =
        fm_event_source_open(client, "http://news.test/", &source, &options);
    if (rc < 0)
        return rc;
    while ((rc = fm_event_source_next(source, &message)) > 0)
        printf("%s: %s\n", message.id, message.data);
    fm_event_source_close(source);
    return rc;
}
/* [/read] */

static int news(void *arg)
{
    fm_http_client *client;
    (void)arg;
    int rc =
        fm_http_client_open(&client, &(fm_http_client_options){.handler = say});
    if (rc < 0)
        return rc;
    rc = reader(client);
    printf("no more: %s\n", fm_strerror(rc));
    fm_http_client_close(client);
    return rc;
}

int main(void)
{
    return fm_run(news, NULL) < 0;
}
