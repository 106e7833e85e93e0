/*
 * fuzz_field.c - a list is its elements, written again it is the same, and a
 * name is known by its text in whatever case
 */
#include "fuzz.h"

#include "proto/field.h"

static enum fm__field_name field_slowly(struct fm__slice name)
{
    for (int i = FM__FIELD_OTHER + 1; i < FM__FIELD_NAMES; i++)
        if (fm__slice_like(name, fm__field_text((enum fm__field_name)i)))
            return (enum fm__field_name)i;
    return FM__FIELD_OTHER;
}

static void check_element(struct fm__slice element, struct fm__slice text)
{
    if (element.at < text.at || element.at + element.size > text.at + text.size)
        fuzz_fail("an element outside of its list");
    if (element.size == 0 || fm__slice_find(element, ',') < element.size ||
        fm__slice_trim(element).size != element.size)
        fuzz_fail("an element with a comma, or with blanks around it");
    if (fm__token_is(element) &&
        fm__field_find(element) != field_slowly(element))
        fuzz_fail("a name that is known by another");
}

static void check_again(struct fm__slice list, struct fm__slice again)
{
    struct fm__slice one, other;
    while (fm__list_next(&list, &one))
        if (!fm__list_next(&again, &other) || !fm__slice_is(one, other))
            fuzz_fail("a list that is another when it is written again");
    if (fm__list_next(&again, &other))
        fuzz_fail("a list that is longer when it is written again");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *room = malloc(2 * size + 1);
    if (room == NULL)
        return 0;
    struct fm__pen pen = {room, room + 2 * size + 1, false};
    struct fm__slice text = {(const char *)bytes, size}, list = text, element;
    while (fm__list_next(&list, &element)) {
        check_element(element, text);
        fm__pen_write(&pen, element);
        fm__pen_put(&pen, ',');
    }
    if (pen.full)
        fuzz_fail("elements that are longer than their list");
    check_again(text, fm__pen_since(&pen, room));
    free(room);
    return 0;
}
