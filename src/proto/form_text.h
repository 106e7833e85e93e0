/*
 * form_text.h - names and values as a query and a form have them (the URL
 * standard, 5: application/x-www-form-urlencoded)
 */
#ifndef FM_PROTO_FORM_TEXT_H
#define FM_PROTO_FORM_TEXT_H

#include "proto/slice.h"

/* The next pair of the text, still encoded; empty ones are passed over. False:
 * there is no more. */
bool fm__form_next(struct fm__slice *text, struct fm__slice *name,
                   struct fm__slice *value);

/* A name or a value, decoded; what is no UTF-8 stays as it is. */
void fm__form_decode(struct fm__pen *pen, struct fm__slice text);

/* "name=value", with "&" in front unless the pen is at `start`. */
void fm__form_write(struct fm__pen *pen, const char *start,
                    struct fm__slice name, struct fm__slice value);

#endif
