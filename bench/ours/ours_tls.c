/*
 * ours_tls.c - Fermata: an echo server under TLS, one task a connection
 *
 * ours_tls BACKEND; the certificate and its key are in BENCH_CERTIFICATE
 */
#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BUFFER = 64 * 1024
};

static int echo(fm_stream *client, void *arg)
{
    char buffer[BUFFER];
    ssize_t size;

    (void)arg;
    while ((size = fm_read(client, buffer, sizeof buffer)) > 0)
        if ((size = fm_write(client, buffer, (size_t)size)) < 0)
            break;
    return (int)size;
}

static int echo_main(void *tls)
{
    fm_serve_options options = {.stack_size = 2 * BUFFER, .tls = tls};
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);

    if (rc < 0)
        return rc;
    printf("listening %d\n", fm_address_port(fm_listener_address(listener)));
    fflush(stdout);
    return fm_serve(listener, echo, NULL, &options);
}

int main(int argc, char **argv)
{
    const char *certificate = getenv("BENCH_CERTIFICATE");
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};
    fm_tls_failure failure = {0};
    fm_tls *tls;

    if (fm_tls_new(&tls, FM_TLS_SERVER,
                   &(fm_tls_options){.certificate = certificate,
                                     .key = certificate,
                                     .failure = &failure}) < 0) {
        fprintf(stderr, "%s\n", failure.text);
        return 1;
    }
    return fm_run(echo_main, tls, &options) < 0;
}
