/*
 * sweep_h2.c - scenarios: requests that share a connection of HTTP/2, in memory
 * and by the network
 *
 * A body is the one that was sent, or there is an error; and what happens to
 * one request happens to no other, but where their connection ends.
 */
#include "fault/sweep.h"

#include "base/fault.h"

#include <string.h>

enum {
    H2_BODY = 100000 /* more than a window, and than waits to be sent */
};

static char h2_body[H2_BODY];

/* A peer that gave up shows in one of these ways. */
static int h2_told(int rc)
{
    switch (-rc) {
    case EPIPE:
    case FM_EEOF:
    case FM_EHTTP2:
    case FM_EHTTP2REFUSED:
    case FM_EPEERTIMEOUT:
        return -ECONNRESET;
    default:
        return rc;
    }
}

/* Back goes what has come, as it comes. */
static int h2_echo(fm_exchange *exchange, void *arg)
{
    char buf[9000];
    ssize_t size;
    (void)arg;
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0 && (size = fm_exchange_read(exchange, buf, sizeof buf)) != 0)
        rc = size < 0 ? (int)size
                      : (int)fm_reply_write(exchange, buf, (size_t)size);
    return rc;
}

static int h2_upload(fm_upload *upload, void *arg)
{
    void *block;
    (void)arg;
    ssize_t rc = sweep_begin(&block);
    for (size_t at = 0; rc >= 0 && at < H2_BODY; at += 20000)
        rc = fm_upload_write(upload, h2_body + at, 20000);
    return sweep_end(block, rc < 0 ? (int)rc : 0);
}

/* A server in need answers 500. */
static int h2_hear(fm_response *response)
{
    const char *bytes;
    int status = fm_response_status(response);
    ssize_t n = fm_response_load(response, &bytes);
    if (n >= 0 && status == 200)
        sweep_state.noted +=
            (size_t)n != H2_BODY || memcmp(bytes, h2_body, H2_BODY) != 0;
    if (n < 0)
        return (int)n;
    return status == 200 ? 0 : -ECONNRESET;
}

struct h2_asks {
    fm_http_client *client;
    const char *url;
    bool leaves; /* before it has heard all */
};

static int h2_asks(struct h2_asks *self)
{
    static const fm_http_request pieces = {.upload = h2_upload};
    static const fm_http_request whole = {.body = h2_body,
                                          .body_size = H2_BODY};
    fm_response *response;
    char some[10];
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_http_fetch(self->client, self->url, &response,
                           self->leaves ? &pieces : &whole);
    if (rc == 0) {
        rc = self->leaves ? (int)fm_response_read(response, some, sizeof some)
                          : h2_hear(response);
        fm_response_close(response);
    }
    return sweep_end(block, rc > 0 ? 0 : h2_told(rc));
}

/* Nobody waits for what has been lost. */
static fm_http_serve_options h2_serves(void)
{
    return (fm_http_serve_options){.body_timeout = sweep_silence(),
                                   .body_rate = UINT64_MAX,
                                   .write_timeout = sweep_silence(),
                                   .serve = {.grace = 0.1}};
}

static int h2_visit(const char *url, fm_http_handler handler)
{
    const fm_http_serve_options serve = h2_serves();
    const fm_http_client_options options = {.http2 = true,
                                            .of_origin = 1,
                                            .handler = handler,
                                            .serve = &serve,
                                            .answer_timeout = sweep_silence(),
                                            .body_timeout = sweep_silence(),
                                            .body_rate = UINT64_MAX,
                                            .write_timeout = sweep_silence()};
    fm_http_client *client;
    memset(h2_body, 'x', sizeof h2_body);
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(h2_asks, client, url, false),
                   fm_go(h2_asks, client, url, true),
                   fm_go(h2_asks, client, url, false));
    fm_http_client_close(client);
    return h2_told(rc);
}

static int h2_in_memory(void *arg)
{
    (void)arg;
    return h2_visit("http://a/", h2_echo);
}

/* ---- by the network ------------------------------------------------------ */

struct h2_host {
    fm_listener *listener;
};

static int h2_host(struct h2_host *self)
{
    const fm_http_serve_options options = h2_serves();
    return fm_http_serve(self->listener, h2_echo, NULL, &options);
}

/* The listener is the server's, so its end is awaited before all else. */
static int h2_by_network(void *arg)
{
    char url[SWEEP_URL];
    fm_listener *listener;
    (void)arg;
    int rc = sweep_host("http://", &listener, url);
    if (rc < 0)
        return rc;
    fm_task *server = fm_go(h2_host, listener);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = h2_visit(url, NULL);
    }
    int ended = fm_stop(server);
    return rc < 0 || ended == -ECANCELED ? rc : ended;
}

static const char *h2_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a body was not what was sent" : NULL;
}

const struct scenario sweep_h2[] = {
    {"h2", h2_in_memory, .also = {-ECONNRESET, -ETIMEDOUT, -ECANCELED},
     .wrong = h2_heard_right},
    {"h2-network", h2_by_network,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}, .dear = true,
     .wrong = h2_heard_right},
    {.name = NULL},
};
