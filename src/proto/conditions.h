/*
 * conditions.h - what a request wants only under a condition (RFC 9110, 13)
 */
#ifndef FM_PROTO_CONDITIONS_H
#define FM_PROTO_CONDITIONS_H

#include "proto/etag.h"
#include "proto/field.h"

/* What there is now; seconds since 1970. */
struct fm__version {
    struct fm__etag tag;
    int64_t modified;
    int64_t now;
};

enum fm__precondition {
    FM__CONDITION_UNSAID,
    FM__CONDITION_VOID, /* said, and no such thing */
    FM__CONDITION_FALSE,
    FM__CONDITION_TRUE
};

/* The fields of a GET or HEAD, taken one by one. */
struct fm__conditions {
    enum fm__precondition match;
    enum fm__precondition none_match;
    enum fm__precondition modified;
    enum fm__precondition unmodified;
    enum fm__precondition if_range;
    enum fm__precondition ranged;
    struct fm__slice range;
};

enum fm__verdict {
    FM__VERDICT_GO_ON,
    FM__VERDICT_NOT_MODIFIED, /* 304 */
    FM__VERDICT_FAILED        /* 412 */
};

/* Takes a field, where it is one of these; zeroed conditions have none. */
void fm__conditions_take(struct fm__conditions *conditions,
                         const struct fm__version *version,
                         enum fm__field_name name, struct fm__slice value);

/* In the order of RFC 9110, 13.2.2. */
enum fm__verdict
fm__conditions_verdict(const struct fm__conditions *conditions);

/* The Range that counts: empty where there is none, or If-Range is against
 * it. */
struct fm__slice fm__conditions_range(const struct fm__conditions *conditions);

#endif
