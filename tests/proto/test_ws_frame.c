/*
 * test_ws_frame.c - heads of frames, byte by byte, and masks
 */
#include "harness.h"

#include "proto/ws_frame.h"

#include <fermata/error.h>
#include <stdio.h>

/* Every beginning asks for more, and the whole is taken. */
static void check_head(const char *bytes, size_t size,
                       const struct fm__ws_frame *wanted)
{
    struct fm__ws_frame frame = {0};
    char out[FM__WS_HEAD];
    for (size_t some = 0; some < size; some++)
        CHECK_INT(fm__ws_frame_read(&frame, bytes, some), 0);
    CHECK_INT(fm__ws_frame_read(&frame, bytes, size + 5), (int)size);
    CHECK(frame.size == wanted->size);
    CHECK_INT(frame.opcode, wanted->opcode);
    CHECK_INT(frame.last, wanted->last);
    CHECK_INT(frame.compressed, wanted->compressed);
    CHECK_INT(frame.masked, wanted->masked);
    CHECK_INT(fm__ws_frame_write(&frame, out), (int)size);
    CHECK(memcmp(out, bytes, size) == 0);
}

TEST(sizes_stand_in_one_two_or_eight_bytes)
{
    static const uint64_t sizes[] = {0,     1,     125,        126,
                                     65535, 65536, 0xffffffff, INT64_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int masked = 0; masked < 2; masked++) {
            char out[FM__WS_HEAD + 5] = {0};
            struct fm__ws_frame frame = {.size = sizes[i],
                                         .opcode = FM__WS_BINARY,
                                         .last = true,
                                         .masked = masked != 0,
                                         .mask = {1, 2, 3, 4}};
            size_t size = fm__ws_frame_write(&frame, out);
            check_head(out, size, &frame);
        }
}

TEST(examples_of_the_standard_are_read)
{
    const struct fm__ws_frame hello = {
        .size = 5, .opcode = FM__WS_TEXT, .last = true};
    const struct fm__ws_frame masked = {.size = 5,
                                        .opcode = FM__WS_TEXT,
                                        .last = true,
                                        .masked = true,
                                        .mask = {0x37, 0xfa, 0x21, 0x3d}};
    char text[5];
    check_head("\x81\x05Hello", 2, &hello);
    check_head("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 6, &masked);
    fm__ws_mask(&masked, 0, text,
                (struct fm__slice){"\x7f\x9f\x4d\x51\x58", 5});
    CHECK(memcmp(text, "Hello", 5) == 0);
}

/* All pairs of first bytes, by the rules in another form. */
TEST(every_first_byte_is_taken_or_refused)
{
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const char bytes[FM__WS_HEAD] = {(char)first, (char)second, 1, 1};
            struct fm__ws_frame frame;
            unsigned opcode = first & 15, said = second & 127;
            bool control = opcode >= 8;
            bool good = (first & 0x30) == 0 && opcode != 3 && opcode != 4 &&
                        opcode != 5 && opcode != 6 && opcode != 7 &&
                        opcode < 11;
            if (control && ((first & 0xc0) != 0x80 || said > 125))
                good = false;
            if (said == 127) /* 0x0101... of which the first is not */
                good = good && true;
            ssize_t rc = fm__ws_frame_read(&frame, bytes, sizeof bytes);
            if ((rc > 0) != good || (rc <= 0 && rc != -FM_EWS))
                test_fail(__FILE__, __LINE__, "%02x %02x: %zd", first, second,
                          rc);
        }
}

TEST(a_size_has_no_more_bytes_than_it_needs)
{
    struct fm__ws_frame frame;
    CHECK_INT(fm__ws_frame_read(&frame, "\x82\x7e\0\x7d", 4), -FM_EWS);
    CHECK_INT(fm__ws_frame_read(&frame, "\x82\x7e\0\x7e", 4), 4);
    CHECK_INT(fm__ws_frame_read(&frame, "\x82\x7f\0\0\0\0\0\0\xff\xff", 10),
              -FM_EWS);
    CHECK_INT(fm__ws_frame_read(&frame, "\x82\x7f\0\0\0\0\0\1\0\0", 10), 10);
    CHECK_INT(fm__ws_frame_read(&frame, "\x82\x7f\x80\0\0\0\0\0\0\0", 10),
              -FM_EWS);
}

TEST(a_mask_goes_on_where_the_last_piece_ended)
{
    const struct fm__ws_frame frame = {.mask = {0x11, 0x80, 0xff, 0x5a}};
    char plain[67], whole[67], pieces[67];
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (char)(i * 37);
    fm__ws_mask(&frame, 0, whole, (struct fm__slice){plain, sizeof plain});
    for (size_t i = 0; i < sizeof plain; i++)
        CHECK_INT((uint8_t)whole[i], (uint8_t)plain[i] ^ frame.mask[i % 4]);
    for (size_t size = 1; size < sizeof plain; size++) {
        for (size_t at = 0; at < sizeof plain; at += size) {
            size_t some = size < sizeof plain - at ? size : sizeof plain - at;
            fm__ws_mask(&frame, at, pieces + at,
                        (struct fm__slice){plain + at, some});
        }
        CHECK(memcmp(pieces, whole, sizeof whole) == 0);
    }
}

TEST(codes_of_the_registry_may_be_said)
{
    for (unsigned code = 0; code < 6000; code++) {
        bool good = (code >= 1000 && code <= 1003) ||
                    (code >= 1007 && code <= 1014) ||
                    (code >= 3000 && code <= 4999);
        CHECK_INT(fm__ws_is_code(code), good);
    }
}
