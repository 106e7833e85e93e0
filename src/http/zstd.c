/*
 * zstd.c - zstd (RFC 8878, 9659), by its library
 *
 * An allocator is what its header calls static only: what we take of that has
 * been there, as it is, since its first version.
 */
#define ZSTD_STATIC_LINKING_ONLY

#include "base/memory.h"
#include "http/coder.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    ZSTD_BITS = 23,      /* of the window: FM__CODER_WINDOW */
    ZSTD_SWIFT_BITS = 17 /* the same */
};

_Static_assert(1 << ZSTD_BITS == FM__CODER_WINDOW, "one window");

static void *zstd_take(void *opaque, size_t size)
{
    (void)opaque;
    return fm__memory_resize(NULL, size);
}

static void zstd_give(void *opaque, void *block)
{
    (void)opaque;
    fm__memory_free(block);
}

static const ZSTD_customMem zstd_memory = {zstd_take, zstd_give, NULL};

static int zstd_failure(size_t rc)
{
    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_memory_allocation:
        return -ENOMEM;
    case ZSTD_error_frameParameter_windowTooLarge:
        return -FM_ECODEDSIZE;
    default:
        return -FM_ECODED;
    }
}

/* ---- decoding ----------------------------------------------------------- */

/* A frame, or one that is to be skipped: 0x50 to 0x5f, 0x2a, 0x4d, 0x18. */
static int zstd_begins(const unsigned char *head, size_t size, bool first)
{
    static const unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd};
    static const unsigned char skipped[] = {0x50, 0x2a, 0x4d, 0x18};
    (void)first;
    if (size == 0)
        return 0;
    bool skips = (head[0] & 0xf0) == skipped[0];
    if (!skips && head[0] != frame[0])
        return -1;
    const unsigned char *wanted = skips ? skipped : frame;
    if (memcmp(head + 1, wanted + 1, size - 1) != 0)
        return -1;
    return size == sizeof frame;
}

static int zstd_decode_open(void **state, const unsigned char *head)
{
    (void)head;
    if (*state != NULL) {
        ZSTD_DCtx_reset(*state, ZSTD_reset_session_only);
        return 0;
    }
    ZSTD_DCtx *zstd = ZSTD_createDCtx_advanced(zstd_memory);
    if (zstd == NULL)
        return -ENOMEM;
    ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, ZSTD_BITS);
    *state = zstd;
    return 0;
}

static int zstd_decode(void *state, struct fm__flow *flow)
{
    ZSTD_inBuffer in = {flow->in, flow->in_size, 0};
    ZSTD_outBuffer out = {flow->out, flow->out_size, 0};
    size_t rc = ZSTD_decompressStream(state, &out, &in);
    fm__flow_took(flow, in.pos, out.pos);
    if (ZSTD_isError(rc))
        return zstd_failure(rc);
    return rc == 0;
}

static void zstd_decode_close(void *state)
{
    ZSTD_freeDCtx(state);
}

/* ---- encoding ----------------------------------------------------------- */

/* Level 0 is the library's own default. The windows of those above 19 would be
 * larger than others take. */
static int zstd_encode_open(void **state, int level)
{
    ZSTD_CCtx *zstd = ZSTD_createCCtx_advanced(zstd_memory);
    if (zstd == NULL)
        return -ENOMEM;
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
    if (level == 0)
        ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, ZSTD_SWIFT_BITS);
    *state = zstd;
    return 0;
}

static void zstd_encode_again(void *state)
{
    ZSTD_CCtx_reset(state, ZSTD_reset_session_only);
}

static int zstd_encode(void *state, struct fm__flow *flow,
                       enum fm__coder_mode mode)
{
    static const ZSTD_EndDirective directives[] = {
        [FM__CODER_MORE] = ZSTD_e_continue,
        [FM__CODER_FLUSH] = ZSTD_e_flush,
        [FM__CODER_FINISH] = ZSTD_e_end,
    };
    ZSTD_inBuffer in = {flow->in, flow->in_size, 0};
    ZSTD_outBuffer out = {flow->out, flow->out_size, 0};
    size_t rc = ZSTD_compressStream2(state, &out, &in, directives[mode]);
    fm__flow_took(flow, in.pos, out.pos);
    if (ZSTD_isError(rc))
        return -ENOMEM; /* nothing else can go wrong */
    return flow->in_size == 0 && (mode == FM__CODER_MORE || rc == 0);
}

static void zstd_encode_close(void *state)
{
    ZSTD_freeCCtx(state);
}

const struct fm__coder fm__coder_zstd = {
    .name = "zstd",
    .decoder = {zstd_begins, zstd_decode_open, zstd_decode, zstd_decode_close},
    .encoder = {1, 19, 3, zstd_encode_open, zstd_encode_again, zstd_encode,
                zstd_encode_close},
};
