/*
 * http_serve.c - connections, and their requests one after the other
 *
 * A connection waits for a request in a shallow frame and without an exchange;
 * it has one from the first byte of a head to the last of a reply. Every wait
 * for the client has a deadline of its own.
 */
#include <fermata/http_serve.h>

#include "http/client_tls.h"
#include "http/events_record.h"
#include "http/exchange_record.h"
#include "http/status.h"
#include "http/ws_record.h"
#include "io/stream_record.h"
#include "net/listener.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/timeout.h>
#include <math.h>
#include <netinet/tcp.h>

enum {
    HTTP_OVER, /* the connection ends in order */
    HTTP_MORE  /* another request may come */
};

/* Hears that a client has gone while its handler runs, and cuts that. Its block
 * is around all of the connection, and cuts for no longer. */
struct http_ward {
    struct fm__watch watch;
    struct fm__timer timer; /* of a handler that is to be cut and not yet is */
    struct fm__block block;
    struct fm_exchange *exchange;
    int why; /* or 0 */
};

struct http_connection {
    struct fm__list link; /* in http->idle, while it waits for a request */
    struct fm__http *http;
    fm_stream *stream;
    unsigned requests; /* so far */
    bool known;
    fm_address peer; /* while it is known: asked for later it may be gone */
    struct http_ward ward;
    fm_timeout wait; /* for the next, while it is in the list */
};

/* ---- a request ---------------------------------------------------------- */

/* Some of it is there. It has a deadline from when more has to come. */
static int http_read_head_in_time(struct fm_exchange *exchange)
{
    struct fm__incoming *incoming = &exchange->incoming;
    fm_stream *stream = exchange->stream;
    double seconds = exchange->http->options.head_timeout;
    int rc = (int)fm__incoming_take(incoming, stream);
    if (FM__LIKELY(rc != 0))
        return rc;
    if (seconds < 0)
        return fm__incoming_read(incoming, stream);
    FM_TIMEOUT(seconds, rc) {
        rc = fm__incoming_read(incoming, stream);
    }
    return rc;
}

/* What still comes is read, so that no reset overtakes the reply. */
void fm__http_linger(fm_stream *stream)
{
    char scrap[4096];
    size_t left = FM__HTTP_LINGER;
    int rc;
    FM_TIMEOUT(FM__HTTP_LINGER_SECONDS, rc) {
        ssize_t size = rc = fm_write_eof(stream);
        if (rc == 0)
            size = 1;
        while (size > 0 && left >= sizeof scrap) {
            size = fm_read(stream, scrap, sizeof scrap);
            left -= size > 0 ? (size_t)size : 0;
        }
    }
}

static void http_log(const struct fm_exchange *exchange)
{
    const fm_http_serve_options *options = &exchange->http->options;
    if (options->log != NULL)
        options->log(exchange, options->log_arg);
}

/* What comes behind it is not read as a request. */
static int http_refuse_with(struct fm_exchange *exchange, int status, int rc)
{
    exchange->last = true;
    exchange->body.done = true;
    rc = fm__reply_to_failure(exchange, status, rc);
    http_log(exchange);
    if (rc == 0 && !exchange->multiplexed)
        fm__http_linger(exchange->stream);
    return rc < 0 ? rc : HTTP_OVER;
}

/* A head that is none. What the peer did by leaving is nobody's failure. */
static int http_refuse(struct fm_exchange *exchange, int rc)
{
    int status = rc == -ETIMEDOUT ? 408 : fm__http_status_of(rc);
    if (rc == -FM_EEOF || rc == -ECANCELED || (status == 500 && rc != -ENOMEM))
        return rc == -FM_EEOF ? HTTP_OVER : rc;
    fm__head_init(&exchange->incoming.head,
                  FM__HEAD_REQUEST); /* no word of it counts */
    exchange->incoming.head.minor = 1;
    return http_refuse_with(exchange, status, rc);
}

static int http_call_in_time(struct fm_exchange *exchange)
{
    struct fm__http *http = exchange->http;
    double seconds = http->options.deadline;
    int rc = fm__query_check(exchange);
    if (rc == 0)
        rc = fm__exchange_decode(exchange);
    if (rc < 0)
        return rc;
    if (seconds <= 0)
        return http->handler(exchange, http->arg);
    FM_TIMEOUT(seconds, rc) {
        rc = http->handler(exchange, http->arg);
    }
    return rc;
}

/* Who has all of its reply may go. */
static void http_cut(struct http_ward *ward)
{
    if (ward->exchange->state == FM__REPLY_DONE)
        return;
    ward->exchange->gone = ward->why;
    ward->block.cut = true;
    fm__recut(ward->block.task);
}

static void http_cut_late(struct fm__timer *timer)
{
    http_cut(FM__CONTAINER(timer, struct http_ward, timer));
}

/* A handler that runs may be about to reply to a client that has only ended its
 * side: how far it gets in a turn is nobody's business. */
static void http_gone(struct fm__watch *watch, ssize_t rc)
{
    struct http_ward *ward = FM__CONTAINER(watch, struct http_ward, watch);
    struct fm__task *task = ward->block.task;
    if (rc > 0 || (rc == 0 && ward->exchange->http->options.keep_half_closed))
        return;
    ward->why = rc == 0 ? -FM_EEOF : (int)rc;
    if (task->waiter != NULL)
        http_cut(ward);
    else
        fm__timer_arm(&task->home->loop, &ward->timer, FM__HTTP_GONE);
}

static void http_ward_open(struct http_ward *ward)
{
    ward->watch.heard = http_gone;
    fm__timer_init(&ward->timer, http_cut_late);
    fm__block_push(&ward->block, FM__BLOCK_WARD, "fm_http_serve");
}

static int http_call(struct http_ward *ward, struct fm_exchange *exchange)
{
    struct fm__loop *loop = &ward->block.task->home->loop;
    ward->exchange = exchange;
    if (exchange->multiplexed)
        fm__h2_watch(&exchange->h2, &ward->watch);
    else
        fm__stream_watch(exchange->stream, &ward->watch);
    int rc = http_call_in_time(exchange);
    if (exchange->multiplexed)
        fm__h2_watch(&exchange->h2, NULL);
    else
        fm__stream_unwatch(exchange->stream);
    fm__timer_disarm(loop, &ward->timer);
    ward->block.cut = false;
    return rc;
}

/* Of what a handler has returned. What the request has wrong is the client's;
 * the same code from elsewhere is not. */
static int http_status(const struct fm_exchange *exchange, int rc)
{
    bool theirs = rc == exchange->body.error || rc == exchange->blamed;
    if (rc == -ETIMEDOUT)
        return theirs ? 408 : 503;
    if (!theirs)
        return 500;
    return rc == -FM_EEOF ? 400 : fm__http_status_of(rc);
}

/* Of a reply that has begun. A client that sends or takes too slowly is to
 * blame for that itself. */
static int http_end(struct fm_exchange *exchange, int rc)
{
    if (rc == -FM_ENOWS && exchange->state == FM__REPLY_DONE)
        rc = 0; /* as the client has heard */
    if (rc == -ECANCELED && exchange->over)
        rc = 0; /* what was sent ends in order */
    if (rc >= 0)
        rc = fm__reply_end(exchange);
    bool late = exchange->body.error == rc || exchange->reply_error == rc;
    return rc == -ETIMEDOUT && late ? -FM_EPEERTIMEOUT : rc;
}

/* The handler has returned `rc`: a reply, and that is the last one after a
 * failure of ours. */
static int http_finish(struct fm_exchange *exchange, int rc)
{
    if (exchange->gone < 0 && exchange->state != FM__REPLY_DONE)
        return exchange->gone == -ETIMEDOUT ? -FM_EPEERTIMEOUT : exchange->gone;
    if (exchange->state != FM__REPLY_NONE)
        return http_end(exchange, rc);
    if (rc >= 0)
        rc = -ENODATA; /* it has forgotten to reply */
    if (rc == -ECANCELED)
        return rc;
    int status = http_status(exchange, rc);
    exchange->last = exchange->last || status >= 500;
    int sent = fm__reply_to_failure(exchange, status, status < 500 ? rc : 0);
    if (sent < 0)
        return sent;
    return status >= 500 ? rc : 0;
}

static int http_handle(struct http_ward *ward, struct fm_exchange *exchange)
{
    fm__exchange_begin(exchange);
    int rc = http_finish(exchange, http_call(ward, exchange));
    http_log(exchange);
    if (rc < 0) {
        fm__reply_break(exchange);
        return rc;
    }
    if (exchange->multiplexed)
        return HTTP_MORE;
    bool read = fm__exchange_drain(exchange);
    if (read && !exchange->last)
        return HTTP_MORE;
    if (!read || exchange->lingers || fm__stream_held(exchange->stream) > 0)
        fm__http_linger(exchange->stream);
    return HTTP_OVER;
}

/* ---- a connection ------------------------------------------------------- */

/* Nothing here leads anywhere else, and a handler's 200 would say it did. */
static bool http_wants_tunnel(const struct fm_exchange *exchange)
{
    return fm__slice_is(
        fm__passage_in(exchange->incoming.text, exchange->incoming.head.method),
        FM__SLICE("CONNECT"));
}

/* A request whose head has come, or rc says why not. */
static int http_answer(struct http_ward *ward, struct fm_exchange *exchange,
                       int rc)
{
    if (rc < 0)
        return http_refuse(exchange, rc);
    if (http_wants_tunnel(exchange))
        return http_refuse_with(exchange, 501, 0);
    exchange->last =
        exchange->last || !fm__head_stays(&exchange->incoming.head);
    return http_handle(ward, exchange);
}

int fm__http_answer(struct fm_exchange *exchange, int rc)
{
    struct http_ward ward = {.why = 0};
    http_ward_open(&ward);
    rc = http_answer(&ward, exchange, rc);
    fm__block_pop(&ward.block, "fm_http_serve");
    return rc;
}

static int http_exchange(struct http_connection *connection)
{
    struct fm__http *http = connection->http;
    struct fm_exchange *exchange = fm__exchange_get(http, connection->stream);
    if (exchange == NULL)
        return -ENOMEM;
    exchange->peer = connection->known ? &connection->peer : NULL;
    exchange->last =
        ++connection->requests >= http->options.requests || http->stopping;
    int rc = http_read_head_in_time(exchange);
    rc = http_answer(&connection->ward, exchange, rc);
    fm__exchange_put(exchange);
    return rc;
}

static double http_patience(const struct http_connection *connection)
{
    const struct fm__http *http = connection->http;
    double seconds = http->options.idle_timeout;
    if (http->stopping)
        return connection->requests > 0 ? 0 : FM__HTTP_STOP_SECONDS;
    return seconds < 0 ? INFINITY : seconds;
}

/* Above 0: something has come. */
static int http_wait(struct http_connection *connection)
{
    const void *bytes;
    if (fm__stream_held(connection->stream) > 0) {
        int cut = fm__checkpoint(fm__current, "fm_http_serve");
        return cut < 0 ? cut : 1;
    }
    fm_timeout_open(&connection->wait, http_patience(connection));
    fm__list_push(&connection->http->idle, &connection->link);
    int rc = (int)fm_peek(connection->stream, 1, &bytes);
    fm__list_remove(&connection->link);
    rc = fm_timeout_close(&connection->wait, rc);
    return rc == -ETIMEDOUT ? HTTP_OVER : rc;
}

/* The first bytes tell; a client of HTTP/2 that says them one by one has no
 * more time for that than for a head. */
static int http_is_h2(const struct http_connection *connection)
{
    const fm_http_serve_options *options = &connection->http->options;
    return connection->requests > 0 || options->http1
               ? 0
               : fm__h2_is_spoken(connection->stream, options->head_timeout);
}

static int http_next(struct http_connection *connection)
{
    int rc = http_wait(connection);
    if (rc <= 0)
        return rc;
    rc = http_is_h2(connection);
    if (rc == 0)
        return http_exchange(connection);
    if (rc > 0)
        rc = fm__h2_serve(connection->http, connection->stream,
                          connection->known ? &connection->peer : NULL);
    return rc < 0 ? rc : HTTP_OVER;
}

static int http_connection(fm_stream *stream, void *arg)
{
    struct http_connection connection = {.http = arg, .stream = stream};
    int rc;
    connection.known = fm_stream_peer(stream, &connection.peer) == 0;
    http_ward_open(&connection.ward);
    do
        rc = http_next(&connection);
    while (rc == HTTP_MORE);
    fm__block_pop(&connection.ward.block, "fm_http_serve");
    return rc;
}

/* ---- a server ----------------------------------------------------------- */

static double http_seconds(double said, double otherwise)
{
    return said != 0 ? said : otherwise;
}

/* 0; or what no server can have: a client that is offered HTTP/2 would choose
 * it, and hear HTTP/1.1. */
static int http_check_options(const fm_http_serve_options *all)
{
    bool offers = fm__http_offers_h2(all->serve.tls);
    if (isnan(all->head_timeout) || isnan(all->idle_timeout) ||
        isnan(all->body_timeout) || isnan(all->write_timeout) ||
        isnan(all->deadline) || (offers && all->http1))
        return -EINVAL;
    return offers && !fm__h2_is_built() ? -EPROTONOSUPPORT : 0;
}

/* 0, -EINVAL or -EPROTONOSUPPORT. */
static int http_init(struct fm__http *http,
                     const fm_http_serve_options *options)
{
    static const fm_http_serve_options defaults;
    fm_http_serve_options *all = &http->options;
    *all = options != NULL ? *options : defaults;
    fm__list_init(&http->kept);
    fm__list_init(&http->idle);
    fm__list_init(&http->sockets);
    fm__list_init(&http->many);
    fm__list_init(&http->events);
    int rc = http_check_options(all);
    if (rc < 0)
        return rc;
    all->head_timeout = http_seconds(all->head_timeout, FM_HTTP_HEAD_TIMEOUT);
    all->idle_timeout = http_seconds(all->idle_timeout, FM_HTTP_IDLE_TIMEOUT);
    all->body_timeout = http_seconds(all->body_timeout, FM_HTTP_BODY_TIMEOUT);
    all->write_timeout =
        http_seconds(all->write_timeout, FM_HTTP_WRITE_TIMEOUT);
    if (all->body_limit == 0)
        all->body_limit = FM_HTTP_BODY_LIMIT;
    if (all->body_rate == 0)
        all->body_rate = FM_HTTP_BODY_RATE;
    if (all->requests == 0)
        all->requests = FM_HTTP_REQUESTS;
    if (all->streams == 0)
        all->streams = FM_HTTP_STREAMS;
    http->terms = (struct fm__body_terms){all->body_limit, all->body_timeout,
                                          all->body_rate};
    return 0;
}

/* Those that wait for a request have nothing to end by themselves; what came
 * just then is answered. Peers of WebSockets hear that they should end them. */
static void http_stop(void *arg)
{
    struct fm__http *http = arg;
    struct fm__list *idle = &http->idle, *sockets = &http->sockets;
    struct fm__list *events = &http->events;
    http->stopping = true;
    for (struct fm__list *link = idle->next; link != idle; link = link->next) {
        struct http_connection *connection =
            FM__CONTAINER(link, struct http_connection, link);
        fm_timeout_reschedule(&connection->wait, http_patience(connection));
    }
    for (struct fm__list *link = sockets->next; link != sockets;
         link = link->next)
        fm__ws_leave(FM__CONTAINER(link, struct fm_ws, link));
    fm__h2_stop(&http->many);
    for (struct fm__list *link = events->next; link != events;
         link = link->next)
        fm__events_leave(FM__CONTAINER(link, struct fm_events, link));
    if (http->options.serve.on_stop != NULL)
        http->options.serve.on_stop(http->arg);
}

/* Or the system would go on to take what a client does not, for megabytes and
 * minutes. What it accepts has the options of what listens (tcp(7); Linux
 * 3.12). */
static void http_bound(const fm_listener *listener)
{
    static const struct fm__socket_option unsent = {
        IPPROTO_TCP, TCP_NOTSENT_LOWAT, FM__HTTP_UNSENT};
    struct fm__loop *loop = listener->loop;
    for (unsigned i = 0; i < listener->count; i++)
        (void)loop->backend->option(loop, listener->entrances[i].fd, &unsent);
}

int fm__http_serve(fm_listener *listener, fm_http_handler handler, void *arg,
                   const fm_http_serve_options *options)
{
    struct fm__http http = {.handler = handler, .arg = arg};
    int wrong = http_init(&http, options);
    fm_serve_options serve = http.options.serve;
    serve.on_stop = http_stop;
    if (wrong < 0)
        serve.grace = NAN; /* the listener is taken all the same */
    http_bound(listener);
    int rc = fm_serve(listener, http_connection, &http, &serve);
    fm__exchanges_free(&http);
    return wrong < 0 && rc == -EINVAL ? wrong : rc;
}

int fm__http_serve_stream(fm_stream *stream, fm_http_handler handler, void *arg,
                          const fm_http_serve_options *options)
{
    struct fm__http http = {.handler = handler, .arg = arg};
    int rc = http_init(&http, options);
    if (rc < 0)
        return rc;
    rc = http_connection(stream, &http);
    fm__exchanges_free(&http);
    return rc;
}
