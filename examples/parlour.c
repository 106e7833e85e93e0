/*
 * parlour.c - a room in which everybody hears everybody
 *
 *   parlour [ADDRESS]  127.0.0.1:7000; with port 0 the system chooses one
 *
 * Who speaks waits for who listens: nobody misses a line, and the slowest
 * guest sets the pace for all.
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [say] */
struct line {
    char text[600];
};

FM_BROADCAST_OF(parlour, struct line);

static int say(parlour *room, const char *name, const char *words)
{
    struct line line;
    snprintf(line.text, sizeof line.text, "%s: %s\n", name, words);
    return parlour_send(room, line);
}
/* [/say] */

/* [deliver] */
struct deliver {
    fm_stream *client;
    parlour_subscriber *ear;
};

/* Writes what is said, to one guest. */
static int deliver(struct deliver *args)
{
    struct line line;
    int rc = parlour_receive(args->ear, &line);
    while (rc == 0) {
        ssize_t n = fm_write(args->client, line.text, strlen(line.text));
        rc = n < 0 ? (int)n : parlour_receive(args->ear, &line);
    }
    return rc;
}
/* [/deliver] */

/* [visit] */
/* Passes on what one guest says, until it leaves. */
static int listen_to(fm_stream *client, parlour *room, const char *name)
{
    char words[512];
    ssize_t n;
    int rc = say(room, name, "is here");
    while (rc == 0) {
        n = fm_read_line(client, words, sizeof words);
        rc = n < 0 ? (int)n : say(room, name, words);
    }
    return rc == -FM_EEOF ? 0 : rc;
}

static int visit(fm_stream *client, void *room)
{
    parlour_subscriber ear;
    char name[32];
    int rc;
    ssize_t n = fm_read_line(client, name, sizeof name);
    if (n < 0)
        return (int)n;
    parlour_subscribe(room, &ear, NULL);
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, deliver, client, &ear);
        if (rc == 0)
            rc = listen_to(client, room, name);
        fm_group_cancel(g);
    }
    parlour_unsubscribe(&ear);
    return rc;
}
/* [/visit] */

static int open_the_parlour(void *address)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen(address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    parlour *room = parlour_new(10);
    rc = fm_serve(listener, visit, room);
    parlour_free(room);
    return rc;
}

int main(int argc, char **argv)
{
    int rc = fm_run(open_the_parlour, argc > 1 ? argv[1] : "127.0.0.1:7000");
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "parlour: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
