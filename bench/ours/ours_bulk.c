/*
 * ours_bulk.c - Fermata: a stream that sends as fast as it can, one way
 *
 * ours_bulk BACKEND PORT @NAME TLS-PORT; the certificate and its key are in
 * BENCH_CERTIFICATE
 */
#include "bulk.h"

#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PLACE = 64
};

static int send_all(fm_stream *stream)
{
    int rc = 0;

    for (int i = 0; rc >= 0 && i < BULK_COUNT; i++)
        rc = (int)fm_write(stream, bulk_bytes, sizeof bulk_bytes);
    int closed = fm_close(stream);
    return rc < 0 ? rc : closed;
}

/* tls may be NULL. */
static int send_to(const char *place, fm_tls *tls)
{
    fm_stream *stream;
    int rc = fm_connect(place, &stream);

    if (rc < 0)
        return rc;
    if (tls != NULL && (rc = fm_start_tls(stream, tls)) < 0) {
        fm_abort(stream);
        return rc;
    }
    return send_all(stream);
}

static int bulk_main(void *arg)
{
    const char *certificate = getenv("BENCH_CERTIFICATE");
    char *const *places = arg;
    char tcp[PLACE], local[PLACE], secure[PLACE];
    fm_tls *tls;
    int rc = fm_tls_new(
        &tls, FM_TLS_SERVER,
        &(fm_tls_options){.certificate = certificate, .key = certificate});

    if (rc < 0)
        return rc;
    snprintf(tcp, sizeof tcp, "127.0.0.1:%s", places[0]);
    snprintf(local, sizeof local, "unix:%s", places[1]);
    snprintf(secure, sizeof secure, "127.0.0.1:%s", places[2]);
    rc = send_to(tcp, NULL);
    if (rc == 0)
        rc = send_to(local, NULL);
    if (rc == 0)
        rc = send_to(secure, tls);
    fm_tls_free(tls);
    return rc;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    if (argc != 2 + BULK_PLACES)
        return 2;
    return fm_run(bulk_main, argv + 2, &options) < 0;
}
