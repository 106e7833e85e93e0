/*
 * zlib.c - gzip (RFC 1952) and deflate, by zlib
 *
 * What is called deflate is to be zlib's format (RFC 1950), and is sent as bare
 * deflate (RFC 1951) by some: the first two bytes tell which, as browsers look
 * at them.
 */
#include "base/memory.h"
#include "http/coder.h"

#include <errno.h>
#include <fermata/error.h>
#include <limits.h>
#include <zlib.h>

enum {
    ZLIB_ZLIB = 15, /* window bits of the format */
    ZLIB_GZIP = 31,
    ZLIB_BARE = -15,
    ZLIB_MEMORY = 8, /* zlib's own default */
    ZLIB_SWIFT = 1,  /* a level */
    ZLIB_METHOD = 8  /* in the low half of the first byte */
};

static voidpf zlib_take(voidpf opaque, uInt items, uInt size)
{
    (void)opaque;
    return fm__memory_resize(NULL, (size_t)items * size);
}

static void zlib_give(voidpf opaque, voidpf block)
{
    (void)opaque;
    fm__memory_free(block);
}

static z_stream *zlib_new(void)
{
    z_stream *zlib = fm__memory_new(sizeof *zlib);
    if (zlib != NULL) {
        zlib->zalloc = zlib_take;
        zlib->zfree = zlib_give;
    }
    return zlib;
}

/* A part of the flow that zlib can count. */
static void zlib_begin(z_stream *zlib, const struct fm__flow *flow)
{
    zlib->next_in = (z_const Bytef *)(uintptr_t)flow->in;
    zlib->avail_in = flow->in_size < UINT_MAX ? (uInt)flow->in_size : UINT_MAX;
    zlib->next_out = flow->out;
    zlib->avail_out =
        flow->out_size < UINT_MAX ? (uInt)flow->out_size : UINT_MAX;
}

static void zlib_end(const z_stream *zlib, struct fm__flow *flow)
{
    fm__flow_took(flow, (size_t)(zlib->next_in - flow->in),
                  (size_t)(zlib->next_out - flow->out));
}

/* ---- decoding ----------------------------------------------------------- */

static int zlib_gzip_begins(const unsigned char *head, size_t size, bool first)
{
    (void)first;
    if (size > 0 && head[0] != 0x1f)
        return -1;
    if (size < 2)
        return 0;
    return head[1] == 0x8b ? 1 : -1;
}

/* There is one, and nothing behind it. */
static int zlib_deflate_begins(const unsigned char *head, size_t size,
                               bool first)
{
    (void)head;
    if (!first)
        return -1;
    return size >= 2;
}

static int zlib_decode_open(void **state, int bits)
{
    if (*state != NULL)
        return inflateReset2(*state, bits) == Z_OK ? 0 : -ENOMEM;
    z_stream *zlib = zlib_new();
    if (zlib == NULL)
        return -ENOMEM;
    if (inflateInit2(zlib, bits) != Z_OK) {
        fm__memory_free(zlib);
        return -ENOMEM;
    }
    *state = zlib;
    return 0;
}

static int zlib_gzip_open(void **state, const unsigned char *head)
{
    (void)head;
    return zlib_decode_open(state, ZLIB_GZIP);
}

static int zlib_deflate_open(void **state, const unsigned char *head)
{
    bool zlib = (head[0] & 15) == ZLIB_METHOD &&
                ((unsigned)head[0] << 8 | head[1]) % 31 == 0;
    return zlib_decode_open(state, zlib ? ZLIB_ZLIB : ZLIB_BARE);
}

static int zlib_decode(void *state, struct fm__flow *flow)
{
    z_stream *zlib = state;
    zlib_begin(zlib, flow);
    int rc = inflate(zlib, Z_NO_FLUSH);
    zlib_end(zlib, flow);
    switch (rc) {
    case Z_OK:
    case Z_BUF_ERROR: /* nothing could be done */
        return 0;
    case Z_STREAM_END:
        return 1;
    case Z_MEM_ERROR:
        return -ENOMEM;
    default:
        return -FM_ECODED;
    }
}

static void zlib_decode_close(void *state)
{
    if (state != NULL)
        inflateEnd(state);
    fm__memory_free(state);
}

/* ---- encoding ----------------------------------------------------------- */

static int zlib_encode_open(void **state, int level, int bits)
{
    z_stream *zlib = zlib_new();
    if (zlib == NULL)
        return -ENOMEM;
    if (level == 0)
        level = ZLIB_SWIFT;
    if (deflateInit2(zlib, level, Z_DEFLATED, bits, ZLIB_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        fm__memory_free(zlib);
        return -ENOMEM;
    }
    *state = zlib;
    return 0;
}

static int zlib_gzip_encode_open(void **state, int level)
{
    return zlib_encode_open(state, level, ZLIB_GZIP);
}

static int zlib_deflate_encode_open(void **state, int level)
{
    return zlib_encode_open(state, level, ZLIB_ZLIB);
}

static void zlib_encode_again(void *state)
{
    deflateReset(state);
}

static int zlib_encode(void *state, struct fm__flow *flow,
                       enum fm__coder_mode mode)
{
    static const int flushes[] = {
        [FM__CODER_MORE] = Z_NO_FLUSH,
        [FM__CODER_FLUSH] = Z_SYNC_FLUSH,
        [FM__CODER_FINISH] = Z_FINISH,
    };
    z_stream *zlib = state;
    zlib_begin(zlib, flow);
    bool all = zlib->avail_in == flow->in_size;
    int rc = deflate(zlib, all ? flushes[mode] : Z_NO_FLUSH);
    zlib_end(zlib, flow);
    if (mode == FM__CODER_FINISH)
        return rc == Z_STREAM_END;
    return flow->in_size == 0 && flow->out_size > 0;
}

static void zlib_encode_close(void *state)
{
    if (state != NULL)
        deflateEnd(state);
    fm__memory_free(state);
}

const struct fm__coder fm__coder_gzip = {
    .name = "gzip",
    .decoder = {zlib_gzip_begins, zlib_gzip_open, zlib_decode,
                zlib_decode_close},
    .encoder = {1, 9, 6, zlib_gzip_encode_open, zlib_encode_again, zlib_encode,
                zlib_encode_close},
};

const struct fm__coder fm__coder_deflate = {
    .name = "deflate",
    .decoder = {zlib_deflate_begins, zlib_deflate_open, zlib_decode,
                zlib_decode_close},
    .encoder = {1, 9, 6, zlib_deflate_encode_open, zlib_encode_again,
                zlib_encode, zlib_encode_close},
};
