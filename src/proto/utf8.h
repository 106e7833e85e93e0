/*
 * utf8.h - whether bytes are UTF-8 (RFC 3629), as they come
 */
#ifndef FM_PROTO_UTF8_H
#define FM_PROTO_UTF8_H

#include "proto/slice.h"

/* Zero begins a text. */
struct fm__utf8 {
    uint8_t more;  /* bytes of a character that are still to come */
    uint8_t least; /* what the next one has to be at least, */
    uint8_t most;  /* and at most */
};

/* False at the first byte that no text could have there: no surrogates, nothing
 * above U+10FFFF, nothing longer than it need be. */
bool fm__utf8_check(struct fm__utf8 *utf8, struct fm__slice bytes);

/* No character is open: the text may end here. */
FM__INLINE bool fm__utf8_ends(const struct fm__utf8 *utf8)
{
    return utf8->more == 0;
}

#endif
