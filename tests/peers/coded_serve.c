/*
 * coded_serve.c - a server of HTTP that codes and decodes
 *
 * Says "listening on ADDRESS", and answers any request with the body it got, as
 * a text; of "/pieces" piece by piece.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>

enum {
    SERVE_PIECE = 10000
};

static int serve_pieces(fm_exchange *exchange, const char *body, size_t size)
{
    int rc = fm_reply_begin(exchange, 200, -1);
    for (size_t at = 0; rc >= 0 && at < size; at += SERVE_PIECE) {
        size_t left = size - at;
        rc = (int)fm_reply_write(exchange, body + at,
                                 left < SERVE_PIECE ? left : SERVE_PIECE);
    }
    return rc;
}

static int serve_echo(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return (int)size;
    int rc = fm_reply_set(exchange, "Content-Type", "text/plain");
    if (rc < 0)
        return rc;
    return strcmp(fm_exchange_target(exchange), "/pieces") == 0
               ? serve_pieces(exchange, body, (size_t)size)
               : fm_reply(exchange, 200, body, (size_t)size);
}

static int serve_all(void *arg)
{
    const fm_http_serve_options options = {.compress = true, .decode = true};
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_http_serve(listener, serve_echo, NULL, &options);
}

int main(void)
{
    int rc = fm_run(serve_all, NULL);
    return rc < 0 && rc != -ECANCELED;
}
