/*
 * workers.c - the echo server on several processors
 *
 *   workers [ADDRESS [COUNT]]     127.0.0.1:7000, and as many as there are
 *
 * The system shares the connections out among listeners of one address.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

struct server {
    const char *address;
    fm_channel *chosen; /* what the first listens on, for the others */
    char text[FM_ADDRESS_TEXT];
};

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

/* [listen] */
static int listen_on(const char *address, fm_listener **listener)
{
    return fm_listen(address, listener,
                     &(fm_listen_options){.reuse_port = true});
}

/* The first one's address has the port that the system chose. */
static int listen_first(struct server *server, fm_listener **listener)
{
    int rc = listen_on(server->address, listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(*listener), server->text);
    for (int i = 1; rc == 0 && i < fm_worker_count(); i++)
        rc = fm_channel_send(server->chosen, server->text);
    printf("listening on %s\n", server->text);
    fflush(stdout);
    return rc;
}

static int listen_too(struct server *server, fm_listener **listener)
{
    void *address;
    int rc = fm_channel_receive(server->chosen, &address);
    return rc < 0 ? rc : listen_on(address, listener);
}
/* [/listen] */

/* [serve] */
static int serve(void *arg)
{
    struct server *server = arg;
    fm_listener *listener = NULL;
    int rc = fm_worker_index() == 0 ? listen_first(server, &listener)
                                    : listen_too(server, &listener);
    if (rc == 0)
        return fm_serve(listener, echo, NULL);
    fm_listener_close(listener);
    return rc;
}
/* [/serve] */

/* [main] */
int main(int argc, char **argv)
{
    struct server server = {.address = argc > 1 ? argv[1] : "127.0.0.1:7000",
                            .chosen = fm_channel_new(FM_WORKERS_LIMIT)};
    unsigned count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    int rc = fm_run_workers(count, serve, &server);
    fm_channel_put(server.chosen);
    if (rc < 0 && rc != -ECANCELED) {
        fprintf(stderr, "workers: %s\n", fm_strerror(rc));
        return 1;
    }
    return 0;
}
/* [/main] */
