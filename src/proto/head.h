/*
 * head.h - the head of an HTTP/1.1 message (RFC 9112, 2 to 5)
 *
 * Strict, because whatever two readers of a message see differently is a way
 * to smuggle a second one past one of them: a line ends in CR LF, a name is a
 * token right before its ':', no field is folded, and nothing that delimits a
 * body is there twice or in two ways.
 *
 * A head is read as it comes: each call is given all of it that has come, from
 * its first byte, and goes on at the line where the last one had to stop. The
 * record keeps places, not pointers, so the bytes may be moved in between.
 */
#ifndef FM_PROTO_HEAD_H
#define FM_PROTO_HEAD_H

#include "proto/field.h"

#include <sys/types.h>

enum {
    FM__HEAD_LINE = 8192,  /* bytes of the first line, without its end */
    FM__HEAD_SIZE = 32768, /* of the fields, with their lines' ends */
    FM__HEAD_FIELDS = 100,
    FM__HEAD_EMPTY = 4, /* empty lines that may come before a request */
    FM__HEAD_LIMIT = FM__HEAD_LINE + 2 + FM__HEAD_SIZE + 2 * FM__HEAD_EMPTY
};

/* Counted from the head's first byte. */
struct fm__passage {
    uint32_t at;
    uint32_t size;
};

struct fm__field {
    struct fm__passage name;
    struct fm__passage value; /* trimmed */
    enum fm__field_name known;
};

enum fm__head_kind {
    FM__HEAD_REQUEST,
    FM__HEAD_RESPONSE
};

/* What `Connection` has said; more than one may be there. */
enum fm__head_connection {
    FM__HEAD_CLOSE = 1,
    FM__HEAD_KEEP_ALIVE = 2,
    FM__HEAD_UPGRADE = 4
};

struct fm__head {
    enum fm__head_kind kind;
    uint32_t at;    /* the line that is to be read next */
    uint32_t first; /* where the fields begin; 0: the first line is to come */
    uint8_t empty;
    uint8_t minor; /* of the version: 0 or 1 */
    bool complete;
    bool chunked;
    bool expects; /* 100-continue */
    uint8_t connection;
    uint16_t status;           /* of a response */
    uint16_t count;            /* of fields */
    struct fm__passage method; /* of a request */
    struct fm__passage target;
    struct fm__passage reason; /* of a response */
    int64_t content_length;    /* -1: none */
    struct fm__passage host;   /* of a request: the value; size 0: none */
    struct fm__field fields[FM__HEAD_FIELDS];
};

/* All but `fields`, which is written before it is read. */
void fm__head_init(struct fm__head *head, enum fm__head_kind kind);

/*
 * bytes: all that has come, `size` of them. The head's size, with the empty
 * line at its end; 0: more is to come; or, for what is refused,
 * -FM_EHTTPLINE for a first line that is none, -FM_EHTTPVERSION for a version
 * that is not 1.0 or 1.1, -FM_EHTTPFIELD for a field or an empty line,
 * -FM_EHTTPFRAMING where the size of the body is not certain, -FM_EHTTPCODING
 * for a transfer coding that is not chunked, -FM_EHTTPHOST for the host,
 * -FM_EHTTPLONG for a first line and -FM_EHTTPFIELDS for fields that are too
 * long or too many.
 */
ssize_t fm__head_read(struct fm__head *head, const char *bytes, size_t size);

FM__INLINE struct fm__slice fm__passage_in(const char *bytes,
                                           struct fm__passage place)
{
    return (struct fm__slice){bytes + place.at, place.size};
}

/* The first of a name, or NULL. */
const struct fm__field *fm__head_find(const struct fm__head *head,
                                      const char *bytes, const char *name);

/* The connection serves for another message after this one. */
bool fm__head_stays(const struct fm__head *head);

#endif
