/*
 * robots_text.h - the lines of a robots.txt, and what a rule's path matches
 * (RFC 9309)
 */
#ifndef FM_PROTO_ROBOTS_TEXT_H
#define FM_PROTO_ROBOTS_TEXT_H

#include "proto/slice.h"

enum fm__robots_key {
    FM__ROBOTS_OTHER,
    FM__ROBOTS_AGENT,
    FM__ROBOTS_ALLOW,
    FM__ROBOTS_DISALLOW,
    FM__ROBOTS_DELAY
};

struct fm__robots_line {
    enum fm__robots_key key;
    struct fm__slice value; /* without blanks around it, and comments */
};

/* The next line, of whatever kind; false: there is none. */
bool fm__robots_next(struct fm__slice *text, struct fm__robots_line *line);

/* The product token that a value begins with, or "*" (RFC 9309, 2.2.1). */
struct fm__slice fm__robots_token(struct fm__slice value);

/* Seconds, or 0 for what is no number of them. */
double fm__robots_seconds(struct fm__slice value);

/* A rule's path as it is compared: '*' is any bytes, and '$' at its end the end
 * of what is asked for. Takes three times its size. */
struct fm__slice fm__robots_pattern(struct fm__pen *pen,
                                    struct fm__slice value);

/* What is asked for, as it is compared. Takes three times its size. */
struct fm__slice fm__robots_target(struct fm__pen *pen,
                                   struct fm__slice target);

/* In a time that grows with the sizes of both, not with their product. */
bool fm__robots_matches(struct fm__slice pattern, struct fm__slice target);

#endif
