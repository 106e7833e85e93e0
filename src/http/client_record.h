/*
 * client_record.h - what a client, its connections and its answers are
 */
#ifndef FM_HTTP_CLIENT_RECORD_H
#define FM_HTTP_CLIENT_RECORD_H

#include "base/list.h"
#include "http/body.h"
#include "http/h2.h"
#include "http/incoming.h"
#include "io/stream_record.h"

#include <fermata/event.h>
#include <fermata/group.h>
#include <fermata/http_client.h>
#include <fermata/retry.h>
#include <fermata/semaphore.h>
#include <fermata/task.h>
#include <fermata/url.h>

enum {
    FM__CLIENT_BUCKETS = 256 /* of origins */
};

/* Who is asked for a server; all of it NULL: the server itself. */
struct fm__proxying {
    char *key;        /* "proxy http://user:word@host:port" */
    const char *text; /* in it, as fm_connect reads it */
    fm_url *relay;    /* whom plain HTTP is said to; NULL: it is SOCKS */
};

struct fm_http_client {
    fm_http_client_options options; /* all said */
    struct fm__body_terms terms;    /* of them */
    struct fm__loop *loop;
    fm_group tasks;       /* under the root */
    fm_semaphore permits; /* for requests that have a connection */
    struct fm__list buckets[FM__CLIENT_BUCKETS]; /* of origins */
    struct fm__list kept; /* connections without a request, oldest first */
    size_t open;          /* connections */
    bool sweeping;        /* a task closes those that are kept too long */
    fm_event kept_changed;
    bool closing;
    fm_tls *own_tls;                /* made when it was needed */
    struct fm__proxying proxies[2]; /* for http, and for https */
    char *no_proxy;                 /* the environment's; or NULL */
};

/* A scheme, host and port; it lives while somebody asks or a connection is
 * kept. */
struct fm__origin {
    struct fm__list bucket;
    fm_http_client *client;
    struct fm__list kept; /* connections, the newest first */
    fm_semaphore permits;
    size_t waiting;    /* for one, or for room beside the others of `shared` */
    fm_semaphore room; /* which of them is to look */
    size_t users;      /* who has a permit, or waits for one */
    bool secure;       /* https */
    const struct fm__proxying *proxy; /* or NULL */
    bool relays;   /* the connection is to the proxy, for all servers */
    bool http1;    /* nothing else is spoken */
    bool single;   /* nor is it, as the connection made last has told */
    bool learning; /* a connection is being made that tells which HTTP is */
    fm_event learned;
    struct fm__wire *shared; /* of HTTP/2: others may join it; or NULL */
    const char *key; /* "https://example.org:8080", or the proxy's; as the next
                      * two, behind the record */
    const char *address; /* "example.org:8080" */
    const char *host;    /* without brackets */
};

/* A connection. */
struct fm__wire {
    struct fm__list of_client; /* in client->kept */
    struct fm__list of_origin; /* in origin->kept */
    struct fm__origin *origin;
    fm_stream *stream;
    struct fm__watch watch;   /* while it is kept */
    int64_t since;            /* it is kept; ns */
    unsigned requests;        /* so far */
    bool stale;               /* its server has said something, or ended */
    bool closes;              /* a request has said that it is the last */
    struct fm__h2_client *h2; /* NULL: it speaks HTTP/1.1 */
    unsigned streams;         /* requests that are on it, if it is HTTP/2 */
};

struct fm_upload {
    const fm_http_request *request;
    fm_stream *stream;
    struct fm__h2_stream *h2; /* in its place; or NULL */
    double timeout;           /* seconds for a piece */
    uint64_t left;
    bool in_chunks;
    bool wanted; /* something is left for a task to send */
    bool waits;  /* for `go` */
    bool done;   /* all of it was sent */
    fm_event go;
    fm_event over;
    fm_task *task; /* once it has begun */
    bool runs;
    bool stopped;
    fm_group *cut; /* who waits for the answer; or NULL */
    int error;     /* what it has returned, or 0 */
    bool theirs;   /* the error is the server's, who may have answered */
};

/* One request, over redirects and retries. */
struct fm__fetch {
    fm_http_client *client;
    fm_http_request request;
    fm_url *url;
    const char *method;
    bool bodied;  /* the body is sent */
    bool dropped; /* a redirect has left it behind */
    bool trusted; /* still the origin that the credentials are for */
    unsigned hops;
    unsigned retries;  /* that are left */
    unsigned resumes;  /* the same */
    unsigned refusals; /* by servers that have not looked at it */
    fm_retry pauses;
    enum fm_http_step step; /* that is being done */
    const char *range;      /* for the rest of a body; or NULL */
    const char *if_range;
    const char *upgrade; /* lines that ask for another protocol; or NULL */
};

struct fm_response {
    struct fm__fetch fetch; /* its URL is the one that answers */
    struct fm__wire *wire;  /* NULL: it was given back */
    struct fm__body body;
    struct fm_upload upload;
    int64_t length;   /* of the body; -1: not known */
    int64_t said;     /* the same as it comes, coded */
    bool decodes;     /* what is coded is to be decoded, */
    bool decoded;     /* and is */
    bool stays;       /* the connection may, after the body */
    bool multiplexed; /* it is HTTP/2, and `h2` what there is of it */
    struct fm__h2_stream h2;
    const char *protocol; /* "HTTP/2"; NULL: as its head says */
    unsigned interim;     /* answers, so far */
    int refused;          /* why the answer is none; or 0 */
    struct fm__incoming incoming;
};

/* ---- client.c ------------------------------------------------------------ */

/* Aborts where the client is another loop's. */
void fm__client_check(const fm_http_client *client, const char *caller);

/* ---- pool.c -------------------------------------------------------------- */

/* A connection for a request, kept, shared or new: 0, or why there is none, and
 * the request's step says where. Suspends. */
int fm__pool_get(struct fm__fetch *fetch, struct fm__wire **wire);

/* It is free for another request. */
void fm__pool_put(struct fm__wire *wire);

/* It is not: it is closed in order where that is asked for, or aborted.
 * Settles. */
void fm__pool_drop(struct fm__wire *wire, bool in_order);

/* One of HTTP/2 has ended by itself. */
void fm__pool_lost(struct fm__wire *wire);

/* Closes all that are kept. Settles. */
void fm__pool_close(fm_http_client *client);

/* ---- wire.c -------------------------------------------------------------- */

/* Connects: 0 and a stream, or why not, and *step. Suspends. */
int fm__wire_connect(struct fm__origin *origin, fm_stream **stream,
                     enum fm_http_step *step);

/* ---- h2_client.c --------------------------------------------------------- */

/* The wire speaks HTTP/2 from now on: 0 or -ENOMEM. Suspends. */
int fm__h2_client_open(struct fm__wire *wire);
/* Says so and ends it. Settles. */
void fm__h2_client_close(struct fm__wire *wire);
/* It may have one request more. */
bool fm__h2_client_takes(const struct fm__wire *wire);

/* A request on the response's wire. */
void fm__h2_client_begin(struct fm_response *response);
/* Waits for the head of its answer: 0, or why there is none. Suspends. */
int fm__h2_client_await(struct fm_response *response);
/* The answer that `from` waits for is of `response`, which has none. */
void fm__h2_client_move(struct fm_response *response, struct fm_response *from);
/* Nothing of it is wanted any more. */
void fm__h2_client_end(struct fm_response *response);

/* ---- proxies.c ----------------------------------------------------------- */

/* Of the options and the environment: 0, -EINVAL or -ENOMEM. */
int fm__proxies_init(fm_http_client *client);
void fm__proxies_fini(fm_http_client *client);

/* By whom a URL is asked for; NULL: by nobody else. */
const struct fm__proxying *fm__proxies_find(const fm_http_client *client,
                                            const fm_url *url);

/* ---- outgoing.c ---------------------------------------------------------- */

/* 0, or -EINVAL for a request that is none. */
int fm__outgoing_check(const struct fm__fetch *fetch);

/* The jar of a request; NULL: none. */
fm_cookie_jar *fm__outgoing_jar(const struct fm__fetch *fetch);

/* Writes the head of the request, and its body where that is small: 0; or as
 * fm_write. Suspends. */
int fm__outgoing_write(struct fm_response *response);

/* ---- upload.c ------------------------------------------------------------ */

/* Starts to send what fm__outgoing_write has left: 0 or -ENOMEM. */
int fm__upload_start(struct fm_upload *upload, fm_http_client *client);
/* Cancels it, where it runs, and waits. Settles. */
void fm__upload_stop(struct fm_upload *upload);
/* All of it was sent, or there was none. */
bool fm__upload_is_done(const struct fm_upload *upload);

/* ---- response.c ---------------------------------------------------------- */

/* Waits for the head of the answer: 0, or why there is none. Suspends. */
int fm__response_await(struct fm_response *response);

/* The connection goes back where the body has come, or is closed. Settles. */
void fm__response_release(struct fm_response *response);

/* The same, now: what has not come, or was not sent, is not waited for.
 * Settles. */
void fm__response_part(struct fm_response *response);

/* All that there was of an answer is given back, but its head. Settles. */
void fm__response_leave(struct fm_response *response);

/* ---- fetch.c ------------------------------------------------------------- */

/* What fm_http_fetch does, with the client, the request and the upgrade of
 * `how`. Suspends. */
int fm__fetch(const struct fm__fetch *how, const char *url, fm_response **out);

/* Asks once, without redirects: fills the response, 0 or a failure. Suspends.
 */
int fm__fetch_once(struct fm_response *response);

/* Fills in what a request's failure says, and returns rc. */
int fm__fetch_fail(const struct fm__fetch *fetch, int rc);

/* ---- repeat.c ------------------------------------------------------------ */

/* What may be asked for twice (RFC 9110, 9.2.2). */
bool fm__repeat_is_safe(const struct fm__fetch *fetch);

/* A failure that may pass by itself. */
bool fm__repeat_is_worth(int rc);

/* Asks until there is an answer, or it is not worth it. Suspends. */
int fm__repeat(struct fm_response *response);

/* ---- resume.c ------------------------------------------------------------ */

/* The body has broken off, with *rc: true where another connection goes on with
 * it; else *rc is why not. Suspends. */
bool fm__resume(struct fm_response *response, ssize_t *rc);

#endif
