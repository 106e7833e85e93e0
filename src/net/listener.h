/*
 * listener.h - what a listener is, for those who accept and who serve
 *
 * Invariant: whoever is in fm_accept is in `accepts`, whoever of them waits
 * for a connection also in `waiting`, and whoever waits for a place to serve
 * one is in `places`; descriptors are closed only when `accepts` is empty and
 * no entrance has an operation in flight. Once it is `stopped` nobody joins.
 */
#ifndef FM_NET_LISTENER_H
#define FM_NET_LISTENER_H

#include "net/socket_file.h"
#include "task/operation.h"

#include <fermata/listen.h>

/*
 * One socket that listens. Its operation is in flight as long as somebody
 * waits for a connection, and may end after the last of them has left: what
 * it has accepted then is held for the next.
 */
struct fm__entrance {
    struct fm__op accepting;
    fm_listener *listener;
    int fd;
    int held; /* a connection, or -1 */
    fm_address address;
    struct fm__socket_file file; /* of a local one */
};

struct fm_listener {
    struct fm__loop *loop;
    bool stopped;
    bool served;               /* fm_serve has it, and will free it */
    bool told;                 /* that it is starved: said once */
    bool left;                 /* its loop ends: the last operation frees it */
    struct fm__list accepts;   /* struct fm__accept */
    struct fm__list waiting;   /* struct fm__queued, of these */
    struct fm__list places;    /* struct fm__queued, of fm_serve */
    struct fm__waiter *closer; /* waits for all to be quiet */
    struct fm__guest guest;
    fm_stream_options options;
    unsigned turn; /* the entrance that is asked first */
    unsigned count;
    struct fm__entrance entrances[];
};

/* A task in fm_accept: waits for a connection, or pauses for want of a
 * descriptor. */
struct fm__accept {
    struct fm__list link;
    bool pausing;
    struct fm__waiter waiter; /* while it pauses, these three */
    struct fm__timer timer;
    struct fm__hungry hungry;
};

/* Room for so many entrances, none of them opened; or NULL. */
fm_listener *fm__listener_new(struct fm__loop *loop, unsigned limit,
                              const fm_stream_options *options);
/* Takes a descriptor that listens, and its address: an entrance. */
struct fm__entrance *fm__listener_add(fm_listener *listener, int fd,
                                      const fm_address *address);
/* It is complete: it ends with its loop, if not before. */
void fm__listener_begin(fm_listener *listener);
/* Closes its entrances and frees it; nothing is in flight. */
void fm__listener_free(fm_listener *listener);

/* Aborts with a sentence where the listener is another loop's. */
void fm__listener_check(const fm_listener *listener, const char *caller);

/* Everybody who waits at it leaves with -ESHUTDOWN. */
void fm__listener_stop(fm_listener *listener);
/* Stops it, waits until everybody has left, and closes the descriptors. */
void fm__listener_shut(fm_listener *listener);

/* Waits for a connection: its descriptor, -errno, why it was cut, or
 * -ESHUTDOWN. */
int fm__entrances_take(fm_listener *listener);
/* No operation is asked for any more; those in flight are to stop. */
void fm__entrances_stop(fm_listener *listener);
/* Nobody is in fm_accept, and nothing in flight. */
bool fm__entrances_quiet(const fm_listener *listener);
void fm__entrances_close(fm_listener *listener);
/* Whoever closes the listener goes on, if all is quiet. */
void fm__entrances_wake_closer(fm_listener *listener);

/* That connections have to wait, and why; once for each listener. */
void fm__accept_report(fm_listener *listener, int rc);

/* Ends the pause, if it is one. */
void fm__accept_resume(struct fm__accept *self);

#endif
