/*
 * field.h - the fields of a message (RFC 9110, 5), and names known by number
 */
#ifndef FM_PROTO_FIELD_H
#define FM_PROTO_FIELD_H

#include "proto/slice.h"

/* In the order of their sizes; field.c has the names. */
enum fm__field_name {
    FM__FIELD_OTHER,
    FM__FIELD_TE,
    FM__FIELD_AGE,
    FM__FIELD_VIA,
    FM__FIELD_DATE,
    FM__FIELD_ETAG,
    FM__FIELD_HOST,
    FM__FIELD_LINK,
    FM__FIELD_VARY,
    FM__FIELD_ALLOW,
    FM__FIELD_RANGE,
    FM__FIELD_ACCEPT,
    FM__FIELD_COOKIE,
    FM__FIELD_EXPECT,
    FM__FIELD_ORIGIN,
    FM__FIELD_SERVER,
    FM__FIELD_EXPIRES,
    FM__FIELD_REFERER,
    FM__FIELD_TRAILER,
    FM__FIELD_UPGRADE,
    FM__FIELD_IF_MATCH,
    FM__FIELD_IF_RANGE,
    FM__FIELD_LOCATION,
    FM__FIELD_CONNECTION,
    FM__FIELD_KEEP_ALIVE,
    FM__FIELD_SET_COOKIE,
    FM__FIELD_USER_AGENT,
    FM__FIELD_RETRY_AFTER,
    FM__FIELD_CONTENT_TYPE,
    FM__FIELD_ACCEPT_RANGES,
    FM__FIELD_AUTHORIZATION,
    FM__FIELD_CACHE_CONTROL,
    FM__FIELD_CONTENT_RANGE,
    FM__FIELD_IF_NONE_MATCH,
    FM__FIELD_LAST_MODIFIED,
    FM__FIELD_CONTENT_LENGTH,
    FM__FIELD_ACCEPT_ENCODING,
    FM__FIELD_ACCEPT_LANGUAGE,
    FM__FIELD_X_FORWARDED_FOR,
    FM__FIELD_CONTENT_ENCODING,
    FM__FIELD_CONTENT_LOCATION,
    FM__FIELD_PROXY_CONNECTION,
    FM__FIELD_WWW_AUTHENTICATE,
    FM__FIELD_IF_MODIFIED_SINCE,
    FM__FIELD_TRANSFER_ENCODING,
    FM__FIELD_PROXY_AUTHENTICATE,
    FM__FIELD_CONTENT_DISPOSITION,
    FM__FIELD_IF_UNMODIFIED_SINCE,
    FM__FIELD_PROXY_AUTHORIZATION,
    FM__FIELD_NAMES
};

/* Which of them a token is, in whatever case. */
enum fm__field_name fm__field_find(struct fm__slice name);

/* It tells of the connection or where the body ends, so nobody but who sends
 * the message may say it (RFC 9110, 7.6.1 and 8.6); "Connection" has its own
 * rules. */
bool fm__field_is_framing(enum fm__field_name name);

/* In lower case; of OTHER "". */
struct fm__slice fm__field_text(enum fm__field_name name);

/* Of which sets a byte is. */
enum fm__char {
    FM__CHAR_TOKEN = 1, /* tchar (RFC 9110, 5.6.2) */
    FM__CHAR_HOST = 2   /* of a name in an authority (RFC 3986, 3.2.2), without
                         * the comma, which would begin another */
};

extern const uint8_t fm__chars[256];

FM__INLINE bool fm__char_is(char byte, enum fm__char set)
{
    return (fm__chars[(unsigned char)byte] & set) != 0;
}

bool fm__token_is(struct fm__slice text);

/* A value as it may be sent (RFC 9110, 5.5): no control but tabs, and no space
 * at either end. */
bool fm__field_value_is(struct fm__slice text);

/* Both are the same but for the case of ASCII letters. */
bool fm__slice_like(struct fm__slice text, struct fm__slice other);

/* Without spaces and tabs at both ends. */
struct fm__slice fm__slice_trim(struct fm__slice text);

/* The next element of a comma-separated list (RFC 9110, 5.6.1), empty ones
 * passed over; false: there is no more. */
bool fm__list_next(struct fm__slice *list, struct fm__slice *element);

#endif
