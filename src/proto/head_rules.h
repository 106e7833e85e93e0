/*
 * head_rules.h - what the fields of a head mean for its connection and body
 */
#ifndef FM_PROTO_HEAD_RULES_H
#define FM_PROTO_HEAD_RULES_H

#include "proto/head.h"

/* The field that was read last: 0 or an error of fm__head_read. */
int fm__head_field(struct fm__head *head, const char *bytes);

/* All fields are there. */
int fm__head_end(struct fm__head *head, const char *bytes);

/* [host][:port] as RFC 9110, 7.2 and RFC 3986, 3.2 have it, without a user. */
bool fm__authority_is(struct fm__slice text);

#endif
