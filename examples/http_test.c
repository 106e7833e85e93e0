/*
 * http_test.c - a server is tested as its users see it, without a socket
 *
 * The clock is virtual: that a slow page is given up after 30 seconds shows at
 * once, on the simulator and only there.
 */
#include <fermata.h>
#include <stdio.h>

/* The server, as it is. */
static int visits(fm_exchange *exchange, void *arg)
{
    int *count = arg;
    char text[32];
    ++*count;
    int size = snprintf(text, sizeof text, "visit %d", *count);
    return fm_reply(exchange, 200, text, (size_t)size);
}

static int slow(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int rc = fm_sleep(3600);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "at last");
}

/* Asks for a page, and prints what it answers. */
static int show(fm_http_client *client, const char *url)
{
    fm_response *response;
    const char *body;
    int rc = fm_http_fetch(client, url, &response);
    if (rc < 0)
        return rc;
    int status = fm_response_status(response);
    ssize_t size = fm_response_load(response, &body);
    if (size >= 0)
        printf("%d %s\n", status, status == 200 ? body : "is no page");
    fm_response_close(response);
    return size < 0 ? (int)size : 0;
}

/* [test] */
static int test(void *router)
{
    const fm_http_client_options options = {
        .handler = fm_router_handle,
        .handler_arg = router,
        .serve = &(fm_http_serve_options){.deadline = 30},
    };
    fm_http_client *client;
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = show(client, "http://test/visits");
    if (rc == 0)
        rc = show(client, "http://test/visits");
    if (rc == 0)
        rc = show(client, "http://test/nothing");
    if (rc == 0)
        rc = show(client, "http://test/slow");
    fm_http_client_close(client);
    return rc;
}
/* [/test] */

int main(void)
{
    int count = 0;
    fm_router *router = fm_router_new();
    fm_route(router, "GET", "/visits", FM_ROUTE(visits, &count));
    fm_route(router, "GET", "/slow", FM_ROUTE(slow, NULL));
    int rc = fm_run(test, router, &(fm_run_options){.backend = "sim"});
    fm_router_free(router);
    return rc < 0;
}
