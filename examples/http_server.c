/*
 * http_server.c - answers any request with the body it got
 *
 *   http_server [ADDRESS [CERTIFICATE KEY]]
 *
 * It speaks HTTP/1.1 and HTTP/2, as its client begins; with a certificate by
 * TLS, where the client chooses. Says where it listens, and ends in order on
 * SIGINT. Suites that test servers of HTTP are run against it.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

/* [echo] */
static int echo(fm_exchange *exchange, void *arg)
{
    char buf[16384];
    ssize_t size;
    (void)arg;
    const char *type = fm_exchange_field(exchange, "Content-Type");
    if (type != NULL)
        fm_reply_set(exchange, "Content-Type", type);
    /* Before it has its reply, so that a client which waits is asked. */
    size = fm_exchange_read(exchange, buf, sizeof buf);
    if (size < 0)
        return (int)size;
    int rc = fm_reply_begin(exchange, 200, fm_exchange_length(exchange));
    while (rc >= 0 && size > 0) {
        rc = (int)fm_reply_write(exchange, buf, (size_t)size);
        if (rc >= 0)
            size = fm_exchange_read(exchange, buf, sizeof buf);
    }
    return size < 0 ? (int)size : rc;
}
/* [/echo] */

static const char *address = "127.0.0.1:8080", *certificate, *key;

static int serve(fm_tls *tls)
{
    const fm_http_serve_options options = {.serve.tls = tls};
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(address, &listener);
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", address, fm_strerror(rc));
        return rc;
    }
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_http_serve(listener, echo, NULL, &options);
}

/* [tls] */
static int serve_by_tls(void)
{
    fm_tls *tls;
    const fm_tls_options options = {
        .certificate = certificate, .key = key, .alpn = "h2,http/1.1"};
    int rc = fm_tls_new(&tls, FM_TLS_SERVER, &options);
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", certificate, fm_strerror(rc));
        return rc;
    }
    rc = serve(tls);
    fm_tls_free(tls);
    return rc;
}
/* [/tls] */

static int server(void *arg)
{
    (void)arg;
    return certificate != NULL ? serve_by_tls() : serve(NULL);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        address = argv[1];
    if (argc > 3) {
        certificate = argv[2];
        key = argv[3];
    }
    int rc = fm_run(server, NULL);
    return rc < 0 && rc != -ECANCELED;
}
