/*
 * fuzz_form_text.c - a form that is read and written has a text that stays
 */
#include "fuzz.h"

#include "proto/form_text.h"

/* Each byte may become three, and a name without a value gets its '='. */
static size_t form_room(size_t size)
{
    return 4 * size + 4;
}

static size_t form_pairs(struct fm__slice text)
{
    struct fm__slice name, value;
    size_t count = 0;
    while (fm__form_next(&text, &name, &value)) {
        if (fm__slice_find(name, '=') < name.size ||
            fm__slice_find(name, '&') < name.size ||
            fm__slice_find(value, '&') < value.size)
            fuzz_fail("a pair that is two");
        count++;
    }
    return count;
}

/* Read, decoded and written: the text, in memory of its own. */
static struct fm__slice form_again(struct fm__slice text)
{
    size_t size = form_room(text.size);
    char *room = malloc(size), *memory = malloc(text.size + 1);
    struct fm__pen pen = {room, room + size, false};
    struct fm__slice name, value;
    while (fm__form_next(&text, &name, &value)) {
        struct fm__pen decoded = {memory, memory + name.size + value.size,
                                  false};
        fm__form_decode(&decoded, name);
        struct fm__slice plain = fm__pen_since(&decoded, memory);
        fm__form_decode(&decoded, value);
        if (decoded.full)
            fuzz_fail("a pair that is longer than its text");
        struct fm__slice rest = fm__pen_since(&decoded, memory);
        fm__form_write(&pen, room, plain, fm__slice_after(rest, plain.size));
    }
    if (pen.full)
        fuzz_fail("a form that is longer than it may be");
    free(memory);
    return fm__pen_since(&pen, room);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__slice text = {(const char *)bytes, size};
    struct fm__slice once = form_again(text), twice = form_again(once);
    if (form_pairs(text) != form_pairs(once))
        fuzz_fail("a form with other pairs when it is written");
    if (!fm__slice_is(once, twice))
        fuzz_fail("a form's text has another text");
    free((char *)once.at);
    free((char *)twice.at);
    return 0;
}
