/*
 * ws_scene.h - a WebSocket of ours, and a server that says what it hears
 */
#ifndef TESTS_HTTP_WS_SCENE_H
#define TESTS_HTTP_WS_SCENE_H

#include "net/neighbours.h"
#include "task/story.h"

#include "harness.h"

#include "http/exchange_record.h"
#include "http/ws_record.h"
#include "proto/base64.h"
#include "proto/sha1.h"

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

#endif
