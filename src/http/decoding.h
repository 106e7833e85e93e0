/*
 * decoding.h - coded bytes, as they were before (RFC 9110, 8.4)
 *
 * Without I/O. One coding, or two of which the second was done last and is
 * undone first. What comes of a few bytes is bounded, at each of them.
 */
#ifndef FM_HTTP_DECODING_H
#define FM_HTTP_DECODING_H

#include "http/coder.h"

#include <fermata/coding.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum {
    FM__DECODING_MIDDLE = 16384 /* bytes between two codings */
};

/* What may become of coded bytes. */
struct fm__decoding_terms {
    uint64_t ratio; /* bytes for each of them, above FM_DECODE_FREE; 0: any */
    uint64_t limit; /* in all; 0: any */
};

struct fm__decoding;

/*
 * For codings in the order in which they were done: "gzip, br"; "identity" is
 * none. 0 and *out, NULL where there is nothing to undo; -FM_ECODEDKIND
 * for one that is not known, or more than FM_DECODE_CODINGS; -ENOMEM.
 */
int fm__decoding_open(struct fm__decoding **out, struct fm__slice codings,
                      const struct fm__decoding_terms *terms);
/* NULL is nothing. */
void fm__decoding_close(struct fm__decoding *decoding);

/*
 * Takes from `in`, which moves, as much as it needs for some bytes, at most
 * `out` and that not empty. Above 0: so many; 0: all has come, of what has
 * ended; -EAGAIN: all of `in` was taken, and there is more to come; or a
 * failure, which is returned from then on: -FM_ECODED, -FM_ECODEDSHORT,
 * -FM_ECODEDSIZE, -ENOMEM.
 */
ssize_t fm__decoding_run(struct fm__decoding *decoding, struct fm__slice *in,
                         bool ended, struct iovec out);

/* False: so many bytes are too many for so many coded ones. */
bool fm__decoding_allows(const struct fm__decoding_terms *terms, uint64_t in,
                         uint64_t out);

#endif
