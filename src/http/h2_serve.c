/*
 * h2_serve.c - a server's connection of HTTP/2: each request in a task
 *
 * Invariant: `handlers` counts every request from its first byte to the end of
 * its task, also one that its client has reset meanwhile. So a client that
 * resets has no more of them run at once than one that waits (CVE-2023-44487).
 */
#include "http/client_tls.h"
#include "http/exchange_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <math.h>
#include <string.h>

/* What a client begins with (RFC 9113, 3.4). */
#define SERVER_PREFACE FM__SLICE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

#define SERVER_SECOND 1e9 /* ns */

struct fm__h2_server {
    struct fm__h2 h2;
    struct fm__list link; /* in http->many */
    struct fm__http *http;
    const fm_address *peer; /* or NULL */
    fm_group tasks;
    unsigned handlers;
    unsigned requests; /* so far */
};

static struct fm__h2_server *h2_server_of(const struct fm__h2 *h2)
{
    return FM__CONTAINER(h2, struct fm__h2_server, h2);
}

/* ---- requests ----------------------------------------------------------- */

static void h2_server_put(struct fm__h2_server *server,
                          struct fm_exchange *exchange)
{
    server->handlers--;
    fm__exchange_put(exchange);
}

/* [a task of the connection's] */
static int h2_server_answer(void *arg)
{
    struct fm_exchange *exchange = arg;
    struct fm__h2_server *server = h2_server_of(exchange->h2.h2);
    const fm_http_serve_options *options = &server->http->options;
    server->http->fresh--;
    int rc = fm__http_answer(exchange, exchange->refused);
    if (rc < 0)
        fm__reply_break(exchange); /* no more of it will come */
    fm__h2_finish(&exchange->h2, options->write_timeout);
    if (rc < 0 && options->serve.on_error != NULL)
        options->serve.on_error(exchange->stream, rc, server->http->arg);
    h2_server_put(server, exchange);
    if (server->handlers == 0 && server->h2.ending)
        fm__h2_hurry(&server->h2);
    return 0;
}

/* Those that have come get a task each; who has gone meanwhile does not. What
 * GOAWAY says was taken is known only behind the callbacks. */
static int h2_server_start(struct fm__h2_server *server)
{
    struct fm__list *link;
    int rc = 0;
    if (server->requests >= server->http->options.requests)
        fm__h2_end(&server->h2);
    while ((link = fm__list_shift(&server->h2.arrived)) != NULL) {
        struct fm_exchange *exchange =
            FM__CONTAINER(link, struct fm_exchange, h2.arrival);
        if (rc == 0 && exchange->h2.open)
            rc = fm_group_start(&server->tasks, h2_server_answer, exchange);
        else
            rc = rc < 0 ? rc : -ECONNRESET;
        server->http->fresh += rc == 0;
        if (rc < 0) {
            fm__h2_reset(&exchange->h2, FM__H2_INTERNAL_ERROR);
            h2_server_put(server, exchange);
        }
        rc = rc == -ECANCELED ? rc : 0;
    }
    return rc;
}

/* ---- what the connection says ------------------------------------------- */

static struct fm__h2_stream *h2_server_begin(struct fm__h2 *h2)
{
    struct fm__h2_server *server = h2_server_of(h2);
    struct fm__http *http = server->http;
    if (h2->ending || server->handlers >= http->options.streams)
        return NULL;
    struct fm_exchange *exchange = fm__exchange_get(http, h2->stream);
    if (exchange == NULL)
        return NULL;
    server->handlers++;
    exchange->multiplexed = true;
    exchange->peer = server->peer;
    fm__h2_stream_clear(&exchange->h2);
    server->requests++;
    return &exchange->h2;
}

static void h2_server_head(struct fm__h2_stream *stream, struct fm__slice text,
                           int rc)
{
    struct fm_exchange *exchange =
        FM__CONTAINER(stream, struct fm_exchange, h2);
    stream->answered = true;
    if (rc == 0)
        rc = fm__incoming_parse(&exchange->incoming, text.at, text.size);
    exchange->refused = rc;
    fm__list_push(&stream->h2->arrived, &stream->arrival);
}

/* One whose head has not come whole has nobody yet. */
static void h2_server_over(struct fm__h2_stream *stream)
{
    if (!stream->answered)
        h2_server_put(h2_server_of(stream->h2),
                      FM__CONTAINER(stream, struct fm_exchange, h2));
}

static double h2_server_left(int64_t since, double seconds)
{
    return seconds < 0 ? INFINITY
                       : (double)(since - fm_now()) / SERVER_SECOND + seconds;
}

static double h2_server_patience(const struct fm__h2 *h2)
{
    const struct fm__h2_server *server = h2_server_of(h2);
    const fm_http_serve_options *options = &server->http->options;
    if (h2->unsent_size > 0 && h2->error == 0)
        return INFINITY; /* a reply may be among it, whose task has ended */
    if (h2->head_since > 0)
        return h2_server_left(h2->head_since, options->head_timeout);
    if (server->handlers > 0 || h2->open > 0)
        return options->idle_timeout < 0 ? INFINITY : options->idle_timeout;
    if (h2->ending)
        return h2_server_left(h2->quiet, 0);
    return h2_server_left(h2->quiet, options->idle_timeout);
}

/* Where many connections have much to say, some requests are answered before
 * more are read: most need no longer than a turn, and what one had of memory is
 * there for the next. */
static int h2_server_give_way(struct fm__h2 *h2)
{
    struct fm__http *http = h2_server_of(h2)->http;
    int rc = 0;
    while (rc == 0 && http->fresh >= FM__H2_FRESH)
        rc = fm_yield();
    return rc;
}

static const struct fm__h2_role h2_server_role = {
    .begin = h2_server_begin,
    .head = h2_server_head,
    .over = h2_server_over,
    .patience = h2_server_patience,
    .give_way = h2_server_give_way,
};

/* ---- a connection ------------------------------------------------------- */

/* Those that no task has taken. */
static void h2_server_drop_arrived(struct fm__h2_server *server)
{
    struct fm__list *link;
    while ((link = fm__list_shift(&server->h2.arrived)) != NULL)
        h2_server_put(server,
                      FM__CONTAINER(link, struct fm_exchange, h2.arrival));
}

static int h2_server_run(struct fm__h2_server *server)
{
    int rc;
    do {
        rc = fm__h2_receive(&server->h2);
        if (rc > 0) {
            int started = h2_server_start(server);
            rc = started < 0 ? started : rc;
        }
    } while (rc > 0);
    return rc;
}

/* Nothing more comes: the handlers that run are cut, and what there is to say
 * is said. */
static int h2_server_end(struct fm__h2_server *server, int rc)
{
    struct fm__h2 *h2 = &server->h2;
    bool in_order = rc == 0 || rc == -FM_EHTTP2;
    if (rc == 0)
        fm__h2_end(h2);
    fm__h2_pump(h2);
    fm__h2_fail(h2, rc < 0 ? rc : -ECONNRESET);
    fm_group_cancel(&server->tasks);
    fm_group_close(&server->tasks);
    h2_server_drop_arrived(server);
    if (in_order)
        fm__http_linger(h2->stream);
    return rc == -FM_EEOF || rc == -ECONNRESET ? 0 : rc;
}

int fm__h2_serve(struct fm__http *http, fm_stream *stream,
                 const fm_address *peer)
{
    static const fm_group_options how = {.policy = FM_COLLECT};
    struct fm__h2_server server = {.http = http, .peer = peer};
    const struct fm__h2_terms terms = {
        .server = true,
        .secure = fm__http_alpn(stream) != NULL,
        .tasks = &server.tasks,
        .streams = http->options.streams,
        .write_timeout = http->options.write_timeout,
    };
    int rc = fm__h2_init(&server.h2, stream, &h2_server_role, &terms);
    if (rc < 0)
        return rc;
    fm_group_open(&server.tasks, &how);
    fm__list_push(&http->many, &server.link);
    if (http->stopping)
        fm__h2_end(&server.h2);
    rc = h2_server_end(&server, h2_server_run(&server));
    fm__list_remove(&server.link);
    fm__h2_fini(&server.h2);
    return rc;
}

void fm__h2_stop(struct fm__list *many)
{
    for (struct fm__list *link = many->next; link != many; link = link->next)
        fm__h2_end(&FM__CONTAINER(link, struct fm__h2_server, link)->h2);
}

/* ---- how it begins ------------------------------------------------------ */

/* Above 0: all of the preface is there; 0: something else is. */
static int h2_server_peek_preface(fm_stream *stream)
{
    struct fm__slice preface = SERVER_PREFACE;
    const void *bytes;
    for (;;) {
        size_t held = fm__stream_held(stream);
        size_t size = held < preface.size ? held : preface.size;
        if (size > 0 && memcmp(fm__stream_bytes(stream), preface.at, size) != 0)
            return 0;
        if (size == preface.size)
            return 1;
        ssize_t rc = fm_peek(stream, held + 1, &bytes);
        if (rc < 0 || (size_t)rc <= held)
            return rc < 0 ? (int)rc : 0;
    }
}

int fm__h2_is_spoken(fm_stream *stream, double seconds)
{
    const char *chosen = fm__http_alpn(stream);
    int rc;
    if (chosen != NULL)
        return strcmp(chosen, "h2") == 0;
    if (stream->filter != NULL ||
        (fm__stream_held(stream) > 0 && fm__stream_bytes(stream)[0] != 'P'))
        return 0;
    if (seconds < 0)
        return h2_server_peek_preface(stream);
    FM_TIMEOUT(seconds, rc) {
        rc = h2_server_peek_preface(stream);
    }
    return rc == -ETIMEDOUT ? 0 : rc; /* which HTTP/1.1 has words for */
}
