/*
 * coder_brotli.c - br (RFC 7932), by Google's library
 */
#include "base/memory.h"
#include "http/coder.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <errno.h>
#include <fermata/error.h>

enum {
    BROTLI_SWIFT = 4,        /* a level */
    BROTLI_SWIFT_WINDOW = 17 /* bits */
};

static void *brotli_take(void *opaque, size_t size)
{
    (void)opaque;
    return fm__memory_resize(NULL, size);
}

static void brotli_give(void *opaque, void *block)
{
    (void)opaque;
    fm__memory_free(block);
}

/* ---- decoding ----------------------------------------------------------- */

/* Nothing marks it, and nothing can follow. */
static int brotli_begins(const unsigned char *head, size_t size, bool first)
{
    (void)head;
    return first ? size > 0 : -1;
}

static int brotli_decode_open(void **state, const unsigned char *head)
{
    (void)head;
    *state = BrotliDecoderCreateInstance(brotli_take, brotli_give, NULL);
    return *state != NULL ? 0 : -ENOMEM;
}

static int brotli_failure(const BrotliDecoderState *brotli)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(brotli);
    bool memory = code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                  code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
    return memory ? -ENOMEM : -FM_ECODED;
}

static int brotli_decode(void *state, struct fm__flow *flow)
{
    switch (BrotliDecoderDecompressStream(state, &flow->in_size, &flow->in,
                                          &flow->out_size, &flow->out, NULL)) {
    case BROTLI_DECODER_RESULT_SUCCESS:
        return 1;
    case BROTLI_DECODER_RESULT_ERROR:
        return brotli_failure(state);
    default:
        return 0;
    }
}

static void brotli_decode_close(void *state)
{
    BrotliDecoderDestroyInstance(state);
}

/* ---- encoding ----------------------------------------------------------- */

static int brotli_encode_open(void **state, int level)
{
    uint32_t quality = level > 0 ? (uint32_t)level : BROTLI_SWIFT;
    uint32_t window = level > 0 ? BROTLI_DEFAULT_WINDOW : BROTLI_SWIFT_WINDOW;
    BrotliEncoderState *brotli =
        BrotliEncoderCreateInstance(brotli_take, brotli_give, NULL);
    if (brotli == NULL)
        return -ENOMEM;
    BrotliEncoderSetParameter(brotli, BROTLI_PARAM_QUALITY, quality);
    BrotliEncoderSetParameter(brotli, BROTLI_PARAM_LGWIN, window);
    *state = brotli;
    return 0;
}

static void brotli_encode_close(void *state)
{
    BrotliEncoderDestroyInstance(state);
}

static int brotli_encode(void *state, struct fm__flow *flow,
                         enum fm__coder_mode mode)
{
    static const BrotliEncoderOperation operations[] = {
        [FM__CODER_MORE] = BROTLI_OPERATION_PROCESS,
        [FM__CODER_FLUSH] = BROTLI_OPERATION_FLUSH,
        [FM__CODER_FINISH] = BROTLI_OPERATION_FINISH,
    };
    if (!BrotliEncoderCompressStream(state, operations[mode], &flow->in_size,
                                     &flow->in, &flow->out_size, &flow->out,
                                     NULL))
        return -ENOMEM;
    bool left = BrotliEncoderHasMoreOutput(state);
    if (mode == FM__CODER_FINISH)
        return BrotliEncoderIsFinished(state);
    return flow->in_size == 0 && !left;
}

const struct fm__coder fm__coder_br = {
    .name = "br",
    .decoder = {brotli_begins, brotli_decode_open, brotli_decode,
                brotli_decode_close},
    .encoder = {1, 11, 5, brotli_encode_open, NULL, brotli_encode,
                brotli_encode_close},
};
