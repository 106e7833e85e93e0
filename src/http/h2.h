/*
 * h2.h - a connection of HTTP/2 (RFC 9113), and what each of its streams is
 *
 * nghttp2 has the frames, their states and their compression; here is what
 * joins it to the stream below and to the tasks above. Heads pass as the texts
 * that HTTP/1.1 has for them, so that one reader judges both and one writer
 * makes both.
 *
 * Nothing of nghttp2 is called from within its own callbacks, and no callback
 * suspends: what a task has to do is left in a list for it.
 */
#ifndef FM_HTTP_H2_H
#define FM_HTTP_H2_H

#include "base/list.h"
#include "http/incoming.h"
#include "io/stream_record.h"

#include <fermata/event.h>
#include <fermata/group.h>
#include <fermata/timeout.h>

enum {
    FM__H2_WINDOW = 65535, /* bytes of a stream that come unasked for */
    FM__H2_UNSENT = 65536, /* bytes of a stream that wait to be sent */
    FM__H2_KEPT = 16384,   /* bytes of room that stay for the next */
    FM__H2_FRAME = 16384,  /* bytes of DATA in one frame */
    FM__H2_SETTINGS = 32,  /* entries of one SETTINGS frame */
    FM__H2_CONTINUATIONS = 8,
    FM__H2_HEAD = 1024 * 1024, /* bytes of fields that are looked at at all */
    FM__H2_LINGER = 2,         /* seconds for what comes behind a reply */
    FM__H2_FRESH = 16, /* requests whose tasks are to begin, and none is read */
    FM__H2_ACKS = 1000, /* answers to PING and SETTINGS that are not sent */
    /* Frames that cost more than they bring, see h2_charge: at once, and a
     * second. */
    FM__H2_NUISANCES = 1000,
    FM__H2_NUISANCE_RATE = 33
};

/* Bytes in memory that grows. */
struct fm__h2_bytes {
    char *bytes;
    size_t start;
    size_t end;
    size_t room;
};

/* A request and its answer, in the memory of who has it. */
struct fm__h2_stream {
    struct fm__list link;    /* in h2->streams, while it is open */
    struct fm__list arrival; /* in h2->arrived, until a task takes it */
    struct fm__h2 *h2;
    int32_t id;
    bool open;      /* nghttp2 knows it */
    bool in_ended;  /* all of the peer's has come */
    bool out_ended; /* all of ours was put */
    bool headed;    /* our head was */
    bool sent;      /* all of ours is nghttp2's */
    bool answered;  /* the peer's has come, and is no interim one */
    bool idle;      /* nghttp2 waits for more of ours */
    int error;      /* why nothing comes or goes any more; or 0 */
    int64_t left;   /* bytes of ours that are still to be put; -1: not known */
    struct fm__h2_bytes in;
    struct fm__h2_bytes out;
    fm_event came;           /* something of the peer's, or the end */
    fm_event went;           /* something of ours, or the end */
    struct fm__watch *watch; /* hears of its end; or NULL */
};

/* What the two roles do not share. Called from callbacks of nghttp2's. */
struct fm__h2_role {
    /* A peer's stream begins: its record; NULL: it is refused. */
    struct fm__h2_stream *(*begin)(struct fm__h2 *h2);
    /* Its head is there, as a text of HTTP/1.1; or rc says why it is none. */
    void (*head)(struct fm__h2_stream *stream, struct fm__slice text, int rc);
    /* nghttp2 has forgotten it. */
    void (*over)(struct fm__h2_stream *stream);
    /* Seconds until it is asked again; 0: the connection is over. */
    double (*patience)(const struct fm__h2 *h2);
    /* Before what has come is looked at: 0, or why it is not; NULL: at once.
     * Suspends. */
    int (*give_way)(struct fm__h2 *h2);
};

/* A connection. */
struct fm__h2 {
    struct nghttp2_session *session;
    const struct fm__h2_role *role;
    fm_stream *stream;
    int error;               /* why it has ended; or 0 */
    bool secure;             /* https */
    bool ending;             /* GOAWAY was said */
    bool broken;             /* with an error, by either side */
    bool waits;              /* the reader does, and `wait` is open */
    struct fm__list streams; /* that are open */
    struct fm__list arrived;
    size_t open;          /* streams */
    struct fm__cork cork; /* sends at the end of a turn */
    double write_timeout; /* seconds; below 0: none */
    /* What nghttp2 gave to be sent, and the stream did not take. */
    const uint8_t *unsent;
    size_t unsent_size;
    bool stuck;      /* it has to be waited for, which no task does yet */
    bool sending;    /* a task does */
    bool writes;     /* it has begun, and `write` is open */
    fm_group *tasks; /* where it is started */
    fm_timeout write;
    fm_event sent; /* it has ended */
    /* A head that is coming: no two do at once (RFC 9113, 4.3). */
    struct fm__h2_bytes head;
    struct fm__h2_bytes cookies;
    struct nghttp2_rcbuf *pseudo[4];
    unsigned fields;
    bool lined;         /* its first line was written */
    bool collects;      /* one is coming that somebody wants */
    int head_error;     /* or 0 */
    int64_t head_since; /* ns; 0: none is coming */
    int32_t head_id;    /* of its stream */
    size_t head_size;   /* bytes of all its fields, also of none that is kept */
    int32_t last;       /* stream of the peer's that has begun */
    uint64_t begun;     /* which of the 64 up to that have: a bit each */
    double nuisances;   /* that are left */
    int64_t charged;    /* ns: when those were counted */
    int64_t quiet;      /* ns: since when no stream is open */
    fm_timeout wait;
};

/* The library speaks HTTP/2. */
bool fm__h2_is_built(void);

/* ---- h2.c: a connection -------------------------------------------------- */

/* What a connection begins with. */
struct fm__h2_terms {
    bool server;
    bool secure;
    fm_group *tasks;      /* borrowed: where those of its own are started */
    uint32_t streams;     /* of the peer's, at once */
    double write_timeout; /* seconds; below 0: none */
};

/* 0 or -ENOMEM. The stream is borrowed. */
int fm__h2_init(struct fm__h2 *h2, fm_stream *stream,
                const struct fm__h2_role *role,
                const struct fm__h2_terms *terms);
void fm__h2_fini(struct fm__h2 *h2);

/* Sends what is there, as far as that need not wait. */
void fm__h2_pump(struct fm__h2 *h2);
/* The same, at the end of the turn. */
void fm__h2_send(struct fm__h2 *h2);

/* Waits for bytes and gives them to nghttp2: above 0; 0: the connection has
 * ended in order; or why it has ended otherwise. What has come for tasks is in
 * the lists. Suspends. */
int fm__h2_receive(struct fm__h2 *h2);

/* Says GOAWAY: what has come is done, and nothing more is taken. */
void fm__h2_end(struct fm__h2 *h2);

/* The reader is to look what has changed. */
void fm__h2_hurry(struct fm__h2 *h2);

/* Nothing comes or goes any more. */
void fm__h2_fail(struct fm__h2 *h2, int rc);

/* ---- h2_session.c -------------------------------------------------------- */

/* Makes h2->session: 0 or -ENOMEM. */
int fm__h2_session(struct fm__h2 *h2, bool server);

/* ---- h2_head.c: heads as texts ------------------------------------------- */

void fm__h2_head_begin(struct fm__h2 *h2);
void fm__h2_head_field(struct fm__h2 *h2, struct nghttp2_rcbuf *name,
                       struct nghttp2_rcbuf *value);
/* The text, which is there until the next begins: 0, or why it is refused. */
int fm__h2_head_end(struct fm__h2 *h2, struct fm__slice *text);
void fm__h2_head_fini(struct fm__h2 *h2);

/* Sends a head that is a text of HTTP/1.1 with all its lines, whose names
 * become small letters in place: 0 or an error of ours. With `end` there is no
 * body. */
int fm__h2_head_send(struct fm__h2_stream *stream, char *text, size_t size,
                     bool end);

/* ---- h2_stream.c: streams ------------------------------------------------ */

/* As fm_read. Suspends. */
ssize_t fm__h2_read(struct fm__h2_stream *stream, void *buf, size_t size);

/* All of the peer's was read. */
bool fm__h2_has_read(const struct fm__h2_stream *stream);

/* Puts what is to be sent, and waits where too much does: 0; -ETIMEDOUT after
 * so many seconds (below 0: never); or why nothing goes. Suspends. */
int fm__h2_put(struct fm__h2_stream *stream, const struct iovec *parts,
               size_t count, double seconds);

/* Nothing more will be put. */
void fm__h2_put_end(struct fm__h2_stream *stream);

/* Waits until all was sent, and a little for the end of what comes, and ends
 * it; after so many seconds without progress, or cut, it is reset. Suspends. */
void fm__h2_finish(struct fm__h2_stream *stream, double seconds);

/* Ends it at once, with an error code (RFC 9113, 7). */
enum {
    FM__H2_NO_ERROR = 0,
    FM__H2_INTERNAL_ERROR = 2,
    FM__H2_CANCEL = 8
};
void fm__h2_reset(struct fm__h2_stream *stream, uint32_t code);

/* Who hears of its end, also where that has come already: borrowed; NULL:
 * nobody. */
void fm__h2_watch(struct fm__h2_stream *stream, struct fm__watch *watch);

/* Says 100: the body may come. */
int fm__h2_ask(struct fm__h2_stream *stream);

/* One whose own side has ended, and that nobody waits for, lies elsewhere from
 * now on. */
void fm__h2_stream_move(struct fm__h2_stream *to, struct fm__h2_stream *from);

/* What it has is given back, but some room for the next. */
void fm__h2_stream_clear(struct fm__h2_stream *stream);
void fm__h2_stream_fini(struct fm__h2_stream *stream);

/* For the callbacks. */
int fm__h2_stream_took(struct fm__h2_stream *stream, const uint8_t *bytes,
                       size_t size);
void fm__h2_stream_open(struct fm__h2_stream *stream, struct fm__h2 *h2,
                        int32_t id);
void fm__h2_stream_end_in(struct fm__h2_stream *stream);
void fm__h2_stream_close(struct fm__h2_stream *stream, int rc);

/* Room for so many more bytes at the end: 0 or -ENOMEM. */
int fm__h2_bytes_grow(struct fm__h2_bytes *bytes, size_t size);

#endif
