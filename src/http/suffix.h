/*
 * suffix.h - names that belong to nobody: "com", "co.uk", "github.io"
 */
#ifndef FM_HTTP_SUFFIX_H
#define FM_HTTP_SUFFIX_H

enum fm__suffix {
    FM__SUFFIX_NOT,
    FM__SUFFIX_PUBLIC,
    FM__SUFFIX_UNKNOWN /* there is no list */
};

/* Of a domain in lower case, in ASCII. */
enum fm__suffix fm__suffix_of(const char *domain);

#endif
