/*
 * known_tree.c - a program whose tasks the tests of ps and pstree know
 *
 * Two philosophers who wait for each other's lock, one that sleeps for long,
 * a server with one client, a getter of an empty queue and a thousand that are
 * alike. Says "ready PORT" when all of them wait, and goes on until a line or
 * an end of the input.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define CROWD 1000
#define EVER 100000.0 /* s */

static fm_barrier table_laid;

/* How many of these are about to wait, and for nothing else any more. */
static unsigned arrived;
static fm_event all_arrived;

enum {
    ARRIVALS = CROWD + 6
};

static void arrive(void)
{
    if (++arrived == ARRIVALS)
        fm_event_set(&all_arrived);
}

struct philosopher {
    fm_lock *left, *right;
};

static int philosopher(struct philosopher *self)
{
    int rc;
    FM_LOCKED(self->left, rc) {
        rc = fm_barrier_wait(&table_laid);
        if (rc < 0)
            break;
        arrive();
        rc = fm_lock_acquire(self->right);
        if (rc == 0)
            fm_lock_release(self->right);
    }
    return rc;
}

static int sleeper(void)
{
    arrive();
    return fm_sleep(EVER);
}

static int guest(fm_stream *stream, void *arg)
{
    char byte;
    (void)arg;
    arrive();
    return (int)fm_read(stream, &byte, 1);
}

struct server {
    fm_listener *listener;
};

static int server(struct server *self)
{
    return fm_serve(self->listener, guest, NULL);
}

struct client {
    const fm_address *address;
};

static int client(struct client *self)
{
    char text[FM_ADDRESS_TEXT], byte;
    fm_stream *stream;
    int rc = fm_connect(fm_address_format(self->address, text), &stream);
    if (rc < 0)
        return rc;
    arrive();
    rc = (int)fm_read(stream, &byte, 1);
    fm_close(stream);
    return rc;
}

struct getter {
    fm_queue *queue;
};

static int getter(struct getter *self)
{
    void *item;
    int rc;
    arrive();
    FM_TIMEOUT(EVER, rc) {
        rc = fm_queue_get(self->queue, &item);
    }
    return rc;
}

static int crowd(void)
{
    int rc;
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < CROWD; i++)
            rc = fm_group_go(group, sleeper);
    }
    return rc;
}

static int ready(struct server *self)
{
    char text[FM_ADDRESS_TEXT], line[80];
    fm_stream *input;
    int rc = fm_event_wait(&all_arrived);
    if (rc < 0)
        return rc;
    const char *address =
        fm_address_format(fm_listener_address(self->listener), text);
    printf("ready %s\n", strrchr(address, ':') + 1);
    fflush(stdout);
    rc = fm_stdin(&input);
    if (rc < 0)
        return rc;
    rc = (int)fm_read(input, line, sizeof line);
    fm_close(input);
    return rc;
}

static int known_tree(void *arg)
{
    static fm_lock fork, spoon;
    struct server serving = {NULL};
    (void)arg;
    fm_queue *queue = fm_queue_new(16);
    int rc = fm_listen("127.0.0.1:0", &serving.listener);
    if (rc < 0 || queue == NULL)
        return rc < 0 ? rc : -1;
    fm_barrier_init(&table_laid, 2);
    const fm_address *address = fm_listener_address(serving.listener);
    fm_task *tasks[] = {
        fm_go(philosopher, &fork, &spoon),
        fm_go(philosopher, &spoon, &fork),
        fm_go(sleeper),
        fm_go(server, serving.listener),
        fm_go(client, address),
        fm_go(getter, queue),
        fm_go(crowd),
    };
    rc = ready(&serving);
    /* The client first: the server would wait for its guest. */
    for (size_t i = sizeof tasks / sizeof tasks[0]; i-- > 0;)
        (void)fm_stop(tasks[i]);
    fm_queue_free(queue);
    return rc;
}

/* A sibling may look where only an ancestor could. */
int main(void)
{
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    return fm_run(known_tree, NULL) < 0;
}
