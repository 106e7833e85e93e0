/*
 * ws_open.c - how a WebSocket is agreed on (RFC 6455, 4)
 */
#include "base/memory.h"
#include "base/sys_path.h"
#include "http/client_record.h"
#include "http/exchange_record.h"
#include "http/ws_record.h"
#include "http/ws_terms.h"
#include "proto/base64.h"
#include "proto/sha1.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/problem.h>

enum {
    WS_SWITCHING = 101,
    WS_KEY = 24,    /* letters of a key, and */
    WS_ANSWER = 28, /* of what answers it */
    WS_LINES = 448  /* bytes of the fields that are the WebSocket's */
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

/* Names of protocols are compared as they are (RFC 6455, 11.5). */
static bool ws_offers(struct fm__slice list, struct fm__slice protocol)
{
    struct fm__slice word;
    while (fm__list_next(&list, &word))
        if (fm__slice_is(word, protocol))
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
        if (word.size < FM__WS_PROTOCOL && ws_offers(offered, word))
            return word;
    return FM__SLICE("");
}

/* 0, or the status of a refusal. */
static int ws_judge(const fm_exchange *exchange, const fm_ws_options *options)
{
    const struct fm__head *head = &exchange->incoming.head;
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
    if (rc == 0 && status == 426) /* RFC 9110, 15.5.22 */
        rc = fm__reply_add(exchange, FM__SLICE("Upgrade"),
                           FM__SLICE("websocket"));
    if (rc == 0)
        rc = fm_reply_problem(
            exchange, status,
            &(fm_problem_options){.detail = "this is for WebSockets"});
    return rc < 0 ? rc : -FM_ENOWS;
}

/* Agrees to another protocol (RFC 9110, 15.2.2), which has the stream from now
 * on: 0, -EALREADY, or as fm__reply_send. */
static int ws_switch(fm_exchange *exchange, struct fm__slice lines)
{
    static const char first[] = "HTTP/1.1 101 Switching Protocols\r\n"
                                "Connection: Upgrade\r\n";
    const struct iovec parts[] = {
        {(void *)(uintptr_t)first, sizeof first - 1},
        {(void *)(uintptr_t)lines.at, lines.size},
        {exchange->fields, exchange->fields_size},
        {(void *)(uintptr_t)"\r\n", 2},
    };
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    exchange->status = WS_SWITCHING;
    exchange->last = true;
    int rc = fm__reply_send(exchange, parts, FM__COUNT(parts));
    if (rc == 0)
        exchange->state = FM__REPLY_DONE;
    return rc;
}

static int ws_agree(fm_exchange *exchange, fm_ws *ws, struct fm__slice protocol,
                    const struct fm__ws_terms *terms)
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
    if (ws->deflate.agreed)
        fm__ws_terms_write(&pen, terms);
    memcpy(ws->protocol, protocol.at, protocol.size);
    return ws_switch(exchange, fm__pen_since(&pen, lines));
}

int fm__ws_accept(fm_exchange *exchange, fm_ws **out,
                  const fm_ws_options *options)
{
    int rc = fm__ws_check(options);
    if (rc < 0)
        return rc;
    struct fm__ws_terms terms = {0};
    int status = ws_judge(exchange, options);
    int compresses = fm__ws_terms_offered(&exchange->incoming, options, &terms);
    if (status == 0 && compresses < 0)
        status = 400;
    if (status != 0)
        return ws_refuse(exchange, status);
    fm_ws *ws = fm__ws_new(exchange->stream, options, false);
    if (ws == NULL)
        return -ENOMEM;
    if (compresses > 0)
        fm__ws_terms_begin(ws, &terms, options);
    const char *protocols = options != NULL ? options->protocols : NULL;
    rc = ws_agree(exchange, ws, ws_choose(exchange, protocols), &terms);
    if (rc < 0) {
        fm__ws_free(ws);
        return rc;
    }
    ws->exchange = exchange;
    fm__list_push(&exchange->http->sockets, &ws->link);
    if (exchange->http->stopping)
        fm__ws_leave(ws);
    *out = ws;
    return 0;
}

/* ---- a client ----------------------------------------------------------- */

/* Sixteen bytes that nobody has used before. */
static void ws_new_key(char key[WS_KEY])
{
    uint64_t chance[2] = {fm__sys_chance(), fm__sys_chance()};
    struct fm__pen pen = {key, key + WS_KEY, false};
    fm__base64_encode(&pen,
                      (struct fm__slice){(const char *)chance, sizeof chance});
}

/* Whether the server has agreed, and to what (RFC 6455, 4.1). */
static bool ws_is_agreed(const fm_response *response, fm_ws *ws,
                         const char key[WS_KEY], const char *protocols)
{
    char wanted[WS_ANSWER];
    struct fm__pen pen = {wanted, wanted + sizeof wanted, false};
    const char *upgrade = fm_response_field(response, "Upgrade");
    const char *accept = fm_response_field(response, "Sec-WebSocket-Accept");
    const char *protocol =
        fm_response_field(response, "Sec-WebSocket-Protocol");
    ws_answer_key(&pen, (struct fm__slice){key, WS_KEY});
    if (fm_response_status(response) != WS_SWITCHING || upgrade == NULL ||
        accept == NULL ||
        !fm__slice_like(fm__slice_of(upgrade), FM__SLICE("websocket")) ||
        (response->incoming.head.connection & FM__HEAD_UPGRADE) == 0 ||
        !fm__slice_is(fm__slice_of(accept), fm__pen_since(&pen, wanted)))
        return false;
    if (protocol == NULL)
        return true;
    struct fm__slice word = fm__slice_of(protocol);
    if (word.size >= sizeof ws->protocol || protocols == NULL ||
        !ws_offers(fm__slice_of(protocols), word))
        return false;
    memcpy(ws->protocol, word.at, word.size);
    return true;
}

/* It has said something else. */
static int ws_disagree(fm_response *response)
{
    response->fetch.step = FM_HTTP_STEP_STATUS;
    return fm__fetch_fail(&response->fetch, -FM_ENOWS);
}

static int ws_open_take(fm_response *response, const fm_ws_options *options,
                        const char key[WS_KEY], fm_ws **out)
{
    const char *protocols = options != NULL ? options->protocols : NULL;
    if (response->wire == NULL) {
        int rc = ws_disagree(response);
        fm_response_close(response);
        return rc;
    }
    fm_ws *ws = fm__ws_new(response->wire->stream, options, true);
    if (ws == NULL) {
        fm_response_close(response);
        return -ENOMEM;
    }
    ws->response = response;
    if (!ws_is_agreed(response, ws, key, protocols) ||
        !fm__ws_terms_answered(&response->incoming, options, ws)) {
        int rc = ws_disagree(response);
        fm__ws_free(ws);
        return rc;
    }
    *out = ws;
    return 0;
}

/* The lines of the request: their size; -EINVAL; -ENAMETOOLONG. */
static int ws_ask(char lines[WS_LINES], const char key[WS_KEY],
                  const fm_ws_options *options)
{
    const char *protocols = options != NULL ? options->protocols : NULL;
    struct fm__pen pen = {lines, lines + WS_LINES - 1, false};
    fm__pen_write(&pen, FM__SLICE("Connection: Upgrade\r\n"
                                  "Upgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: "));
    fm__pen_write(&pen, (struct fm__slice){key, WS_KEY});
    fm__pen_write(&pen, FM__SLICE("\r\n"));
    if (protocols != NULL) {
        if (!fm__field_value_is(fm__slice_of(protocols)))
            return -EINVAL;
        fm__pen_write(&pen, FM__SLICE("Sec-WebSocket-Protocol: "));
        fm__pen_write(&pen, fm__slice_of(protocols));
        fm__pen_write(&pen, FM__SLICE("\r\n"));
    }
    fm__ws_terms_offer(&pen, options);
    *pen.at = '\0';
    return pen.full ? -ENAMETOOLONG : 0;
}

/* "ws:" is another word for "http:" here, as "wss:" for "https:": the text as
 * such a URL, or NULL without memory. */
static char *ws_url(const char *url)
{
    struct fm__slice text = fm__slice_of(url);
    bool plain = fm__slice_like(fm__slice_until(text, 3), FM__SLICE("ws:"));
    bool secure = fm__slice_like(fm__slice_until(text, 4), FM__SLICE("wss:"));
    struct fm__slice scheme = FM__SLICE("");
    if (plain || secure) {
        scheme = plain ? FM__SLICE("http") : FM__SLICE("https");
        text = fm__slice_after(text, plain ? 2 : 3);
    }
    char *out = fm__memory_new(scheme.size + text.size + 1);
    if (out == NULL)
        return NULL;
    memcpy(out, scheme.at, scheme.size);
    memcpy(out + scheme.size, text.at, text.size);
    out[scheme.size + text.size] = '\0';
    return out;
}

/* `how` has the client and the lines. */
static int ws_fetch(struct fm__fetch *how, const char *url,
                    const fm_ws_options *options, fm_response **response)
{
    const fm_http_request request = {
        .redirects = -1,
        .fields = options != NULL ? options->fields : NULL,
        .failure = options != NULL ? options->failure : NULL,
    };
    char *text = ws_url(url);
    if (text == NULL)
        return -ENOMEM;
    how->request = request;
    int rc = fm__fetch(how, text, response);
    fm__memory_free(text);
    return rc;
}

int fm__ws_connect(fm_http_client *client, const char *url, fm_ws **out,
                   const fm_ws_options *options)
{
    char lines[WS_LINES], key[WS_KEY];
    fm_response *response;
    int rc = fm__ws_check(options);
    if (rc < 0)
        return rc;
    ws_new_key(key);
    rc = ws_ask(lines, key, options);
    if (rc == 0)
        rc = ws_fetch(&(struct fm__fetch){.client = client, .upgrade = lines},
                      url, options, &response);
    return rc < 0 ? rc : ws_open_take(response, options, key, out);
}
