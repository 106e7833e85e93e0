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
    /* Before it has its reply, so that a client which waits is asked. */
    size = fm_exchange_read(exchange, buf, sizeof buf);
    if (size < 0)
        return (int)size;
    int rc = fm_reply_begin(exchange, 200, fm_exchange_length(exchange));
    while (rc >= 0 && size > 0) {
        rc = (int)fm_reply_write(exchange, buf, (size_t)size);
        if (rc >= 0)
            size = fm_exchange_read(exchange, buf, sizeof buf);
    }
    return size < 0 ? (int)size : rc;
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
