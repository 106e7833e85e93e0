/*
 * activated.c - a server whose sockets a service manager has opened
 *
 *   systemd-socket-activate -l 127.0.0.1:7000 ./activated
 *
 * Started by hand it listens itself.
 */
#include <fermata.h>
#include <stdio.h>

#define SOCKETS 8

/* Answers each line with its name. */
static int greet(fm_stream *client, void *name)
{
    char line[64], answer[300];
    ssize_t n = 1;
    while (n > 0 && (n = fm_read_line(client, line, sizeof line)) >= 0) {
        int size =
            snprintf(answer, sizeof answer, "%s from %s\n", line, (char *)name);
        n = fm_write(client, answer, (size_t)size);
    }
    return n == -FM_EEOF ? 0 : (int)n;
}

struct serve {
    fm_handed *handed;
};

static int serve(struct serve *args)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener = args->handed->listener;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_serve(listener, greet, args->handed->name);
}

/* [handed] */
/* What was handed over; without a manager a socket of one's own. */
static int open_sockets(fm_handed *handed)
{
    int count = fm_listen_handed(handed, SOCKETS);
    if (count != 0)
        return count;
    snprintf(handed->name, sizeof handed->name, "myself");
    int rc = fm_listen("*:7000", &handed->listener);
    return rc < 0 ? rc : 1;
}

static int serve_all(void *arg)
{
    fm_handed handed[SOCKETS];
    (void)arg;
    int count = open_sockets(handed), rc = 0, next = 0;
    FM_GROUP(servers, rc) {
        while (rc == 0 && next < count)
            rc = fm_group_go(servers, serve, &handed[next++]);
    }
    return count < 0 ? count : rc;
}
/* [/handed] */

int main(void)
{
    int rc = fm_run(serve_all, NULL);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "activated: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
