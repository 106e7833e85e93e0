/*
 * url_work.h - what a URL is parsed with, and what its setters take of it
 */
#ifndef FM_PROTO_URL_WORK_H
#define FM_PROTO_URL_WORK_H

#include "proto/url_parts.h"

/* The text without what never belongs to a URL: tabs and line ends, and, when
 * `ends`, spaces and controls at both ends; ill-formed UTF-8 is U+FFFD. */
struct fm__slice fm__url_clean(struct fm__slice text, bool ends,
                               struct fm__pen *pen);

/* The scheme in lower case that the text begins with, and its ':'; the size
 * of both, or 0 for none. */
size_t fm__url_scheme(struct fm__slice text, struct fm__pen *pen,
                      struct fm__slice *scheme);

/* Up to one of the bytes, or to the size. */
size_t fm__url_find(struct fm__slice text, const char *bytes);

/* A host without the colon and port that may follow: where that colon is, or
 * the size. */
size_t fm__url_colon(struct fm__slice text);

/* Digits alone, or nothing at all; the scheme's own is none: 0 or -EINVAL. */
int fm__url_port(struct fm__url *url, struct fm__slice digits);

/* A letter and ':' or '|', alone or before what ends a segment. */
bool fm__url_is_drive(struct fm__slice text);
bool fm__url_begins_with_drive(struct fm__slice text);

/* Without its last segment, unless that is a drive. */
void fm__url_shorten(struct fm__url *url);

/* The segments of a path behind those that url->path has already. */
void fm__url_path(struct fm__url *url, struct fm__slice text,
                  struct fm__pen *pen);

int fm__url_file_host(struct fm__url *url, struct fm__slice text,
                      struct fm__url_desk *desk);

struct fm__slice fm__url_encoded(struct fm__pen *pen, struct fm__slice text,
                                 int set);

void fm__url_query(struct fm__url *url, struct fm__slice text,
                   struct fm__pen *pen);
void fm__url_fragment(struct fm__url *url, struct fm__slice text,
                      struct fm__pen *pen);

#endif
