/*
 * body.h - the body of a message that comes in (RFC 9112, 6 and 7)
 *
 * Of a request or a response: so many bytes, chunks, or all until the end of
 * the connection. Nothing behind it is taken from the stream.
 */
#ifndef FM_HTTP_BODY_H
#define FM_HTTP_BODY_H

#include "http/decoding.h"
#include "http/incoming.h"
#include "proto/chunks.h"
#include "proto/head.h"

#include <fermata/stream.h>

/* What a body may be, and how long it may take. */
struct fm__body_terms {
    uint64_t limit; /* bytes */
    double timeout; /* seconds that are waited for it; below 0: none */
    uint64_t rate;  /* and one more for so many bytes of it */
};

enum fm__body_kind {
    FM__BODY_SIZED, /* `left` bytes */
    FM__BODY_CHUNKED,
    FM__BODY_UNTIL_END
};

enum {
    FM__BODY_CODED = 16384 /* bytes that are decoded at a time */
};

struct fm__body {
    fm_stream *stream;
    struct fm__h2_stream *h2; /* in its place; or NULL */
    const struct fm__body_terms *terms;
    struct fm__chunks chunks;
    uint64_t left; /* of data that comes next */
    uint64_t taken;
    int64_t waited; /* ns */
    int error;      /* or 0; it is the answer to all reads to come */
    enum fm__body_kind kind;
    bool done;
    struct fm__decoding *decoding; /* of its content coding; or NULL */
    char *coded;                   /* FM__BODY_CODED bytes, that came so */
    struct fm__slice in;           /* of them, to be decoded */
    uint64_t decoded;              /* bytes that came of them */
    uint64_t rested; /* bytes of both, when others had their turn */
    char *bytes;     /* what fm__body_load has read: the body's */
    size_t size;
};

/* By what a head says of a length and of chunks; without either it is empty. */
void fm__body_init(struct fm__body *body, fm_stream *stream,
                   const struct fm__body_terms *terms,
                   const struct fm__head *head);
/* The same of a stream of HTTP/2, which tells its end itself. */
void fm__body_init_h2(struct fm__body *body, struct fm__h2_stream *stream,
                      const struct fm__body_terms *terms,
                      const struct fm__head *head);
void fm__body_fini(struct fm__body *body);

/* It is read decoded from now on, as the Content-Encoding of its head says: 0,
 * also where it says none, or the body is empty; -FM_ECODEDKIND for what is not
 * known; -ENOMEM. In coded_body.c. */
int fm__body_decode(struct fm__body *body, const struct fm__incoming *incoming);
/* Not any more: what is left is read as it comes. */
void fm__body_undecode(struct fm__body *body);
/* All of it was read. */
FM__INLINE bool fm__body_is_over(const struct fm__body *body)
{
    return body->done && body->decoding == NULL;
}

/* As fm_exchange_read, which says what it returns. Suspends. */
ssize_t fm__body_read(struct fm__body *body, void *buf, size_t size);

/* All that is left, with a NUL behind it, in the body's memory: its size, or
 * as fm__body_read, or -ENOMEM. Suspends. */
ssize_t fm__body_load(struct fm__body *body, const char **bytes);

/* Reads what is left where that is not more than `most` bytes. False where it
 * is, or goes wrong: nothing more may be read from the stream. Suspends. */
bool fm__body_drain(struct fm__body *body, uint64_t most);

/* Passes over what has come of a body that ends by itself, and waits for
 * nothing. */
void fm__body_skip(struct fm__body *body);

#endif
