/*
 * client_tls.h - whom a client believes by itself, and what TLS agrees on
 */
#ifndef FM_HTTP_CLIENT_TLS_H
#define FM_HTTP_CLIENT_TLS_H

#include <fermata/tls.h>

/* A context with the roots of the system: 0; -EPROTONOSUPPORT where the library
 * has no TLS; or as fm_tls_new. Where another task was faster *tls is that
 * one's. Suspends: reading the roots takes a thread. */
int fm__client_tls_new(fm_tls **tls);
void fm__client_tls_free(fm_tls *tls);

/* The protocol that TLS has agreed on; NULL: none, or there is no TLS. */
const char *fm__http_alpn(const fm_stream *stream);

/* A context, or NULL, may agree on HTTP/2. */
bool fm__http_offers_h2(const fm_tls *tls);

#endif
