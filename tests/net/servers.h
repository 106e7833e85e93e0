/*
 * servers.h - servers in tasks of their own, and handlers that keep count
 */
#ifndef TESTS_NET_SERVERS_H
#define TESTS_NET_SERVERS_H

#include "neighbours.h"

/* What the handlers of a story have come to. */
static struct {
    int begun;
    int ended;
    int cut; /* of these, with -ECANCELED */
    int alive;
    int peak;
} handled;

static inline void handled_begin(void)
{
    handled.begun++;
    if (++handled.alive > handled.peak)
        handled.peak = handled.alive;
}

static inline int handled_end(int rc)
{
    handled.alive--;
    handled.ended++;
    handled.cut += rc == -ECANCELED;
    return rc;
}

/* Sends back what comes, until the end. */
static inline int echo(fm_stream *client, void *arg)
{
    char buf[256];
    ssize_t n = 1;
    (void)arg;
    handled_begin();
    while (n > 0 && (n = fm_read(client, buf, sizeof buf)) > 0)
        n = fm_write(client, buf, (size_t)n);
    return handled_end((int)n);
}

/* Takes its time, as *arg says, whatever comes. */
static inline int linger(fm_stream *client, void *arg)
{
    const double *units = arg;
    (void)client;
    handled_begin();
    return handled_end(fm_sleep(story_span(*units)));
}

/* Fails as it is told, after a byte has come. */
static inline int fail(fm_stream *client, void *arg)
{
    char c;
    const int *result = arg;
    handled_begin();
    ssize_t n = fm_read(client, &c, 1);
    return handled_end(n < 0 ? (int)n : *result);
}

struct server {
    fm_listener *listener;
    fm_serve_handler handler;
    void *arg;
    const fm_serve_options *options;
};

static inline int server(struct server *self)
{
    return fm_serve(self->listener, self->handler, self->arg, self->options);
}

/* A server in a task, and where it is. */
struct place {
    fm_listener *listener;
    fm_task *task;
    char address[FM_ADDRESS_TEXT];
};

static inline struct place place_open(fm_serve_handler handler, void *arg,
                                      const fm_serve_options *options)
{
    struct place place = {.listener = listen_here()};
    memset(&handled, 0, sizeof handled);
    fm_address_format(fm_listener_address(place.listener), place.address);
    place.task = fm_go(server, place.listener, handler, arg, options);
    return place;
}

static inline fm_stream *place_enter(const struct place *place)
{
    fm_stream *client = NULL;
    CHECK_INT(fm_connect(place->address, &client), 0);
    return client;
}

static inline void check_echo(fm_stream *client, const char *text)
{
    check_says(client, client, text);
}

/* Until so many handlers have begun. */
static inline void wait_for_handlers(int count)
{
    while (handled.begun < count)
        CHECK_INT(fm_sleep(story_span(0.1)), 0);
    CHECK_INT(handled.begun, count);
}

#endif
