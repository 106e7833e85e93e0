/*
 * no_tls.c - what http_server asks of TLS, where it is not built
 */
#include <errno.h>
#include <fermata/tls.h>

int fm__tls_new(fm_tls **tls, enum fm_tls_role role,
                const fm_tls_options *options)
{
    (void)tls;
    (void)role;
    (void)options;
    return -EPROTONOSUPPORT;
}

void fm_tls_free(fm_tls *tls)
{
    (void)tls;
}
