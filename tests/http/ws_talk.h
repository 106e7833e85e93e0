/*
 * ws_talk.h - a peer of bytes that were written beforehand
 *
 * Each dialogue is had with both roles, all at once and byte by byte. The peer
 * is a plain stream; ours says what it hears.
 */
#ifndef TESTS_HTTP_WS_TALK_H
#define TESTS_HTTP_WS_TALK_H

#include "task/story.h"

#include "harness.h"

#include "http/exchange_record.h"
#include "http/ws_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>

enum {
    CASES_ROOM = 1 << 18
};

static struct {
    bool client; /* the role of ours */
    char said[CASES_ROOM];
    size_t size;
    size_t piece;
    char wanted[CASES_ROOM]; /* without masks */
    size_t wanted_size;
    char heard[CASES_ROOM];
    size_t heard_size;
    fm_ws_options options;
    const char *offer;  /* a line of the peer's request */
    fm_ws_options peer; /* what the peer takes of ours */
    int result;         /* of the last fm_ws_receive */
    unsigned code;
} talk;

static char filler[CASES_ROOM];

/* ---- what is said, and what is wanted ------------------------------------ */

static void begin(bool client)
{
    memset(&talk, 0, sizeof talk);
    talk.client = client;
    talk.options.ping = -1; /* however slow the machine is */
    talk.options.timeout = 600;
    memset(filler, '*', sizeof filler);
}

/* `first`: FIN, RSV and the opcode. */
static void say(unsigned first, const void *bytes, size_t size)
{
    struct fm__ws_frame frame = {
        .size = size, .masked = !talk.client, .mask = {0x37, 0xfa, 0x21, 0x3d}};
    char *to = talk.said + talk.size;
    size_t head = fm__ws_frame_write(&frame, to);
    CHECK(talk.size + head + size <= CASES_ROOM);
    to[0] = (char)first;
    if (talk.client)
        memcpy(to + head, bytes, size);
    else
        fm__ws_mask(&frame, 0, to + head, (struct fm__slice){bytes, size});
    talk.size += head + size;
}

static void want(unsigned first, const void *bytes, size_t size)
{
    struct fm__ws_frame frame = {.size = size};
    char *to = talk.wanted + talk.wanted_size;
    size_t head = fm__ws_frame_write(&frame, to);
    to[0] = (char)first;
    memcpy(to + head, bytes, size);
    talk.wanted_size += head + size;
}

static void want_close(unsigned code)
{
    const char bytes[] = {(char)(code >> 8), (char)code};
    want(0x88, bytes, 2);
}

static void say_close(unsigned code)
{
    const char bytes[] = {(char)(code >> 8), (char)code};
    say(0x88, bytes, 2);
}

/* ---- both ends ----------------------------------------------------------- */

/* Cut again and again while it waits, which loses nothing. */
static int receive(fm_ws *ws, fm_ws_message *message)
{
    int rc;
    do {
        FM_TIMEOUT(0.0005, rc) {
            rc = fm_ws_receive(ws, message);
        }
    } while (rc == -ETIMEDOUT);
    return rc;
}

static void ours(fm_ws *ws)
{
    fm_ws_message message;
    int rc = 0;
    while (rc >= 0 && (talk.result = receive(ws, &message)) > 0)
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    talk.code = fm_ws_close_code(ws);
    fm_ws_close(ws, 0, NULL);
}

static int our_server(fm_exchange *exchange, void *arg)
{
    fm_ws *ws;
    (void)arg;
    CHECK_INT(fm_ws_accept(exchange, &ws, &talk.options), 0);
    ours(ws);
    return 0;
}

static int peer_says(void *arg)
{
    fm_stream *stream = arg;
    size_t piece = talk.piece > 0 ? talk.piece : talk.size;
    ssize_t rc = 0;
    for (size_t at = 0; rc >= 0 && at < talk.size; at += piece) {
        size_t left = talk.size - at;
        rc = fm_write(stream, talk.said + at, left < piece ? left : piece);
        if (rc >= 0 && talk.piece > 0)
            rc = fm_flush(stream);
    }
    if (rc >= 0)
        fm_write_eof(stream);
    return 0;
}

static void peer_hears(fm_stream *stream)
{
    ssize_t rc = 1;
    while (rc > 0 && talk.heard_size < CASES_ROOM) {
        rc = fm_read(stream, talk.heard + talk.heard_size,
                     CASES_ROOM - talk.heard_size);
        talk.heard_size += rc > 0 ? (size_t)rc : 0;
    }
}

static void peer(fm_stream *stream)
{
    fm_task *says = fm_start(peer_says, stream);
    peer_hears(stream);
    CHECK_INT(fm_await(says), 0);
}

static int peer_server(fm_exchange *exchange, void *arg)
{
    fm_ws *ws;
    (void)arg;
    CHECK_INT(fm_ws_accept(exchange, &ws, &talk.peer), 0);
    peer(exchange->stream);
    fm__ws_free(ws);
    return 0;
}

static void as_client(void)
{
    const fm_http_client_options options = {.handler = peer_server};
    fm_http_client *client;
    fm_ws *ws;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_ws_connect(client, "ws://a/", &ws, &talk.options), 0);
    ours(ws);
    fm_http_client_close(client);
}

static const char asks[] =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n";

/* All at once, with more lines. */
static void ask(fm_stream *stream, const char *lines)
{
    const struct iovec parts[] = {
        {(void *)(uintptr_t)asks, sizeof asks - 1},
        {(void *)(uintptr_t)lines, strlen(lines)},
        {(void *)(uintptr_t)"\r\n", 2},
    };
    CHECK(fm_write_vector(stream, parts, FM__COUNT(parts)) > 0);
}

static int server(void *arg)
{
    const fm_http_serve_options options = {.keep_half_closed = true};
    fm_stream *stream = arg;
    CHECK_INT(fm_http_serve_stream(stream, our_server, NULL, &options), 0);
    fm_close(stream);
    return 0;
}

static void as_server(void)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    fm_task *serves = fm_start(server, ends[1]);
    ask(ends[0], talk.offer != NULL ? talk.offer : "");
    CHECK(fm_read_until(ends[0], "\r\n\r\n", talk.heard, CASES_ROOM) > 0);
    peer(ends[0]);
    CHECK_INT(fm_await(serves), 0);
    fm_close(ends[0]);
}

/* Without masks, of which each client's frame has one. */
static void unmask(void)
{
    size_t from = 0, to = 0;
    while (from < talk.heard_size) {
        struct fm__ws_frame frame;
        ssize_t head = fm__ws_frame_read(&frame, talk.heard + from,
                                         talk.heard_size - from);
        if (head <= 0 || frame.masked != talk.client)
            test_fail(__FILE__, __LINE__, "no frame at %zu", from);
        from += (size_t)head;
        CHECK(frame.size <= talk.heard_size - from);
        struct fm__slice payload = {talk.heard + from, (size_t)frame.size};
        bool masked = frame.masked;
        frame.masked = false;
        to += fm__ws_frame_write(&frame, talk.heard + to);
        if (masked)
            fm__ws_mask(&frame, 0, talk.heard + to, payload);
        else
            memmove(talk.heard + to, payload.at, payload.size);
        from += payload.size;
        to += payload.size;
    }
    talk.heard_size = to;
}

static void check_once(const char *what)
{
    talk.heard_size = 0;
    if (talk.client)
        as_client();
    else
        as_server();
    unmask();
    if (talk.heard_size != talk.wanted_size ||
        memcmp(talk.heard, talk.wanted, talk.wanted_size) != 0)
        test_fail(__FILE__, __LINE__, "%s as %s by %zu: %zu bytes, not %zu",
                  what, talk.client ? "client" : "server", talk.piece,
                  talk.heard_size, talk.wanted_size);
}

static void check(const char *what, int result)
{
    for (int i = 0; i < 2; i++) {
        talk.piece = i == 0 ? 0 : talk.size > 2000 ? 997 : 1;
        check_once(what);
        if (talk.result != result)
            test_fail(__FILE__, __LINE__, "%s as %s: %d, not %d", what,
                      talk.client ? "client" : "server", talk.result, result);
    }
}

static void check_closed(const char *what)
{
    say_close(1000);
    want_close(1000);
    check(what, 0);
    CHECK_INT(talk.code, 1000);
}

/* What comes behind it is not read. */
static void check_fails(const char *what, int rc, unsigned code)
{
    say(0x89, "late", 4);
    want_close(code);
    check(what, rc);
    CHECK_INT(talk.code, FM_WS_BROKEN);
}

#define BOTH_ROLES for (int client = 0; client < 2; client++)

#endif
