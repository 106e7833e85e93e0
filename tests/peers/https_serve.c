/*
 * https_serve.c - a server of HTTP over TLS, for clients that others wrote
 *
 *     https_serve DIRECTORY [PROTOCOLS]
 *
 * Says "listening on ADDRESS", and answers any request with the body it got;
 * but /page is a page that asks for fifty things at once, and then says how.
 * The certificate is DIRECTORY/server.pem, by certify.c; protocols are those of
 * ALPN, "http/1.1" where none are said.
 */
#include <errno.h>
#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>
#include <string.h>

enum {
    SERVE_PATH = 512
};

/* Ends with a text such as "h2 50". */
static const char serve_page[] =
    "<!doctype html><body>asking<script>"
    "const ask = async (_, i) => {"
    "  const sent = 'body ' + i;"
    "  const answer = await fetch('/' + i, {method: 'POST', body: sent});"
    "  return await answer.text() === sent;"
    "};"
    "Promise.all([...Array(50)].map(ask)).then(all => {"
    "  const [page] = performance.getEntriesByType('navigation');"
    "  document.body.textContent ="
    "    page.nextHopProtocol + ' ' + all.filter(Boolean).length;"
    "});"
    "</script>";

static int serve_echo(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/page") == 0) {
        fm_reply_set(exchange, "Content-Type", "text/html");
        return fm_reply_text(exchange, 200, serve_page);
    }
    ssize_t size = fm_exchange_load(exchange, &body);
    return size < 0 ? (int)size : fm_reply(exchange, 200, body, (size_t)size);
}

static int serve_all(void *tls)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    fm_http_serve_options options = {.serve = {.tls = tls}};
    return fm_http_serve(listener, serve_echo, NULL, &options);
}

int main(int argc, char **argv)
{
    char certificate[SERVE_PATH], key[SERVE_PATH];
    fm_tls *tls = NULL;
    fm_tls_failure failure = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: https_serve DIRECTORY [PROTOCOLS]\n");
        return 2;
    }
    snprintf(certificate, SERVE_PATH, "%s/server.pem", argv[1]);
    snprintf(key, SERVE_PATH, "%s/server.key", argv[1]);
    fm_tls_options options = {.certificate = certificate,
                              .key = key,
                              .alpn = argc > 2 ? argv[2] : "http/1.1",
                              .handshake_timeout = 600,
                              .failure = &failure};
    int rc = fm_tls_new(&tls, FM_TLS_SERVER, &options);
    if (rc < 0)
        fprintf(stderr, "https_serve: %s\n", failure.text);
    else
        rc = fm_run(serve_all, tls);
    fm_tls_free(tls);
    return rc < 0 && rc != -ECANCELED;
}
