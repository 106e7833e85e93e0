/*
 * coder.h - bytes through a content coding (RFC 9110, 8.4), without I/O
 *
 * Each library has a file and these verbs; where it is not there the verbs are
 * not either. All memory comes by base/memory.h. A coder takes what it can of
 * what comes in and fills what goes out, whatever sizes these have, and says
 * how it stands.
 */
#ifndef FM_HTTP_CODER_H
#define FM_HTTP_CODER_H

#include "proto/slice.h"

#include <stddef.h>

enum {
    FM__CODER_HEAD = 4,                /* bytes that tell what begins */
    FM__CODER_OFFER = 32,              /* bytes of all names */
    FM__CODER_WINDOW = 8 * 1024 * 1024 /* of zstd (RFC 9659) */
};

/* What is to be taken, and room for what comes of it; both move. */
struct fm__flow {
    const unsigned char *in;
    size_t in_size;
    unsigned char *out;
    size_t out_size; /* not 0 */
};

enum fm__coder_mode {
    FM__CODER_MORE,  /* it may keep what it likes */
    FM__CODER_FLUSH, /* all that came can be decoded */
    FM__CODER_FINISH /* no more will come */
};

struct fm__decoder_kind {
    /* Whether coded data begins with these bytes: above 0; 0: they are too few
     * to tell; below 0: none does. `first`: none has come before. */
    int (*begins)(const unsigned char *head, size_t size, bool first);
    /* For data that begins with FM__CODER_HEAD bytes or fewer, which `run` is
     * given too: 0, or -ENOMEM. *state is NULL, or of data that has ended. */
    int (*open)(void **state, const unsigned char *head);
    /* 0: it goes on; 1: the data has come to its end; -FM_ECODED,
     * -FM_ECODEDSIZE or -ENOMEM. */
    int (*run)(void *state, struct fm__flow *flow);
    /* NULL is nothing. */
    void (*close)(void *state);
};

struct fm__encoder_kind {
    int least; /* level */
    int most;
    int usual; /* where nobody says one */
    /* At a level; 0: for what is coded once, while somebody waits, and in
     * little memory, for there may be many. 0, or -ENOMEM. */
    int (*open)(void **state, int level);
    /* It begins from the start, as it was opened. NULL: it cannot. */
    void (*again)(void *state);
    /* 1: all was taken, and has left as the mode says; 0: it needs room; or
     * -ENOMEM. */
    int (*run)(void *state, struct fm__flow *flow, enum fm__coder_mode mode);
    /* NULL is nothing. */
    void (*close)(void *state);
};

struct fm__coder {
    const char *name;
    struct fm__decoder_kind decoder; /* all NULL: the library is not there */
    struct fm__encoder_kind encoder;
};

extern const struct fm__coder fm__coder_gzip;
extern const struct fm__coder fm__coder_deflate;
extern const struct fm__coder fm__coder_br;
extern const struct fm__coder fm__coder_zstd;

/* By its name in HTTP, whose case does not matter, x-gzip too; NULL: it is not
 * known, or its library is not there. */
const struct fm__coder *fm__coder_find(struct fm__slice name);

/* What can be decoded, as an Accept-Encoding has it: nothing where nothing can.
 * At most FM__CODER_OFFER bytes. */
void fm__coders_write(struct fm__pen *pen);

/* So many bytes were passed over. */
FM__INLINE void fm__flow_took(struct fm__flow *flow, size_t in, size_t out)
{
    flow->in += in;
    flow->in_size -= in;
    flow->out += out;
    flow->out_size -= out;
}

#endif
