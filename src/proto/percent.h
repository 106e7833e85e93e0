/*
 * percent.h - percent-encoding (the URL standard, 1.3)
 */
#ifndef FM_PROTO_PERCENT_H
#define FM_PROTO_PERCENT_H

#include "proto/slice.h"

/* What is encoded: each set has all of the one before it, but for the last
 * two of the query's. Bytes above 0x7e are in every one. */
enum fm__percent_set {
    FM__PERCENT_C0,
    FM__PERCENT_FRAGMENT,
    FM__PERCENT_QUERY,
    FM__PERCENT_SPECIAL_QUERY,
    FM__PERCENT_PATH,
    FM__PERCENT_USERINFO,
    FM__PERCENT_COMPONENT,
    FM__PERCENT_FORM, /* with a space as "+" */
    FM__PERCENT_SETS
};

bool fm__percent_encodes(enum fm__percent_set set, char byte);

void fm__percent_encode(struct fm__pen *pen, struct fm__slice text,
                        enum fm__percent_set set);

/* One byte, as "%2F". */
void fm__percent_put(struct fm__pen *pen, char byte);

/* A '%' that two hexadecimal digits do not follow stays. plus: a "+" is a
 * space. */
void fm__percent_decode(struct fm__pen *pen, struct fm__slice text, bool plus);

/* What means the same in the same way (RFC 3986, 6.2.2): digits in upper case,
 * no unreserved character encoded, and all that is no ASCII or not printed.
 * What `also` has is encoded too. The size is at most three times that of the
 * text, and a text that was written so stays as it is. */
void fm__percent_normal(struct fm__pen *pen, struct fm__slice text,
                        const char *also);

/* 0 to 15, or -1. */
int fm__hex_digit(char byte);

#endif
