/*
 * given.h - what the examples in the documents take for granted
 *
 * A line of the guide that waits for `jobs` does not say where they come from.
 * Each name has one type here, for all documents. Nothing of it is linked.
 */
#ifndef FERMATA_GIVEN_H
#define FERMATA_GIVEN_H

#include <errno.h>
#include <fermata.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers, text and places. */
extern int rc, i, count, fd, log_fd, eggs;
extern size_t size;
extern int64_t start;
extern char buf[4096], line[1000];
extern const char *text, *url, *page, *urls[10];
extern char address[100];
extern const void *key;
extern void *me, *message, *item, *job, *value, *news, *store, *table;

/* Objects. */
extern fm_task *child, *tasks[10], *a, *b;
extern fm_queue *queue, *jobs;
extern fm_channel *inbox;
extern fm_lock lock;
extern fm_event stop;
extern fm_loop *loop;
extern fm_stream *server, *client, *stream, *peer;
extern fm_connect_options frugal;
extern fm_listener *listener;
extern fm_udp *udp;
extern fm_file *file;
extern fm_tls *tls;
extern fm_http_client *http;
extern fm_response *response;
extern fm_exchange *exchange;
extern fm_router *router;
extern fm_http_directory files;
extern fm_url *there;

/* Tasks with their arguments. */
extern int numbers[4];
struct add {
    const int *numbers;
    int count;
    int *sum;
};
extern int add(struct add *self);

struct cook {
    const char *dish;
    double seconds;
};
extern int cook(struct cook *order);

struct fetch {
    const char *url;
};
extern int fetch(struct fetch *self);

struct f {
    int number;
};
extern int f(struct f *self);

struct lines_of {
    fm_file *file;
};
extern int lines_of(struct lines_of *self);

/* Other functions and types of a program. */
struct point {
    int x, y;
};
extern struct point point;

struct headline {
    char text[80];
};
extern struct headline headline;

struct image {
    int width;
};
extern struct image image;

extern struct config {
    const char *address;
} config;

extern int kitchen(void *), serve(void *), watch(void *);
extern int halve(struct image *);
extern int front(fm_exchange *, void *), user(fm_exchange *, void *);
extern int greet(fm_exchange *, void *), handler(fm_exchange *, void *);
extern int work(void), reload(void), say_that_nothing_came(void);
extern bool more(void);
extern void readable(void *, int), sample(int);
extern int say_goodbye(void), send_goodbye(fm_stream *);
extern int load(const char *), handle(const char *), take(const char *);
extern int talk(fm_stream *), read_change_write(fm_file *);
extern int look_up(void *, const void *), rebuild(void *);
extern void send_request(fm_stream *, fm_future *);
extern void start_listening(fm_remote *);
extern void log_line(const char *, const char *);

/* libpq, as far as the guide speaks of it. */
extern struct pg_conn *connection;
extern int PQsocket(struct pg_conn *), PQisBusy(struct pg_conn *);
extern int PQconsumeInput(struct pg_conn *);

#endif
