/*
 * http_server.c - answers any request with the body it got
 *
 *   http_server [ADDRESS]
 *
 * Says where it listens, and ends in order on SIGINT. Suites that test servers
 * of HTTP are run against it.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

/* [echo] */
static int echo(fm_exchange *exchange, void *arg)
{
    char buf[16384];
    ssize_t size;
    (void)arg;
    const char *type = fm_exchange_field(exchange, "Content-Type");
    if (type != NULL)
        fm_reply_set(exchange, "Content-Type", type);
    int rc = fm_reply_begin(exchange, 200, fm_exchange_length(exchange));
    while (rc >= 0 && (size = fm_exchange_read(exchange, buf, sizeof buf)) != 0)
        rc = (int)(size < 0 ? size
                            : fm_reply_write(exchange, buf, (size_t)size));
    return rc;
}
/* [/echo] */

static int server(void *address)
{
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(address, &listener);
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", (const char *)address, fm_strerror(rc));
        return rc;
    }
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_http_serve(listener, echo, NULL);
}

int main(int argc, char **argv)
{
    int rc = fm_run(server, argc > 1 ? argv[1] : "127.0.0.1:8080");
    return rc < 0 && rc != -ECANCELED;
}
