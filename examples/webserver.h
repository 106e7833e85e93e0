/*
 * webserver.h - the web server of webserver.c, for a program that has more
 */
#ifndef EXAMPLES_WEBSERVER_H
#define EXAMPLES_WEBSERVER_H

#include <fermata.h>

/* What it has done so far. */
struct webserver_figures {
    uint64_t requests;
    uint64_t bytes;  /* of bodies that were sent */
    uint64_t errors; /* answers of 400 and above */
};

/* An async function: fm_go(webserver, .listener = listener, ...) serves until
 * it is cancelled. */
struct webserver {
    fm_listener *listener; /* taken: closed in the end */
    const char *directory; /* whose files are served under / */
    const char *log;       /* lines are appended to it, or NULL */
    int (*routes)(fm_router *router, void *arg); /* adds more, or NULL */
    void *arg;                                   /* for routes */
    struct webserver_figures *figures;           /* kept up to date, or NULL */
};

int webserver(struct webserver *self);

#endif
