/*
 * json_text.h - any bytes as a text of JSON (RFC 8259, 7)
 */
#ifndef FM_PROTO_JSON_TEXT_H
#define FM_PROTO_JSON_TEXT_H

#include "proto/slice.h"

enum {
    FM__JSON_GROWTH = 6 /* bytes that one may become: "\u001b" */
};

/*
 * In quotes. Quotes, backslashes and whatever controls a terminal (also U+0080
 * to U+009F) are escaped; a byte that is no part of a character in UTF-8 is
 * written as the character of its number.
 */
void fm__json_text(struct fm__pen *pen, struct fm__slice text);

/* Of a text of JSON, also a wrong one: where it has more than so many brackets
 * open, or its size. */
size_t fm__json_too_deep(struct fm__slice json, unsigned depth);

#endif
