/*
 * client.c - a client, its options and its end
 */
#include "base/die.h"
#include "base/memory.h"
#include "http/client_record.h"
#include "http/client_tls.h"
#include "task/record.h"

#include <errno.h>
#include <math.h>

static double client_seconds(double said, double otherwise)
{
    return said != 0 ? said : otherwise;
}

static unsigned client_count(unsigned said, unsigned otherwise)
{
    return said > 0 ? said : otherwise;
}

/* 0; or what no client can have. */
static int client_check_options(const fm_http_client_options *all)
{
    if (isnan(all->kept) || isnan(all->connect_timeout) ||
        isnan(all->answer_timeout) || isnan(all->body_timeout) ||
        isnan(all->write_timeout) || (all->http1 && all->http2))
        return -EINVAL;
    return all->http2 && !fm__h2_is_built() ? -EPROTONOSUPPORT : 0;
}

/* All of them are said now. */
static void client_options(fm_http_client_options *all)
{
    all->connections = client_count(all->connections, FM_HTTP_CONNECTIONS);
    all->of_origin =
        client_count(all->of_origin, FM_HTTP_CONNECTIONS_OF_ORIGIN);
    all->kept = client_seconds(all->kept, FM_HTTP_KEPT);
    all->connect_timeout =
        client_seconds(all->connect_timeout, FM_HTTP_CONNECT_TIMEOUT);
    all->answer_timeout =
        client_seconds(all->answer_timeout, FM_HTTP_ANSWER_TIMEOUT);
    all->body_timeout = client_seconds(all->body_timeout, FM_HTTP_BODY_TIMEOUT);
    all->write_timeout =
        client_seconds(all->write_timeout, FM_HTTP_WRITE_TIMEOUT);
    if (all->body_rate == 0)
        all->body_rate = FM_HTTP_BODY_RATE;
    if (all->body_limit == 0)
        all->body_limit = FM_HTTP_RESPONSE_LIMIT;
}

int fm__http_client_open(fm_http_client **out,
                         const fm_http_client_options *options)
{
    static const fm_http_client_options defaults;
    const fm_group_options how = {.policy = FM_COLLECT, .under_root = true};
    fm_http_client_options all = options != NULL ? *options : defaults;
    int rc = client_check_options(&all);
    if (rc < 0)
        return rc;
    client_options(&all);
    fm_http_client *client = fm__memory_new(sizeof *client);
    if (client == NULL)
        return -ENOMEM;
    *client = (fm_http_client){
        .options = all,
        .loop = &fm__task_self("fm_http_client_open")->home->loop,
    };
    client->terms = (struct fm__body_terms){all.body_limit, all.body_timeout,
                                            all.body_rate};
    fm_semaphore_init(&client->permits, all.connections, 0);
    fm__list_init(&client->kept);
    for (size_t i = 0; i < FM__COUNT(client->buckets); i++)
        fm__list_init(&client->buckets[i]);
    fm_group_open(&client->tasks, &how);
    rc = fm__proxies_init(client);
    if (rc < 0) {
        fm_http_client_close(client);
        return rc;
    }
    *out = client;
    return 0;
}

void fm__client_check(const fm_http_client *client, const char *caller)
{
    if (client->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: the client belongs to another loop", caller);
}

void fm_http_client_close(fm_http_client *client)
{
    if (client == NULL)
        return;
    fm__client_check(client, "fm_http_client_close");
    fm__pool_close(client);
    if (client->open > 0)
        fm__die("fm_http_client_close: a response of it is still open");
    fm__client_tls_free(client->own_tls);
    fm__proxies_fini(client);
    fm__memory_free(client);
}

size_t fm_http_client_connections(const fm_http_client *client)
{
    return client->open;
}
