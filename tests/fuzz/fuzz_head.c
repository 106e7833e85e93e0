/*
 * fuzz_head.c - a head is the same however it comes, and all of its places
 * are in it
 *
 * The first byte chooses its kind, and how much comes at first.
 */
#include "fuzz.h"

#include "proto/head.h"

static void check_place(struct fm__place place, size_t size)
{
    if (place.at > size || place.size > size - place.at)
        fuzz_fail("a place outside of the head");
}

static void check_places(const struct fm__head *head)
{
    check_place(head->method, head->at);
    check_place(head->target, head->at);
    check_place(head->reason, head->at);
    check_place(head->host, head->at);
    for (unsigned i = 0; i < head->count; i++) {
        check_place(head->fields[i].name, head->at);
        check_place(head->fields[i].value, head->at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct fm__head whole, parts;
    if (size == 0)
        return 0;
    enum fm__head_kind kind =
        bytes[0] & 1 ? FM__HEAD_RESPONSE : FM__HEAD_REQUEST;
    const char *text = (const char *)bytes + 1;
    size--;
    fm__head_init(&whole, kind);
    ssize_t rc = fm__head_read(&whole, text, size);
    fm__head_init(&parts, kind);
    size_t come = bytes[0] / 2 < size ? bytes[0] / 2 : size;
    ssize_t other = fm__head_read(&parts, text, come);
    if (other == 0)
        other = fm__head_read(&parts, text, size);
    if (rc != other)
        fuzz_fail("a head that is another in two parts");
    if (rc > 0)
        check_places(&whole);
    if (rc > 0 &&
        (whole.count != parts.count ||
         memcmp(&whole, &parts, offsetof(struct fm__head, fields)) != 0))
        fuzz_fail("a head that says something else in two parts");
    return 0;
}
