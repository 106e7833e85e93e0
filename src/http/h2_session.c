/*
 * h2_session.c - what nghttp2 tells of frames, and the memory it has
 *
 * Its callbacks suspend nothing and call nothing of it that sends or receives.
 */
#include "base/memory.h"
#include "http/h2.h"

#include <errno.h>
#include <fermata/error.h>
#include <nghttp2/nghttp2.h>

#define H2_SECOND 1e9 /* ns */

/* ---- what nghttp2 calls ------------------------------------------------- */

/* What still comes is passed over. */
static void h2_terminate(struct fm__h2 *h2, uint32_t code)
{
    h2->ending = true;
    nghttp2_session_terminate_session(h2->session, code);
}

/* What makes work and brings nothing: whoever sends so many frames of that kind
 * ends the connection, whatever rules each of them keeps. */
static void h2_charge(struct fm__h2 *h2)
{
    int64_t now = h2->stream->loop->now;
    h2->nuisances +=
        (double)(now - h2->charged) / H2_SECOND * (double)FM__H2_NUISANCE_RATE;
    if (h2->nuisances > (double)FM__H2_NUISANCES)
        h2->nuisances = FM__H2_NUISANCES;
    h2->charged = now;
    h2->nuisances -= 1;
    if (h2->nuisances < 0)
        h2_terminate(h2, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* Of old ones it is taken for granted. */
static bool h2_has_begun(const struct fm__h2 *h2, int32_t id)
{
    uint32_t back = (uint32_t)(h2->last - id) / 2;
    return back >= 64 || (h2->begun >> back & 1) != 0;
}

static void h2_note_begun(struct fm__h2 *h2, int32_t id)
{
    uint32_t on = ((uint32_t)(id - h2->last) + 1) / 2;
    h2->begun = (on < 64 ? h2->begun << on : 0) | 1;
    h2->last = id;
}

/* A stream below the last one that never began is passed over by nghttp2, and
 * is an error all the same (RFC 9113, 5.1.1). */
static int h2_on_begin_frame(nghttp2_session *session,
                             const nghttp2_frame_hd *head, void *arg)
{
    struct fm__h2 *h2 = arg;
    int32_t id = head->stream_id;
    (void)session;
    if (head->type == NGHTTP2_HEADERS && id % 2 == 1 && id < h2->last &&
        !h2_has_begun(h2, id) && !h2->ending)
        h2_terminate(h2, NGHTTP2_PROTOCOL_ERROR);
    return 0;
}

static struct fm__h2_stream *h2_find(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

/* A head that a record waits for: a request, an answer, or what an interim one
 * announced. Others are trailers, which are passed over. */
static int h2_on_begin_headers(nghttp2_session *session,
                               const nghttp2_frame *frame, void *arg)
{
    struct fm__h2 *h2 = arg;
    int32_t id = frame->hd.stream_id;
    struct fm__h2_stream *stream = h2_find(session, id);
    h2->collects = false;
    h2->head_since = h2->stream->loop->now;
    h2->head_id = id;
    h2->head_size = 0;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST && h2->role->begin != NULL) {
        h2_note_begun(h2, id);
        stream = h2->role->begin(h2);
        if (stream == NULL) {
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id,
                                      NGHTTP2_REFUSED_STREAM);
            return 0;
        }
        fm__h2_stream_open(stream, h2, id);
        nghttp2_session_set_stream_user_data(session, id, stream);
    }
    h2->collects = stream != NULL && !stream->answered;
    if (h2->collects)
        fm__h2_head_begin(h2);
    return 0;
}

/* wide: nghttp2 calls it so */
static int h2_on_header(nghttp2_session *session, const nghttp2_frame *frame,
                        nghttp2_rcbuf *name, nghttp2_rcbuf *value,
                        uint8_t flags, void *arg)
{
    struct fm__h2 *h2 = arg;
    (void)session;
    (void)frame;
    (void)flags;
    h2->head_size +=
        nghttp2_rcbuf_get_buf(name).len + nghttp2_rcbuf_get_buf(value).len;
    if (h2->head_size > FM__H2_HEAD) {
        h2_terminate(h2, NGHTTP2_ENHANCE_YOUR_CALM);
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* no more of it */
    }
    if (h2->collects)
        fm__h2_head_field(h2, name, value);
    return 0;
}

/* The request or the answer is malformed (RFC 9113, 8.1.1), and not without
 * that field what its sender meant. */
/* wide: nghttp2 calls it so */
static int h2_on_invalid_header(nghttp2_session *session,
                                const nghttp2_frame *frame, nghttp2_rcbuf *name,
                                nghttp2_rcbuf *value, uint8_t flags, void *arg)
{
    (void)session;
    (void)frame;
    (void)name;
    (void)value;
    (void)flags;
    (void)arg;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void h2_heard_head(struct fm__h2 *h2, struct fm__h2_stream *stream)
{
    struct fm__slice text = FM__SLICE("");
    h2->head_since = 0;
    if (!h2->collects || stream == NULL)
        return;
    h2->collects = false;
    int rc = fm__h2_head_end(h2, &text);
    h2->role->head(stream, text, rc);
}

/* A server ends: what it has not taken is another's. nghttp2 itself ends what
 * has begun, but keeps what waits for its turn until that comes. */
static void h2_leave_out(struct fm__h2 *h2, int32_t last)
{
    struct fm__list *link = h2->streams.next;
    while (link != &h2->streams) {
        struct fm__h2_stream *stream =
            FM__CONTAINER(link, struct fm__h2_stream, link);
        int32_t id = stream->id;
        link = link->next;
        if (id <= last || nghttp2_session_find_stream(h2->session, id) != NULL)
            continue;
        nghttp2_session_set_stream_user_data(h2->session, id, NULL);
        nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, id,
                                  NGHTTP2_CANCEL);
        fm__list_remove(&stream->link);
        fm__h2_stream_close(stream, -FM_EHTTP2REFUSED);
        h2->role->over(stream);
    }
}

static int h2_on_frame(nghttp2_session *session, const nghttp2_frame *frame,
                       void *arg)
{
    struct fm__h2 *h2 = arg;
    struct fm__h2_stream *stream = h2_find(session, frame->hd.stream_id);
    bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        h2_heard_head(h2, stream);
        break;
    case NGHTTP2_DATA:
        if (!ends && frame->hd.length == 0)
            h2_charge(h2);
        break;
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PING:
        ends = false;
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0)
            h2_charge(h2);
        break;
    case NGHTTP2_GOAWAY:
        h2->ending = true;
        h2->broken |= frame->goaway.error_code != NGHTTP2_NO_ERROR;
        if (h2->role->begin == NULL)
            h2_leave_out(h2, frame->goaway.last_stream_id);
        fm__h2_hurry(h2);
        break;
    case NGHTTP2_RST_STREAM:
    case NGHTTP2_PRIORITY:
        h2_charge(h2);
        break;
    default:
        break;
    }
    if (ends && stream != NULL)
        fm__h2_stream_end_in(stream);
    return 0;
}

static int h2_on_invalid_frame(nghttp2_session *session,
                               const nghttp2_frame *frame, int code, void *arg)
{
    (void)session;
    (void)frame;
    (void)code;
    h2_charge(arg);
    return 0;
}

/* What a peer makes us reset costs as much as what it resets itself
 * (CVE-2025-8671). */
static int h2_on_sent(nghttp2_session *session, const nghttp2_frame *frame,
                      void *arg)
{
    struct fm__h2 *h2 = arg;
    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        h2->broken |= frame->goaway.error_code != NGHTTP2_NO_ERROR;
    if (frame->hd.type == NGHTTP2_RST_STREAM &&
        frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
        h2_charge(h2);
    return 0;
}

/* wide: nghttp2 calls it so */
static int h2_on_data(nghttp2_session *session, uint8_t flags, int32_t id,
                      const uint8_t *bytes, size_t size, void *arg)
{
    struct fm__h2_stream *stream = h2_find(session, id);
    (void)flags;
    (void)arg;
    if (nghttp2_session_consume_connection(session, size) != 0)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (stream == NULL || stream->error < 0)
        return 0;
    return fm__h2_stream_took(stream, bytes, size) < 0
               ? NGHTTP2_ERR_CALLBACK_FAILURE
               : 0;
}

/* Why a stream ends: who breaks the rules, or says that we did, is told from
 * who has no use for it any more. */
static int h2_failure(uint32_t code)
{
    switch (code) {
    case NGHTTP2_NO_ERROR:
        return 0;
    case NGHTTP2_REFUSED_STREAM:
        return -FM_EHTTP2REFUSED;
    case NGHTTP2_PROTOCOL_ERROR:
    case NGHTTP2_FLOW_CONTROL_ERROR:
    case NGHTTP2_STREAM_CLOSED:
    case NGHTTP2_FRAME_SIZE_ERROR:
    case NGHTTP2_COMPRESSION_ERROR:
        return -FM_EHTTP2;
    default:
        return -ECONNRESET;
    }
}

static int h2_on_close(nghttp2_session *session, int32_t id, uint32_t code,
                       void *arg)
{
    struct fm__h2 *h2 = arg;
    struct fm__h2_stream *stream = h2_find(session, id);
    if (id == h2->head_id)
        h2->head_since = 0; /* nobody waits for the rest of it */
    if (stream == NULL)
        return 0;
    fm__list_remove(&stream->link);
    fm__h2_stream_close(stream, h2_failure(code));
    h2->role->over(stream);
    return 0;
}

/* ---- memory ------------------------------------------------------------- */

static void *h2_malloc(size_t size, void *arg)
{
    (void)arg;
    return fm__memory_resize(NULL, size > 0 ? size : 1);
}

static void h2_free(void *block, void *arg)
{
    (void)arg;
    fm__memory_free(block);
}

static void *h2_calloc(size_t count, size_t size, void *arg)
{
    size_t all;
    (void)arg;
    if (__builtin_mul_overflow(count, size, &all))
        return NULL;
    return fm__memory_new(all > 0 ? all : 1);
}

static void *h2_realloc(void *block, size_t size, void *arg)
{
    (void)arg;
    return fm__memory_resize(block, size > 0 ? size : 1);
}

/* ---- a session ---------------------------------------------------------- */

static int h2_callbacks(nghttp2_session_callbacks **out)
{
    if (nghttp2_session_callbacks_new(out) != 0)
        return -ENOMEM;
    nghttp2_session_callbacks *all = *out;
    nghttp2_session_callbacks_set_on_begin_frame_callback(all,
                                                          h2_on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        all, h2_on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback2(all, h2_on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback2(
        all, h2_on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, h2_on_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(
        all, h2_on_invalid_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(all, h2_on_sent);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, h2_on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, h2_on_close);
    return 0;
}

static int h2_options(nghttp2_option **out)
{
    if (nghttp2_option_new(out) != 0)
        return -ENOMEM;
    nghttp2_option *all = *out;
    nghttp2_option_set_no_auto_window_update(all, 1);
    nghttp2_option_set_max_outbound_ack(all, FM__H2_ACKS);
    nghttp2_option_set_max_settings(all, FM__H2_SETTINGS);
    nghttp2_option_set_max_continuations(all, FM__H2_CONTINUATIONS);
    /* Resets are counted with all other nuisances. */
    nghttp2_option_set_stream_reset_rate_limit(all, UINT64_MAX, UINT64_MAX);
    return 0;
}

int fm__h2_session(struct fm__h2 *h2, bool server)
{
    nghttp2_mem memory = {NULL, h2_malloc, h2_free, h2_calloc, h2_realloc};
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *options;
    int rc = h2_callbacks(&callbacks);
    if (rc < 0)
        return rc;
    rc = h2_options(&options);
    if (rc == 0) {
        int (*make)(nghttp2_session **, const nghttp2_session_callbacks *,
                    void *, const nghttp2_option *, nghttp2_mem *) =
            server ? nghttp2_session_server_new3 : nghttp2_session_client_new3;
        if (make(&h2->session, callbacks, h2, options, &memory) != 0)
            rc = -ENOMEM;
        nghttp2_option_del(options);
    }
    nghttp2_session_callbacks_del(callbacks);
    return rc;
}
