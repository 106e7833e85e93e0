/*
 * sha1.h - the digest that the opening of a WebSocket asks for (RFC 3174)
 *
 * It proves that the other side speaks the protocol, and nothing else: SHA-1 is
 * good for no secret any more.
 */
#ifndef FM_PROTO_SHA1_H
#define FM_PROTO_SHA1_H

#include "proto/slice.h"

enum {
    FM__SHA1_SIZE = 20,
    FM__SHA1_MOST = 119 /* bytes of a text, so that two blocks hold it */
};

/* Of at most FM__SHA1_MOST bytes. */
void fm__sha1(uint8_t digest[FM__SHA1_SIZE], struct fm__slice text);

#endif
