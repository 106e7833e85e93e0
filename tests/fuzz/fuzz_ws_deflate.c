/*
 * fuzz_ws_deflate.c - any bytes are inflated within their limit or refused, and
 * what was inflated comes back when it is packed
 *
 * The first byte says what was agreed on; what follows are messages, each with
 * a byte for its size.
 */
#include "fuzz.h"

#include "base/memory.h"
#include "http/ws_record.h"

#include <fermata/error.h>

enum {
    FUZZ_LIMIT = 30000 /* bytes, for which nobody gives way */
};

/* What has come, into memory that is the WebSocket's. */
static void put(fm_ws *ws, const void *bytes, size_t size)
{
    ws->size = 0;
    if (fm__ws_room(ws, size) < 0)
        exit(0);
    if (size > 0)
        memcpy(ws->bytes, bytes, size);
    ws->size = size;
}

static void check_again(fm_ws *ws)
{
    size_t size = ws->size;
    struct iovec packed;
    char *copy = fuzz_copy(ws->bytes, size);
    if (fm__ws_pack(ws, (struct fm__slice){copy, size}, true, &packed) < 0)
        fuzz_fail("bytes that are not packed");
    fm_ws other = {.kind = FM_WS_BINARY, .limit = FUZZ_LIMIT};
    fm__ws_deflate_open(&other.deflate,
                        &(struct fm__ws_habit){.forgets_in = true, .bits = 15});
    put(&other, packed.iov_base, packed.iov_len);
    if (fm__ws_inflate(&other) < 0 || other.size != size ||
        memcmp(other.bytes, copy, size) != 0)
        fuzz_fail("a message that is another when it was packed");
    fm__ws_deflate_close(&other.deflate);
    fm__memory_free(other.bytes);
    fm__memory_free(packed.iov_base);
    free(copy);
}

static int take(fm_ws *ws, const uint8_t *bytes, size_t size)
{
    put(ws, bytes, size);
    ws->utf8 = (struct fm__utf8){0};
    int rc = fm__ws_inflate(ws);
    if (rc < 0 && rc != -FM_EWS && rc != -FM_EWSSIZE && rc != -FM_EWSTEXT)
        fuzz_fail("a message that is refused for no reason");
    if (rc == 0 && ws->size > FUZZ_LIMIT)
        fuzz_fail("a message above its limit");
    if (rc == 0)
        check_again(ws);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t way = size > 0 ? bytes[0] : 0;
    size_t at = 1;
    fm_ws ws = {.kind = (way & 4) != 0 ? FM_WS_TEXT : FM_WS_BINARY,
                .limit = FUZZ_LIMIT};
    fm__ws_deflate_open(
        &ws.deflate, &(struct fm__ws_habit){.forgets_in = (way & 1) != 0,
                                            .forgets_out = true,
                                            .bits = (way & 2) != 0 ? 9 : 15});
    int rc = 0;
    while (rc == 0 && at < size) {
        size_t some = bytes[at++];
        if (some > size - at)
            some = size - at;
        rc = take(&ws, bytes + at, some);
        at += some;
    }
    fm__ws_deflate_close(&ws.deflate);
    fm__memory_free(ws.bytes);
    return 0;
}
