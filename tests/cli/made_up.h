/*
 * made_up.h - pictures of a program that there is not, for fermata top
 *
 * A kitchen: a conductor, who waits for all; a server that accepts, clients
 * that it serves, two who wait for each other's lock, one who runs, one who is
 * ready, one who sleeps, one who has ended.
 */
#ifndef TESTS_MADE_UP_H
#define TESTS_MADE_UP_H

#include "top.h"

enum {
    MADE_CONDUCTOR,
    MADE_SERVER,
    MADE_COOK,
    MADE_WAITER,
    MADE_RUNNER,
    MADE_READY,
    MADE_SLEEPER,
    MADE_ENDED,
    MADE_CLIENTS, /* and those behind it */
};

struct made_up {
    struct top_source source;
    fm_picture pictures[2];
    fm_picture_task *tasks[2];
    fm_picture_loop loops[2][2];
    size_t clients;
    size_t gone;      /* clients that are not there any more, from the first */
    double step;      /* s from one look to the next */
    unsigned looks;   /* so far; each finds more turns */
    const char *file; /* NULL, or: without it the program has ended */
    int fails;        /* what the next looks say instead */
};

/* For looks a second apart. */
void made_up_init(struct made_up *self, size_t clients);
void made_up_fini(struct made_up *self);

#endif
