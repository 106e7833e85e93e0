/*
 * site_server.c - serves the bundled site, and says who asks for what
 *
 *   site_server DIRECTORY LOG
 *
 * A line for each request: how many there are at once, and its target.
 */
#include "../../examples/site/site_routes.h"

#include <fermata.h>
#include <stdio.h>

struct watched {
    FILE *log;
    unsigned at_once;
};

static int watch(fm_exchange *exchange, void *arg)
{
    struct watched *self = arg;
    self->at_once++;
    fprintf(self->log, "%u %s\n", self->at_once, fm_exchange_target(exchange));
    fflush(self->log);
    int rc = fm_route_next(exchange);
    self->at_once--;
    return rc;
}

static int serve(fm_listener *listener, char **words)
{
    static double pace = 0.02;
    fm_http_directory files = {.path = words[1]};
    struct watched watched = {.log = fopen(words[2], "a")};
    fm_router *router = fm_router_new();
    int rc =
        fm_route(router, "GET", "/{path...}", FM_ROUTE(fm_http_files, &files));
    if (rc == 0)
        rc = site_routes(router, &pace);
    if (rc == 0)
        rc = fm_route_around(router, FM_ROUTE(watch, &watched));
    if (rc == 0)
        rc = fm_http_serve(listener, fm_router_handle, router);
    fm_router_free(router);
    fclose(watched.log);
    return rc;
}

static int server(void *words)
{
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return serve(listener, words);
}

int main(int argc, char **argv)
{
    return argc != 3 || fm_run(server, argv) < 0;
}
