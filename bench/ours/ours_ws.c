/*
 * ours_ws.c - Fermata: a server of WebSockets that sends back each message
 *
 * ours_ws BACKEND
 *
 * Its limits and timeouts are those it has by default.
 */
#include <fermata.h>
#include <stdio.h>

static int ws_echo(fm_exchange *exchange, void *arg)
{
    fm_ws_message message;
    fm_ws *ws;
    int rc = fm_ws_accept(exchange, &ws);

    (void)arg;
    if (rc < 0)
        return rc;
    while (rc == 0 && fm_ws_receive(ws, &message) > 0)
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    return fm_ws_close(ws, 0, NULL);
}

static int ws_main(void *arg)
{
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);

    (void)arg;
    if (rc < 0)
        return rc;
    printf("listening %d\n", fm_address_port(fm_listener_address(listener)));
    fflush(stdout);
    return fm_http_serve(listener, ws_echo, NULL);
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    return fm_run(ws_main, NULL, &options) < 0;
}
