/*
 * test_ws_client.c - WebSockets of both roles, who talk to each other
 */
#include "http/ws_scene.h"

STORY(messages_go_both_ways)
{
    static char large[FM_WS_MESSAGE_LIMIT];
    memset(large, 'x', sizeof large);
    begin();
    open_ws(NULL);
    check_echo(FM_WS_TEXT, "hello", 5);
    check_echo(FM_WS_BINARY, "\0\1\2", 3);
    check_echo(FM_WS_TEXT, "", 0);
    check_echo(FM_WS_BINARY, large, 1000);
    check_echo(FM_WS_BINARY, large, 70000);
    check_echo(FM_WS_BINARY, large, sizeof large);
    CHECK_INT(fm_ws_close(scene.ws, 3001, "done"), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.received, 0);
    CHECK_INT(scene.code, 3001);
    CHECK_INT(strcmp(scene.reason, "done"), 0);
}

STORY(a_message_goes_in_parts)
{
    fm_ws_message message;
    struct iovec part = {(void *)(uintptr_t)"to", 2};
    begin();
    open_ws(NULL);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_TEXT, part, false), 0);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "x", 1), -EBUSY);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_TEXT, part, true), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(strcmp(message.bytes, "toto"), 0);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.code, FM_WS_NORMAL);
}

STORY(large_messages_and_many_small_ones_go_both_ways)
{
    enum {
        LARGE = 4 * 1024 * 1024,
        PART = 65536
    };
    static char large[LARGE];
    const fm_ws_options options = {.message_limit = LARGE};
    fm_ws_message message;
    memset(large, 'x', sizeof large);
    begin();
    scene.server = options;
    open_ws(&options);
    check_echo(FM_WS_BINARY, large, LARGE);
    for (size_t at = 0; at < LARGE; at += PART) {
        struct iovec part = {large + at, PART};
        CHECK_INT(
            fm_ws_send_part(scene.ws, FM_WS_TEXT, part, at + PART == LARGE), 0);
    }
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(message.size, LARGE);
    for (size_t i = 0; i < test_many(1000); i++)
        check_echo(FM_WS_TEXT, large, 64);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.code, FM_WS_NORMAL);
}

STORY(after_a_close_nothing_is_sent)
{
    fm_ws_message message;
    begin();
    scene.server.message_limit = 3;
    open_ws(NULL);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "four", 4), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 0);
    CHECK_INT(fm_ws_close_code(scene.ws), FM_WS_TOO_LARGE);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 0);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "x", 1), -FM_EWSCLOSED);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.received, -FM_EWSSIZE);
}

STORY(a_close_that_may_not_be_said_is_a_failure_of_ours)
{
    static const unsigned codes[] = {1, 999, 1004, 1005, 1006, 1015, 5000};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        begin();
        open_ws(NULL);
        CHECK_INT(fm_ws_close(scene.ws, codes[i], NULL), -EINVAL);
        fm_http_client_close(scene.client);
        CHECK_INT(scene.code, FM_WS_FAILED);
    }
    char reason[FM_WS_REASON + 2];
    for (size_t size = FM_WS_REASON; size < sizeof reason; size++) {
        memset(reason, 'r', size);
        reason[size] = '\0';
        begin();
        open_ws(NULL);
        CHECK_INT(fm_ws_close(scene.ws, 0, reason),
                  size > FM_WS_REASON ? -EINVAL : 0);
        fm_http_client_close(scene.client);
    }
}

STORY(who_says_nothing_is_asked_and_stays)
{
    fm_ws_message message;
    int rc;
    begin();
    open_ws(&(fm_ws_options){.ping = 5, .timeout = 2});
    FM_TIMEOUT(100, rc) {
        rc = fm_ws_receive(scene.ws, &message);
    }
    CHECK_INT(rc, -ETIMEDOUT); /* and nobody was given up */
    check_echo(FM_WS_TEXT, "still there", 11);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
}

STORY(who_does_not_answer_a_ping_is_given_up)
{
    fm_ws_message message;
    begin();
    scene.deaf = true;
    open_ws(&(fm_ws_options){.ping = 5, .timeout = 2});
    int64_t began = fm_now();
    CHECK_INT(fm_ws_receive(scene.ws, &message), -FM_EPEERTIMEOUT);
    CHECK_INT((int)((fm_now() - began) / 1000000000), 7);
    CHECK_INT(fm_ws_receive(scene.ws, &message), -FM_EPEERTIMEOUT);
    fm_ws_close(scene.ws, 0, NULL);
    scene.deaf = false;
    fm_http_client_close(scene.client);
}

static int plain(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "no WebSocket\n");
}

STORY(a_server_that_speaks_something_else_is_told)
{
    fm_http_failure failure;
    begin();
    scene.options.handler = plain;
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
    CHECK_INT(fm_ws_connect(scene.client, URL, &scene.ws,
                            &(fm_ws_options){.failure = &failure}),
              -FM_ENOWS);
    CHECK_INT(failure.step, FM_HTTP_STEP_STATUS);
    CHECK_INT(failure.code, -FM_ENOWS);
    CHECK_INT(fm_ws_connect(scene.client, "ftp://a/", &scene.ws,
                            &(fm_ws_options){.failure = &failure}),
              -EINVAL);
    CHECK_INT(failure.step, FM_HTTP_STEP_URL);
    /* Its answer has come to an end, and the connection serves on. */
    CHECK_INT(fm_http_client_connections(scene.client), 1);
    fm_http_client_close(scene.client);
}

STORY(a_protocol_is_of_both)
{
    begin();
    scene.server.protocols = "b,c";
    open_ws(&(fm_ws_options){.protocols = "a, b"});
    CHECK_INT(strcmp(fm_ws_protocol(scene.ws), "b"), 0);
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
}

/* ---- the handshake, and masks -------------------------------------------- */

struct shake {
    const char *fields;
    bool of_the_key; /* Sec-WebSocket-Accept is right */
};

/* Says 101 with what it is told to; whatever comes is read. */
static int answers(fm_exchange *exchange, void *arg)
{
    const struct shake *shake = arg;
    const char *key = fm_exchange_field(exchange, "Sec-WebSocket-Key");
    char text[128] = "", sum[32];
    uint8_t digest[FM__SHA1_SIZE];
    struct fm__pen pen = {sum, sum + sizeof sum, false};
    snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
             shake->of_the_key ? key : "dGhlIHNhbXBsZSBub25jZQ==");
    fm__sha1(digest, fm__slice_of(text));
    fm__base64_encode(&pen,
                      (struct fm__slice){(const char *)digest, sizeof digest});
    fm_printf(exchange->stream,
              "HTTP/1.1 101 Yes\r\n%sSec-WebSocket-Accept: %.*s\r\n\r\n",
              shake->fields, (int)(pen.at - sum), sum);
    fm_flush(exchange->stream);
    exchange->state = FM__REPLY_DONE;
    exchange->last = true;
    while (fm_read(exchange->stream, text, sizeof text) > 0)
        continue;
    return 0;
}

#define GOOD "Upgrade: websocket\r\nConnection: Upgrade\r\n"

STORY(an_answer_that_is_none_is_refused)
{
    static const struct shake rows[] = {
        {GOOD, false},
        {"Connection: Upgrade\r\n", true},
        {"Upgrade: websocket\r\n", true},
        {"Upgrade: other\r\nConnection: Upgrade\r\n", true},
        {GOOD "Sec-WebSocket-Extensions: permessage-deflate\r\n", true},
        {GOOD "Sec-WebSocket-Protocol: b\r\n", true},
        {GOOD "Sec-WebSocket-Protocol: A\r\n", true},
        {GOOD "Sec-WebSocket-Protocol: a\r\n", true}, /* which is one */
    };
    for (size_t i = 0; i < FM__COUNT(rows); i++) {
        bool good = i == FM__COUNT(rows) - 1;
        begin();
        scene.options.handler = answers;
        scene.options.handler_arg = (void *)(uintptr_t)&rows[i];
        CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
        int rc = fm_ws_connect(scene.client, URL, &scene.ws,
                               &(fm_ws_options){.protocols = "a"});
        if (rc != (good ? 0 : -FM_ENOWS))
            test_fail(__FILE__, __LINE__, "%zu: %d", i, rc);
        if (rc == 0)
            fm_ws_close(scene.ws, 0, NULL);
        fm_http_client_close(scene.client);
    }
}

#define EXTENDED GOOD "Sec-WebSocket-Extensions: permessage-deflate"

/* Where nothing is compressed, any answer is. */
STORY(an_answer_to_another_offer_is_refused)
{
    static const struct shake rows[] = {
        {EXTENDED "; unknown\r\n", true},
        {EXTENDED "; client_max_window_bits\r\n", true},
        {EXTENDED "; client_max_window_bits=11\r\n", true},
        {EXTENDED "; server_max_window_bits=11\r\n", true},
        {EXTENDED "; server_max_window_bits=7\r\n", true},
        {EXTENDED "\r\n", true}, /* the server has another window */
        {EXTENDED "; server_max_window_bits=9; server_max_window_bits=9\r\n",
         true},
        {EXTENDED "; server_max_window_bits=9, permessage-deflate\r\n", true},
        {EXTENDED "; server_max_window_bits=9, foo\r\n", true},
        {EXTENDED "; server_max_window_bits=9,;\r\n", true},
        {EXTENDED "; server_max_window_bits=9\r\n"
                  "Sec-WebSocket-Extensions: permessage-deflate\r\n",
         true},
        {GOOD "Sec-WebSocket-Extensions: permessage-bzip2\r\n", true},
        {GOOD "Sec-WebSocket-Extensions: ;\r\n", true},
    };
    for (size_t i = 0; i < FM__COUNT(rows); i++) {
        begin();
        scene.options.handler = answers;
        scene.options.handler_arg = (void *)(uintptr_t)&rows[i];
        CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
        int rc = fm_ws_connect(
            scene.client, URL, &scene.ws,
            &(fm_ws_options){.compress = true, .window_bits = 10});
        if (rc != -FM_ENOWS)
            test_fail(__FILE__, __LINE__, "%zu: %d", i, rc);
        fm_http_client_close(scene.client);
    }
}

static char masked[6 * 64 + 1];

static int hears_masks(fm_exchange *exchange, void *arg)
{
    fm_ws *ws;
    (void)arg;
    CHECK_INT(fm_ws_accept(exchange, &ws), 0);
    CHECK_INT(fm_read_exactly(exchange->stream, masked, 6 * 64), 6 * 64);
    fm__ws_free(ws);
    return 0;
}

STORY(no_two_frames_have_one_mask)
{
    begin();
    scene.options.handler = hears_masks;
    open_ws(NULL);
    for (int i = 0; i < 64; i++)
        CHECK_INT(fm_ws_send(scene.ws, FM_WS_BINARY, "", 0), 0);
    fm_ws_close(scene.ws, 0, NULL);
    fm_http_client_close(scene.client);
    int same = 0;
    for (int i = 0; i < 64; i++)
        for (int k = 0; k < i; k++)
            same += memcmp(masked + 6 * i + 2, masked + 6 * k + 2, 4) == 0;
    CHECK(same <= 1); /* once in two million */
}
