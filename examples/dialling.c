/*
 * dialling.c - a client that is patient, but not for ever
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [patient] */
/* A server that is being restarted refuses for a moment. */
static int connect_patiently(const char *address, fm_stream **server)
{
    double pause = 0.1;
    int rc;
    FM_TIMEOUT(5, rc) {
        while ((rc = fm_connect(address, server)) == -ECONNREFUSED) {
            printf("refused, again in %.1f s\n", pause);
            rc = fm_sleep(pause);
            if (rc < 0)
                break;
            pause *= 2;
        }
    }
    return rc;
}
/* [/patient] */

/* [ends] */
/* Who is on the other end, and who on this one. */
static void print_ends(const fm_stream *stream)
{
    char text[FM_ADDRESS_TEXT];
    fm_address end;
    if (fm_stream_peer(stream, &end) == 0)
        fprintf(stderr, "to   %s\n", fm_address_format(&end, text));
    if (fm_stream_local(stream, &end) == 0)
        fprintf(stderr, "from %s\n", fm_address_format(&end, text));
}
/* [/ends] */

/* [options] */
/* For a link where every small packet is dear, and a peer may vanish. */
static const fm_connect_options frugal = {
    .stream = {.nagle = true, .keepalive = true},
};
/* [/options] */

/* Begins to listen after a while, and says hello to the first who comes. */
struct late_server {
    const char *address;
};

static int late_server(struct late_server *args)
{
    fm_listener *listener;
    fm_stream *client;
    int rc = fm_sleep(0.5);
    if (rc < 0)
        return rc;
    rc = fm_listen(args->address, &listener);
    if (rc < 0)
        return rc;
    for (int i = 0; rc == 0 && i < 2; i++) {
        rc = fm_accept(listener, &client);
        if (rc < 0)
            break;
        ssize_t n = fm_write(client, "hello\n", 6);
        int closed = fm_close(client);
        rc = n < 0 ? (int)n : closed;
    }
    fm_listener_close(listener);
    return rc;
}

static int hear(fm_stream *server)
{
    char line[16];
    ssize_t n = fm_read_line(server, line, sizeof line);
    if (n >= 0)
        printf("the server says %s\n", line);
    int closed = fm_close(server);
    return n < 0 ? (int)n : closed;
}

static int call(const char *address)
{
    fm_stream *server;
    int rc = connect_patiently(address, &server);
    if (rc < 0)
        return rc;
    print_ends(server);
    rc = hear(server);
    if (rc == 0)
        rc = fm_connect(address, &server, &frugal);
    return rc < 0 ? rc : hear(server);
}

/* An address that is free: the system chooses one. */
static int choose(char *address)
{
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    return fm_listener_close(listener);
}

static int story(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    (void)arg;
    int rc = choose(address);
    if (rc < 0)
        return rc;
    FM_TASK server = fm_go(late_server, address);
    rc = call(address);
    return rc < 0 ? rc : fm_await(server);
}

int main(void)
{
    int rc = fm_run(story, NULL);
    printf("%s\n", fm_strerror(rc));
    return rc < 0;
}
