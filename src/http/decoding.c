/*
 * decoding.c - one coding after the other, undone
 *
 * Coded data may be several pieces, one behind the other: members of gzip,
 * frames of zstd. The first bytes of each tell whether it is one. What is none,
 * behind the end of one, is passed over, as browsers do; nothing at all is the
 * code of nothing.
 */
#include "http/decoding.h"

#include "base/memory.h"
#include "proto/field.h"

#include <errno.h>
#include <fermata/error.h>

enum decoding_place {
    DECODING_HEAD, /* what comes may begin a piece */
    DECODING_INSIDE,
    DECODING_PAST /* nothing more is looked at */
};

/* Of one coding. */
struct decoding_stage {
    const struct fm__decoder_kind *kind;
    void *state; /* of the library; or NULL */
    enum decoding_place place;
    bool begun;      /* a piece has */
    bool dry;        /* the library has nothing, and has taken all */
    unsigned filled; /* bytes of the head that came, */
    unsigned used;   /* and that were decoded */
    unsigned char head[FM__CODER_HEAD];
    uint64_t out; /* bytes that came of it */
};

struct fm__decoding {
    struct fm__decoding_terms terms;
    struct decoding_stage stages[FM_DECODE_CODINGS]; /* that done last first */
    unsigned count;
    int error;
    uint64_t in;              /* bytes that were taken */
    struct fm__slice between; /* of the middle, for the second */
    char middle[];
};

bool fm__decoding_allows(const struct fm__decoding_terms *terms, uint64_t in,
                         uint64_t out)
{
    if (terms->limit > 0 && out > terms->limit)
        return false;
    if (terms->ratio == 0 || out <= FM_DECODE_FREE)
        return true;
    return out / terms->ratio < in ||
           (out / terms->ratio == in && out % terms->ratio == 0);
}

/* ---- one coding --------------------------------------------------------- */

/* What comes may begin a piece: gathers as much of it as tells. */
static int decoding_gather(struct decoding_stage *stage, struct fm__slice *in)
{
    int begins = 0;
    while (begins == 0 && in->size > 0) {
        stage->head[stage->filled++] = (unsigned char)*in->at;
        *in = fm__slice_after(*in, 1);
        begins = stage->kind->begins(stage->head, stage->filled, !stage->begun);
    }
    if (begins < 0) {
        stage->place = DECODING_PAST;
        return stage->begun ? 0 : -FM_ECODED;
    }
    if (begins == 0)
        return 0;
    stage->place = DECODING_INSIDE;
    stage->begun = true;
    return stage->kind->open(&stage->state, stage->head);
}

/* One call of the library: 0, 1 at the end of a piece, or a failure. Nothing is
 * asked of what has nothing: zstd takes it amiss when that is done again and
 * again. */
static int decoding_call(struct decoding_stage *stage, struct fm__slice *in,
                         struct iovec *out)
{
    bool head = stage->used < stage->filled;
    struct fm__flow flow = {(const unsigned char *)in->at, in->size,
                            out->iov_base, out->iov_len};
    if (head) {
        flow.in = stage->head + stage->used;
        flow.in_size = stage->filled - stage->used;
    }
    size_t size = flow.in_size;
    if (stage->dry && size == 0)
        return 0;
    int rc = stage->kind->run(stage->state, &flow);
    size_t took = size - flow.in_size, gave = out->iov_len - flow.out_size;
    if (head)
        stage->used += (unsigned)took;
    else
        *in = fm__slice_after(*in, took);
    stage->out += gave;
    stage->dry = rc == 0 && flow.in_size == 0 && flow.out_size > 0;
    *out = (struct iovec){flow.out, flow.out_size};
    bool stuck = rc == 0 && took == 0 && gave == 0 && size > 0;
    return stuck ? -FM_ECODED : rc;
}

static void decoding_piece_ended(struct decoding_stage *stage)
{
    stage->place = DECODING_HEAD;
    stage->filled = 0;
    stage->used = 0;
}

/* As fm__decoding_run, of one coding. */
static ssize_t decoding_undo(struct decoding_stage *stage, struct fm__slice *in,
                             bool ended, struct iovec out)
{
    size_t room = out.iov_len;
    bool idle = false; /* the library has nothing, and wants more */
    while (out.iov_len == room && !(idle && in->size == 0)) {
        int rc = 0;
        switch (stage->place) {
        case DECODING_HEAD:
            rc = decoding_gather(stage, in);
            idle = stage->place == DECODING_HEAD;
            break;
        case DECODING_INSIDE:
            rc = decoding_call(stage, in, &out);
            idle = stage->used == stage->filled && rc == 0;
            if (rc > 0)
                decoding_piece_ended(stage);
            break;
        default:
            *in = fm__slice_after(*in, in->size);
            idle = true;
        }
        if (rc < 0)
            return rc;
    }
    if (out.iov_len < room)
        return (ssize_t)(room - out.iov_len);
    if (!ended)
        return -EAGAIN;
    bool half =
        stage->place == DECODING_INSIDE || (!stage->begun && stage->filled > 0);
    return half ? -FM_ECODEDSHORT : 0;
}

/* ---- all of them -------------------------------------------------------- */

/* The coding at an index takes what the one before it gives. */
static ssize_t decoding_first(struct fm__decoding *decoding,
                              struct fm__slice *in, bool ended,
                              struct iovec out)
{
    size_t size = in->size;
    struct decoding_stage *stage = &decoding->stages[0];
    ssize_t rc = decoding_undo(stage, in, ended, out);
    decoding->in += size - in->size;
    bool allowed =
        fm__decoding_allows(&decoding->terms, decoding->in, stage->out);
    return rc > 0 && !allowed ? -FM_ECODEDSIZE : rc;
}

static ssize_t decoding_second(struct fm__decoding *decoding,
                               struct fm__slice *in, bool ended,
                               struct iovec out)
{
    const struct iovec middle = {decoding->middle, FM__DECODING_MIDDLE};
    struct decoding_stage *stage = &decoding->stages[1];
    ssize_t rc, more = 1;
    for (;;) {
        rc = decoding_undo(stage, &decoding->between, more == 0, out);
        if (rc != -EAGAIN)
            break;
        more = decoding_first(decoding, in, ended, middle);
        if (more < 0)
            return more;
        decoding->between = (struct fm__slice){decoding->middle, (size_t)more};
    }
    bool allowed =
        fm__decoding_allows(&decoding->terms, decoding->in, stage->out);
    return rc > 0 && !allowed ? -FM_ECODEDSIZE : rc;
}

ssize_t fm__decoding_run(struct fm__decoding *decoding, struct fm__slice *in,
                         bool ended, struct iovec out)
{
    if (decoding->error < 0)
        return decoding->error;
    ssize_t rc = decoding->count == 1
                     ? decoding_first(decoding, in, ended, out)
                     : decoding_second(decoding, in, ended, out);
    if (rc < 0 && rc != -EAGAIN)
        decoding->error = (int)rc;
    return rc;
}

/* ---- begin and end ------------------------------------------------------ */

/* Of a list: how many, in the order in which they are undone; or
 * -FM_ECODEDKIND. */
static int decoding_find(struct fm__slice codings,
                         const struct fm__coder *coders[FM_DECODE_CODINGS])
{
    struct fm__slice name;
    int count = 0;
    while (fm__list_next(&codings, &name)) {
        if (fm__slice_like(name, FM__SLICE("identity")))
            continue;
        const struct fm__coder *coder = fm__coder_find(name);
        if (coder == NULL || count == FM_DECODE_CODINGS)
            return -FM_ECODEDKIND;
        if (count > 0)
            coders[1] = coders[0];
        coders[0] = coder;
        count++;
    }
    return count;
}

int fm__decoding_open(struct fm__decoding **out, struct fm__slice codings,
                      const struct fm__decoding_terms *terms)
{
    const struct fm__coder *coders[FM_DECODE_CODINGS];
    struct fm__decoding *decoding = NULL;
    int count = decoding_find(codings, coders);
    if (count < 0)
        return count;
    if (count > 0) {
        size_t middle = count > 1 ? FM__DECODING_MIDDLE : 0;
        decoding = fm__memory_new(sizeof *decoding + middle);
        if (decoding == NULL)
            return -ENOMEM;
        decoding->terms = *terms;
        decoding->count = (unsigned)count;
        decoding->between = FM__SLICE("");
    }
    for (int i = 0; i < count; i++)
        decoding->stages[i].kind = &coders[i]->decoder;
    *out = decoding;
    return 0;
}

void fm__decoding_close(struct fm__decoding *decoding)
{
    if (decoding == NULL)
        return;
    for (unsigned i = 0; i < decoding->count; i++)
        decoding->stages[i].kind->close(decoding->stages[i].state);
    fm__memory_free(decoding);
}
