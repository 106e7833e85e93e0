/*
 * start_tag.h - how many attributes a start tag has, as its bytes come
 *
 * As libxml2 reads it, before 2.14 which has a table for them: what it does
 * with an attribute takes the longer, the more there are in front of it.
 */
#ifndef FM_PROTO_START_TAG_H
#define FM_PROTO_START_TAG_H

#include "proto/slice.h"

#include <stdbool.h>

/* All zero: right behind the "<". */
struct fm__start_tag {
    size_t read;       /* bytes */
    size_t attributes; /* so far; those given twice count twice */
    uint8_t state;
    uint8_t letters; /* of a name */
    char quote;
};

/* Reads what of the tag is there by now, all of it, and looks at what is new
 * alone; where there are fewer bytes than before it is another tag. What comes
 * behind the end is nothing. */
void fm__start_tag_read(struct fm__start_tag *tag, struct fm__slice bytes);

/* The ">" was read that ends it. */
bool fm__start_tag_ended(const struct fm__start_tag *tag);

#endif
