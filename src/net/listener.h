/*
 * listener.h - what a listener is, for those who accept and who serve
 *
 * Invariant: whoever waits for a connection is in `accepts`, and whoever
 * waits for a place to serve one is in `places`; the descriptor is closed
 * only when `accepts` is empty. Once it is `stopped` nobody joins either.
 */
#ifndef FM_NET_LISTENER_H
#define FM_NET_LISTENER_H

#include "net/socket_file.h"
#include "task/operation.h"

#include <fermata/listen.h>

struct fm_listener {
    struct fm__loop *loop;
    int fd; /* -1: closed */
    bool stopped;
    bool served;               /* fm_serve has it, and will free it */
    bool told;                 /* that it is starved: said once */
    struct fm__list accepts;   /* struct fm__accept */
    struct fm__list places;    /* struct fm__queued, of fm_serve */
    struct fm__waiter *closer; /* waits for `accepts` to be empty */
    struct fm__guest guest;
    fm_stream_options options;
    fm_address address;
    struct fm__socket_file file;
};

/* A task in fm_accept: waits for a connection, or pauses for want of a
 * descriptor. */
struct fm__accept {
    struct fm__list link;
    struct fm__operation operation;
    bool pausing;
    struct fm__waiter waiter; /* while it pauses, these three */
    struct fm__timer timer;
    struct fm__hungry hungry;
};

/* Aborts with a sentence where the listener is another loop's. */
void fm__listener_check(const fm_listener *listener, const char *caller);

/* Everybody who waits at it leaves with -ESHUTDOWN. */
void fm__listener_stop(fm_listener *listener);
/* Stops it, waits until everybody has left, and closes the descriptor. */
void fm__listener_shut(fm_listener *listener);

/* That connections have to wait, and why; once for each listener. */
void fm__accept_report(fm_listener *listener, int rc);

/* Ends the pause, if it is one. */
void fm__accept_resume(struct fm__accept *self);

#endif
