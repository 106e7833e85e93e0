/*
 * http_date.h - moments as HTTP writes them (RFC 9110, 5.6.7)
 */
#ifndef FM_PROTO_HTTP_DATE_H
#define FM_PROTO_HTTP_DATE_H

#include "proto/slice.h"

enum {
    FM__DATE_SIZE = 29 /* "Sun, 06 Nov 1994 08:49:37 GMT", without a NUL */
};

/* Seconds since 1970, from the year 1 to 9999, into FM__DATE_SIZE bytes. */
void fm__date_write(char *out, int64_t seconds);

/*
 * Any of the three forms: the one that is written, that of RFC 850, and
 * asctime's. `now` tells the century of a year of two digits: more than 50
 * years ahead is the past. False for everything else: also a day that its month
 * does not have, and a second that no minute has; the weekday is not looked at.
 */
bool fm__date_read(struct fm__slice text, int64_t now, int64_t *seconds);

/* When a day begins, of the years 1 to 9999; months and days count from 1.
 * False for a day that there is not. */
bool fm__date_day(int year, int month, int day, int64_t *seconds);

#endif
