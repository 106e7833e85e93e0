/*
 * ws.c - a WebSocket from its first word to its last
 */
#include "base/die.h"
#include "base/memory.h"
#include "http/client_record.h"
#include "http/exchange_record.h"
#include "http/piece.h"
#include "http/ws_record.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/timeout.h>
#include <math.h>

int fm__ws_check(const fm_ws_options *options)
{
    if (options == NULL)
        return 0;
    unsigned bits = options->window_bits;
    bool wrong =
        isnan(options->ping) || isnan(options->timeout) ||
        (bits != 0 && (bits <= FM__WS_LEAST_BITS || bits > FM__WS_MOST_BITS));
    return wrong ? -EINVAL : 0;
}

fm_ws *fm__ws_new(fm_stream *stream, const fm_ws_options *options, bool client)
{
    static const fm_ws_options defaults;
    const fm_ws_options *said = options != NULL ? options : &defaults;
    fm_ws *ws = fm__memory_new(sizeof *ws);
    if (ws == NULL)
        return NULL;
    *ws = (fm_ws){.stream = stream, .client = client, .code = FM_WS_BROKEN};
    ws->ping = said->ping != 0 ? said->ping : FM_WS_PING;
    ws->timeout = said->timeout != 0 ? said->timeout : FM_WS_TIMEOUT;
    ws->limit =
        said->message_limit > 0 ? said->message_limit : FM_WS_MESSAGE_LIMIT;
    ws->ratio = said->ratio == 0  ? FM_WS_RATIO
                : said->ratio > 0 ? (size_t)said->ratio
                                  : 0;
    ws->pack_from =
        said->compress_from > 0 ? said->compress_from : FM_WS_COMPRESS_FROM;
    return ws;
}

/* What still comes is not to reset it before the peer has heard why; who takes
 * nothing holds nobody up. */
static void ws_leave_stream(fm_ws *ws)
{
    ws->exchange->lingers = ws->told && !ws->heard;
    if (ws->told)
        return;
    ws->stream->told = true;
    if (ws->stream->write_error == 0)
        ws->stream->write_error = -EPIPE;
}

void fm__ws_free(fm_ws *ws)
{
    if (ws->response != NULL) /* the connection ends in order */
        ws->response->body.done = ws->told;
    fm_response_close(ws->response);
    if (ws->exchange != NULL) {
        fm__list_remove(&ws->link);
        ws_leave_stream(ws);
    }
    fm__ws_deflate_close(&ws->deflate);
    fm__memory_free(ws->bytes);
    fm__memory_free(ws);
}

void fm__ws_leave(fm_ws *ws)
{
    static const char frame[] = {(char)(0x80 | FM__WS_CLOSE), 2,
                                 (char)(FM_WS_GOING_AWAY >> 8),
                                 (char)(FM_WS_GOING_AWAY & 0xff)};
    const struct iovec part = {(void *)(uintptr_t)frame, sizeof frame};
    if (!ws->said && ws->write_error == 0)
        ws->said = fm__stream_put(ws->stream, &part, 1, sizeof frame);
}

/* ---- the end ------------------------------------------------------------ */

/* A code or a reason that may not be sent is none. */
static int ws_check_close(unsigned code, struct fm__slice reason)
{
    struct fm__utf8 utf8 = {0};
    return fm__ws_is_code(code) && reason.size <= FM_WS_REASON &&
                   fm__utf8_check(&utf8, reason) && fm__utf8_ends(&utf8)
               ? 0
               : -EINVAL;
}

static int ws_hear_close(fm_ws *ws)
{
    fm_ws_message message;
    int rc;
    ws->dropping = true;
    do
        rc = fm_ws_receive(ws, &message);
    while (rc > 0);
    return rc;
}

static int ws_hear_close_in_time(fm_ws *ws)
{
    int rc;
    if (ws->timeout < 0)
        return ws_hear_close(ws);
    FM_TIMEOUT(ws->timeout, rc) {
        rc = ws_hear_close(ws);
    }
    return rc;
}

static int ws_end(fm_ws *ws, unsigned code, struct fm__slice reason)
{
    int rc = ws->owed != 0 ? fm__ws_say_close(ws, ws->owed, FM__SLICE(""))
                           : fm__ws_say_close(ws, code, reason);
    if (rc == 0 && ws->read_error == 0 && !ws->heard)
        rc = ws_hear_close_in_time(ws);
    if (rc == 0 || rc == -FM_EEOF)
        ws->told = fm__piece_flush(ws->stream, ws->timeout) == 0;
    return rc;
}

int fm_ws_close(fm_ws *ws, unsigned code, const char *reason)
{
    struct fm__slice words = fm__slice_of(reason != NULL ? reason : "");
    if (ws == NULL)
        return 0;
    if (ws->receiving || ws->sending > 0)
        fm__die("fm_ws_close: another task is %s",
                ws->receiving ? "receiving" : "sending");
    if (code == 0)
        code = FM_WS_NORMAL;
    int wrong = ws_check_close(code, words);
    if (wrong < 0) {
        code = FM_WS_FAILED;
        words.size = 0;
    }
    int rc = ws_end(ws, code, words);
    fm__ws_free(ws);
    return wrong < 0 ? wrong : rc;
}

unsigned fm_ws_close_code(const fm_ws *ws)
{
    return ws->code;
}

const char *fm_ws_close_reason(const fm_ws *ws)
{
    return ws->reason;
}

const char *fm_ws_protocol(const fm_ws *ws)
{
    return ws->protocol;
}

bool fm_ws_compresses(const fm_ws *ws)
{
    return ws->deflate.agreed;
}
