/*
 * metrics.c - a server that is measured, and says so to who collects it
 *
 *   metrics [ADDRESS]
 *
 * /stew takes its time; /metrics is what Prometheus asks for. Says where it
 * listens, and ends in order on SIGINT.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

/* [metrics] */
static int metrics(fm_exchange *exchange, void *arg)
{
    fm_stats stats;
    char *text = NULL;
    size_t size;
    (void)arg;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return -ENOMEM;
    int rc = fm_stats_read(&stats);
    if (rc == 0)
        rc = fm_stats_prometheus(&stats, out);
    if (fclose(out) != 0)
        rc = -ENOMEM;
    if (rc == 0)
        rc = fm_reply_set(exchange, "Content-Type", FM_STATS_TYPE);
    if (rc == 0)
        rc = fm_reply(exchange, 200, text, size);
    free(text);
    return rc;
}
/* [/metrics] */

static int stew(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int rc = fm_sleep(0.01);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "stew\n");
}

static int serve(void *address)
{
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    fm_router *router = fm_router_new();
    int rc = fm_route(router, "GET", "/stew", FM_ROUTE(stew, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/metrics", FM_ROUTE(metrics, NULL));
    if (rc == 0)
        rc = fm_listen(address, &listener);
    if (rc == 0) {
        printf("listening on %s\n",
               fm_address_format(fm_listener_address(listener), text));
        fflush(stdout);
        rc = fm_http_serve(listener, fm_router_handle, router);
    }
    fm_router_free(router);
    return rc;
}

/* [run] */
int main(int argc, char **argv)
{
    const fm_run_options options = {.stats = true};
    int rc = fm_run(serve, argc > 1 ? argv[1] : "127.0.0.1:8080", &options);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "metrics: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
/* [/run] */
