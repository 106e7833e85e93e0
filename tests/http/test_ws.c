/*
 * test_ws.c - WebSockets of a server, byte by byte
 */
#include "http/http_play.h"

#include "harness.h"

#include "proto/ws_frame.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>

#define ASK                                                                    \
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n" \
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"   \
    "Sec-WebSocket-Version: 13\r\n"
#define AGREED                                                                 \
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"              \
    "Upgrade: websocket\r\n"                                                   \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

/* What a client says after the handshake, and what it is answered. */
struct talk {
    char words[2 * PLAY_ROOM];
    size_t size;
    fm_ws_options options;
    int result;    /* of the last fm_ws_receive */
    int closed;    /* of fm_ws_close */
    unsigned code; /* of the peer's close */
    int messages;
};

static struct talk talk;
static struct play scene;

static int echo(fm_exchange *exchange, void *arg)
{
    fm_ws_message message;
    fm_ws *ws;
    (void)arg;
    int rc = fm_ws_accept(exchange, &ws, &talk.options);
    talk.result = rc;
    if (rc < 0)
        return rc == -FM_ENOWS ? 0 : rc;
    while (rc == 0 && (talk.result = fm_ws_receive(ws, &message)) > 0) {
        talk.messages++;
        CHECK_INT(message.bytes[message.size], 0);
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    }
    talk.code = fm_ws_close_code(ws);
    talk.closed = fm_ws_close(ws, 0, NULL);
    return 0;
}

static void begin(void)
{
    memset(&talk, 0, sizeof talk);
    memset(&scene, 0, sizeof scene);
    scene.handler = echo;
    scene.words = talk.words;
    talk.size =
        (size_t)snprintf(talk.words, sizeof talk.words, "%s", ASK "\r\n");
}

static void say(const void *bytes, size_t size)
{
    memcpy(talk.words + talk.size, bytes, size);
    talk.size += size;
}

/* A frame as a client sends it: its first byte and its payload. */
static void say_frame(unsigned first, const void *bytes, size_t size)
{
    struct fm__ws_frame frame = {.size = size,
                                 .opcode = first & 15,
                                 .last = (first & 128) != 0,
                                 .masked = true,
                                 .mask = {9, 8, 7, 6}};
    char head[FM__WS_HEAD];
    say(head, fm__ws_frame_write(&frame, head));
    fm__ws_mask(&frame, 0, talk.words + talk.size,
                (struct fm__slice){bytes, size});
    talk.size += size;
}

static void say_text(unsigned first, const char *text)
{
    say_frame(first, text, strlen(text));
}

static void check_answer(const char *bytes, size_t size)
{
    static const char agreed[] = AGREED "\r\n";
    size_t head = sizeof agreed - 1;
    scene.size = talk.size;
    play(&scene);
    CHECK(strncmp(scene.answer, agreed, head) == 0);
    if (scene.answered != head + size ||
        memcmp(scene.answer + head, bytes, size) != 0)
        for (size_t i = 0; i < scene.answered - head; i++)
            printf("%02x ", (uint8_t)scene.answer[head + i]);
    CHECK_INT(scene.answered - head, size);
    CHECK(memcmp(scene.answer + head, bytes, size) == 0);
}

#define CHECK_ANSWER(literal) check_answer(literal, sizeof literal - 1)

/* ---- the handshake ------------------------------------------------------ */

STORY(the_handshake_of_the_standard_is_answered)
{
    begin();
    say_text(0x88, "\x03\xe8");
    CHECK_ANSWER("\x88\x02\x03\xe8");
    CHECK_INT(talk.result, 0);
    CHECK_INT(talk.closed, 0);
    CHECK_INT(talk.code, 1000);
}

static void check_refused(const char *words, const char *line)
{
    begin();
    scene.words = words;
    play(&scene);
    if (strncmp(scene.answer, line, strlen(line)) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s", words, scene.answer);
    bool told = strstr(scene.answer, "application/problem+json") != NULL;
    CHECK_INT(told, strncmp(line, "HTTP/1.1 4", 10) == 0);
}

STORY(what_asks_for_no_websocket_is_refused)
{
    check_refused("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400");
    check_refused("POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                  "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                  "HTTP/1.1 400");
    check_refused("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                  "Connection: upgrade\r\nSec-WebSocket-Version: 8\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                  "HTTP/1.1 426");
    CHECK(strstr(scene.answer, "Sec-WebSocket-Version: 13\r\n") != NULL);
    CHECK(strstr(scene.answer, "Upgrade: websocket\r\n") != NULL);
    static const char *const keys[] = {
        "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZQAA"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char words[512];
        snprintf(words, sizeof words,
                 "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                 "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: %s\r\n\r\n",
                 keys[i]);
        check_refused(words, "HTTP/1.1 400");
    }
}

static void check_origin(const char *origin, const char *allowed, bool good)
{
    begin();
    talk.size = (size_t)snprintf(talk.words, sizeof talk.words,
                                 ASK "Origin: %s\r\n\r\n", origin);
    talk.options.origins = allowed;
    scene.size = talk.size;
    play(&scene);
    const char *wanted = good ? "HTTP/1.1 101" : "HTTP/1.1 403";
    if (strncmp(scene.answer, wanted, strlen(wanted)) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s", origin, scene.answer);
}

STORY(pages_of_other_origins_are_refused)
{
    check_origin("http://server.example.com", NULL, true);
    check_origin("https://SERVER.example.com", NULL, true);
    check_origin("http://server.example.com:81", NULL, false);
    check_origin("http://evil.example", NULL, false);
    check_origin("http://server.example.com.evil.example", NULL, false);
    check_origin("null", NULL, false);
    check_origin("http://evil.example", "*", true);
    check_origin("https://b.example", "https://a.example, https://b.example",
                 true);
    check_origin("http://b.example", "https://a.example, https://b.example",
                 false);
}

STORY(a_protocol_is_agreed_on)
{
    begin();
    talk.size =
        (size_t)snprintf(talk.words, sizeof talk.words,
                         ASK "Sec-WebSocket-Protocol: superchat, chat\r\n\r\n");
    talk.options.protocols = "chat,superchat";
    scene.size = talk.size;
    play(&scene);
    CHECK(strstr(scene.answer, "Sec-WebSocket-Protocol: chat\r\n") != NULL);
}

/* ---- messages ----------------------------------------------------------- */

STORY(messages_of_every_size_come_back)
{
    static const size_t sizes[] = {0, 1, 125, 126, 127, 1000, 30000};
    static char bytes[30000];
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char answer[31000];
        struct fm__ws_frame frame = {
            .size = sizes[i], .opcode = FM__WS_TEXT, .last = true};
        size_t size = fm__ws_frame_write(&frame, answer);
        begin();
        say_frame(0x81, bytes, sizes[i]);
        memcpy(answer + size, bytes, sizes[i]);
        size += sizes[i];
        say_text(0x88, "");
        memcpy(answer + size, "\x88\0", 2);
        check_answer(answer, size + 2);
        CHECK_INT(talk.code, FM_WS_NO_CODE);
    }
}

STORY(a_message_comes_in_parts_with_pings_in_between)
{
    begin();
    say_text(0x01, "Hel");
    say_text(0x89, "are you there");
    say_text(0x00, "l");
    say_text(0x8a, "unasked");
    say_text(0x80, "o");
    say_text(0x82, "bytes");
    say_text(0x88, "\x03\xe9"
                   "bye");
    CHECK_ANSWER("\x8a\x0d"
                 "are you there"
                 "\x81\x05Hello"
                 "\x82\x05"
                 "bytes"
                 "\x88\x02\x03\xe9");
    CHECK_INT(talk.messages, 2);
    CHECK_INT(talk.code, FM_WS_GOING_AWAY);
}

STORY(bytes_may_come_one_by_one)
{
    begin();
    scene.piece = 1;
    say_text(0x01, "H\xc3");
    say_text(0x80, "\xa9");
    say_text(0x88, "\x03\xe8");
    CHECK_ANSWER("\x81\x03H\xc3\xa9\x88\x02\x03\xe8");
}

/* ---- what is refused ---------------------------------------------------- */

static void check_fails(int rc, const char *close)
{
    char answer[4] = {'\x88', 2, close[0], close[1]};
    check_answer(answer, 4);
    CHECK_INT(talk.result, -rc);
}

STORY(what_breaks_the_protocol_is_closed_by_1002)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"\x81\x00", 2},                          /* not masked */
        {"\xc1\x80\0\0\0\0", 6},                  /* reserved bits */
        {"\x83\x80\0\0\0\0", 6},                  /* an opcode */
        {"\x80\x80\0\0\0\0", 6},                  /* nothing to continue */
        {"\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 12}, /* a message in another */
        {"\x09\x80\0\0\0\0", 6},                  /* a ping in parts */
        {"\x89\xfe\0\x7e\0\0\0\0", 8},            /* a ping too long */
        {"\x88\x81\0\0\0\0\3", 7},                /* half a code */
        {"\x88\x82\0\0\0\0\3\xed", 8},            /* 1005 */
        {"\x88\x82\0\0\0\0\0\0", 8},
        {"\x82\xfe\0\x7d\0\0\0\0", 8}, /* a size of too many bytes */
        {"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 14},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin();
        say(rows[i].bytes, rows[i].size);
        check_fails(FM_EWS, "\x03\xea");
    }
}

STORY(a_text_that_is_none_is_closed_by_1007_at_its_first_bad_byte)
{
    static const char *const texts[] = {"\xff", "\xc0\x80", "\xed\xa0\x80",
                                        "ok\xf4\x90"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        begin();
        say_text(0x01, texts[i]); /* which is not the last */
        check_fails(FM_EWSTEXT, "\x03\xef");
    }
    begin();
    say_text(0x81, "\xc3"); /* the end of a character is missing */
    check_fails(FM_EWSTEXT, "\x03\xef");
    begin();
    say_text(0x88, "\x03\xe8\xff");
    check_fails(FM_EWSTEXT, "\x03\xef");
}

STORY(a_message_has_its_limit_at_that_byte)
{
    for (size_t size = 9; size <= 11; size++) {
        begin();
        talk.options.message_limit = 10;
        say_frame(0x02, "0123456789", 5);
        say_frame(0x80, "0123456789", size - 5);
        if (size > 10) {
            check_fails(FM_EWSSIZE, "\x03\xf1");
            continue;
        }
        say_text(0x88, "");
        scene.size = talk.size;
        play(&scene);
        CHECK_INT(talk.messages, 1);
    }
}

STORY(a_message_has_so_many_parts)
{
    for (int parts = FM_WS_FRAGMENTS; parts < FM_WS_FRAGMENTS + 2; parts++) {
        begin();
        for (int i = 0; i < parts; i++)
            say_frame((i == 0 ? 2 : 0) | (i == parts - 1 ? 128 : 0), "", 0);
        if (parts > FM_WS_FRAGMENTS) {
            check_fails(FM_EWSSIZE, "\x03\xf1");
            continue;
        }
        say_text(0x88, "");
        scene.size = talk.size;
        play(&scene);
        CHECK_INT(talk.messages, 1);
    }
}

STORY(an_end_without_a_close_is_none)
{
    begin();
    say_text(0x81, "x");
    scene.size = talk.size;
    play(&scene);
    CHECK_INT(talk.result, -FM_EEOF);
    CHECK_INT(talk.code, FM_WS_BROKEN);
}
