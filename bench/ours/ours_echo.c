/*
 * ours_echo.c - Fermata: an echo server, one task a connection
 *
 * ours_echo BACKEND [local]
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

enum {
    BUFFER = 64 * 1024
};

static int echo(fm_stream *client, void *arg)
{
    char buffer[BUFFER];
    ssize_t size;

    (void)arg;
    while ((size = fm_read(client, buffer, sizeof buffer)) > 0)
        if ((size = fm_write(client, buffer, (size_t)size)) < 0)
            break;
    return (int)size;
}

static int echo_main(void *arg)
{
    fm_serve_options options = {.stack_size = 2 * BUFFER};
    fm_listener *listener;
    const char *local = arg;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(local != NULL ? "unix:" : "127.0.0.1:0", &listener);

    if (rc < 0)
        return rc;
    const fm_address *address = fm_listener_address(listener);
    if (local != NULL)
        printf("listening %s\n", strchr(fm_address_format(address, text), '@'));
    else
        printf("listening %d\n", fm_address_port(address));
    fflush(stdout);
    return fm_serve(listener, echo, NULL, &options);
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    return fm_run(echo_main, argc > 2 ? argv[2] : NULL, &options) < 0;
}
