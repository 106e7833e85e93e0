/*
 * forward.c - a port forwarder: whoever connects here talks to somebody else
 *
 *   forward LISTEN UPSTREAM     forward 127.0.0.1:7001 127.0.0.1:7000
 *
 * Bytes go both ways at once. When one side has said all it had to say, the
 * other is told so, and may still answer: half-close is passed on.
 */
#include <fermata.h>
#include <stdio.h>

struct route {
    const char *listen;
    const char *upstream;
};

/* [copy] */
/* One direction, until its end, which is passed on. */
struct copy {
    fm_stream *from;
    fm_stream *to;
};

static int copy(struct copy *args)
{
    const void *bytes;
    ssize_t n;
    while ((n = fm_peek(args->from, 1, &bytes)) > 0) {
        ssize_t rc = fm_write(args->to, bytes, (size_t)n);
        if (rc < 0)
            return (int)rc;
        fm_consume(args->from, (size_t)rc);
    }
    return n < 0 ? (int)n : fm_write_eof(args->to);
}
/* [/copy] */

/* [forward] */
/* The first direction that fails cancels the other. */
static int forward(fm_stream *client, void *arg)
{
    const struct route *route = arg;
    fm_stream *upstream;
    int rc;
    FM_TIMEOUT(5, rc) {
        rc = fm_connect(route->upstream, &upstream);
    }
    if (rc < 0)
        return rc;
    rc =
        fm_gather(fm_go(copy, client, upstream), fm_go(copy, upstream, client));
    if (rc < 0)
        fm_abort(upstream);
    else
        rc = fm_close(upstream);
    return rc;
}
/* [/forward] */

static int serve(void *arg)
{
    struct route *route = arg;
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen(route->listen, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_serve(listener, forward, route);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: forward LISTEN UPSTREAM\n");
        return 2;
    }
    struct route route = {argv[1], argv[2]};
    int rc = fm_run(serve, &route);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "forward: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
