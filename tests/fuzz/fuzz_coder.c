/*
 * fuzz_coder.c - what was encoded is decoded to the same, however it was cut
 *
 * The first byte says which coding, the second where it is flushed.
 */
#include "fuzz.h"

#include "http/decoding.h"

#include <errno.h>

enum {
    ROOM = 1 << 18
};

static const char *const names[] = {"gzip", "deflate", "br", "zstd"};
static unsigned char coded[ROOM], plain[ROOM];

static size_t encode(const struct fm__encoder_kind *kind, struct fm__slice text,
                     size_t piece)
{
    void *state = NULL;
    struct fm__flow flow = {.out = coded};
    if (kind->open(&state, 0) < 0)
        exit(0);
    for (bool last = false; !last;) {
        enum fm__coder_mode mode = FM__CODER_FLUSH;
        struct fm__slice some = fm__slice_until(text, piece);
        text = fm__slice_after(text, some.size);
        last = text.size == 0;
        if (last)
            mode = FM__CODER_FINISH;
        flow.in = (const unsigned char *)some.at;
        flow.in_size = some.size;
        int rc = 0;
        while (rc == 0) {
            flow.out_size = 7;
            rc = kind->run(state, &flow, mode);
        }
        if (rc < 0 || flow.in_size > 0)
            fuzz_fail("an encoder that fails");
    }
    kind->close(state);
    return (size_t)(flow.out - coded);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct fm__decoding_terms terms = {.ratio = 0};
    struct fm__decoding *decoding;
    size_t came = 0;
    ssize_t rc = 1;
    if (size < 2 || size > 5000)
        return 0;
    const struct fm__slice name = fm__slice_of(names[bytes[0] % 4]);
    const struct fm__slice text = {(const char *)bytes + 2, size - 2};
    const struct fm__coder *coder = fm__coder_find(name);
    struct fm__slice in = {(const char *)coded,
                           encode(&coder->encoder, text, bytes[1] + 16U)};
    if (fm__decoding_open(&decoding, name, &terms) < 0)
        exit(0);
    while (rc > 0) {
        const struct iovec out = {plain + came, ROOM - came};
        rc = fm__decoding_run(decoding, &in, in.size == 0, out);
        came += rc > 0 ? (size_t)rc : 0;
        rc = rc == -EAGAIN ? 1 : rc;
    }
    fm__decoding_close(decoding);
    if (rc < 0 || came != text.size || memcmp(plain, text.at, came) != 0)
        fuzz_fail("another text comes back");
    return 0;
}
