/*
 * ws_receive.c - frames that come, and the messages that they make (RFC 6455,
 * 5.4 to 6.2)
 *
 * Invariant: what was taken from the stream is in the record, so a receive that
 * was cut goes on where it stood.
 */
#include "base/die.h"
#include "base/memory.h"
#include "http/ws_record.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <fermata/task.h>
#include <fermata/timeout.h>

enum {
    WS_FIRST_ROOM = 512,  /* for a message, which grows */
    WS_KEPT_ROOM = 4096,  /* while nothing comes */
    WS_PACKED_MORE = 8192 /* bytes by which what is packed may be larger than
                           * what it was, and a sixteenth of that */
};

/* ---- waiting ------------------------------------------------------------ */

/* The time counts over calls that were cut, but only while somebody waits. */
static ssize_t ws_peek(fm_ws *ws, size_t least, const void **bytes)
{
    double seconds = ws->pinged || ws->said ? ws->timeout : ws->ping;
    fm_timeout timeout;
    if (seconds < 0 || fm__stream_held(ws->stream) >= least) /* it is there */
        return fm_peek(ws->stream, least, bytes);
    int64_t began = fm_now();
    seconds -= (double)ws->waited / 1e9;
    fm_timeout_open(&timeout, seconds > 0 ? seconds : 0);
    ssize_t rc = fm_peek(ws->stream, least, bytes);
    int cut = fm_timeout_close(&timeout, rc < 0 ? (int)rc : 0);
    ws->waited = rc < 0 ? ws->waited + (fm_now() - began) : 0;
    return rc < 0 ? cut : rc;
}

/* At least so many bytes: who says nothing is asked, and then given up. */
static ssize_t ws_wait(fm_ws *ws, size_t least, const void **bytes)
{
    for (;;) {
        ssize_t size = ws_peek(ws, least, bytes);
        if (size >= (ssize_t)least) {
            ws->pinged = false;
            return size;
        }
        if (size >= 0)
            return -FM_EEOF;
        if (size != -ETIMEDOUT)
            return size;
        if (ws->pinged || ws->said)
            return -FM_EPEERTIMEOUT;
        int rc = fm__ws_send_frame(
            ws, (struct fm__ws_frame){.opcode = FM__WS_PING, .last = true},
            FM__SLICE(""));
        if (rc < 0)
            return rc;
        ws->pinged = true;
        ws->waited = 0;
    }
}

/* ---- a frame ------------------------------------------------------------ */

/* Bytes of a message that come: packed, it may be a little larger. */
static uint64_t ws_limit(const fm_ws *ws, const struct fm__ws_frame *frame)
{
    bool packed = ws->in_parts ? ws->in_packed : frame->compressed;
    if (!packed || ws->limit > SIZE_MAX / 2)
        return ws->limit;
    return ws->limit + ws->limit / 16 + WS_PACKED_MORE;
}

/* Whether it may come now. */
static int ws_check_frame(fm_ws *ws, const struct fm__ws_frame *frame)
{
    if (frame->masked == ws->client)
        return -FM_EWS;
    if (frame->compressed && /* RFC 7692, 6 */
        (!ws->deflate.agreed || frame->opcode == FM__WS_CONTINUATION))
        return -FM_EWS;
    if (frame->opcode >= FM__WS_CLOSE)
        return 0;
    if ((frame->opcode == FM__WS_CONTINUATION) != ws->in_parts)
        return -FM_EWS;
    size_t had = ws->in_parts && !ws->dropping ? ws->size : 0;
    unsigned parts = ws->in_parts ? ws->fragments : 0;
    uint64_t limit = ws_limit(ws, frame);
    if (frame->size > limit || had + frame->size > limit ||
        parts == FM_WS_FRAGMENTS)
        return -FM_EWSSIZE;
    return 0;
}

static void ws_begin_frame(fm_ws *ws, const struct fm__ws_frame *frame)
{
    ws->frame = *frame;
    ws->left = frame->size;
    ws->in_frame = true;
    if (frame->opcode >= FM__WS_CLOSE)
        return;
    if (!ws->in_parts) {
        ws->kind = (enum fm_ws_kind)frame->opcode;
        ws->in_packed = frame->compressed;
        ws->utf8 = (struct fm__utf8){0};
        ws->size = 0;
        ws->fragments = 0;
    }
    ws->in_parts = true;
    ws->fragments++;
}

/* Who has had a large message, and waits for the next, needs no room for one.
 */
static void ws_release(fm_ws *ws)
{
    if (ws->in_parts || ws->room <= WS_KEPT_ROOM ||
        fm__stream_held(ws->stream) > 0)
        return;
    fm__memory_free(ws->bytes);
    ws->bytes = NULL;
    ws->room = 0;
    ws->size = 0;
}

static int ws_read_head(fm_ws *ws)
{
    struct fm__ws_frame frame;
    const void *bytes;
    ssize_t had = 0, head = 0;
    ws_release(ws);
    while (head == 0) {
        ssize_t size = ws_wait(ws, (size_t)had + 1, &bytes);
        if (size < 0)
            return (int)size;
        head = fm__ws_frame_read(&frame, bytes, (size_t)size);
        had = size;
    }
    if (head < 0)
        return (int)head;
    fm_consume(ws->stream, (size_t)head);
    int rc = ws_check_frame(ws, &frame);
    if (rc == 0)
        ws_begin_frame(ws, &frame);
    return rc;
}

int fm__ws_room(fm_ws *ws, size_t more)
{
    size_t room = ws->room > 0 ? ws->room : WS_FIRST_ROOM;
    while (room < ws->size + more + 1)
        room *= 2;
    if (room == ws->room)
        return 0;
    char *bytes = fm__memory_resize(ws->bytes, room);
    if (bytes == NULL)
        return -ENOMEM;
    ws->bytes = bytes;
    ws->room = room;
    return 0;
}

/* Some of the payload, without its mask. */
static int ws_take(fm_ws *ws, struct fm__slice some)
{
    bool control = ws->frame.opcode >= FM__WS_CLOSE;
    uint64_t from = ws->frame.size - ws->left;
    if (!control && ws->dropping)
        return 0;
    int rc = control ? 0 : fm__ws_room(ws, some.size);
    if (rc < 0)
        return rc;
    char *to = control ? ws->control + from : ws->bytes + ws->size;
    if (ws->frame.masked)
        fm__ws_mask(&ws->frame, from, to, some);
    else
        memcpy(to, some.at, some.size);
    if (control)
        return 0;
    ws->size += some.size;
    some.at = to;
    return ws->kind == FM_WS_BINARY || ws->in_packed ||
                   fm__utf8_check(&ws->utf8, some)
               ? 0
               : -FM_EWSTEXT;
}

/* All of a frame has come. */
static int ws_end_payload(fm_ws *ws)
{
    if (ws->frame.opcode >= FM__WS_CLOSE || ws->dropping)
        return 0;
    return ws->in_packed && ws->frame.last ? fm__ws_inflate(ws)
                                           : fm__ws_room(ws, 0);
}

static int ws_read_payload(fm_ws *ws)
{
    const void *bytes;
    while (ws->left > 0) {
        ssize_t size = ws_wait(ws, 1, &bytes);
        if (size < 0)
            return (int)size;
        struct fm__slice some = {bytes, (size_t)size};
        if (some.size > ws->left)
            some.size = (size_t)ws->left;
        int rc = ws_take(ws, some);
        if (rc < 0)
            return rc;
        ws->left -= some.size;
        fm_consume(ws->stream, some.size);
    }
    int rc = ws_end_payload(ws);
    if (rc == 0)
        ws->in_frame = false;
    return rc;
}

/* ---- control frames ----------------------------------------------------- */

/* RFC 6455, 5.5.1: a code and a reason, or nothing. */
static int ws_close_frame(fm_ws *ws)
{
    struct fm__slice reason = {ws->control, (size_t)ws->frame.size};
    struct fm__utf8 utf8 = {0};
    unsigned code = FM_WS_NO_CODE;
    if (reason.size > 0) {
        code = (unsigned)(uint8_t)ws->control[0] << 8 |
               (reason.size > 1 ? (uint8_t)ws->control[1] : 0U);
        if (reason.size == 1 || !fm__ws_is_code(code))
            return -FM_EWS;
        reason = fm__slice_after(reason, 2);
    }
    if (!fm__utf8_check(&utf8, reason) || !fm__utf8_ends(&utf8))
        return -FM_EWSTEXT;
    ws->heard = true;
    ws->code = (uint16_t)code;
    ws->owed = (uint16_t)code;
    memcpy(ws->reason, reason.at, reason.size);
    ws->reason[reason.size] = '\0';
    return fm__ws_say_close(ws, code, FM__SLICE(""));
}

static int ws_control(fm_ws *ws)
{
    if (ws->frame.opcode == FM__WS_CLOSE)
        return ws_close_frame(ws);
    if (ws->frame.opcode == FM__WS_PONG || ws->said)
        return 0;
    return fm__ws_send_frame(
        ws, (struct fm__ws_frame){.opcode = FM__WS_PONG, .last = true},
        (struct fm__slice){ws->control, (size_t)ws->frame.size});
}

/* ---- messages ----------------------------------------------------------- */

/* A frame: above 0 when a message, or the WebSocket, has ended with it. */
static int ws_receive_frame(fm_ws *ws)
{
    int rc = ws->in_frame ? 0 : ws_read_head(ws);
    if (rc == 0)
        rc = ws_read_payload(ws);
    if (rc < 0)
        return rc;
    if (ws->frame.opcode >= FM__WS_CLOSE) {
        rc = ws_control(ws);
        ws->in_frame = rc < 0 && ws->write_error == 0; /* to be answered yet */
        return rc == 0 && ws->heard ? 1 : rc;
    }
    if (!ws->frame.last)
        return 0;
    ws->in_parts = false;
    return ws->kind == FM_WS_BINARY || ws->dropping || fm__utf8_ends(&ws->utf8)
               ? 1
               : -FM_EWSTEXT;
}

/* What the peer is told of its mistake. */
static unsigned ws_code_of(int rc)
{
    switch (rc) {
    case -FM_EWS:
        return FM_WS_PROTOCOL;
    case -FM_EWSTEXT:
        return FM_WS_BAD_DATA;
    case -FM_EWSSIZE:
        return FM_WS_TOO_LARGE;
    default:
        return 0;
    }
}

static int ws_failed(fm_ws *ws, int rc)
{
    unsigned code = ws_code_of(rc);
    if (rc == -ECANCELED || rc == -ENOMEM)
        return rc;
    if (rc == -ETIMEDOUT && fm_cancelled() < 0)
        return rc;
    if (rc == -ETIMEDOUT) /* it takes no ping, or no answer to its own */
        rc = -FM_EPEERTIMEOUT;
    ws->read_error = rc;
    ws->owed = (uint16_t)code;
    if (code != 0)
        fm__ws_say_close(ws, code, FM__SLICE(""));
    return rc;
}

/* Above 0 when a message has come whole. */
static int ws_receive_message(fm_ws *ws)
{
    int rc = 0;
    while (rc == 0)
        rc = ws_receive_frame(ws);
    if (rc < 0)
        return ws_failed(ws, rc);
    return ws->heard ? 0 : 1;
}

int fm_ws_receive(fm_ws *ws, fm_ws_message *message)
{
    int rc = fm__checkpoint(fm__current, "fm_ws_receive");
    if (ws->receiving)
        fm__die("fm_ws_receive: another task is receiving");
    if (rc == 0)
        rc = ws->read_error;
    if (rc < 0 || ws->heard)
        return rc;
    ws->receiving = true;
    rc = ws_receive_message(ws);
    ws->receiving = false;
    if (rc <= 0 || ws->dropping)
        return rc;
    ws->bytes[ws->size] = '\0';
    *message = (fm_ws_message){ws->kind, ws->bytes, ws->size};
    return 1;
}
