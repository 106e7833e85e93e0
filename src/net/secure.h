/*
 * secure.h - how a library above makes a stream secure
 *
 * libfermata knows no cryptography. A context of fm_tls_new begins with a
 * pointer to this table, by which fm_connect and fm_serve reach the library
 * that has made it.
 */
#ifndef FM_NET_SECURE_H
#define FM_NET_SECURE_H

#include "base/compiler.h"

#include <fermata/tls.h>

struct fm__secure {
    /* fm_start_tls; options may be NULL. */
    int (*start)(fm_stream *stream, fm_tls *tls,
                 const fm_tls_start_options *options);
    /* How many of a server's clients shake hands at once. */
    unsigned (*handshakes)(const fm_tls *tls);
};

FM__INLINE const struct fm__secure *fm__secure(const fm_tls *tls)
{
    return *(const struct fm__secure *const *)(const void *)tls;
}

#endif
