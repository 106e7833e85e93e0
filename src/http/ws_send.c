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

static int ws_write_masked(fm_ws *ws, struct fm__ws_frame *frame,
                           struct fm__slice payload)
{
    char scratch[WS_SCRATCH], *masked = scratch;
    uint64_t chance = fm__sys_chance();
    frame->masked = true;
    memcpy(frame->mask, &chance, sizeof frame->mask);
    if (payload.size > sizeof scratch) {
        masked = fm__memory_new(payload.size);
        if (masked == NULL)
            return -ENOMEM;
    }
    fm__ws_mask(frame, 0, masked, payload);
    int rc = ws_wrote(
        ws, ws_write(ws, frame, (struct fm__slice){masked, payload.size}));
    if (masked != scratch)
        fm__memory_free(masked);
    return rc;
}

int fm__ws_send_frame(fm_ws *ws, struct fm__ws_frame frame,
                      struct fm__slice payload)
{
    int rc = fm__checkpoint(fm__current, "fm_ws_send");
    if (rc == 0)
        rc = ws->write_error;
    if (rc < 0)
        return rc;
    frame.size = payload.size;
    ws->sending++;
    rc = ws->client ? ws_write_masked(ws, &frame, payload)
                    : ws_wrote(ws, ws_write(ws, &frame, payload));
    ws->sending--;
    if (ws->exchange != NULL && ws->exchange->http->stopping)
        fm__ws_leave(ws); /* it had no room for that before */
    return rc;
}

int fm_ws_send_part(fm_ws *ws, enum fm_ws_kind kind, struct iovec part,
                    bool last)
{
    const struct fm__ws_frame frame = {
        .opcode = ws->sending_parts ? FM__WS_CONTINUATION : (uint8_t)kind,
        .last = last,
    };
    const struct fm__slice bytes = {part.iov_len > 0 ? part.iov_base : "",
                                    part.iov_len};
    bool between = ws->sending_parts;
    int rc = fm_cancelled();
    if (rc == 0 && kind != FM_WS_TEXT && kind != FM_WS_BINARY && !between)
        rc = -EINVAL;
    if (rc == 0 && (ws->said || ws->heard))
        rc = -FM_EWSCLOSED;
    if (rc < 0)
        return rc;
    ws->sending_parts = !last;
    rc = fm__ws_send_frame(ws, frame, bytes);
    if (rc < 0 && ws->write_error == 0) /* not a byte of it has left */
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
