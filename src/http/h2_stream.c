/*
 * h2_stream.c - what goes and comes in one stream of HTTP/2
 *
 * The window that a peer has grows by what was read, so `in` holds no more than
 * one window; and `out` holds no more than FM__H2_UNSENT, behind which its
 * writer waits.
 */
#include "base/memory.h"
#include "http/h2.h"

#include <errno.h>
#include <fermata/error.h>
#include <nghttp2/nghttp2.h>

static size_t h2_stream_held(const struct fm__h2_bytes *bytes)
{
    return bytes->end - bytes->start;
}

/* ---- what comes --------------------------------------------------------- */

int fm__h2_stream_took(struct fm__h2_stream *stream, const uint8_t *bytes,
                       size_t size)
{
    int rc = fm__h2_bytes_grow(&stream->in, size);
    if (rc < 0)
        return rc;
    memcpy(stream->in.bytes + stream->in.end, bytes, size);
    stream->in.end += size;
    fm_event_set(&stream->came);
    return 0;
}

void fm__h2_stream_end_in(struct fm__h2_stream *stream)
{
    stream->in_ended = true;
    fm_event_set(&stream->came);
}

static ssize_t h2_stream_take(struct fm__h2_stream *stream, void *buf,
                              size_t size)
{
    struct fm__h2_bytes *in = &stream->in;
    size_t held = h2_stream_held(in);
    size = held < size ? held : size;
    memcpy(buf, in->bytes + in->start, size);
    in->start += size;
    if (stream->open && !stream->in_ended) {
        nghttp2_session_consume_stream(stream->h2->session, stream->id, size);
        fm__h2_send(stream->h2);
    }
    return (ssize_t)size;
}

ssize_t fm__h2_read(struct fm__h2_stream *stream, void *buf, size_t size)
{
    int rc = fm__checkpoint(fm__current, "fm_read");
    while (rc == 0 && size > 0) {
        if (h2_stream_held(&stream->in) > 0)
            return h2_stream_take(stream, buf, size);
        if (stream->in_ended)
            return 0;
        if (stream->error < 0)
            return stream->error;
        fm_event_clear(&stream->came);
        rc = fm_event_wait(&stream->came);
    }
    return rc;
}

bool fm__h2_has_read(const struct fm__h2_stream *stream)
{
    return stream->in_ended && h2_stream_held(&stream->in) == 0;
}

/* ---- what goes ---------------------------------------------------------- */

/* nghttp2 asks for more. */
static void h2_stream_resume(struct fm__h2_stream *stream)
{
    if (!stream->open)
        return;
    if (stream->idle) {
        stream->idle = false;
        nghttp2_session_resume_data(stream->h2->session, stream->id);
    }
    fm__h2_send(stream->h2);
}

static int h2_stream_put_some(struct fm__h2_stream *stream, struct iovec *part)
{
    struct fm__h2_bytes *out = &stream->out;
    size_t room = FM__H2_UNSENT - h2_stream_held(out);
    size_t size = part->iov_len < room ? part->iov_len : room;
    int rc = fm__h2_bytes_grow(out, size);
    if (rc < 0)
        return rc;
    if (size > 0)
        memcpy(out->bytes + out->end, part->iov_base, size);
    out->end += size;
    if (stream->left >= 0)
        stream->left -= (int64_t)size;
    /* The last bytes take the end with them, or it would wait for a window. */
    if (stream->left == 0)
        stream->out_ended = true;
    part->iov_base = (char *)part->iov_base + size;
    part->iov_len -= size;
    return 0;
}

/* The peer takes something in its time. */
static int h2_stream_wait(struct fm__h2_stream *stream, double seconds)
{
    int rc;
    fm_event_clear(&stream->went);
    if (seconds < 0)
        return fm_event_wait(&stream->went);
    FM_TIMEOUT(seconds, rc) {
        rc = fm_event_wait(&stream->went);
    }
    return rc;
}

static int h2_stream_put(struct fm__h2_stream *stream, struct iovec part,
                         double seconds)
{
    int rc = 0;
    while (rc == 0 && part.iov_len > 0) {
        rc = stream->error < 0 ? -EPIPE : h2_stream_put_some(stream, &part);
        if (rc == 0)
            h2_stream_resume(stream);
        if (rc == 0 && part.iov_len > 0)
            rc = h2_stream_wait(stream, seconds);
    }
    return rc;
}

int fm__h2_put(struct fm__h2_stream *stream, const struct iovec *parts,
               size_t count, double seconds)
{
    int rc = stream->error < 0 ? -EPIPE : 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = h2_stream_put(stream, parts[i], seconds);
    return rc;
}

void fm__h2_put_end(struct fm__h2_stream *stream)
{
    if (stream->out_ended)
        return;
    stream->out_ended = true;
    h2_stream_resume(stream);
}

void fm__h2_watch(struct fm__h2_stream *stream, struct fm__watch *watch)
{
    stream->watch = watch;
    if (watch != NULL && stream->error < 0) {
        stream->watch = NULL;
        watch->heard(watch, stream->error);
    }
}

int fm__h2_ask(struct fm__h2_stream *stream)
{
    static const nghttp2_nv line = {(uint8_t *)(uintptr_t)":status",
                                    (uint8_t *)(uintptr_t)"100", 7, 3,
                                    NGHTTP2_NV_FLAG_NONE};
    if (stream->error < 0)
        return -EPIPE;
    int32_t rc = nghttp2_submit_headers(stream->h2->session, NGHTTP2_FLAG_NONE,
                                        stream->id, NULL, &line, 1, NULL);
    fm__h2_send(stream->h2);
    return rc == 0 ? 0 : -ENOMEM;
}

/* ---- the end ------------------------------------------------------------ */

void fm__h2_stream_open(struct fm__h2_stream *stream, struct fm__h2 *h2,
                        int32_t id)
{
    stream->h2 = h2;
    stream->id = id;
    stream->open = true;
    h2->open++;
    fm__list_push(&h2->streams, &stream->link);
}

void fm__h2_stream_move(struct fm__h2_stream *to, struct fm__h2_stream *from)
{
    fm__list_remove(&from->link);
    *to = *from;
    to->came = to->went = (fm_event){{0}};
    fm__list_init(&to->link);
    fm__list_init(&to->arrival);
    if (to->open) {
        fm__list_push(&to->h2->streams, &to->link);
        nghttp2_session_set_stream_user_data(to->h2->session, to->id, to);
    }
    *from = (struct fm__h2_stream){.h2 = NULL};
}

void fm__h2_stream_close(struct fm__h2_stream *stream, int rc)
{
    struct fm__h2 *h2 = stream->h2;
    if (stream->open && --h2->open == 0)
        h2->quiet = h2->stream->loop->now;
    stream->open = false;
    if (rc == 0 && !(stream->in_ended && stream->out_ended))
        rc = -ECONNRESET; /* there was more to come, or to go */
    if (stream->error == 0)
        stream->error = rc;
    fm_event_set(&stream->came);
    fm_event_set(&stream->went);
    struct fm__watch *watch = stream->watch;
    stream->watch = NULL;
    if (watch != NULL && rc < 0)
        watch->heard(watch, rc);
}

void fm__h2_reset(struct fm__h2_stream *stream, uint32_t code)
{
    if (!stream->open)
        return;
    stream->watch = NULL;
    nghttp2_session_set_stream_user_data(stream->h2->session, stream->id, NULL);
    int rc = nghttp2_submit_rst_stream(stream->h2->session, NGHTTP2_FLAG_NONE,
                                       stream->id, code);
    fm__list_remove(&stream->link);
    fm__h2_stream_close(stream, -ECONNRESET);
    if (rc < 0) /* or nghttp2 would ask it for more */
        fm__h2_fail(stream->h2, -ENOMEM);
    fm__h2_send(stream->h2);
}

/* What its window has room for may still come: to some clients (curl before 8)
 * a reset is a failure, also behind a whole reply. */
static void h2_stream_linger(struct fm__h2_stream *stream)
{
    int rc;
    FM_TIMEOUT(FM__H2_LINGER, rc) {
        for (rc = 0; rc == 0 && stream->open;)
            rc = h2_stream_wait(stream, -1);
    }
}

void fm__h2_finish(struct fm__h2_stream *stream, double seconds)
{
    int rc = 0;
    if (stream->open)
        fm__h2_pump(stream->h2);
    while (rc == 0 && stream->open && !(stream->sent && !stream->in_ended))
        rc = h2_stream_wait(stream, seconds);
    if (rc == 0)
        h2_stream_linger(stream);
    /* Of the peer's nothing more is wanted (RFC 9113, 8.1). */
    fm__h2_reset(stream, rc < 0 ? FM__H2_CANCEL : FM__H2_NO_ERROR);
}

/* ---- memory ------------------------------------------------------------- */

static void h2_stream_forget(struct fm__h2_bytes *bytes)
{
    if (bytes->room > FM__H2_KEPT) {
        fm__memory_free(bytes->bytes);
        bytes->bytes = NULL;
        bytes->room = 0;
    }
    bytes->start = bytes->end = 0;
}

void fm__h2_stream_clear(struct fm__h2_stream *stream)
{
    h2_stream_forget(&stream->in);
    h2_stream_forget(&stream->out);
    *stream = (struct fm__h2_stream){
        .in = stream->in, .out = stream->out, .left = -1};
    fm__list_init(&stream->link);
    fm__list_init(&stream->arrival);
}

void fm__h2_stream_fini(struct fm__h2_stream *stream)
{
    fm__memory_free(stream->in.bytes);
    fm__memory_free(stream->out.bytes);
}
