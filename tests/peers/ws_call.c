/*
 * ws_call.c - a client of a server that echoes messages
 *
 *     ws_call URL [compress | context]
 *
 * Says "echoed PROTOCOL", and " compressed" behind it where it was; or
 * "failed: WHY".
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>

enum {
    CALL_LARGE = 1024 * 1024
};

struct call {
    const char *url;
    bool compress;
    bool context;
};

static char call_bytes[CALL_LARGE];

static int call_hear(fm_ws *ws, size_t size)
{
    fm_ws_message message;
    int rc = fm_ws_receive(ws, &message);
    if (rc <= 0)
        return rc < 0 ? rc : -ECONNRESET;
    bool same =
        message.size == size && memcmp(message.bytes, call_bytes, size) == 0;
    return same ? 0 : -EBADMSG;
}

static int call_echo(fm_ws *ws, enum fm_ws_kind kind, size_t size)
{
    struct iovec part = {call_bytes, size / 2};
    int rc = fm_ws_send(ws, kind, call_bytes, size);
    if (rc == 0)
        rc = call_hear(ws, size);
    if (rc == 0)
        rc = fm_ws_send_part(ws, kind, part, false);
    part.iov_base = call_bytes + size / 2;
    part.iov_len = size - size / 2;
    if (rc == 0)
        rc = fm_ws_send_part(ws, kind, part, true);
    return rc == 0 ? call_hear(ws, size) : rc;
}

static int call_echo_all(fm_ws *ws)
{
    static const size_t sizes[] = {0,   1,     125,   126,
                                   127, 65535, 65536, CALL_LARGE};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof sizes / sizeof sizes[0]; i++) {
        rc = call_echo(ws, FM_WS_TEXT, sizes[i]);
        if (rc == 0)
            rc = call_echo(ws, FM_WS_BINARY, sizes[i]);
    }
    return rc;
}

static int call_over(fm_http_client *client, const struct call *call)
{
    char protocol[48];
    fm_ws *ws;
    int rc = fm_ws_connect(client, call->url, &ws,
                           &(fm_ws_options){.protocols = "talk, chat",
                                            .compress = call->compress,
                                            .context = call->context,
                                            .ping = 300,
                                            .timeout = 300});
    if (rc < 0)
        return rc;
    rc = call_echo_all(ws);
    snprintf(protocol, sizeof protocol, "%s%s", fm_ws_protocol(ws),
             fm_ws_compresses(ws) ? " compressed" : "");
    int closed = fm_ws_close(ws, 4000, "done");
    if (rc == 0 && closed == 0)
        printf("echoed %s\n", protocol);
    return rc < 0 ? rc : closed;
}

static int call_main(void *call)
{
    fm_http_client *client;
    for (size_t i = 0; i < sizeof call_bytes; i++)
        call_bytes[i] = (char)('a' + i * i / 7 % 26);
    int rc = fm_http_client_open(&client);
    if (rc < 0)
        return rc;
    rc = call_over(client, call);
    fm_http_client_close(client);
    if (rc < 0)
        printf("failed: %s\n", fm_strerror(rc));
    return rc;
}

int main(int argc, char **argv)
{
    struct call call = {.url = argv[1]};
    if (argc < 2)
        return 2;
    call.context = argc > 2 && strcmp(argv[2], "context") == 0;
    call.compress = argc > 2;
    return fm_run(call_main, &call) < 0;
}
