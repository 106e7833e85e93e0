/*
 * wire.c - a connection is made: to a server, or to a handler in memory
 */
#include "base/memory.h"
#include "http/client_record.h"
#include "http/client_tls.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/pipe.h>
#include <fermata/timeout.h>
#include <string.h>

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

static bool wire_ends_in(const char *host, const char *end, size_t size)
{
    size_t host_size = strlen(host);
    if (host_size < size ||
        strncasecmp(host + host_size - size, end, size) != 0)
        return false;
    return host_size == size || host[host_size - size - 1] == '.';
}

/* A list of hosts has the host, or one that it is below. */
static bool wire_is_listed(const char *list, const char *host)
{
    while (*list != '\0') {
        list += strspn(list, " ,");
        size_t size = strcspn(list, " ,");
        bool dotted = size > 1 && *list == '.';
        if ((size == 1 && *list == '*') ||
            (size > 0 && wire_ends_in(host, list + dotted, size - dotted)))
            return true;
        list += size;
    }
    return false;
}

const char *fm__wire_proxy(const struct fm__origin *origin)
{
    const fm_http_client_options *options = &origin->client->options;
    const char *hosts = options->no_proxy != NULL ? options->no_proxy : "";
    return options->proxy != NULL && !wire_is_listed(hosts, origin->host)
               ? options->proxy
               : NULL;
}

/* Which step a failure of fm_connect is of. */
static enum fm_http_step wire_step(int rc)
{
    if (rc <= -FM_ENONAME && rc >= -FM_ENOSERVER)
        return FM_HTTP_STEP_RESOLVE;
    if (rc <= -FM_EPROXY && rc >= -FM_EPROXYFAMILY)
        return FM_HTTP_STEP_PROXY;
    if (rc <= -FM_ETLS && rc >= -FM_ECERT_INVALID)
        return FM_HTTP_STEP_TLS;
    return FM_HTTP_STEP_CONNECT;
}

static int wire_dial(const struct fm__origin *origin, fm_tls *tls,
                     fm_stream **stream)
{
    const fm_http_client_options *options = &origin->client->options;
    const fm_connect_options how = {
        .stream = options->stream,
        .tls = tls,
        .server_name = origin->host,
        .source = options->source,
        .proxy = fm__wire_proxy(origin),
        .resolver = options->resolver,
    };
    const char *address =
        options->address != NULL ? options->address : origin->address;
    int rc;
    if (options->connect_timeout < 0)
        return fm_connect(address, stream, &how);
    FM_TIMEOUT(options->connect_timeout, rc) {
        rc = fm_connect(address, stream, &how);
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

int fm__wire_connect(struct fm__origin *origin, fm_stream **stream,
                     enum fm_http_step *step)
{
    fm_http_client *client = origin->client;
    fm_tls *tls = NULL;
    *step = FM_HTTP_STEP_CONNECT;
    if (client->options.handler != NULL)
        return wire_in_memory(client, stream);
    if (origin->secure) {
        int rc = wire_tls(client, &tls);
        if (rc < 0) {
            *step = FM_HTTP_STEP_TLS;
            return rc;
        }
    }
    int rc = wire_dial(origin, tls, stream);
    if (rc < 0)
        *step = wire_step(rc);
    return rc;
}
