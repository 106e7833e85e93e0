/*
 * answer.h - what a name server said of a name, taken out of its message
 *
 * Records lie one after the other: two bytes of size, most significant first,
 * and so many bytes. An address is its bytes; a name is text with its NUL, in
 * lower case; a service is priority, weight and port, of two bytes each, and
 * then a name; a text is its bytes.
 */
#ifndef FM_NET_ANSWER_H
#define FM_NET_ANSWER_H

#include "base/compiler.h"

enum fm__record_type { /* RFC 1035, 3.2.2; RFC 2782; RFC 3596 */
    FM__RECORD_A = 1,
    FM__RECORD_CNAME = 5,
    FM__RECORD_SOA = 6,
    FM__RECORD_PTR = 12,
    FM__RECORD_TEXT = 16,
    FM__RECORD_AAAA = 28,
    FM__RECORD_SERVICE = 33
};

enum {
    FM__ANSWER_LIMIT = 256,  /* records; those after them are left out */
    FM__ALIAS_LIMIT = 16,    /* of a name, one after the other */
    FM__MESSAGE_SIZE = 65535 /* the largest (RFC 1035, 4.2.2) */
};

struct fm__answer {
    int rc;       /* 0, -FM_ENONAME, -FM_ENODATA or -FM_ESERVERFAILED */
    uint32_t ttl; /* s; 0: not to be kept */
    bool truncated;
    size_t count;
    size_t size; /* of the records in bytes */
    size_t room;
    unsigned char bytes[];
};

/* Without a record; NULL without memory. */
struct fm__answer *fm__answer_new(int rc, uint32_t ttl);

/* One more record, of two pieces; 0 or -ENOMEM: then it is gone. Moves it. */
struct fm__piece {
    const void *bytes;
    size_t size;
};
int fm__answer_add(struct fm__answer **answer, struct fm__piece head,
                   struct fm__piece tail);

/* The record at *offset, which is moved behind it; NULL: there is no more. */
const unsigned char *fm__answer_next(const struct fm__answer *answer,
                                     size_t *offset, size_t *size);

/* A question. */
struct fm__question {
    const char *name; /* in lower case, without a dot at its end */
    enum fm__record_type type;
};

/* A message as an answer to the question: 0, -ENOMEM. */
int fm__answer_read(struct fm__answer **answer,
                    const struct fm__question *question,
                    const unsigned char *bytes, size_t size);

#endif
