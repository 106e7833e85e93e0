/*
 * h2_client.c - a client's connection of HTTP/2, on which many requests go
 *
 * Its reader is a task of the client's and has the stream below; the wire is
 * there for as long as the reader runs or a request is on it.
 */
#include "base/memory.h"
#include "http/client_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/shield.h>
#include <math.h>

struct fm__h2_client {
    struct fm__h2 h2;
    struct fm__wire *wire;
    fm_event over; /* the reader has ended */
    bool stops;    /* it shall */
};

static struct fm_response *h2_client_response(struct fm__h2_stream *stream)
{
    return FM__CONTAINER(stream, struct fm_response, h2);
}

/* ---- what the connection says ------------------------------------------- */

/* An interim answer (RFC 9110, 15.2) is passed over, but for what it says to
 * who waits to send. */
static void h2_client_head(struct fm__h2_stream *stream, struct fm__slice text,
                           int rc)
{
    struct fm_response *response = h2_client_response(stream);
    struct fm__incoming *incoming = &response->incoming;
    fm__incoming_init(incoming, FM__HEAD_RESPONSE);
    if (rc == 0)
        rc = fm__incoming_parse(incoming, text.at, text.size);
    if (rc == 0 && incoming->head.status < 200 &&
        ++response->interim > FM_HTTP_INTERIM)
        rc = -FM_EHTTPINTERIM;
    stream->answered = rc < 0 || incoming->head.status >= 200;
    response->refused = rc;
    if (incoming->head.status == 100)
        fm_event_set(&response->upload.go);
    if (stream->answered)
        fm_event_set(&stream->came);
}

static void h2_client_over(struct fm__h2_stream *stream)
{
    (void)stream;
}

/* How long an answer may take is its request's affair. */
static double h2_client_patience(const struct fm__h2 *h2)
{
    return FM__CONTAINER(h2, struct fm__h2_client, h2)->stops ? 0 : INFINITY;
}

static const struct fm__h2_role h2_client_role = {
    .head = h2_client_head,
    .over = h2_client_over,
    .patience = h2_client_patience,
};

/* ---- a connection ------------------------------------------------------- */

/* [a member of the client's] */
static int h2_client_read(void *arg)
{
    struct fm__h2_client *self = arg;
    struct fm__h2 *h2 = &self->h2;
    int rc;
    do
        rc = fm__h2_receive(h2);
    while (rc > 0);
    fm__h2_end(h2);
    fm__h2_pump(h2);
    if (h2->broken)
        rc = -FM_EHTTP2;
    fm__h2_fail(h2, rc < 0 ? rc : -ECONNRESET);
    fm__pool_lost(self->wire);
    fm_event_set(&self->over);
    return 0;
}

bool fm__h2_is_built(void)
{
    return true;
}

int fm__h2_client_open(struct fm__wire *wire)
{
    fm_http_client *client = wire->origin->client;
    const struct fm__h2_terms terms = {
        .secure = wire->origin->secure,
        .tasks = &client->tasks,
        .write_timeout = client->options.write_timeout,
    };
    struct fm__h2_client *self = fm__memory_new(sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    self->wire = wire;
    int rc = fm__h2_init(&self->h2, wire->stream, &h2_client_role, &terms);
    if (rc < 0) {
        fm__memory_free(self);
        return rc;
    }
    rc = fm_group_start(&client->tasks, h2_client_read, self);
    if (rc < 0) {
        fm__h2_fini(&self->h2);
        fm__memory_free(self);
        return rc;
    }
    wire->h2 = self;
    return 0;
}

void fm__h2_client_close(struct fm__wire *wire)
{
    struct fm__h2_client *self = wire->h2;
    int rc = 0;
    self->stops = true;
    fm__h2_hurry(&self->h2);
    FM_SHIELD(INFINITY) {
        while (rc == 0 && !fm_event_is_set(&self->over))
            rc = fm_event_wait(&self->over);
        while (rc == 0 && self->h2.sending)
            rc = fm_event_wait(&self->h2.sent);
    }
    fm__h2_fini(&self->h2);
    fm__memory_free(self);
    wire->h2 = NULL;
}

bool fm__h2_client_takes(const struct fm__wire *wire)
{
    const struct fm__h2 *h2 = &wire->h2->h2;
    return h2->error == 0 && !h2->ending && !wire->h2->stops;
}

/* ---- a request ---------------------------------------------------------- */

void fm__h2_client_begin(struct fm_response *response)
{
    fm__h2_stream_clear(&response->h2);
    response->h2.h2 = &response->wire->h2->h2;
    response->h2.error = response->h2.h2->error;
    response->interim = 0;
    response->refused = 0;
    response->multiplexed = true;
    response->protocol = "HTTP/2";
}

int fm__h2_client_await(struct fm_response *response)
{
    struct fm__h2_stream *stream = &response->h2;
    int rc = fm__checkpoint(fm__current, "fm_http_fetch");
    while (rc == 0 && !stream->answered) {
        if (stream->error < 0)
            return stream->error;
        fm_event_clear(&stream->came);
        rc = fm_event_wait(&stream->came);
    }
    return rc < 0 ? rc : response->refused;
}

void fm__h2_client_move(struct fm_response *response, struct fm_response *from)
{
    fm__h2_stream_move(&response->h2, &from->h2);
    response->multiplexed = true;
    from->multiplexed = false;
}

/* Nothing of it is wanted any more. */
void fm__h2_client_end(struct fm_response *response)
{
    fm__h2_reset(&response->h2, FM__H2_CANCEL);
    fm__h2_stream_clear(&response->h2);
    fm__h2_stream_fini(&response->h2);
    response->h2 = (struct fm__h2_stream){.h2 = NULL};
    response->multiplexed = false;
}
