/*
 * ws_echo.c - a WebSocket that says what it hears
 *
 *   ws_echo [ADDRESS]
 */
#include <fermata.h>
#include <stdio.h>

/* [echo] */
static int echo(fm_exchange *exchange, void *arg)
{
    (void)arg;
    const fm_ws_options options = {.message_limit = 16 * 1024 * 1024};
    fm_ws_message message;
    fm_ws *ws;
    int rc = fm_ws_accept(exchange, &ws, &options);
    if (rc < 0)
        return rc;
    while (rc == 0 && fm_ws_receive(ws, &message) > 0)
        rc = fm_ws_send(ws, message.kind, message.bytes, message.size);
    fm_ws_close(ws, 0, NULL);
    return 0;
}
/* [/echo] */

static int server(void *address)
{
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_http_serve(listener, echo, NULL);
}

int main(int argc, char **argv)
{
    return fm_run(server, argc > 1 ? argv[1] : "127.0.0.1:8080") < 0;
}
