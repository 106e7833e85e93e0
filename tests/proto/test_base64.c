/*
 * test_base64.c - bytes as letters and back
 */
#include "harness.h"

#include "proto/base64.h"

#include <stdlib.h>

static struct fm__slice letters_of(const uint8_t *bytes, size_t size,
                                   char *room)
{
    struct fm__pen pen = {room, room + fm__base64_size(size), false};
    fm__base64_encode(&pen, (struct fm__slice){(const char *)bytes, size});
    CHECK(!pen.full);
    return fm__pen_since(&pen, room);
}

TEST(bytes_of_every_size_come_back)
{
    uint64_t seed = test_seed(7);
    for (size_t size = 0; size <= 64; size++) {
        uint8_t bytes[64], back[64];
        char room[96];
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)test_random(&seed);
        struct fm__slice letters = letters_of(bytes, size, room);
        struct fm__pen pen = {(char *)back, (char *)back + size, false};
        CHECK(fm__base64_decode(&pen, letters));
        CHECK_INT(pen.at - (char *)back, size);
        CHECK(memcmp(bytes, back, size) == 0);
    }
}

TEST(what_is_not_written_so_is_not_read)
{
    /* RFC 4648, 3.3 and 3.5 */
    static const char *const none[] = {
        "A",     "AA",       "AAA",      "A===",  "====",  "=AAA", "AA=A",
        "AAAAA", "AA==AAAA", "AAA=AAAA", "AA A",  "AA\nA", "AA-A", "AA_A",
        "AB==",  "AAB=",     "\xffQ==",  "AAAA=", "AA==A"};
    char back[16];
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct fm__pen pen = {back, back + sizeof back, false};
        if (fm__base64_decode(&pen, fm__slice_of(none[i])))
            test_fail(__FILE__, __LINE__, "%s was read", none[i]);
    }
}

TEST(what_does_not_fit_is_refused)
{
    char back[2];
    struct fm__pen pen = {back, back + sizeof back, false};
    CHECK(fm__base64_decode(&pen, FM__SLICE("AAA=")));
    pen.at = back;
    CHECK(!fm__base64_decode(&pen, FM__SLICE("AAAA")));
}
