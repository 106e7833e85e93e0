/*
 * http_hello.c - the smallest server of HTTP
 *
 *   http_hello [ADDRESS]
 */
#include <fermata.h>

/* [hello] */
static int hello(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "hello\n");
}

static int server(void *address)
{
    fm_listener *listener;
    int rc = fm_listen(address, &listener);
    return rc < 0 ? rc : fm_http_serve(listener, hello, NULL);
}
/* [/hello] */

int main(int argc, char **argv)
{
    return fm_run(server, argc > 1 ? argv[1] : "127.0.0.1:8080") < 0;
}
