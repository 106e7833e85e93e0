/*
 * codings.h - how a client lets what it is sent be compressed (RFC 9110,
 * 12.5.3)
 */
#ifndef FM_PROTO_CODINGS_H
#define FM_PROTO_CODINGS_H

#include "proto/slice.h"

enum fm__coding {
    FM__CODING_BR,
    FM__CODING_ZSTD,
    FM__CODING_GZIP,
    FM__CODINGS
};

/* A bit for each; zeroed, nothing was said. */
struct fm__codings {
    unsigned taken;
    unsigned refused;
    bool others; /* are taken: "*" */
};

/* Takes an Accept-Encoding, of which there may be several. */
void fm__codings_take(struct fm__codings *codings, struct fm__slice field);

bool fm__codings_has(const struct fm__codings *codings, enum fm__coding coding);

/* As it is called in HTTP. */
const char *fm__coding_name(enum fm__coding coding);

#endif
