/*
 * body.c - the bytes of a body, without what delimits them
 */
#include "http/body.h"

#include "base/memory.h"
#include "http/h2.h"
#include "http/piece.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <fermata/task.h>
#include <fermata/timeout.h>
#include <math.h>

#define BODY_SECOND 1e9 /* ns */

enum {
    BODY_ROOM = 4096,           /* one of unknown size begins with, and grows */
    BODY_BELIEVED = 1024 * 1024 /* more is not, before it has come */
};

void fm__body_init(struct fm__body *body, fm_stream *stream,
                   const struct fm__body_terms *terms,
                   const struct fm__head *head)
{
    body->stream = stream;
    body->h2 = NULL;
    body->terms = terms;
    body->kind = head->chunked ? FM__BODY_CHUNKED : FM__BODY_SIZED;
    body->left = head->content_length > 0 && !head->chunked
                     ? (uint64_t)head->content_length
                     : 0;
    body->taken = 0;
    body->waited = 0;
    body->error = body->left > terms->limit ? -FM_EHTTPBODY : 0;
    body->done = !head->chunked && body->left == 0;
    body->decoding = NULL;
    body->coded = NULL;
    body->bytes = NULL;
    body->size = 0;
    fm__chunks_init(&body->chunks);
}

void fm__body_init_h2(struct fm__body *body, struct fm__h2_stream *stream,
                      const struct fm__body_terms *terms,
                      const struct fm__head *head)
{
    fm__body_init(body, NULL, terms, head);
    body->h2 = stream;
    body->kind = FM__BODY_UNTIL_END;
    body->left = 0;
    body->done = fm__h2_has_read(stream);
}

void fm__body_fini(struct fm__body *body)
{
    fm__body_undecode(body);
    fm__memory_free(body->bytes);
    body->bytes = NULL;
}

/* ---- reading ------------------------------------------------------------ */

/* Takes what lies between the data, until there is some, or the end. */
static int body_next_chunk(struct fm__body *body)
{
    struct fm__chunks *chunks = &body->chunks;
    while (!fm__chunks_at_data(chunks) && !chunks->done) {
        const void *bytes;
        ssize_t size = fm_peek(body->stream, 1, &bytes);
        if (size <= 0)
            return size < 0 ? (int)size : -FM_EEOF;
        size = fm__chunks_read(chunks, bytes, (size_t)size);
        if (size < 0)
            return (int)size;
        fm_consume(body->stream, (size_t)size);
    }
    body->done = chunks->done;
    body->left = chunks->left;
    return 0;
}

static void body_took(struct fm__body *body, size_t size)
{
    body->taken += size;
    if (body->kind == FM__BODY_UNTIL_END)
        return;
    body->left -= size;
    if (body->kind == FM__BODY_CHUNKED)
        fm__chunks_took(&body->chunks, size);
    else
        body->done = body->left == 0;
}

static ssize_t body_take(struct fm__body *body, void *buf, size_t size)
{
    int rc = body->kind == FM__BODY_CHUNKED ? body_next_chunk(body) : 0;
    if (rc < 0 || body->done)
        return rc;
    if (body->kind != FM__BODY_UNTIL_END && size > body->left)
        size = (size_t)body->left;
    ssize_t taken = body->h2 != NULL ? fm__h2_read(body->h2, buf, size)
                                     : fm_read(body->stream, buf, size);
    if (taken == 0 && body->kind != FM__BODY_UNTIL_END)
        return -FM_EEOF;
    body->done = body->done || taken == 0;
    if (taken > 0)
        body_took(body, (size_t)taken);
    return body->taken > body->terms->limit ? -FM_EHTTPBODY : taken;
}

/* To decode is work: others have their turn after each FM__PIECE of it. */
static int body_rest(struct fm__body *body)
{
    uint64_t done = body->taken + body->decoded;
    if (done - body->rested < FM__PIECE)
        return 0;
    body->rested = done;
    return fm_yield();
}

/* The limit is of both: what comes, and what comes of it. What could be decoded
 * of a body that breaks off is given before the failure is. */
static ssize_t body_take_decoded(struct fm__body *body, void *buf, size_t size)
{
    const struct iovec out = {buf, size < FM__PIECE ? size : FM__PIECE};
    for (;;) {
        ssize_t rc = body_rest(body);
        if (rc < 0)
            return rc;
        rc = fm__decoding_run(body->decoding, &body->in,
                              body->done && body->in.size == 0, out);
        if (rc == 0)
            fm__body_undecode(body);
        if (rc != -EAGAIN) {
            body->decoded += rc > 0 ? (uint64_t)rc : 0;
            return body->decoded > body->terms->limit ? -FM_EHTTPBODY : rc;
        }
        if (body->done)
            continue;
        rc = body_take(body, body->coded, FM__BODY_CODED);
        if (rc < 0)
            return rc;
        body->in = (struct fm__slice){body->coded, (size_t)rc};
    }
}

/* A body of more bytes has more time, of which only waiting takes: its reader
 * may be as slow as it likes. */
static double body_patience(const struct fm__body *body)
{
    const struct fm__body_terms *terms = body->terms;
    if (terms->timeout < 0)
        return INFINITY;
    return terms->timeout + (double)body->taken / (double)terms->rate -
           (double)body->waited / BODY_SECOND;
}

ssize_t fm__body_read(struct fm__body *body, void *buf, size_t size)
{
    fm_timeout timeout;
    int refused = fm_cancelled();
    if (refused < 0)
        return refused;
    if (body->error < 0)
        return body->error;
    if (fm__body_is_over(body) || size == 0)
        return 0;
    int64_t began = fm_now();
    fm_timeout_open(&timeout, body_patience(body));
    ssize_t rc = body->decoding != NULL ? body_take_decoded(body, buf, size)
                                        : body_take(body, buf, size);
    body->waited += fm_now() - began;
    int cut = fm_timeout_close(&timeout, rc < 0 ? (int)rc : 0);
    if (rc >= 0)
        return rc;
    if (cut != -ECANCELED)
        body->error = cut;
    return cut;
}

/* ---- all of it ---------------------------------------------------------- */

/* Of one whose size is said: nobody can take memory by saying so. */
static size_t body_room(const struct fm__body *body, size_t room)
{
    uint64_t all = body->size + body->left + 2; /* one to find that it is all */
    uint64_t more = 2 * (uint64_t)room;
    if (more < BODY_BELIEVED)
        more = BODY_BELIEVED;
    return (size_t)(all < more ? all : more);
}

static int body_grow(struct fm__body *body, size_t *room)
{
    size_t more = *room > 0 ? 2 * *room : BODY_ROOM;
    if (body->kind == FM__BODY_SIZED && body->decoding == NULL)
        more = body_room(body, *room);
    char *bytes = fm__memory_resize(body->bytes, more);
    if (bytes == NULL)
        return -ENOMEM;
    body->bytes = bytes;
    *room = more;
    return 0;
}

ssize_t fm__body_load(struct fm__body *body, const char **bytes)
{
    size_t room = body->bytes != NULL ? body->size + 1 : 0;
    if (body->error < 0) /* and no memory for what is refused */
        return fm__body_read(body, body->bytes, 0);
    ssize_t rc = 1;
    while (rc > 0) {
        if (room - body->size < 2 || room == 0)
            rc = body_grow(body, &room);
        if (rc >= 0)
            rc = fm__body_read(body, body->bytes + body->size,
                               room - body->size - 1);
        if (rc > 0)
            body->size += (size_t)rc;
    }
    if (body->bytes != NULL) /* also of a part, which is a text as well */
        body->bytes[body->size] = '\0';
    if (rc < 0)
        return rc;
    *bytes = body->bytes;
    return (ssize_t)body->size;
}

/* A frame of its own, for a few bodies: most have ended. */
static FM__NOINLINE bool body_pass_over(struct fm__body *body, uint64_t end)
{
    char scrap[4096];
    ssize_t rc = 1;
    while (rc > 0 && body->taken < end)
        rc = fm__body_read(body, scrap, sizeof scrap);
    return rc == 0;
}

bool fm__body_drain(struct fm__body *body, uint64_t most)
{
    if (body->done)
        return true;
    if (body->error < 0 || body->left > most)
        return false;
    fm__body_undecode(body);
    return body_pass_over(body, body->taken + most);
}

/* ---- what lies there ----------------------------------------------------- */

static void body_skip_data(struct fm__body *body, size_t held)
{
    size_t size = body->left < held ? (size_t)body->left : held;
    fm__stream_skip(body->stream, size);
    body_took(body, size);
}

static void body_skip_chunk_head(struct fm__body *body, size_t held)
{
    struct fm__chunks *chunks = &body->chunks;
    ssize_t size =
        fm__chunks_read(chunks, fm__stream_bytes(body->stream), held);
    if (size < 0) {
        body->error = (int)size;
        return;
    }
    fm__stream_skip(body->stream, (size_t)size);
    body->done = chunks->done;
    body->left = chunks->left;
}

void fm__body_skip(struct fm__body *body)
{
    size_t held;
    while (!body->done && body->error == 0 && body->h2 == NULL &&
           (held = fm__stream_held(body->stream)) > 0) {
        if (body->kind == FM__BODY_CHUNKED &&
            !fm__chunks_at_data(&body->chunks))
            body_skip_chunk_head(body, held);
        else
            body_skip_data(body, held);
    }
}
