/*
 * client_tls.c - TLS for clients that were not given any
 */
#include "http/client_tls.h"

#include "net/tls_look.h"

#include <fermata/thread.h>

/* [a thread] */
static int client_make(void *arg)
{
    return fm_tls_new(arg, FM_TLS_CLIENT);
}

int fm__client_tls_new(fm_tls **tls)
{
    fm_tls *made = NULL;
    int rc = fm_thread_run(client_make, &made);
    if (rc < 0) {
        if (made != NULL)
            fm_tls_free(made);
        return rc;
    }
    if (*tls != NULL)
        fm_tls_free(made);
    else
        *tls = made;
    return 0;
}

void fm__client_tls_free(fm_tls *tls)
{
    if (tls != NULL)
        fm_tls_free(tls);
}

const char *fm__http_alpn(const fm_stream *stream)
{
    return fm_tls_alpn(stream);
}

bool fm__http_offers_h2(const fm_tls *tls)
{
    return tls != NULL && fm__tls_offers(tls, "h2");
}
