/*
 * brotli.c - br (RFC 7932), by Google's library
 */
#include "base/list.h"
#include "base/memory.h"
#include "http/coder.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <errno.h>
#include <fermata/error.h>
#include <setjmp.h>

enum {
    BROTLI_SWIFT = 1,         /* a level */
    BROTLI_SWIFT_WINDOW = 17, /* bits */
    BROTLI_GATHERED = 262144  /* bytes */
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

/*
 * Where its encoder gets no memory it ends the process, as Debian builds it. So
 * the allocator does not come back then: it jumps to who called the library,
 * and what that has taken is known here and given back without it.
 *
 * It gathers megabytes, and then works on all of them in one call, for long. So
 * it is flushed before.
 */
struct brotli_encoder {
    BrotliEncoderState *brotli;
    struct fm__list blocks; /* that the library has */
    bool inside;            /* it runs, and `out` is where to go */
    bool spent;             /* nothing more can be done with it */
    size_t gathered;        /* bytes since the last flush */
    jmp_buf out;
};

/* Before each block. */
struct brotli_block {
    _Alignas(16) struct fm__list link;
};

static void *brotli_encoder_take(void *opaque, size_t size)
{
    struct brotli_encoder *self = opaque;
    struct brotli_block *block = fm__memory_resize(NULL, sizeof *block + size);
    if (block == NULL && self->inside)
        longjmp(self->out, 1);
    if (block == NULL)
        return NULL;
    fm__list_push(&self->blocks, &block->link);
    return block + 1;
}

static void brotli_encoder_give(void *opaque, void *bytes)
{
    (void)opaque;
    if (bytes == NULL)
        return;
    struct brotli_block *block = (struct brotli_block *)bytes - 1;
    fm__list_remove(&block->link);
    fm__memory_free(block);
}

static void brotli_encode_close(void *state)
{
    struct brotli_encoder *self = state;
    if (self == NULL)
        return;
    while (!fm__list_empty(&self->blocks))
        fm__memory_free(FM__CONTAINER(fm__list_shift(&self->blocks),
                                      struct brotli_block, link));
    fm__memory_free(self);
}

static int brotli_encode_open(void **state, int level)
{
    uint32_t quality = level > 0 ? (uint32_t)level : BROTLI_SWIFT;
    uint32_t window = level > 0 ? BROTLI_DEFAULT_WINDOW : BROTLI_SWIFT_WINDOW;
    struct brotli_encoder *self = fm__memory_new(sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    fm__list_init(&self->blocks);
    self->brotli = BrotliEncoderCreateInstance(brotli_encoder_take,
                                               brotli_encoder_give, self);
    if (self->brotli == NULL) {
        brotli_encode_close(self);
        return -ENOMEM;
    }
    BrotliEncoderSetParameter(self->brotli, BROTLI_PARAM_QUALITY, quality);
    BrotliEncoderSetParameter(self->brotli, BROTLI_PARAM_LGWIN, window);
    *state = self;
    return 0;
}

static int brotli_encode_inside(struct brotli_encoder *self,
                                struct fm__flow *flow, enum fm__coder_mode mode)
{
    static const BrotliEncoderOperation operations[] = {
        [FM__CODER_MORE] = BROTLI_OPERATION_PROCESS,
        [FM__CODER_FLUSH] = BROTLI_OPERATION_FLUSH,
        [FM__CODER_FINISH] = BROTLI_OPERATION_FINISH,
    };
    BrotliEncoderState *brotli = self->brotli;
    size_t size = flow->in_size;
    if (mode == FM__CODER_MORE && self->gathered >= BROTLI_GATHERED)
        mode = FM__CODER_FLUSH;
    if (!BrotliEncoderCompressStream(brotli, operations[mode], &flow->in_size,
                                     &flow->in, &flow->out_size, &flow->out,
                                     NULL))
        return -ENOMEM;
    self->gathered += size - flow->in_size;
    if (mode == FM__CODER_FINISH)
        return BrotliEncoderIsFinished(brotli);
    bool done = flow->in_size == 0 && !BrotliEncoderHasMoreOutput(brotli);
    if (done && mode == FM__CODER_FLUSH)
        self->gathered = 0;
    return done;
}

static int brotli_encode(void *state, struct fm__flow *flow,
                         enum fm__coder_mode mode)
{
    struct brotli_encoder *self = state;
    if (self->spent)
        return -ENOMEM;
    if (setjmp(self->out) != 0) {
        self->inside = false;
        self->spent = true;
        return -ENOMEM;
    }
    self->inside = true;
    int rc = brotli_encode_inside(self, flow, mode);
    self->inside = false;
    return rc;
}

const struct fm__coder fm__coder_br = {
    .name = "br",
    .decoder = {brotli_begins, brotli_decode_open, brotli_decode,
                brotli_decode_close},
    .encoder = {1, 11, 5, brotli_encode_open, NULL, brotli_encode,
                brotli_encode_close},
};
