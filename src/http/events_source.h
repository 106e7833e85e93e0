/*
 * events_source.h - what a source of events is, and how it asks for them
 */
#ifndef FM_HTTP_EVENTS_SOURCE_H
#define FM_HTTP_EVENTS_SOURCE_H

#include "http/client_record.h"
#include "proto/event_text.h"

#include <fermata/events.h>

enum {
    FM__EVENTS_PIECE = 4096, /* bytes that are read at a time */
    FM__EVENTS_FIELDS = 4    /* of the source's own, with one that ends them */
};

struct fm_event_source {
    fm_http_client *client;
    fm_event_source_options options; /* all said */
    fm_retry retry;
    fm_response *response;       /* the one that events come from; or NULL */
    struct fm__body_terms terms; /* of its body */
    int64_t due;    /* a pause is over; ns as fm_now; 0: there is none */
    int64_t began;  /* the response; ns as fm_now */
    bool brought;   /* by it, a message */
    int64_t silent; /* ns that were waited for the next byte */
    bool waiting;   /* a task, in it */
    bool ended;     /* by a 204 */
    bool passes;    /* the last answer: the server is in trouble itself */
    int error;      /* that is returned from now on; or 0 */
    struct fm__event_reader reader;
    size_t room_most; /* of its text */
    const char *at;   /* of what was read, and not taken yet */
    size_t left;
    char bytes[FM__EVENTS_PIECE];
    size_t own; /* place of the source's own fields, behind the caller's */
    char *url;  /* behind the fields */
    fm_http_field fields[];
};

/* Asks: 1 where events come now; 0 where none ever will; or a failure.
 * Suspends. */
int fm__events_ask(struct fm_event_source *source);

/* What a failure leads to: 0: another attempt, after a pause; or what is
 * returned. A cut comes from the caller, and may be over by its next call.
 * Settles. */
int fm__events_failed(struct fm_event_source *source, int rc);

/* Waits for the rest of the pause: 0, or as fm_sleep. Suspends. */
int fm__events_pause(struct fm_event_source *source);

#endif
