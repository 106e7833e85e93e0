/*
 * etag.h - tags that tell one version of a thing from another, and lists of
 * them (RFC 9110, 8.8.3)
 */
#ifndef FM_PROTO_ETAG_H
#define FM_PROTO_ETAG_H

#include "proto/slice.h"

struct fm__etag {
    struct fm__slice text; /* with its quotes, without "W/" */
    bool weak;
};

/* A tag and nothing else. */
bool fm__etag_read(struct fm__slice text, struct fm__etag *tag);

/* Whether a list has the tag, or is an asterisk. strong: weak ones are equal
 * to none (RFC 9110, 8.8.3.2). What comes behind a mistake does not count. */
bool fm__etag_listed(struct fm__slice list, const struct fm__etag *tag,
                     bool strong);

#endif
