/*
 * events.h - server-sent events (the HTML standard, 9.2), both ways
 *
 *     static int news(fm_exchange *exchange, void *feed)
 *     {
 *         fm_events *events;
 *         int rc = fm_events_open(exchange, &events);
 *         if (rc < 0)
 *             return rc;
 *         fm_events_follow(events, feed);
 *         return fm_events_close(events);
 *     }
 *
 * And elsewhere, for all who follow: fm_event_feed_send(feed, &message). In
 * libfermata-http.
 */
#ifndef FERMATA_EVENTS_H
#define FERMATA_EVENTS_H

#include <fermata/api.h>
#include <fermata/exchange.h>
#include <fermata/http_client.h>

#define FM_EVENT_LIMIT (1024 * 1024) /* bytes of a message's data */
#define FM_EVENT_TYPE_LIMIT 255      /* of its type, */
#define FM_EVENT_ID_LIMIT 1023       /* of its id */
#define FM_EVENTS_ALIVE 15           /* seconds without a word */
#define FM_EVENT_FEED_KEPT 64        /* messages */
#define FM_EVENT_RETRY 3             /* seconds, as browsers do */
#define FM_EVENT_RETRY_LEAST 0.5     /* whatever the server says, */
#define FM_EVENT_RETRY_MOST 60       /* and however often it fails */
#define FM_EVENT_SILENCE 60          /* seconds */

/* Events that go to one client: of the handler that has opened it. */
typedef struct fm_events fm_events;

/* Messages for any number of clients, and the last of them once more for those
 * who come back; of its loop. One that is NULL, because there was no memory,
 * may be used all the same. */
typedef struct fm_event_feed fm_event_feed;

/* Events that come from a server; of whoever opens it. */
typedef struct fm_event_source fm_event_source;

/*
 * A message; zero says nothing.
 *
 *   type   what the page listens to; NULL or "": "message"
 *   id     where to go on, for who comes back: its Last-Event-ID; "" forgets
 *          the last one; NULL: says nothing of it. Of one that has come: the
 *          last that was said, or ""
 *   data   UTF-8. What ends a line there, an LF, a CR or both, arrives as an
 *          LF. NULL: there is no event, only an id or a retry
 *   size   bytes of data; 0: up to its NUL
 *   retry  seconds until a client comes back; 0: says nothing of it
 *
 * Of one that has come all is the source's until the next call, and data has a
 * NUL behind it; whether it is UTF-8 is not looked at.
 */
typedef struct fm_event_message {
    const char *type;
    const char *id;
    const char *data;
    size_t size;
    double retry;
} fm_event_message;

/*
 * Options of a server; zero is the default, named above.
 *
 *   alive  seconds without a word, after which a comment is sent, so that
 *          nobody in between takes the connection for dead and a client that is
 *          gone is noticed; below 0: none
 *   retry  seconds until a client comes back, said first; 0: says nothing
 */
typedef struct fm_events_options {
    double alive;
    double retry;
} fm_events_options;

/*
 * Options of a client; zero is the default, named above. They are borrowed
 * until the source is closed.
 *
 *   fields       of its requests, as in fm_http_request
 *   last_id      where to go on; NULL: nowhere
 *   retry        seconds until it comes back, until the server says something
 *                else, and
 *   retry_least  at least, whatever the server says. Each failure in a row
 *                doubles them, as fm_retry does, and chance adds up to as many
 *                again, but never more than
 *   retry_most   seconds
 *   attempts     that may fail in a row; 0: any number. One that has brought a
 *                message, or has lasted for .retry_most, has not failed
 *   silence      seconds without a byte, after which the server is asked anew;
 *                below 0: never
 *   limit        bytes of a message's data, and of a line; 0: FM_EVENT_LIMIT
 *   failure      of the last attempt, filled in; or NULL
 */
typedef struct fm_event_source_options {
    const fm_http_field *fields;
    const char *last_id;
    double retry;
    double retry_least;
    double retry_most;
    unsigned attempts;
    double silence;
    size_t limit;
    fm_http_failure *failure;
} fm_event_source_options;

/*
 *     FM_SUSPENDS int fm_events_open(fm_exchange *exchange,
 *                                    fm_events **events, ...);
 *
 * Replies 200 with text/event-stream that nobody stores, in no content coding,
 * and lets events follow. From then on the calls of the handler are cut, with
 * -ECANCELED, also when the server stops, and when a client takes nothing;
 * until fm_events_close, before which every block opened since has to end. To a
 * HEAD nothing follows: they are cut at once. An optional third argument is a
 * `const fm_events_options *`.
 *
 * Returns 0, and *events is the caller's, to be ended by fm_events_close
 * before the handler returns; -EINVAL for a time that is not a number, or a
 * retry below 0 or above a day; -ENOMEM; or as fm_reply_begin.
 */
#define fm_events_open(...) FM__EVENTS_OPEN(__VA_ARGS__, NULL, )

/*
 *     int fm_event_source_open(fm_http_client *client, const char *url,
 *                              fm_event_source **source, ...);
 *
 * Makes a source of a URL, which is copied. Nothing is asked before
 * fm_event_source_next. While it is open it counts as one of the client's
 * connections. An optional fourth argument is a
 * `const fm_event_source_options *`.
 *
 * Returns 0, and *source is the caller's; -EINVAL for a URL that is none, a
 * time that is not a number, a retry below 0, or a last_id that no field can
 * have; -ENOMEM.
 */
#define fm_event_source_open(...) FM__EVENT_SOURCE_OPEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The server ---------------------------------------------------------- */

/* Returns where the client says that it was, or "". It is the exchange's. */
FM_API const char *fm_events_last_id(const fm_events *events);

/*
 * Sends a message, which is borrowed. Any task of the loop may, one waits for
 * the other; a client that takes nothing holds it for the .write_timeout of the
 * server.
 *
 * Returns 0; -EINVAL for what cannot be said: a line end in the type or the id,
 * a NUL in the id, what is no UTF-8, nothing at all, or a retry below 0 or
 * above a day; -EMSGSIZE above a limit; -ESHUTDOWN when the server stops, where
 * that does not cut the caller; -ENOMEM; or as fm_reply_write: then, and a cut
 * may come in the middle, nothing more can be sent, and the client comes back.
 */
FM_API FM_SUSPENDS int fm_events_send(fm_events *events,
                                      const fm_event_message *message);

/*
 * Sends what comes to the feed from now on, for as long as it is let. First
 * what came there behind the Last-Event-ID of the client, as far as it is kept;
 * all that is kept, where the feed does not know that. What a client is too
 * slow for, and is not kept any more, it does not get: fm_events_lost. Aborts
 * with a sentence for a feed of another loop.
 *
 * Returns 0 when the feed is shut down and the client has all of it; or as
 * fm_events_send.
 */
FM_API FM_SUSPENDS int fm_events_follow(fm_events *events, fm_event_feed *feed);

/* Returns how many messages of feeds it has not got, because it was too slow.
 */
FM_API uint64_t fm_events_lost(const fm_events *events);

/*
 * Ends it; NULL is nothing. No other task may be sending. The connection may
 * be used for another request; the client comes back, unless it is answered
 * then with a 204. Waits for a comment that is being sent, which is cut.
 *
 * Returns 0.
 */
FM_API FM_SETTLES int fm_events_close(fm_events *events);

/* ---- The feed ------------------------------------------------------------ */

/* Returns a feed that keeps so many of the last messages, 0:
 * FM_EVENT_FEED_KEPT; to be ended by fm_event_feed_free. NULL without memory.
 * Aborts with a sentence on a thread that runs no loop. */
FM_API FM_MUST_USE fm_event_feed *fm_event_feed_new(size_t kept);

/* Ends it. Aborts with a sentence while somebody follows. NULL is nothing. */
FM_API void fm_event_feed_free(fm_event_feed *feed);

/*
 * Sends a message, which is borrowed, to all who follow. It is made into a text
 * once, which all of them share. Never waits: who is slow has fm_events_lost.
 * May be called wherever the loop calls back.
 *
 * Returns 0; -EINVAL and -EMSGSIZE as fm_events_send; -ESHUTDOWN after
 * fm_event_feed_shutdown; -ENOMEM, also for NULL.
 */
FM_API int fm_event_feed_send(fm_event_feed *feed,
                              const fm_event_message *message);

/* Nothing more comes: who follows gets what is left and returns. NULL is
 * nothing. */
FM_API void fm_event_feed_shutdown(fm_event_feed *feed);

/* Returns how many follow it; 0 for NULL. */
FM_API size_t fm_event_feed_followers(const fm_event_feed *feed);

/* ---- The client ---------------------------------------------------------- */

/*
 * Waits for the next message. Asks the server, and asks it again, after a
 * pause, behind the last id that has come: when the connection ends, when it
 * fails in a way that may pass, when the server says nothing for too long, and
 * after a 5xx. A cut loses no message and no part of a pause, but takes back a
 * request without an answer, which the next call sends again, at once. Aborts
 * with a sentence while another task waits.
 *
 * Returns 1; 0 after a 204: the server wants nobody to come back;
 * -FM_ENOEVENTS for another status, or another type than text/event-stream;
 * -FM_EEVENTSIZE for what is larger than a limit; -ENOMEM; what else
 * fm_http_fetch and fm_response_read return and does not pass by itself, or
 * has failed for .attempts times. After an end or a failure it is returned
 * again, but for a cut and -ENOMEM.
 */
FM_API FM_SUSPENDS int fm_event_source_next(fm_event_source *source,
                                            fm_event_message *message);

/* Returns the last id that has come, or "". It is the source's, until its next
 * call. */
FM_API const char *fm_event_source_last_id(const fm_event_source *source);

/* Ends it; NULL is nothing. Aborts with a sentence while another task waits. */
FM_API FM_SETTLES void fm_event_source_close(fm_event_source *source);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__events_open(fm_exchange *exchange,
                                       fm_events **events,
                                       const fm_events_options *options);
FM_API int fm__event_source_open(fm_http_client *client, const char *url,
                                 fm_event_source **source,
                                 const fm_event_source_options *options);

#ifdef __cplusplus
}
#endif

#define FM__EVENTS_OPEN(exchange, events, ...)                                 \
    fm__events_open((exchange), (events),                                      \
                    FM__OPTIONS(fm_events_options, __VA_ARGS__))
#define FM__EVENT_SOURCE_OPEN(client, url, source, ...)                        \
    fm__event_source_open((client), (url), (source),                           \
                          FM__OPTIONS(fm_event_source_options, __VA_ARGS__))

#endif
