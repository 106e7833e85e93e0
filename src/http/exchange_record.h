/*
 * exchange_record.h - what an exchange is, and the server it belongs to
 *
 * Exchanges are kept for the next connection that needs one, so that a
 * connection which waits has none and a request takes no new memory.
 */
#ifndef FM_HTTP_EXCHANGE_RECORD_H
#define FM_HTTP_EXCHANGE_RECORD_H

#include "base/list.h"
#include "http/body.h"
#include "http/h2.h"
#include "http/incoming.h"
#include "http/route_tree.h"
#include "proto/codings.h"
#include "proto/http_date.h"

#include <fermata/cookie.h>
#include <fermata/file.h>
#include <fermata/http_serve.h>
#include <fermata/task.h>

enum {
    FM__HTTP_KEPT = 64,       /* exchanges that are kept for later */
    FM__HTTP_DRAINED = 65536, /* bytes of a body that nobody has read */
    FM__HTTP_UNSENT = 131072, /* that the system holds back for a client */
    FM__HTTP_LINGER = 262144, /* bytes that come behind a refusal */
    FM__HTTP_LINGER_SECONDS = 2,
    FM__HTTP_STOP_SECONDS = 1, /* for who has not asked when a server stops */
    FM__HTTP_GONE =
        100000000,      /* ns for a handler that runs as its client goes */
    FM__HTTP_LINE = 112 /* bytes of a status line and a date */
};

/* One fm_http_serve, or fm_http_serve_stream. */
struct fm__http {
    fm_http_handler handler;
    void *arg;
    fm_http_serve_options options; /* all said */
    struct fm__body_terms terms;   /* of them */
    struct fm__list kept;          /* exchanges */
    unsigned kept_count;
    struct fm__list idle;    /* connections that wait for a request */
    struct fm__list sockets; /* WebSockets that are open */
    struct fm__list many;    /* connections of HTTP/2 */
    unsigned fresh;          /* requests of those whose tasks are to begin */
    struct fm__list events;  /* streams of events */
    bool stopping;
    unsigned coders; /* of replies that are coded */
    struct fm__reply_coder
        *spare[FM__CODINGS]; /* for the next reply; or NULL */
    /* What the last reply began with. */
    int64_t line_second;
    int line_status;
    size_t line_size;
    char line[FM__HTTP_LINE];
};

enum fm__reply_state {
    FM__REPLY_NONE,
    FM__REPLY_BODY, /* its head was written, its body comes */
    FM__REPLY_DONE,
    FM__REPLY_BROKEN /* nothing more can be written */
};

struct fm_exchange {
    struct fm__list link; /* in http->kept */
    struct fm__http *http;
    fm_stream *stream;
    int refused;      /* why its head is none; or 0 */
    bool multiplexed; /* it is HTTP/2, and `h2` its own part of `stream` */
    struct fm__h2_stream h2;
    const fm_address *peer; /* of the connection; NULL: none is known */
    int64_t began;          /* ns, as fm_now */

    /* Memory, which stays for the next request. */
    char *path; /* the segments, decoded */
    size_t path_room;
    char *fields; /* of the reply */
    size_t fields_room;

    /* What is cleared begins here, and goes on to the match's segments. */
    size_t fields_size;
    enum fm__reply_state state;
    int status;
    bool typed;    /* a Content-Type is among the fields */
    bool bodiless; /* no body is sent, whatever is said of one */
    bool in_chunks;
    bool as_is;                    /* no coding may be chosen for it */
    struct fm__reply_coder *coder; /* that its body goes through; or NULL */
    size_t fields_said;  /* bytes of fields before a coding was chosen */
    size_t weakened;     /* where a tag became a weak one; or 0 */
    bool last;           /* the connection ends with this reply */
    bool lingers;        /* and the client may still be sending */
    bool asked;          /* for the body: 100 was sent, or is not wanted */
    int64_t reply_left;  /* of a size that was said; -1 */
    uint64_t reply_size; /* bytes of the body so far */
    char *query_end;     /* of the pairs, decoded; NULL: not yet */
    char *cookies;       /* taken apart; NULL: not yet */
    const char *cookies_end;
    struct fm__body body;
    struct json_t *json;      /* what the body says; or NULL */
    char *why;                /* in words, what the client did wrong; or NULL */
    int blamed;               /* for that: a code, or 0 */
    int reply_error;          /* of the client, which takes too long; or 0 */
    int gone;                 /* why the handler was cut; or 0 */
    bool over;                /* it was cut, for the server stops */
    struct fm_events *events; /* that are open; or NULL */
    const struct fm__route_around *around; /* what fm_route_next calls */
    struct fm__route_match match;

    struct fm__incoming incoming; /* the head; its fields last */
};

/* An exchange for a head that is about to be read; NULL without memory. */
struct fm_exchange *fm__exchange_get(struct fm__http *http, fm_stream *stream);
void fm__exchange_put(struct fm_exchange *exchange);
/* Frees those that are kept. */
void fm__exchanges_free(struct fm__http *http);

/* A request whose head has come, or rc says why it is none: its handler, its
 * reply, and the log. What fm__http_serve's connection is to do then, or a
 * failure. Suspends. */
int fm__http_answer(struct fm_exchange *exchange, int rc);

/* Reads what still comes, for a while. Suspends. */
void fm__http_linger(fm_stream *stream);

/* ---- h2_serve.c ---------------------------------------------------------- */

/* A connection that speaks HTTP/2, until it ends; of a peer that is known, or
 * NULL. Suspends. */
int fm__h2_serve(struct fm__http *http, fm_stream *stream,
                 const fm_address *peer);

/* The server stops. */
struct fm__h2_server;
void fm__h2_stop(struct fm__list *many);

/* Above 0: what comes is HTTP/2, by what TLS has agreed on or by its first
 * bytes, some of which are there; 0: it is not; or why nothing comes.
 * Suspends. */
int fm__h2_is_spoken(fm_stream *stream, double seconds);

/* ---- exchange.c, reply.c ------------------------------------------------- */

/* The part of the target that is a path, as it was sent; empty where it has
 * none. That of a whole URL is "/" then (RFC 9112, 3.2.2). */
struct fm__slice fm__exchange_path(const struct fm_exchange *exchange);
/* The body comes next. */
void fm__exchange_begin(struct fm_exchange *exchange);
/* It is decoded as it comes, where that is wanted: 0, -FM_ECODEDKIND or
 * -ENOMEM. */
int fm__exchange_decode(struct fm_exchange *exchange);

/* Reads what the handler has left of the body. False where that is too much,
 * or goes wrong: the connection cannot go on. */
bool fm__exchange_drain(struct fm_exchange *exchange);

/* Sends a part of a file, as a piece of the body of a reply whose size was said
 * and has not come to its end. 0; -FM_EHTTPSHORT where the file ends before; or
 * as fm_sendfile. */
int fm__reply_send_file(struct fm_exchange *exchange, fm_file *file, int64_t at,
                        int64_t size);

/* So many bytes of fields more: 0, -EMSGSIZE or -ENOMEM. */
int fm__reply_grow(struct fm_exchange *exchange, size_t size,
                   struct fm__pen *pen);

/* The codings that the client takes. */
struct fm__codings fm__exchange_codings(const struct fm_exchange *exchange);

/* A field of the reply, whatever it is: 0 or -ENOMEM, or as fm_reply_set. */
int fm__reply_add(struct fm_exchange *exchange, struct fm__slice name,
                  struct fm__slice value);

/* Sends what the client has to take in its time, or the reply is broken: 0, or
 * as fm_write_vector. */
int fm__reply_send(struct fm_exchange *exchange, const struct iovec *parts,
                   size_t count);

/* Sends a piece of the body, as it is: 0, or as fm__reply_send. */
int fm__reply_send_rest(struct fm_exchange *exchange, const void *body,
                        size_t size);
/* The head, and the first piece of a body whose size is said, or -1. Refused,
 * it has not begun. */
int fm__reply_send_head(struct fm_exchange *exchange, int64_t said,
                        const void *body, size_t size);

/* ---- reply_coding.c: the content coding of a reply ----------------------- */

/* Chooses one, where that is wanted, and says so among the fields: true, also
 * where no body is sent. */
bool fm__reply_code(struct fm_exchange *exchange, int64_t size);
/* The fields are as they were, and the body will be sent as it is. */
void fm__reply_uncode(struct fm_exchange *exchange);
/* A whole reply, with the coding that was chosen: as fm_reply. */
int fm__reply_coded(struct fm_exchange *exchange, const void *body,
                    size_t size);
/* A piece of its body: 0, or as fm__reply_send. */
int fm__reply_write_coded(struct fm_exchange *exchange, const void *bytes,
                          size_t size, bool last);
/* The exchange needs its coder no more. */
void fm__reply_coder_put(struct fm_exchange *exchange);
void fm__reply_coders_free(struct fm__http *http);

/* Ends a reply that has begun. 0; or a failure: the connection is to be broken
 * off. */
int fm__reply_end(struct fm_exchange *exchange);

/* After a failure: where only the connection's end would tell that of the body,
 * it becomes a reset; also where the client takes nothing, which would hold the
 * connection for as long as it likes. */
void fm__reply_break(struct fm_exchange *exchange);

/* What fm_reply_set has added is not there any more. */
void fm__reply_forget(struct fm_exchange *exchange);

/* A reply that no handler has given: a problem. */
int fm__reply_for(struct fm_exchange *exchange, int status);
/* The same, for a failure: with the words of fm__exchange_blame, if they were
 * said of that one. */
int fm__reply_to_failure(struct fm_exchange *exchange, int status, int rc);

/* Keeps in words what the client did wrong, which the handler may return: rc.
 * Bytes of the client's may be in them. */
int fm__exchange_blame(struct fm_exchange *exchange, int rc, const char *format,
                       ...) FM__FORMAT(3, 4);

/* What type the body is said to be of, or NULL: 0; -FM_EHTTPTYPE where two are
 * said. */
int fm__exchange_type(struct fm_exchange *exchange, const char **type);

/* The body is to be of a type that suits: 0 or -FM_EHTTPTYPE. */
int fm__exchange_check_type(struct fm_exchange *exchange, const char *wanted,
                            bool (*suits)(struct fm__slice type));

/* Takes the cookies apart, unless they are: 0 or -ENOMEM. */
int fm__exchange_cookies(struct fm_exchange *exchange);

/* What fm_reply_cookie says of it: 0, -EINVAL or -EMSGSIZE. */
int fm__reply_cookie_check(const fm_cookie *cookie);

/* 0, or -FM_EHTTPQUERY: more parameters than there may be. */
int fm__query_check(struct fm_exchange *exchange);

#endif
