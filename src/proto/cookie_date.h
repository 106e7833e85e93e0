/*
 * cookie_date.h - moments as cookies have them (RFC 6265bis, 5.1.1)
 */
#ifndef FM_PROTO_COOKIE_DATE_H
#define FM_PROTO_COOKIE_DATE_H

#include "proto/slice.h"

/* Seconds since 1970 of a date in whatever order; false for what has no time,
 * day, month or year, or is a day that there is not. */
bool fm__cookie_date_read(struct fm__slice text, int64_t *seconds);

#endif
