/*
 * wire.c - a connection is made: to a server, or to a handler in memory
 */
#include "base/memory.h"
#include "http/client_record.h"
#include "http/client_tls.h"
#include "net/secure.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/pipe.h>
#include <fermata/timeout.h>

/* ---- in memory ---------------------------------------------------------- */

struct wire_server {
    fm_http_client *client;
    fm_stream *stream;
};

/* [a member of the client's] */
static int wire_server(struct wire_server *server)
{
    const fm_http_client_options *options = &server->client->options;
    fm_http_serve_stream(server->stream, options->handler, options->handler_arg,
                         options->serve);
    fm_close(server->stream);
    return 0;
}

static int wire_in_memory(fm_http_client *client, fm_stream **stream)
{
    fm_stream *ends[2];
    int rc = fm_stream_pair(ends, &client->options.stream);
    if (rc < 0)
        return rc;
    rc = fm_group_go(&client->tasks, wire_server, client, ends[1]);
    if (rc == 0) {
        *stream = ends[0];
        return 0;
    }
    fm_abort(ends[0]);
    fm_abort(ends[1]);
    return rc;
}

/* ---- by the network ----------------------------------------------------- */

/* Which step a failure of fm_connect is of. */
static enum fm_http_step wire_step(int rc)
{
    if (rc <= -FM_ENONAME && rc >= -FM_ENOSERVER)
        return FM_HTTP_STEP_RESOLVE;
    if (rc <= -FM_EPROXY && rc >= -FM_EPROXYFAMILY)
        return FM_HTTP_STEP_PROXY;
    return FM_HTTP_STEP_CONNECT;
}

static int wire_dial(const struct fm__origin *origin, fm_stream **stream)
{
    const fm_http_client_options *options = &origin->client->options;
    const struct fm__proxying *proxy = origin->proxy;
    const fm_connect_options how = {
        .stream = options->stream,
        .source = options->source,
        .proxy = proxy != NULL && !origin->relays ? proxy->text : NULL,
        .resolver = options->resolver,
    };
    return fm_connect(options->address != NULL ? options->address
                                               : origin->address,
                      stream, &how);
}

static int wire_secure(const struct fm__origin *origin, fm_tls *tls,
                       fm_stream **stream)
{
    const fm_tls_start_options how = {
        .server_name = origin->host,
        .alpn = origin->http1 ? "http/1.1" : "h2,http/1.1",
    };
    int rc = fm__secure(tls)->start(*stream, tls, &how);
    if (rc < 0) {
        fm_abort(*stream);
        *stream = NULL;
    }
    return rc;
}

/* Whom to believe: said, or made at the first need. */
static int wire_tls(fm_http_client *client, fm_tls **tls)
{
    *tls = client->options.tls;
    if (*tls != NULL)
        return 0;
    int rc = 0;
    if (client->own_tls == NULL)
        rc = fm__client_tls_new(&client->own_tls);
    *tls = client->own_tls;
    return rc;
}

static int wire_by_network(struct fm__origin *origin, fm_stream **stream,
                           enum fm_http_step *step)
{
    fm_tls *tls = NULL;
    int rc = 0;
    *step = FM_HTTP_STEP_TLS;
    if (origin->secure)
        rc = wire_tls(origin->client, &tls);
    if (rc < 0)
        return rc;
    rc = wire_dial(origin, stream);
    if (rc < 0)
        *step = wire_step(rc);
    if (rc == 0 && tls != NULL)
        rc = wire_secure(origin, tls, stream);
    return rc;
}

int fm__wire_connect(struct fm__origin *origin, fm_stream **stream,
                     enum fm_http_step *step)
{
    const fm_http_client_options *options = &origin->client->options;
    int rc;
    *step = FM_HTTP_STEP_CONNECT;
    if (options->handler != NULL)
        return wire_in_memory(origin->client, stream);
    if (options->connect_timeout < 0)
        return wire_by_network(origin, stream, step);
    FM_TIMEOUT(options->connect_timeout, rc) {
        rc = wire_by_network(origin, stream, step);
    }
    return rc;
}
