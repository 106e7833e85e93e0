/*
 * link_text.h - links that stand among other words in an attribute of HTML
 */
#ifndef FM_PROTO_LINK_TEXT_H
#define FM_PROTO_LINK_TEXT_H

#include "proto/slice.h"

/* Where <meta http-equiv="refresh" content="5; url=there"> sends who reads
 * (HTML, 4.2.5.3); false: nowhere else. */
bool fm__link_refresh(struct fm__slice content, struct fm__slice *link);

/* The next image of a srcset, without its descriptors (HTML, 4.8.4.2.1); false:
 * there is no more. */
bool fm__link_candidate(struct fm__slice *set, struct fm__slice *link);

/* One of the words, between blanks or commas, is this, in whatever case. */
bool fm__link_says(struct fm__slice words, struct fm__slice word);

#endif
