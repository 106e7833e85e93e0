/*
 * url_parts.h - the URL standard (https://url.spec.whatwg.org): parse, change, write
 *
 * A URL is its parts as slices of the caller's memory, which a pen has written
 * or the text that was parsed; so both stay while it is used. Nothing is
 * allocated. Text is UTF-8; what is none becomes U+FFFD.
 */
#ifndef FM_PROTO_URL_PARTS_H
#define FM_PROTO_URL_PARTS_H

#include "proto/slice.h"

#include <sys/types.h>

enum {
    FM__URL_NO_PORT = -1,
    FM__URL_NOT_SPECIAL = -2,
    FM__URL_GROWTH = 16, /* a pen needs no more than so many times its text, */
    FM__URL_MORE = 64    /* and these, and what the base takes */
};

struct fm__url {
    struct fm__slice scheme; /* without ':' */
    struct fm__slice username;
    struct fm__slice password;
    struct fm__slice host; /* of an IPv6 address with brackets */
    struct fm__slice path; /* begins with '/', unless opaque, or is empty */
    struct fm__slice query;
    struct fm__slice fragment;
    int port; /* FM__URL_NO_PORT: none, or the scheme's own */
    bool special;
    bool opaque;
    bool has_host; /* which may be empty */
    bool has_query;
    bool has_fragment;
};

/* Where a URL is written, and what knows of names that are not ASCII. */
struct fm__url_desk {
    struct fm__pen pen;
    /* The ASCII form of a domain that is not ASCII, written with the pen:
     * 0 or -EINVAL. NULL: there is none. */
    int (*to_ascii)(struct fm__pen *pen, struct fm__slice domain);
};

enum fm__url_part {
    FM__URL_PROTOCOL,
    FM__URL_USERNAME,
    FM__URL_PASSWORD,
    FM__URL_HOST, /* with the port */
    FM__URL_HOSTNAME,
    FM__URL_PORT,
    FM__URL_PATHNAME,
    FM__URL_SEARCH,
    FM__URL_HASH
};

/*
 * Fills *url from text, which may be relative to a base (or NULL). 0; -EINVAL
 * for what is no URL; -ENOBUFS when the pen was at its end. *url is not to be
 * used then.
 */
int fm__url_parse(struct fm__url *url, struct fm__slice text,
                  const struct fm__url *base, struct fm__url_desk *desk);

/*
 * Changes a part as the setters of the standard's class do, and leaves all as
 * it was where those do nothing: 0, -EINVAL, or -ENOBUFS.
 */
int fm__url_set(struct fm__url *url, enum fm__url_part part,
                struct fm__slice value, struct fm__url_desk *desk);

/* The URL as text. */
void fm__url_write(const struct fm__url *url, bool fragment,
                   struct fm__pen *pen);

/* A port in decimal. */
void fm__url_write_port(int port, struct fm__pen *pen);

/* The port of a special scheme, or FM__URL_NO_PORT of one without; else
 * FM__URL_NOT_SPECIAL. */
int fm__url_default_port(struct fm__slice scheme);

#endif
