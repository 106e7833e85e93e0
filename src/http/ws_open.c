/*
 * ws_open.c - how a WebSocket is agreed on (RFC 6455, 4)
 */
#include "base/memory.h"
#include "base/sys_path.h"
#include "http/exchange_record.h"
#include "http/ws_record.h"
#include "proto/base64.h"
#include "proto/sha1.h"

#include <errno.h>
#include <fermata/error.h>

enum {
    WS_KEY = 24,    /* letters of a key, and */
    WS_ANSWER = 28, /* of what answers it */
    WS_LINES = 256  /* bytes of the fields that are the WebSocket's */
};

/* ---- keys --------------------------------------------------------------- */

/* Sixteen bytes as base64: the last letter has four bits of nothing. */
static bool ws_is_key(struct fm__slice key)
{
    if (key.size != WS_KEY || key.at[22] != '=' || key.at[23] != '=')
        return false;
    for (size_t i = 0; i < 22; i++) {
        char c = key.at[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      (c >= '0' && c <= '9') || c == '+' || c == '/';
        if (!letter)
            return false;
    }
    return strchr("AQgw", key.at[21]) != NULL;
}

static void ws_answer_key(struct fm__pen *pen, struct fm__slice key)
{
    static const char name[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[WS_KEY + sizeof name];
    uint8_t digest[FM__SHA1_SIZE];
    memcpy(text, key.at, WS_KEY);
    memcpy(text + WS_KEY, name, sizeof name - 1);
    fm__sha1(digest, (struct fm__slice){text, WS_KEY + sizeof name - 1});
    fm__base64_encode(pen,
                      (struct fm__slice){(const char *)digest, sizeof digest});
}

/* ---- a server ----------------------------------------------------------- */

static bool ws_list_has(struct fm__slice list, struct fm__slice wanted)
{
    struct fm__slice word;
    while (fm__list_next(&list, &word))
        if (fm__slice_like(word, wanted))
            return true;
    return false;
}

static struct fm__slice ws_field(const fm_exchange *exchange, const char *name)
{
    const char *value = fm_exchange_field(exchange, name);
    return fm__slice_of(value != NULL ? value : "");
}

/* Without a list an origin is that of the Host, by http or https. */
static bool ws_is_origin(const fm_exchange *exchange, const char *origins)
{
    struct fm__slice origin = ws_field(exchange, "Origin");
    if (origin.size == 0)
        return true;
    if (origins != NULL)
        return ws_list_has(fm__slice_of(origins), FM__SLICE("*")) ||
               ws_list_has(fm__slice_of(origins), origin);
    size_t colon = fm__slice_find(origin, ':');
    struct fm__slice scheme = fm__slice_until(origin, colon);
    struct fm__slice host = fm__slice_of(fm_exchange_host(exchange));
    return (fm__slice_like(scheme, FM__SLICE("http")) ||
            fm__slice_like(scheme, FM__SLICE("https"))) &&
           fm__slice_like(fm__slice_after(origin, colon + 3), host);
}

/* The first of the server's that is among the client's; or an empty one. */
static struct fm__slice ws_choose(const fm_exchange *exchange,
                                  const char *protocols)
{
    struct fm__slice offered = ws_field(exchange, "Sec-WebSocket-Protocol");
    struct fm__slice list = fm__slice_of(protocols != NULL ? protocols : "");
    struct fm__slice word;
    while (fm__list_next(&list, &word))
        if (word.size < FM__WS_PROTOCOL && ws_list_has(offered, word))
            return word;
    return FM__SLICE("");
}

/* 0, or the status of a refusal. */
static int ws_judge(const fm_exchange *exchange, const fm_ws_options *options)
{
    const struct fm__head *head = &exchange->head;
    if (strcmp(fm_exchange_method(exchange), "GET") != 0 || head->minor == 0 ||
        (head->connection & FM__HEAD_UPGRADE) == 0 ||
        !ws_list_has(ws_field(exchange, "Upgrade"), FM__SLICE("websocket")))
        return 400;
    if (!fm__slice_is(ws_field(exchange, "Sec-WebSocket-Version"),
                      FM__SLICE("13")))
        return 426;
    if (!ws_is_key(ws_field(exchange, "Sec-WebSocket-Key")) ||
        fm_exchange_length(exchange) != 0)
        return 400;
    return ws_is_origin(exchange, options != NULL ? options->origins : NULL)
               ? 0
               : 403;
}

static int ws_refuse(fm_exchange *exchange, int status)
{
    int rc = 0;
    if (status == 426)
        rc = fm_reply_set(exchange, "Sec-WebSocket-Version", "13");
    if (rc == 0)
        rc = fm_reply_text(exchange, status, "No WebSocket\n");
    return rc < 0 ? rc : -FM_ENOWS;
}

static int ws_agree(fm_exchange *exchange, fm_ws *ws, struct fm__slice protocol)
{
    char lines[WS_LINES];
    struct fm__pen pen = {lines, lines + sizeof lines, false};
    fm__pen_write(&pen, FM__SLICE("Upgrade: websocket\r\n"
                                  "Sec-WebSocket-Accept: "));
    ws_answer_key(&pen, ws_field(exchange, "Sec-WebSocket-Key"));
    fm__pen_write(&pen, FM__SLICE("\r\n"));
    if (protocol.size > 0) {
        fm__pen_write(&pen, FM__SLICE("Sec-WebSocket-Protocol: "));
        fm__pen_write(&pen, protocol);
        fm__pen_write(&pen, FM__SLICE("\r\n"));
    }
    memcpy(ws->protocol, protocol.at, protocol.size);
    return fm__reply_switch(exchange, fm__pen_since(&pen, lines));
}

int fm__ws_accept(fm_exchange *exchange, fm_ws **out,
                  const fm_ws_options *options)
{
    int rc = fm__ws_check(options);
    if (rc < 0)
        return rc;
    int status = ws_judge(exchange, options);
    if (status != 0)
        return ws_refuse(exchange, status);
    fm_ws *ws = fm__ws_new(exchange->stream, options, false);
    if (ws == NULL)
        return -ENOMEM;
    const char *protocols = options != NULL ? options->protocols : NULL;
    rc = ws_agree(exchange, ws, ws_choose(exchange, protocols));
    if (rc < 0) {
        fm__ws_free(ws);
        return rc;
    }
    *out = ws;
    return 0;
}
