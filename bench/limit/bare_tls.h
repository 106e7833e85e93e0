/*
 * bare_tls.h - OpenSSL's context of a server, as all limits under TLS need one
 */
#ifndef BENCH_BARE_TLS_H
#define BENCH_BARE_TLS_H

#include "bare_server.h"
#include <openssl/ssl.h>

/* The certificate and its key are in BENCH_CERTIFICATE; SSL_MODE flags. */
static inline SSL_CTX *bare_tls(long modes)
{
    const char *path = getenv("BENCH_CERTIFICATE");
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (path == NULL ||
        SSL_CTX_use_certificate_chain_file(context, path) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) != 1) {
        fputs("no certificate\n", stderr);
        exit(1);
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, modes);
    SSL_CTX_set_read_ahead(context, 1); /* not the head, then the rest */
    return context;
}

#endif
