/*
 * client_tls_none.c - a library without TLS
 */
#include "http/client_tls.h"

#include <errno.h>

int fm__client_tls_new(fm_tls **tls)
{
    (void)tls;
    return -EPROTONOSUPPORT;
}

void fm__client_tls_free(fm_tls *tls)
{
    (void)tls;
}

bool fm__http_offers_h2(const fm_tls *tls)
{
    (void)tls;
    return false;
}

const char *fm__http_alpn(const fm_stream *stream)
{
    (void)stream;
    return NULL;
}
