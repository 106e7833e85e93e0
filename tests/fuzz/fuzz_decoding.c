/*
 * fuzz_decoding.c - whatever comes for coded data, it ends, becomes no more
 * than it may, and is the same in pieces
 *
 * The first byte says which codings.
 */
#include "fuzz.h"

#include "http/decoding.h"

#include <errno.h>

enum {
    ROOM = 4096,
    LIMIT = 1 << 16 /* bytes that are looked at */
};

static const char *const codings[] = {"gzip",        "deflate",   "br",
                                      "zstd",        "gzip, br",  "zstd, gzip",
                                      "br, deflate", "gzip, zstd"};

struct outcome {
    ssize_t rc;
    uint64_t size;
    uint32_t sum;
};

static void take(struct outcome *outcome, const unsigned char *bytes,
                 size_t size)
{
    outcome->size += size;
    for (size_t i = 0; i < size; i++)
        outcome->sum = outcome->sum * 31 + bytes[i];
}

/* In pieces of so many bytes, to the end. */
static struct outcome decode(const char *names, struct fm__slice all,
                             size_t piece, size_t room)
{
    const struct fm__decoding_terms terms = {.ratio = FM_DECODE_RATIO,
                                             .limit = LIMIT};
    unsigned char out[ROOM];
    struct fm__decoding *decoding;
    struct outcome outcome = {0};
    struct fm__slice in = fm__slice_until(all, 0);
    if (fm__decoding_open(&decoding, fm__slice_of(names), &terms) < 0)
        exit(0);
    for (;;) {
        const struct iovec part = {out, room};
        bool ended = all.size + in.size == 0;
        ssize_t rc = fm__decoding_run(decoding, &in, ended, part);
        if (rc == -EAGAIN) {
            if (in.size > 0 || ended)
                fuzz_fail("it wants more, and has not taken what there is");
            in = fm__slice_until(all, piece);
            all = fm__slice_after(all, in.size);
        } else if (rc > (ssize_t)room) {
            fuzz_fail("more than there was room for");
        } else if (rc > 0) {
            take(&outcome, out, (size_t)rc);
        } else {
            outcome.rc = rc;
            break;
        }
    }
    fm__decoding_close(decoding);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    char *copy = fuzz_copy(bytes + 1, size - 1);
    const struct fm__slice all = {copy, size - 1};
    const char *names = codings[bytes[0] % 8];
    struct outcome whole = decode(names, all, size, ROOM);
    struct outcome parts = decode(names, all, 3, ROOM);
    if (whole.size > LIMIT)
        fuzz_fail("more has come than may");
    if (whole.rc == 0 &&
        (parts.rc != 0 || parts.size != whole.size || parts.sum != whole.sum))
        fuzz_fail("in pieces it is another");
    free(copy);
    return 0;
}
