/*
 * tls_look.h - what a context offers; for the libraries of ours
 */
#ifndef FM_NET_TLS_LOOK_H
#define FM_NET_TLS_LOOK_H

#include <fermata/tls.h>

/* The protocol is among those of the context. */
FM_API bool fm__tls_offers(const fm_tls *tls, const char *protocol);

#endif
