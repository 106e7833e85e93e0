/*
 * stranger.h - the other side of a connection: OpenSSL as it is, over a stream
 *
 *     struct stranger peer = stranger_make(context, stream);
 *     rc = stranger_shake(&peer);
 *     n = stranger_read(&peer, buf, sizeof buf);
 *     stranger_free(&peer);
 *
 * It has no code of the library's TLS, and may be told to do what the library
 * never would: old versions, weak keys, lies. The stream stays the caller's.
 */
#ifndef TESTS_NET_STRANGER_H
#define TESTS_NET_STRANGER_H

#include "workshop.h"

#include <fermata.h>
#include <openssl/ssl.h>

struct stranger {
    SSL *ssl;
    fm_stream *stream;
    int alert;  /* what the library complained of, or -1 */
    int reason; /* of OpenSSL, when TLS failed */

    /* Misdeeds, which may change at any time. */
    bool crumbs;      /* sends a byte at a time */
    bool spoil;       /* the last byte of what it sends is another */
    size_t allowance; /* bytes that it sends before it gives up */
};

/* Without limits of its own: any version, any strength, verifies nobody.
 * Ended by SSL_CTX_free. */
SSL_CTX *stranger_client(void);
/* With a certificate, which further ones follow up to a NULL; these NULL:
 * none. */
SSL_CTX *stranger_server(const struct work *work, X509 *const *further);

struct stranger stranger_make(SSL_CTX *context, fm_stream *stream);
/* What it has not sent is lost. NULL does nothing. */
void stranger_free(struct stranger *stranger);

/* All of them suspend. 0 or a count; -EPROTO when TLS failed, and `alert` says
 * of what the library complained; -FM_EEOF at an end without close_notify; or
 * what the stream says; -ECANCELED where the allowance is used up. A read that
 * meets close_notify returns 0. */
int stranger_shake(struct stranger *stranger);
ssize_t stranger_read(struct stranger *stranger, void *buf, size_t size);
ssize_t stranger_write(struct stranger *stranger, const void *buf, size_t size);
/* Sends close_notify. */
int stranger_leave(struct stranger *stranger);

#endif
