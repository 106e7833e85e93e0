/*
 * fuzz_ws_frame.c - a head of a frame is the same however much has come, and is
 * written as it was read; a mask comes off as it went on
 */
#include "fuzz.h"

#include "proto/ws_frame.h"

static void check_written(const struct fm__ws_frame *frame,
                          struct fm__slice head)
{
    char out[FM__WS_HEAD];
    size_t size = fm__ws_frame_write(frame, out);
    if (!fm__slice_is((struct fm__slice){out, size}, head))
        fuzz_fail("a head that is written in another way");
}

static void check_mask(const struct fm__ws_frame *frame, struct fm__slice text)
{
    char *masked = calloc(1, text.size + 1);
    size_t half = text.size / 2;
    fm__ws_mask(frame, 0, masked, fm__slice_until(text, half));
    fm__ws_mask(frame, half, masked + half, fm__slice_after(text, half));
    fm__ws_mask(frame, 0, masked, (struct fm__slice){masked, text.size});
    if (memcmp(masked, text.at, text.size) != 0)
        fuzz_fail("a mask that does not come off");
    free(masked);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = fuzz_copy(bytes, size);
    struct fm__ws_frame frame = {0}, part;
    ssize_t rc = fm__ws_frame_read(&frame, text, size);
    for (size_t some = 0; some < size && some < FM__WS_HEAD; some++) {
        ssize_t early = fm__ws_frame_read(&part, text, some);
        bool waits = early == 0 && (rc <= 0 || some < (size_t)rc);
        if (!waits && early != rc)
            fuzz_fail("a head that is another when more has come");
    }
    if (rc > 0) {
        check_written(&frame, (struct fm__slice){text, (size_t)rc});
        check_mask(&frame, (struct fm__slice){text + rc, size - (size_t)rc});
    }
    free(text);
    return 0;
}
