/*
 * websocket.h - messages both ways, over one connection (RFC 6455)
 *
 *     static int echo(fm_exchange *exchange, void *arg)
 *     {
 *         fm_ws_message message;
 *         fm_ws *ws;
 *         int rc = fm_ws_accept(exchange, &ws);
 *         if (rc < 0)
 *             return rc;
 *         while (rc == 0 && (rc = fm_ws_receive(ws, &message)) > 0)
 *             rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
 *         return fm_ws_close(ws, 0, NULL);
 *     }
 *
 * In libfermata-http.
 */
#ifndef FERMATA_WEBSOCKET_H
#define FERMATA_WEBSOCKET_H

#include <fermata/api.h>
#include <fermata/exchange.h>
#include <fermata/http_client.h>

#define FM_WS_MESSAGE_LIMIT (1024 * 1024) /* bytes of a message */
#define FM_WS_FRAGMENTS 1024              /* of a message */
#define FM_WS_PING 30                     /* seconds without a word */
#define FM_WS_TIMEOUT 10                  /* seconds for an answer */
#define FM_WS_REASON 123                  /* bytes of a reason */
#define FM_WS_COMPRESS_FROM 256           /* bytes of a message */
#define FM_WS_RATIO 200                   /* times that a large one may grow */

/* A WebSocket: of the task that has opened it, and of its loop. One task may
 * receive while others send. */
typedef struct fm_ws fm_ws;

/* What a message is. */
enum fm_ws_kind {
    FM_WS_TEXT = 1, /* UTF-8 */
    FM_WS_BINARY = 2
};

/* Codes of a close (RFC 6455, 7.4.1); from 3000 on they are the program's. */
enum fm_ws_code {
    FM_WS_NORMAL = 1000,
    FM_WS_GOING_AWAY = 1001,
    FM_WS_PROTOCOL = 1002,
    FM_WS_UNSUPPORTED = 1003,
    FM_WS_NO_CODE = 1005, /* none was said; never sent */
    FM_WS_BROKEN = 1006,  /* the connection ended without; never sent */
    FM_WS_BAD_DATA = 1007,
    FM_WS_POLICY = 1008,
    FM_WS_TOO_LARGE = 1009,
    FM_WS_FAILED = 1011
};

/* A message; its bytes are the WebSocket's until fm_ws_receive is called again,
 * and have a NUL behind them. */
typedef struct fm_ws_message {
    enum fm_ws_kind kind;
    const char *bytes;
    size_t size;
} fm_ws_message;

/*
 * Options; zero is the default, named above. They are borrowed by the call
 * alone. A time below 0 is none.
 *
 *   origins        server: pages that may open one, "https://example.org" and
 *                  others behind commas; NULL: those of the same host and port
 *                  alone; "*" is all. A client that is no browser says none,
 *                  and is always welcome (RFC 6455, 10.2)
 *   protocols      server: those it speaks, the best first; client: those it
 *                  offers: "chat,superchat"
 *   fields         client: of its request, as in fm_http_request
 *   message_limit  bytes of a message
 *   ping           seconds of waiting without a word from the peer, after
 *                  which it is asked for one
 *   timeout        seconds for its answer to that, to a close, and for taking
 *                  what is sent
 *   failure        client: filled in; or NULL
 *   compress       messages may be compressed where the peer agrees, and
 *                  libfermata-http has zlib (permessage-deflate, RFC 7692)
 *   compress_from  bytes of a message, or of its first part, that are worth it
 *   context        messages refer to those before them, which makes small ones
 *                  that are alike much smaller, for about 300 KiB a WebSocket;
 *                  without it no memory is kept between them
 *   window_bits    9 to 15: messages refer to the last 2^bits bytes; 0: 15
 *   ratio          a message above FM_WS_MESSAGE_LIMIT may be so many times
 *                  larger than what came; below 0: any
 */
typedef struct fm_ws_options {
    const char *origins;
    const char *protocols;
    const fm_http_field *fields;
    size_t message_limit;
    double ping;
    double timeout;
    fm_http_failure *failure;
    bool compress;
    bool context;
    unsigned window_bits;
    size_t compress_from;
    int ratio;
} fm_ws_options;

/*
 *     FM_SUSPENDS int fm_ws_accept(fm_exchange *exchange, fm_ws **ws, ...);
 *
 * Opens the WebSocket that a request asks for. What is no such request is
 * answered with a problem: 426 for another version, 400, and 403 for an origin
 * that may not. The connection is the WebSocket's until the handler returns,
 * which is not cut where the client goes away: it hears that by receiving and
 * by sending. When the server is stopped the peer is told FM_WS_GOING_AWAY, and
 * nothing more can be sent. An optional third argument is a `const
 * fm_ws_options *`.
 *
 * Returns 0, and *ws is the caller's, to be ended by fm_ws_close before the
 * handler returns; -FM_ENOWS when it was refused, and answered; -EALREADY when
 * a reply has begun; -EINVAL for a time that is not a number, or a window that
 * is none; -ENOMEM; or as fm_reply.
 */
#define fm_ws_accept(...) FM__WS_ACCEPT(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_ws_connect(fm_http_client *client, const char *url,
 *                                   fm_ws **ws, ...);
 *
 * Opens one at a server: "ws://" or "wss://", or "http://" or "https://". It
 * counts as one of the client's connections until it is closed. An optional
 * fourth argument is a `const fm_ws_options *`.
 *
 * Returns 0, and *ws is the caller's; -FM_ENOWS when the server answers
 * something else; -EINVAL for a time that is not a number, a window that is
 * none, or protocols that are none; -ENAMETOOLONG for more than about 100 bytes
 * of them; or as fm_http_fetch.
 */
#define fm_ws_connect(...) FM__WS_CONNECT(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Receives a message. Answers pings meanwhile, and pings by itself. Aborts with
 * a sentence while another task receives. What had come before a cut is not
 * lost; room for a message above 4 KiB is given back while nothing comes.
 *
 * Returns 1; 0 when the peer has closed the WebSocket, see fm_ws_close_code;
 * -FM_EEOF when the connection ended without that; -FM_EWS for what is no
 * frame, -FM_EWSTEXT for a text that is no UTF-8, -FM_EWSSIZE for a message
 * above its limit, which all close the WebSocket with a code; -FM_EPEERTIMEOUT
 * when a ping is not answered, or no answer taken; -ENOMEM; or as fm_read.
 * After an end or an error it is returned again, but for a cut.
 */
FM_API FM_SUSPENDS int fm_ws_receive(fm_ws *ws, fm_ws_message *message);

/*
 * Sends a message, which is borrowed. Whether a text is UTF-8 is for the
 * caller.
 *
 * Returns 0; -FM_EWSCLOSED after a close; -EBUSY between the parts of another
 * message; -EINVAL for a kind that is none; -ETIMEDOUT when the peer takes
 * nothing for too long; -ENOMEM; or as fm_write. After a failure in the middle,
 * and a cut may come there, nothing more can be sent.
 */
FM_API FM_SUSPENDS int fm_ws_send(fm_ws *ws, enum fm_ws_kind kind,
                                  const void *bytes, size_t size);

/*
 * Sends a message in parts: each leaves as a frame of its own. `last` ends it;
 * the kind counts for the first.
 *
 * Returns as fm_ws_send.
 */
FM_API FM_SUSPENDS int fm_ws_send_part(fm_ws *ws, enum fm_ws_kind kind,
                                       struct iovec part, bool last);

/*
 * Ends it; NULL is nothing. Where nobody has closed it yet, it is closed: with
 * a code, 0 is FM_WS_NORMAL, and a reason of at most FM_WS_REASON bytes, or
 * NULL. Waits for the peer's close; what it still sends is dropped. Aborts with
 * a sentence while another task receives or sends. Cut, it says nothing, and
 * the connection is reset.
 *
 * Returns 0; -EINVAL for a code or reason that may not be sent, and then
 * FM_WS_FAILED was; or what failed: it is ended all the same.
 */
FM_API FM_SETTLES int fm_ws_close(fm_ws *ws, unsigned code, const char *reason);

/* Returns the code that the peer has closed with; FM_WS_NO_CODE where it said
 * none; FM_WS_BROKEN before. */
FM_API unsigned fm_ws_close_code(const fm_ws *ws);

/* Returns the peer's reason, or "". It is the WebSocket's. */
FM_API const char *fm_ws_close_reason(const fm_ws *ws);

/* Returns whether compression was agreed on. */
FM_API bool fm_ws_compresses(const fm_ws *ws);

/* Returns the protocol that was agreed on, or "". It is the WebSocket's. */
FM_API const char *fm_ws_protocol(const fm_ws *ws);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__ws_accept(fm_exchange *exchange, fm_ws **ws,
                                     const fm_ws_options *options);
FM_API FM_SUSPENDS int fm__ws_connect(fm_http_client *client, const char *url,
                                      fm_ws **ws, const fm_ws_options *options);

#ifdef __cplusplus
}
#endif

#define FM__WS_ACCEPT(exchange, ws, ...)                                       \
    fm__ws_accept((exchange), (ws), FM__OPTIONS(fm_ws_options, __VA_ARGS__))
#define FM__WS_CONNECT(client, url, ws, ...)                                   \
    fm__ws_connect((client), (url), (ws),                                      \
                   FM__OPTIONS(fm_ws_options, __VA_ARGS__))

#endif
