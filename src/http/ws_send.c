/*
 * ws_send.c - frames that go (RFC 6455, 5.2 and 5.3)
 *
 * A frame leaves as one write, so those of several tasks do not mix. A client
 * masks what it sends by a key that nobody can foresee.
 */
#include "base/memory.h"
#include "base/sys_path.h"
#include "http/exchange_record.h"
#include "http/piece.h"
#include "http/ws_record.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/task.h>

enum {
    WS_SCRATCH = 1024 /* bytes that are masked on the stack */
};

static int ws_write(fm_ws *ws, const struct fm__ws_frame *frame,
                    struct fm__slice payload)
{
    char head[FM__WS_HEAD];
    const struct iovec parts[] = {
        {head, fm__ws_frame_write(frame, head)},
        {(void *)(uintptr_t)payload.at, payload.size},
    };
    return fm__piece_put(ws->stream, parts, payload.size > 0 ? 2 : 1,
                         ws->timeout);
}

/* What was written in part is no frame any more. */
static int ws_wrote(fm_ws *ws, int rc)
{
    if (rc < 0 && ws->write_error == 0)
        ws->write_error = rc == -ECANCELED ? -EPIPE : rc;
    return rc;
}

/* What is ours already, `own`, is masked where it is. */
static int ws_write_masked(fm_ws *ws, struct fm__ws_frame *frame,
                           struct fm__slice payload, char *own)
{
    char scratch[WS_SCRATCH], *masked = own != NULL ? own : scratch;
    uint64_t chance = fm__sys_chance();
    frame->masked = true;
    memcpy(frame->mask, &chance, sizeof frame->mask);
    if (own == NULL && payload.size > sizeof scratch) {
        masked = fm__memory_new(payload.size);
        if (masked == NULL)
            return -ENOMEM;
    }
    fm__ws_mask(frame, 0, masked, payload);
    int rc = ws_wrote(
        ws, ws_write(ws, frame, (struct fm__slice){masked, payload.size}));
    if (masked != scratch && masked != own)
        fm__memory_free(masked);
    return rc;
}

static int ws_write_frame(fm_ws *ws, struct fm__ws_frame *frame,
                          struct fm__slice payload, char *own)
{
    frame->size = payload.size;
    return ws->client ? ws_write_masked(ws, frame, payload, own)
                      : ws_wrote(ws, ws_write(ws, frame, payload));
}

/* Whether a frame may still go, after others had their turn. */
static int ws_check_turn(const fm_ws *ws, const struct fm__ws_frame *frame)
{
    bool data = frame->opcode < FM__WS_CLOSE;
    if (ws->write_error < 0)
        return ws->write_error;
    if (data && ws->said)
        return -FM_EWSCLOSED;
    return data && frame->opcode != FM__WS_CONTINUATION && frame->last &&
                   ws->sending_parts
               ? -EBUSY
               : 0;
}

/* A whole message that packing would not make smaller goes as it is, where no
 * later one refers to it. */
static int ws_write_packed(fm_ws *ws, struct fm__ws_frame *frame,
                           struct fm__slice payload)
{
    bool may_be_plain =
        frame->last && frame->compressed && !ws->deflate.keeps_out;
    struct iovec packed;
    int rc = fm__ws_pack(ws, payload, frame->last, &packed);
    if (rc < 0)
        return rc;
    char *own = packed.iov_base;
    rc = ws_check_turn(ws, frame);
    if (may_be_plain && packed.iov_len >= payload.size)
        frame->compressed = false;
    else
        payload = (struct fm__slice){own, packed.iov_len};
    if (rc == 0)
        rc = ws_write_frame(ws, frame, payload, payload.at == own ? own : NULL);
    else
        fm__ws_unpack(ws);
    fm__memory_free(own);
    return rc;
}

/* What refers to what was said before it leaves in that order. */
static int ws_write_in_order(fm_ws *ws, struct fm__ws_frame *frame,
                             struct fm__slice payload)
{
    int rc = fm_lock_acquire(&ws->deflate.order);
    if (rc < 0)
        return rc;
    rc = ws_check_turn(ws, frame);
    if (rc == 0)
        rc = ws_write_packed(ws, frame, payload);
    fm_lock_release(&ws->deflate.order);
    return rc;
}

static int ws_write_data(fm_ws *ws, struct fm__ws_frame *frame,
                         struct fm__slice payload)
{
    bool follows = frame->opcode == FM__WS_CONTINUATION;
    if (!frame->compressed && !(follows && ws->sending_packed))
        return ws_write_frame(ws, frame, payload, NULL);
    return ws->deflate.keeps_out ? ws_write_in_order(ws, frame, payload)
                                 : ws_write_packed(ws, frame, payload);
}

int fm__ws_send_frame(fm_ws *ws, struct fm__ws_frame frame,
                      struct fm__slice payload)
{
    int rc = fm__checkpoint(fm__current, "fm_ws_send");
    if (rc == 0)
        rc = ws_check_turn(ws, &frame);
    if (rc < 0)
        return rc;
    ws->sending++;
    rc = ws_write_data(ws, &frame, payload);
    ws->sending--;
    if (ws->exchange != NULL && ws->exchange->http->stopping)
        fm__ws_leave(ws); /* it had no room for that before */
    return rc;
}

int fm_ws_send_part(fm_ws *ws, enum fm_ws_kind kind, struct iovec part,
                    bool last)
{
    const struct fm__slice bytes = {part.iov_len > 0 ? part.iov_base : "",
                                    part.iov_len};
    bool between = ws->sending_parts;
    const struct fm__ws_frame frame = {
        .opcode = between ? FM__WS_CONTINUATION : (uint8_t)kind,
        .last = last,
        .compressed =
            !between && ws->deflate.packs && bytes.size >= ws->pack_from,
    };
    int rc = fm_cancelled();
    if (rc == 0 && kind != FM_WS_TEXT && kind != FM_WS_BINARY && !between)
        rc = -EINVAL;
    if (rc == 0 && (ws->said || ws->heard))
        rc = -FM_EWSCLOSED;
    if (rc < 0)
        return rc;
    if (!last)
        ws->sending_parts = true;
    if (!last && !between)
        ws->sending_packed = frame.compressed;
    rc = fm__ws_send_frame(ws, frame, bytes);
    if (rc == 0 && last && between)
        ws->sending_parts = false;
    if (rc < 0 && ws->write_error == 0 && !last) /* not a byte of it has left */
        ws->sending_parts = between;
    return rc;
}

int fm_ws_send(fm_ws *ws, enum fm_ws_kind kind, const void *bytes, size_t size)
{
    const struct iovec all = {(void *)(uintptr_t)bytes, size};
    if (ws->sending_parts)
        return -EBUSY;
    return fm_ws_send_part(ws, kind, all, true);
}

int fm__ws_say_close(fm_ws *ws, unsigned code, struct fm__slice reason)
{
    char payload[FM__WS_CONTROL] = {0};
    size_t size = 0;
    if (ws->said)
        return 0;
    ws->said = true;
    ws->waited = 0; /* for the peer's, from now on */
    if (code != FM_WS_NO_CODE) {
        payload[0] = (char)(code >> 8);
        payload[1] = (char)code;
        memcpy(payload + 2, reason.at, reason.size);
        size = 2 + reason.size;
    }
    int rc = fm__ws_send_frame(
        ws, (struct fm__ws_frame){.opcode = FM__WS_CLOSE, .last = true},
        (struct fm__slice){payload, size});
    ws->said = rc == 0 || ws->write_error < 0;
    return rc;
}
