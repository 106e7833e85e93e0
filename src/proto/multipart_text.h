/*
 * multipart_text.h - a body of parts with a boundary between them (RFC 2046,
 * 5.1)
 *
 * Strict, because what two readers of a body see differently is a way past one
 * of them: every line that delimits ends in CR LF, and one that begins with
 * "--" and the boundary is a delimiter and nothing else, or the body is
 * refused. A part's fields are those of HTTP: none is folded.
 *
 * Nothing is kept: each call is given what has come and is not done with yet,
 * from its first byte, and says how much of it is done with now. No more than a
 * head, or a delimiter, is ever asked for again.
 */
#ifndef FM_PROTO_MULTIPART_TEXT_H
#define FM_PROTO_MULTIPART_TEXT_H

#include "proto/slice.h"

enum {
    FM__MULTIPART_BOUNDARY = 70, /* bytes, RFC 2046, 5.1.1 */
    FM__MULTIPART_FIELDS = 32,   /* of a part */
    FM__MULTIPART_ROUND = 4096,  /* bytes before the first delimiter, of the
                                  * spaces behind one, or behind the last */
    FM__MULTIPART_HELD = FM__MULTIPART_BOUNDARY + 4 /* what is asked for again,
                                                     * of what is no head */
};

enum fm__multipart_kind {
    FM__MULTIPART_MORE, /* is needed */
    FM__MULTIPART_HEAD, /* of a part: `text` is its fields, with their lines'
                         * ends */
    FM__MULTIPART_DATA, /* of it: `text`, which is not empty */
    FM__MULTIPART_END   /* of it */
};

struct fm__multipart_step {
    struct fm__slice text;
    size_t size; /* bytes that are done with */
};

struct fm__multipart {
    const char *why; /* in words, after a failure */
    size_t limit;    /* bytes of a head, with the empty line at its end */
    size_t line;     /* of it: where the line begins that is read next */
    size_t looked;   /* so many of its bytes have no line's end behind line */
    unsigned fields; /* of it, so far */
    unsigned passed; /* bytes around parts */
    uint8_t state;
    uint8_t size;       /* of the delimiter */
    uint8_t skips[256]; /* by the byte where its last one should be: how far
                         * away the next place is that may be one */
    char delimiter[FM__MULTIPART_HELD];
};

/* limit: as in the record. False for a boundary that is none. */
bool fm__multipart_init(struct fm__multipart *multipart,
                        struct fm__slice boundary, size_t limit);

/*
 * What comes next in the bytes, which may be empty: an enum fm__multipart_kind;
 * or -FM_EMULTIPART for what is none, and -FM_EPARTHEAD for a head that is too
 * long or has too many fields, and then `why`.
 */
int fm__multipart_read(struct fm__multipart *multipart, struct fm__slice bytes,
                       struct fm__multipart_step *step);

/* The last delimiter has come: the body may end here. */
bool fm__multipart_ends(const struct fm__multipart *multipart);

/* The next field of a head that fm__multipart_read has given. False: there is
 * no more. */
bool fm__multipart_field(struct fm__slice *head, struct fm__slice *name,
                         struct fm__slice *value);

#endif
