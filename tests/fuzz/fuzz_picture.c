/*
 * fuzz_picture.c - a program whose memory is whatever the bytes make of it
 *
 * The first byte says whether it runs meanwhile; the rest twists what is read,
 * as image_bytes.h has it. Two looks end, and what they return is sound.
 */
#include "fuzz.h"

#include "inspect/image_bytes.h"
#include "inspect/image_kind.h"
#include "inspect/recorded.h"
#include "inspect/sight.h"
#include "inspect/view_sound.h"

static void look(fm_inspect *inspect)
{
    const fm_picture *picture;
    if (fm_inspect_look(inspect, &picture) == 0 && !view_sound(picture))
        fuzz_fail("the picture is not sound");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct recorded *recorded = recorded_program();
    fm_inspect *inspect;
    if (recorded == NULL)
        fuzz_fail("nothing was recorded");
    if (size == 0)
        return 0;
    struct fm__image *inner =
        image_of_bytes(recorded->regions, recorded->count, recorded->root);
    struct fm__image *image = image_twisted(inner, bytes + 1, size - 1);
    image->clock = bytes[0] % 2 == 0 ? -1 : 1;
    if (fm__inspect_begin(&inspect, image) == 0) {
        look(inspect);
        look(inspect);
        fm_inspect_close(inspect);
    }
    fm__image_close(inner);
    return 0;
}
