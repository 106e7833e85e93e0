/*
 * head_rules.h - what the fields of a head mean for its connection and body
 */
#ifndef FM_PROTO_HEAD_RULES_H
#define FM_PROTO_HEAD_RULES_H

#include "proto/head.h"

/* Whether a name means something for the connection or the body. */
FM__INLINE bool fm__head_is_ruled(enum fm__field_name known)
{
    _Static_assert(FM__FIELD_NAMES <= 64, "a bit for each");
    const uint64_t ruled = UINT64_C(1) << FM__FIELD_CONTENT_LENGTH |
                           UINT64_C(1) << FM__FIELD_TRANSFER_ENCODING |
                           UINT64_C(1) << FM__FIELD_CONNECTION |
                           UINT64_C(1) << FM__FIELD_HOST |
                           UINT64_C(1) << FM__FIELD_EXPECT;
    return (ruled >> known & 1) != 0;
}

/* A field of such a name: 0 or an error of fm__head_read. */
int fm__head_field(struct fm__head *head, const struct fm__field *field,
                   const char *bytes);

/* All fields are there. */
int fm__head_end(struct fm__head *head, const char *bytes);

/* [host][:port] as RFC 9110, 7.2 and RFC 3986, 3.2 have it, without a user. */
bool fm__authority_is(struct fm__slice text);

#endif
