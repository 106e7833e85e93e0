/*
 * serve_files.c - serves the files of a directory
 *
 *   serve_files [DIRECTORY [ADDRESS]]
 *
 * Says where it listens, and ends in order on SIGINT.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

struct server {
    const char *directory;
    const char *address;
};

/* [files] */
static int serve_files(fm_listener *listener, const char *directory)
{
    fm_http_directory files = {.path = directory, .listing = true};
    fm_router *router = fm_router_new();
    int rc =
        fm_route(router, "GET", "/{path...}", FM_ROUTE(fm_http_files, &files));
    if (rc == 0)
        rc = fm_http_serve(listener, fm_router_handle, router);
    else
        fm_listener_close(listener);
    fm_router_free(router);
    return rc;
}
/* [/files] */

static int server(void *arg)
{
    const struct server *self = arg;
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(self->address, &listener);
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", self->address, fm_strerror(rc));
        return rc;
    }
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return serve_files(listener, self->directory);
}

int main(int argc, char **argv)
{
    struct server self = {.directory = argc > 1 ? argv[1] : ".",
                          .address = argc > 2 ? argv[2] : "127.0.0.1:8080"};
    int rc = fm_run(server, &self);
    return rc < 0 && rc != -ECANCELED;
}
