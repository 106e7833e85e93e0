/*
 * test_ws_client.c - WebSockets of both roles, who talk to each other
 */
#include "task/story.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define URL "ws://server.example/chat"

static struct {
    fm_http_client *client;
    fm_http_client_options options;
    fm_ws *ws;
    fm_ws_options server; /* of the other end */
    int received;         /* what its last fm_ws_receive returned */
    unsigned code;
    char reason[128];
    bool deaf; /* it reads nothing */
} scene;

static int echo(fm_exchange *exchange, void *arg)
{
    fm_ws_message message;
    fm_ws *ws;
    (void)arg;
    int rc = fm_ws_accept(exchange, &ws, &scene.server);
    if (rc < 0)
        return rc == -FM_ENOWS ? 0 : rc;
    while (scene.deaf && rc == 0)
        rc = fm_sleep(1);
    while (rc == 0 && (scene.received = fm_ws_receive(ws, &message)) > 0)
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    scene.code = fm_ws_close_code(ws);
    snprintf(scene.reason, sizeof scene.reason, "%s", fm_ws_close_reason(ws));
    fm_ws_close(ws, 0, NULL);
    return 0;
}

static void begin(void)
{
    memset(&scene, 0, sizeof scene);
    scene.options.handler = echo;
}

static void open_ws(const fm_ws_options *options)
{
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
    CHECK_INT(fm_ws_connect(scene.client, URL, &scene.ws, options), 0);
}

static void check_echo(enum fm_ws_kind kind, const char *bytes, size_t size)
{
    fm_ws_message message;
    CHECK_INT(fm_ws_send(scene.ws, kind, bytes, size), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(message.kind, kind);
    CHECK_INT(message.size, size);
    CHECK(memcmp(message.bytes, bytes, size) == 0);
}

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
