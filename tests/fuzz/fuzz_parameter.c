/*
 * fuzz_parameter.c - parameters are within their text, and their values within
 * the room that they came in
 */
#include "fuzz.h"

#include "proto/parameter.h"

#include "proto/field.h"

static bool parameter_within(struct fm__slice part, struct fm__slice text)
{
    return part.at >= text.at && part.at + part.size <= text.at + text.size;
}

static void parameter_check(const struct fm__parameter *each,
                            struct fm__slice text)
{
    if (!parameter_within(each->name, text) ||
        !parameter_within(each->value, text) || !fm__token_is(each->name))
        fuzz_fail("a parameter that is not there");
    char *room = malloc(each->value.size + 1);
    struct fm__pen pen = {room, room + each->value.size, false};
    fm__parameter_write(&pen, each);
    struct fm__pen name = {room, room + each->value.size, false};
    fm__parameter_write_name(&name, each);
    struct fm__pen extended = {room, room + each->value.size, false};
    bool right = fm__parameter_write_extended(&extended, each->value);
    if (pen.full || name.full || extended.full)
        fuzz_fail("a value that is longer than it came");
    if (right && memchr(room, '\0', (size_t)(extended.at - room)) != NULL)
        fuzz_fail("a text with a NUL");
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = fuzz_copy(bytes, size);
    struct fm__slice text = {copy, size}, rest = text;
    struct fm__parameter each, found;
    size_t count = 0;
    while (fm__parameter_next(&rest, &each) > 0) {
        parameter_check(&each, text);
        int rc = fm__parameter_find(text, each.name, &found);
        if (rc == 0)
            fuzz_fail("a parameter that is not found again");
        count++;
    }
    if (count > size)
        fuzz_fail("more parameters than bytes");
    free(copy);
    return 0;
}
