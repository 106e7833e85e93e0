/*
 * events_record.h - events of a server: a stream of them, a text, a feed
 */
#ifndef FM_HTTP_EVENTS_RECORD_H
#define FM_HTTP_EVENTS_RECORD_H

#include "base/list.h"
#include "task/record.h"

#include <fermata/event.h>
#include <fermata/events.h>
#include <fermata/group.h>
#include <fermata/lock.h>
#include <fermata/run.h>

struct fm_events {
    struct fm__list link; /* in the server's list */
    fm_exchange *exchange;
    struct fm__block block; /* of the handler's task: cuts where it is over */
    const char *last_id;    /* the exchange's */
    double alive;           /* seconds; below 0: never */
    int64_t said;           /* when something was sent last; ns */
    uint64_t lost;          /* messages of feeds */
    fm_lock lock;           /* of who writes */
    fm_group keepers;       /* under the root: one, while `keeping` */
    bool keeping;
};

/* A message as it is sent: of all who hold it. */
struct fm__event_text {
    unsigned holders;
    const char *id; /* behind the bytes; NULL: none was said */
    size_t size;
    char bytes[];
};

struct fm_event_feed {
    fm_loop *loop;
    fm_event came; /* is set and cleared at once: who waits looks again */
    uint64_t next; /* number of the next message */
    size_t kept;
    size_t followers;
    bool shut;
    struct fm__event_text *ring[]; /* by number; NULL: there was none so far */
};

/* ---- events.c ------------------------------------------------------------ */

/* The server stops: the handler is cut where it waits. */
void fm__events_leave(struct fm_events *events);

/* Writes, while nobody else does: 0, or as fm_events_send. Suspends. */
int fm__events_write(struct fm_events *events, const char *bytes, size_t size);

/* Nobody has written for so long: a comment, which does no harm. Suspends. */
int fm__events_comment(struct fm_events *events);

/* Seconds until that is due: 0 or less: now. */
double fm__events_patience(const struct fm_events *events);

/* A task of its own says the comments, until it rests: 0 or -ENOMEM. */
int fm__events_keep(struct fm_events *events);
/* Settles. */
void fm__events_rest(struct fm_events *events);

/* ---- events_text.c ------------------------------------------------------- */

/* *out is a text, held by the caller: 0, -EINVAL, -EMSGSIZE or -ENOMEM. */
int fm__event_text_new(const fm_event_message *message,
                       struct fm__event_text **out);
void fm__event_text_put(struct fm__event_text *text);

/* Milliseconds, -1 for 0; below -1: no time until a client comes back. */
int64_t fm__event_retry(double seconds);

#endif
