/*
 * fuzz_percent.c - what is encoded is decoded to what it was, or encoded again
 * to the same
 *
 * The first byte chooses the set.
 */
#include "fuzz.h"

#include "proto/percent.h"

static struct fm__slice percent_encoded(struct fm__slice text,
                                        enum fm__percent_set set, char *room)
{
    struct fm__pen pen = {room, room + 3 * text.size, false};
    fm__percent_encode(&pen, text, set);
    if (pen.full)
        fuzz_fail("a byte that takes more than three");
    return fm__pen_since(&pen, room);
}

static void check_decoded(struct fm__slice text, bool plus,
                          const struct fm__slice *wanted)
{
    char *room = malloc(text.size + 1);
    struct fm__pen pen = {room, room + text.size, false};
    fm__percent_decode(&pen, text, plus);
    if (pen.full)
        fuzz_fail("a text that grows when it is decoded");
    if (wanted != NULL && !fm__slice_is(fm__pen_since(&pen, room), *wanted))
        fuzz_fail("a text that is decoded to another");
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    enum fm__percent_set set =
        (enum fm__percent_set)(bytes[0] % FM__PERCENT_SETS);
    struct fm__slice text = {(const char *)bytes + 1, size - 1};
    char *once = malloc(3 * size), *twice = malloc(9 * size);
    struct fm__slice encoded = percent_encoded(text, set, once);
    for (size_t i = 0; i < encoded.size; i++)
        if (encoded.at[i] != '%' && encoded.at[i] != '+' &&
            fm__percent_encodes(set, encoded.at[i]))
            fuzz_fail("a byte that should be encoded is not");
    if (fm__percent_encodes(set, '%'))
        check_decoded(encoded, set == FM__PERCENT_FORM, &text);
    else if (!fm__slice_is(percent_encoded(encoded, set, twice), encoded))
        fuzz_fail("a text that is encoded twice");
    check_decoded(text, false, NULL);
    check_decoded(text, true, NULL);
    free(once);
    free(twice);
    return 0;
}
