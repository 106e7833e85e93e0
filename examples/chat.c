/*
 * chat.c - a room: whoever connects says a name, then speaks in lines
 *
 *   chat [ADDRESS]     127.0.0.1:7000; with port 0 the system chooses one
 *
 * Each guest has a queue of lines to be told. Who speaks never waits for who
 * listens: those who are too slow miss lines. SIGINT and SIGTERM close the
 * room, and everybody hears "bye".
 */
#include <fermata.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [guest] */
struct guest {
    fm_stream *client;
    fm_queue *lines; /* char *, each on the heap */
    char name[32];
    struct guest *next;
};

struct room {
    struct guest *guests;
};
/* [/guest] */

/* [tell] */
/* A copy for everybody, but for those whose queue is full. */
static void tell_all(struct room *room, const char *name, const char *words)
{
    size_t size = strlen(name) + strlen(words) + sizeof ": \n";
    for (struct guest *to = room->guests; to != NULL; to = to->next) {
        char *line = malloc(size);
        if (line == NULL)
            return;
        snprintf(line, size, "%s: %s\n", name, words);
        if (fm_queue_put_try(to->lines, line) < 0)
            free(line);
    }
}
/* [/tell] */

/* [deliver] */
struct deliver {
    struct guest *guest;
};

static int deliver(struct deliver *args)
{
    struct guest *guest = args->guest;
    void *line;
    int rc = fm_queue_get(guest->lines, &line);
    while (rc == 0) {
        ssize_t n = fm_write(guest->client, line, strlen(line));
        free(line);
        rc = n < 0 ? (int)n : fm_queue_get(guest->lines, &line);
    }
    return rc;
}
/* [/deliver] */

/* [listen] */
/* Passes on what the guest says, until it leaves. */
static int listen_to(struct room *room, struct guest *guest)
{
    char words[512];
    ssize_t n;
    while ((n = fm_read_line(guest->client, words, sizeof words)) >= 0)
        tell_all(room, guest->name, words);
    return n == -FM_EEOF ? 0 : (int)n;
}
/* [/listen] */

static void enter(struct room *room, struct guest *guest)
{
    guest->next = room->guests;
    room->guests = guest;
    tell_all(room, guest->name, "is here");
}

static void leave(struct room *room, struct guest *guest)
{
    struct guest **at = &room->guests;
    while (*at != guest)
        at = &(*at)->next;
    *at = guest->next;
    fm_queue_free(guest->lines);
    tell_all(room, guest->name, "has left");
}

/* [stay] */
/* Two tasks for each guest, this one listens. The end of either ends both. */
static int stay(struct room *room, struct guest *guest)
{
    const fm_queue_options owning = {.drop = free};
    int rc;
    guest->lines = fm_queue_new(100, &owning);
    enter(room, guest);
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, deliver, guest);
        if (rc == 0)
            rc = listen_to(room, guest);
        fm_group_cancel(g);
    }
    leave(room, guest);
    return rc;
}
/* [/stay] */

/* [visit] */
/* Whoever is cancelled has a second to take leave. */
static int visit(fm_stream *client, void *room)
{
    struct guest guest = {.client = client};
    ssize_t n = fm_read_line(client, guest.name, sizeof guest.name);
    int rc = n < 0 ? (int)n : stay(room, &guest);
    if (rc == -ECANCELED) {
        FM_SHIELD(1) {
            if (fm_write(client, "bye\n", 4) == 4)
                fm_flush(client);
        }
    }
    return rc;
}
/* [/visit] */

/* [close] */
static int close_at_a_signal(void *listener)
{
    int got = fm_signal_wait(SIGINT, SIGTERM);
    if (got < 0)
        return got;
    fm_serve_stop(listener);
    return 0;
}

/* Without grace the visits are cancelled at once, and say so to the guests. */
static int serve(fm_listener *listener)
{
    const fm_serve_options options = {.grace = -1};
    struct room room = {NULL};
    FM_TASK closing = fm_start(close_at_a_signal, listener);
    return fm_serve(listener, visit, &room, &options);
}
/* [/close] */

static int chat(void *address)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen(address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return serve(listener);
}

int main(int argc, char **argv)
{
    int rc = fm_run(chat, argc > 1 ? argv[1] : "127.0.0.1:7000");
    if (rc < 0)
        fprintf(stderr, "chat: %s\n", fm_strerror(rc));
    return rc < 0;
}
