/*
 * test_stream_tls.c - the promises of streams, over TLS
 */
#include "io/check_stream.h"
#include "io/stream_ends.h"
#include "net/tls_kit.h"

/* Where all is slow and many shake hands at once, that takes its time. */
static const fm_tls_options patient = {.handshake_timeout = 3600};

static int over_tls(fm_stream *ends[2], int rc)
{
    struct kit_shake shake = {.client = rc};
    if (rc < 0)
        return rc;
    fm_tls *client = kit_client_tls(patient);
    fm_tls *server = kit_server_tls(patient);
    kit_shake(ends, client, server, &shake);
    fm_tls_free(client);
    fm_tls_free(server);
    rc = shake.client < 0 ? shake.client : shake.server;
    for (int i = 0; i < 2 && rc < 0; i++)
        fm_abort(ends[i]);
    return rc;
}

static int over_tls_pair(fm_stream *ends[2], const fm_stream_options *options)
{
    return over_tls(ends, stream_ends_pair(ends, options));
}

static int over_tls_tcp(fm_stream *ends[2], const fm_stream_options *options)
{
    return over_tls(ends, stream_ends_tcp(ends, options));
}

static int over_tls_memory(fm_stream *ends[2], const fm_stream_options *options)
{
    return over_tls(ends, fm_stream_pair(ends, options));
}

static const struct check_carrier tls_memory = {
    .pair = over_tls_memory, .resets = true, .dear = true};
static const struct check_carrier tls_pair = {
    .pair = over_tls_pair, .cut_off = -FM_ETRUNCATED, .dear = true};
static const struct check_carrier tls_tcp = {
    .pair = over_tls_tcp, .resets = true, .dear = true};

CHECK_STREAM(over_tls_on_a_pair, &tls_pair)
CHECK_STREAM(over_tls_in_memory, &tls_memory)
CHECK_STREAM(over_tls_on_tcp, &tls_tcp)
