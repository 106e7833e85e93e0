/*
 * echo.c - a server that says what it is told
 *
 *   echo [ADDRESS]     127.0.0.1:7000; with port 0 the system chooses one
 */
#include <fermata.h>
#include <stdio.h>

/* [handler] */
/* Each client has a task of its own, that runs this. */
static int echo(fm_stream *client, void *arg)
{
    char buf[4096];
    ssize_t n;
    (void)arg;
    do {
        n = fm_read(client, buf, sizeof buf);
        if (n > 0)
            n = fm_write(client, buf, (size_t)n);
    } while (n > 0);
    return (int)n;
}
/* [/handler] */

/* [serve] */
static int serve(void *address)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen(address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_serve(listener, echo, NULL);
}
/* [/serve] */

/* [main] */
int main(int argc, char **argv)
{
    int rc = fm_run(serve, argc > 1 ? argv[1] : "127.0.0.1:7000");
    if (rc < 0 && rc != -ECANCELED) {
        fprintf(stderr, "echo: %s\n", fm_strerror(rc));
        return 1;
    }
    return 0;
}
/* [/main] */
