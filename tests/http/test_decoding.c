/*
 * test_decoding.c - coded bytes, in whatever pieces they come and go
 */
#include "http/pack.h"

#include "http/decoding.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>
#include <string.h>

enum {
    ROOM = 1 << 16,
    FREE = FM_DECODE_FREE
};

static const struct fm__decoding_terms usual = {.ratio = FM_DECODE_RATIO};
static const char *const names[] = {"gzip", "deflate", "br", "zstd"};
static char coded[ROOM], twice[ROOM], plain[ROOM], text[ROOM];

/* Everything, so many bytes in and out at a time: how many came, or why not
 * more. */
static ssize_t undo_with(struct fm__decoding *decoding, struct fm__slice all,
                         size_t piece, size_t room)
{
    size_t came = 0;
    struct fm__slice in = fm__slice_until(all, piece);
    all = fm__slice_after(all, in.size);
    for (;;) {
        size_t left = ROOM - came;
        const struct iovec out = {plain + came, room < left ? room : left};
        ssize_t rc =
            fm__decoding_run(decoding, &in, all.size + in.size == 0, out);
        if (rc == -EAGAIN && in.size == 0) {
            in = fm__slice_until(all, piece);
            all = fm__slice_after(all, in.size);
        } else if (rc <= 0) {
            return rc < 0 ? rc : (ssize_t)came;
        } else {
            came += (size_t)rc;
        }
    }
}

static ssize_t undo(const char *codings, struct fm__slice all, size_t piece,
                    size_t room)
{
    struct fm__decoding *decoding;
    int opened = fm__decoding_open(&decoding, fm__slice_of(codings), &usual);
    CHECK_INT(opened, 0);
    if (opened < 0)
        return opened;
    ssize_t rc = undo_with(decoding, all, piece, room);
    fm__decoding_close(decoding);
    return rc;
}

static struct fm__slice bytes(const void *at, size_t size)
{
    return (struct fm__slice){at, size};
}

/* Something that can be packed, and not all too well. */
static void write_text(void)
{
    uint64_t seed = 7;
    for (size_t i = 0; i < ROOM; i++)
        text[i] = (char)("the quick brown fox"[test_random(&seed) % 19]);
}

static void check_text(ssize_t rc, size_t size)
{
    CHECK_INT(rc, (ssize_t)size);
    CHECK(memcmp(plain, text, size) == 0);
}

TEST(what_was_coded_comes_back_in_whatever_pieces)
{
    static const size_t sizes[] = {1, 2, 7, 4096, ROOM};
    write_text();
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        size_t size = pack(names[i], bytes(text, 5000), coded, ROOM);
        for (size_t j = 0; j < FM__COUNT(sizes); j++) {
            check_text(undo(names[i], bytes(coded, size), sizes[j], ROOM),
                       5000);
            check_text(undo(names[i], bytes(coded, size), ROOM, sizes[j]),
                       5000);
        }
    }
}

TEST(two_codings_are_undone_the_last_first)
{
    write_text();
    size_t size = pack("gzip", bytes(text, 60000), coded, ROOM);
    size = pack("br", bytes(coded, size), twice, ROOM);
    check_text(undo("gzip, br", bytes(twice, size), 3, ROOM), 60000);
    check_text(undo("identity, X-GZIP,,Br", bytes(twice, size), ROOM, 7),
               60000);
    CHECK_INT(undo("br, gzip", bytes(twice, size), ROOM, ROOM), -FM_ECODED);
}

TEST(more_codings_than_two_are_not_known)
{
    struct fm__decoding *decoding = NULL;
    struct fm__slice two = FM__SLICE("gzip, gzip");
    CHECK_INT(fm__decoding_open(&decoding, two, &usual), 0);
    fm__decoding_close(decoding);
    CHECK_INT(
        fm__decoding_open(&decoding, FM__SLICE("gzip, gzip, gzip"), &usual),
        -FM_ECODEDKIND);
    CHECK_INT(fm__decoding_open(&decoding, FM__SLICE("gzip, compress"), &usual),
              -FM_ECODEDKIND);
    decoding = NULL;
    CHECK_INT(fm__decoding_open(&decoding, FM__SLICE("identity"), &usual), 0);
    CHECK(decoding == NULL);
}

TEST(each_beginning_of_coded_data_is_too_short)
{
    write_text();
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        size_t size = pack(names[i], bytes(text, 300), coded, ROOM);
        CHECK_INT(undo(names[i], bytes(coded, 0), 1, ROOM), 0);
        for (size_t some = 1; some < size; some++)
            CHECK_INT(undo(names[i], bytes(coded, some), ROOM, ROOM),
                      -FM_ECODEDSHORT);
    }
}

TEST(what_is_behind_the_end_is_passed_over)
{
    static const char *const more[] = {
        "x", "\x1f", "\x28\xb5\x2f", "\x1fx", "PK..........", "\0\0\0\0\0\0\0"};
    write_text();
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        size_t size = pack(names[i], bytes(text, 300), coded, ROOM);
        for (size_t j = 0; j < FM__COUNT(more); j++) {
            size_t extra = strlen(more[j]) + (j == 5 ? 7 : 0);
            memcpy(coded + size, more[j], extra);
            check_text(undo(names[i], bytes(coded, size + extra), ROOM, ROOM),
                       300);
            check_text(undo(names[i], bytes(coded, size + extra), 1, ROOM),
                       300);
        }
    }
}

TEST(members_of_gzip_and_frames_of_zstd_are_one)
{
    static const char *const those[] = {"gzip", "zstd"};
    write_text();
    for (size_t i = 0; i < FM__COUNT(those); i++) {
        size_t size = pack(those[i], bytes(text, 300), coded, ROOM);
        size += pack(those[i], bytes("", 0), coded + size, ROOM - size);
        size +=
            pack(those[i], bytes(text + 300, 700), coded + size, ROOM - size);
        check_text(undo(those[i], bytes(coded, size), ROOM, ROOM), 1000);
        check_text(undo(those[i], bytes(coded, size), 1, 1), 1000);
        CHECK_INT(undo(those[i], bytes(coded, size - 1), ROOM, ROOM),
                  -FM_ECODEDSHORT);
    }
}

TEST(frames_of_zstd_that_are_to_be_skipped_are)
{
    static const char skipped[] = "\x5f\x2a\x4d\x18\x03\0\0\0abc";
    write_text();
    memcpy(coded, skipped, sizeof skipped - 1);
    size_t size = sizeof skipped - 1;
    size += pack("zstd", bytes(text, 300), coded + size, ROOM - size);
    check_text(undo("zstd", bytes(coded, size), 1, ROOM), 300);
}

TEST(deflate_is_taken_with_and_without_its_frame)
{
    write_text();
    size_t size = pack("deflate", bytes(text, 300), coded, ROOM);
    check_text(undo("deflate", bytes(coded, size), 1, ROOM), 300);
    check_text(undo("deflate", bytes(coded + 2, size - 6), 1, ROOM), 300);
    CHECK_INT(undo("deflate", bytes("\x03\x00", 2), 1, ROOM), 0);
}

TEST(what_is_no_data_of_a_coding_is_refused)
{
    static const char *const wrong[] = {
        "<html>not coded at all</html>", "\x1f\x8b\x07nothing is so packed",
        "\x78\x9c\xff\xff\xff\xff\xff\xff", "\x28\xb5\x2f\xfd\xff\xff\xff\xff",
        "\xff\xff\xff\xff\xff\xff\xff\xff"};
    for (size_t i = 0; i < FM__COUNT(wrong); i++)
        for (size_t j = 0; j < FM__COUNT(names); j++) {
            ssize_t rc = undo(names[j], fm__slice_of(wrong[i]), ROOM, ROOM);
            bool told = rc == -FM_ECODED || rc == -FM_ECODEDSHORT ||
                        rc == -FM_ECODEDSIZE;
            if (!told)
                printf("%s %zu: %zd\n", names[j], i, rc);
            CHECK(told);
        }
}

TEST(a_byte_that_changed_shows_at_the_end_of_gzip)
{
    write_text();
    size_t size = pack("gzip", bytes(text, 300), coded, ROOM);
    coded[size - 6] ^= 1;
    CHECK_INT(undo("gzip", bytes(coded, size), ROOM, ROOM), -FM_ECODED);
}

TEST(an_error_stays)
{
    struct fm__decoding *decoding;
    struct fm__slice in = FM__SLICE("no gzip");
    const struct iovec out = {plain, ROOM};
    CHECK_INT(fm__decoding_open(&decoding, FM__SLICE("gzip"), &usual), 0);
    CHECK_INT(fm__decoding_run(decoding, &in, false, out), -FM_ECODED);
    in = FM__SLICE("\x1f\x8b");
    CHECK_INT(fm__decoding_run(decoding, &in, false, out), -FM_ECODED);
    fm__decoding_close(decoding);
}

/* As a reader does that is cut each time, while nothing comes. */
static void check_patience(const char *name, size_t first)
{
    struct fm__decoding *decoding;
    const struct iovec out = {plain, ROOM};
    size_t size = pack(name, bytes(text, 300), coded, ROOM);
    struct fm__slice in = bytes(coded, first);
    CHECK_INT(fm__decoding_open(&decoding, fm__slice_of(name), &usual), 0);
    ssize_t rc = fm__decoding_run(decoding, &in, false, out);
    for (int i = 0; i < 50 && (rc > 0 || rc == -EAGAIN); i++)
        rc = fm__decoding_run(decoding, &in, false, out);
    CHECK_INT(rc, -EAGAIN);
    in = bytes(coded + first, size - first);
    do
        rc = fm__decoding_run(decoding, &in, in.size == 0, out);
    while (rc > 0);
    CHECK_INT(rc, 0);
    fm__decoding_close(decoding);
}

TEST(what_does_not_come_may_be_asked_for_at_any_time)
{
    write_text();
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        check_patience(names[i], 0);
        check_patience(names[i], 5);
        check_patience(names[i], 60);
    }
}

/* What it keeps it works on in one call: a megabyte takes too long. */
TEST(an_encoder_of_br_does_not_gather_for_ever)
{
    const struct fm__coder *coder = fm__coder_find(FM__SLICE("br"));
    size_t made = 0, pieces = 0;
    void *state;
    write_text();
    CHECK_INT(coder->encoder.open(&state, coder->encoder.usual), 0);
    for (; made == 0 && pieces < 8; pieces++) {
        struct fm__flow flow = {(const unsigned char *)text, ROOM,
                                (unsigned char *)coded, ROOM};
        CHECK_INT(coder->encoder.run(state, &flow, FM__CODER_MORE), 1);
        made = ROOM - flow.out_size;
    }
    CHECK(made > 0);
    coder->encoder.close(state);
}

/* ---- limits -------------------------------------------------------------- */

TEST(the_ratio_counts_above_what_is_free)
{
    CHECK(fm__decoding_allows(&usual, 1, FREE));
    CHECK(!fm__decoding_allows(&usual, 1, FREE + 1));
    CHECK(fm__decoding_allows(&usual, FREE / 50, FREE / 50 * 100));
    CHECK(!fm__decoding_allows(&usual, FREE / 50, FREE / 50 * 100 + 1));
    CHECK(fm__decoding_allows(&usual, UINT64_MAX / 2, UINT64_MAX));
    const struct fm__decoding_terms any = {0}, ten = {.limit = 10};
    CHECK(fm__decoding_allows(&any, 1, UINT64_MAX));
    CHECK(fm__decoding_allows(&ten, 1, 10));
    CHECK(!fm__decoding_allows(&ten, 1, 11));
}

/* So many bytes come before it is refused. */
static void check_bomb(const char *codings, struct fm__slice all)
{
    struct fm__decoding *decoding;
    size_t came = 0;
    ssize_t rc;
    CHECK_INT(fm__decoding_open(&decoding, fm__slice_of(codings), &usual), 0);
    do {
        const struct iovec out = {plain, ROOM};
        rc = fm__decoding_run(decoding, &all, all.size == 0, out);
        came += rc > 0 ? (size_t)rc : 0;
    } while (rc > 0);
    fm__decoding_close(decoding);
    CHECK_INT(rc, -FM_ECODEDSIZE);
    CHECK(came <= 100 * ROOM);
}

TEST(a_bomb_is_refused_in_each_coding)
{
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        size_t size = pack_zeros(names[i], 2 * FREE, coded, ROOM);
        CHECK(size < 2 * FREE / 200);
        check_bomb(names[i], bytes(coded, size));
    }
}

TEST(a_bomb_in_a_bomb_is_refused)
{
    size_t size = pack_zeros("gzip", 2 * FREE, coded, ROOM);
    size = pack("br", bytes(coded, size), twice, ROOM);
    CHECK(size < 400);
    check_bomb("gzip, br", bytes(twice, size));
}

/* What it is packed in is no larger than what it is; what is between is. */
TEST(a_bomb_that_would_become_small_again_is_refused)
{
    static char zeros[2 * FREE];
    size_t size = pack("zstd", bytes("x", 1), zeros, sizeof zeros);
    size = pack("gzip", bytes(zeros, sizeof zeros), coded, ROOM);
    (void)size;
    check_bomb("zstd, gzip", bytes(coded, size));
}

/* A frame of one raw block, whose head asks for a window of 1 << (10 + bits)
 * bytes and so many eighths of that (RFC 8878, 3.1.1.1.2). */
static ssize_t undo_window(unsigned bits, unsigned eighths)
{
    unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00,
                             0x00, 0x09, 0x00, 0x00, 'x'};
    frame[5] = (unsigned char)(bits << 3 | eighths);
    return undo("zstd", bytes(frame, sizeof frame), ROOM, ROOM);
}

TEST(a_window_of_zstd_is_8_mebibytes_at_most)
{
    CHECK_INT(undo_window(13, 0), 1);
    CHECK_INT(undo_window(13, 1), -FM_ECODEDSIZE);
    CHECK_INT(undo_window(31, 7), -FM_ECODEDSIZE);
}
