/*
 * fuzz_link_text.c - any attribute has links in it, which are parts of it
 *
 * The first byte is how many bytes of the rest are a word.
 */
#include "fuzz.h"

#include "proto/link_text.h"

static void check_within(struct fm__slice part, struct fm__slice whole)
{
    if (part.at < whole.at || part.at + part.size > whole.at + whole.size)
        fuzz_fail("a part that is not of the whole");
}

static void check_set(struct fm__slice set)
{
    struct fm__slice rest = set, link;
    while (fm__link_candidate(&rest, &link)) {
        check_within(link, set);
        if (link.size == 0 || link.at + link.size > rest.at)
            fuzz_fail("an image of nothing, or one of what follows");
        if (rest.size > 0 && link.at + link.size == rest.at)
            fuzz_fail("an image that nothing parts from the next");
    }
    if (rest.size > 0)
        fuzz_fail("an end before the end");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = fuzz_copy(bytes, size);
    struct fm__slice all = fm__slice_after((struct fm__slice){copy, size}, 1);
    struct fm__slice link;
    struct fm__slice word =
        fm__slice_until(all, size > 0 ? (unsigned char)copy[0] : 0);
    check_set(all);
    if (fm__link_refresh(all, &link))
        check_within(link, all);
    if (fm__link_says(all, word) && word.size == 0)
        fuzz_fail("a word of nothing");
    free(copy);
    return 0;
}
