/*
 * ws_echo.c - a WebSocket that says what it hears
 *
 *   ws_echo [ADDRESS [LIMIT]]     LIMIT: MiB of a message, 16
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

/* [echo] */
static int echo(fm_exchange *exchange, void *limit)
{
    const fm_ws_options options = {.compress = true,
                                   .message_limit = *(size_t *)limit};
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

struct echo_server {
    const char *address;
    size_t limit; /* bytes */
};

static int server(void *arg)
{
    struct echo_server *self = arg;
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(self->address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_http_serve(listener, echo, &self->limit);
}

int main(int argc, char **argv)
{
    struct echo_server self = {.address = argc > 1 ? argv[1] : "127.0.0.1:8080",
                               .limit = 16};
    if (argc > 2)
        self.limit = strtoul(argv[2], NULL, 10);
    self.limit *= 1024 * 1024;
    return fm_run(server, &self) < 0;
}
