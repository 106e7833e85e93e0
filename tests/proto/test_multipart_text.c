/*
 * test_multipart_text.c - parts and the boundary between them
 */
#include "harness.h"
#include "proto/multipart_text.h"

#include <fermata/error.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ROOM = 65536,
    LIMIT = 64
};

/* What came of a body: "<fields>data|" a part; then "." where it may end. */
struct outcome {
    int rc;
    size_t size;
    char text[ROOM];
};

static void note(struct outcome *out, const char *text, size_t size)
{
    memcpy(out->text + out->size, text, size);
    out->size += size;
    out->text[out->size] = '\0';
}

static void note_step(struct outcome *out, int kind,
                      const struct fm__multipart_step *step)
{
    if (kind == FM__MULTIPART_HEAD)
        note(out, "<", 1);
    note(out, step->text.at, step->text.size);
    if (kind == FM__MULTIPART_HEAD)
        note(out, ">", 1);
    if (kind == FM__MULTIPART_END)
        note(out, "|", 1);
}

/* The body up to `come` has come, of which the first *at bytes are done with.
 * The window has its exact size, for who watches memory. */
static void hear(struct fm__multipart *parser, struct outcome *out,
                 struct fm__slice body, size_t *at)
{
    int kind;
    do {
        struct fm__multipart_step step;
        size_t size = body.size - *at;
        char *window = malloc(size > 0 ? size : 1);
        CHECK(window != NULL);
        memcpy(window, body.at + *at, size);
        kind =
            fm__multipart_read(parser, (struct fm__slice){window, size}, &step);
        if (kind >= 0)
            note_step(out, kind, &step);
        *at += kind >= 0 ? step.size : 0;
        free(window);
    } while (kind > FM__MULTIPART_MORE);
    out->rc = kind;
    if (kind >= 0 && body.size - *at >= LIMIT + FM__MULTIPART_HELD)
        test_fail(__FILE__, __LINE__, "%zu bytes held", body.size - *at);
}

/* In pieces: first one of some size, then of another. */
static void read_in(struct outcome *out, struct fm__slice body, size_t first,
                    size_t piece)
{
    struct fm__multipart parser;
    size_t at = 0, come = first;
    CHECK(fm__multipart_init(&parser, FM__SLICE("b-1"), LIMIT));
    *out = (struct outcome){.rc = 0, .size = 0};
    hear(&parser, out, fm__slice_until(body, come), &at);
    while (out->rc >= 0 && come < body.size) {
        come += piece < body.size - come ? piece : body.size - come;
        hear(&parser, out, fm__slice_until(body, come), &at);
    }
    if (out->rc >= 0 && fm__multipart_ends(&parser))
        note(out, ".", 1);
}

static void check_in(struct fm__slice body, size_t first, size_t piece,
                     const struct outcome *wanted)
{
    static struct outcome out;
    read_in(&out, body, first, piece);
    if (out.rc != wanted->rc || strcmp(out.text, wanted->text) != 0)
        test_fail(__FILE__, __LINE__,
                  "\"%.*s\" by %zu and %zu: %d \"%s\", not %d \"%s\"",
                  (int)body.size, body.at, first, piece, out.rc, out.text,
                  wanted->rc, wanted->text);
}

/* The same however it is cut in two, and byte by byte. */
static void check_body(const char *text, int rc, const char *wanted)
{
    static struct outcome right;
    struct fm__slice body = fm__slice_of(text);
    right.rc = rc;
    snprintf(right.text, sizeof right.text, "%s", wanted);
    for (size_t first = 0; first <= body.size; first++)
        check_in(body, first, body.size, &right);
    check_in(body, 1, 1, &right);
    check_in(body, 2, 3, &right);
}

static const struct {
    const char *body;
    const char *wanted;
} right[] = {
    {"--b-1\r\nA: b\r\n\r\ndata\r\n--b-1--\r\n", "<A: b\r\n>data|."},
    {"--b-1\r\nA: b\r\n\r\ndata\r\n--b-1--", "<A: b\r\n>data|."},
    {"--b-1\r\n\r\ndata\r\n--b-1\r\nA:b\r\nC: d\r\n\r\n\r\n--b-1--",
     "<>data|<A:b\r\nC: d\r\n>|."},
    {"--b-1--", "."},
    {"\r\n--b-1--\r\n", "."},
    {"before\r\n--b-1\r\n\r\nx\r\n--b-1--\r\nbehind\r\n--b-1\r\n\r\n", "<>x|."},
    {"--b-\r\n--b-1 \t\r\n\r\nx\r\n--b-1-- \t \r\n", "<>x|."},
    {"--b-1\r\n\r\n--b-1--", "<>|."},             /* no data */
    {"--b-1\r\n\r\n\r\n--b-1--", "<>|."},         /* the same */
    {"--b-1\r\n\r\n\r\n\r\n--b-1--", "<>\r\n|."}, /* two bytes */
    {"--b-1\r\nA: b\r\n\r\n--b-1--", "<A: b\r\n>|."},
    {"--b-1\r\n\r\n\r\n--b-\r\n--b-\n--b-1\r--b-1\r\n--b-1--",
     "<>\r\n--b-\r\n--b-\n--b-1\r--b-1|."},
    {"--b-1\r\n\r\n\r\r\n\r\r\n--b\r\n-\r\n--b-1--",
     "<>\r\r\n\r\r\n--b\r\n-|."},
    {"--b-1\r\n\r\n--b\r\n--b-1--", "<>--b|."},
    {"--b-1\r\n\r\nx--b-1--\r\n--b-1--", "<>x--b-1--|."},
    {"--b-1\r\n\r\nx", "<>x"}, /* nothing that ends */
    {"--b-1\r\n\r\nx\r\n--b-1", "<>x|"},
    {"--b-1\r\nA: b\r\n", ""},
    {"", ""},
    {"x", ""},
};

TEST(a_body_is_the_same_parts_however_it_is_split)
{
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        check_body(right[i].body, 0, right[i].wanted);
}

static const struct {
    const char *body;
    const char *before;
} wrong[] = {
    {"--b-1\n\r\nx", ""},
    {"--b-1\r\r\n", ""},
    {"--b-1x\r\n", ""},
    {"--b-1 --\r\n", ""},
    {"--b-1-\r\n", ""},
    {"--b-1--x", ""},
    {"--b-1-- \rx", ""},
    {"--b-1\r\nA: b\n\r\n", ""},
    {"--b-1\r\nA: b\r\n\n", ""},
    {"--b-1\r\n\n", ""},
    {"--b-1\r\nA\r\n\r\n", ""},
    {"--b-1\r\nA : b\r\n\r\n", ""},
    {"--b-1\r\nA: b\r\n c\r\n\r\n", ""},
    {"--b-1\r\n: b\r\n\r\n", ""},
    {"--b-1\r\nA: b\rc\r\n\r\n", ""},
    {"--b-1\r\nA: \x01\r\n\r\n", ""},
    {"--b-1\r\n\r\nx\r\n--b-12\r\n", "<>x|"},
    {"--b-1\r\n\r\nx\r\n--b-1 2\r\n", "<>x|"},
    {"--b-1\r\n\r\nx\r\n--b-1\n", "<>x|"},
};

TEST(what_delimits_badly_is_refused)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        check_body(wrong[i].body, -FM_EMULTIPART, wrong[i].before);
}

TEST(a_nul_is_in_no_head_and_in_any_data)
{
    static const char head[] = "--b-1\r\nA: \0\r\n\r\n";
    static const char data[] = "--b-1\r\n\r\na\0b\r\n--b-1--";
    static struct outcome out;
    read_in(&out, (struct fm__slice){head, sizeof head - 1}, 0, 1);
    CHECK_INT(out.rc, -FM_EMULTIPART);
    read_in(&out, (struct fm__slice){data, sizeof data - 1}, 0, 1);
    CHECK_INT(out.rc, 0);
    CHECK_INT(out.size, 7);
    CHECK(memcmp(out.text, "<>a\0b|.", 7) == 0);
}

/* ---- limits ------------------------------------------------------------- */

TEST(a_head_has_its_limit_at_that_byte)
{
    char body[256];
    static struct outcome out;
    for (size_t size = LIMIT - 2; size <= LIMIT + 2; size++) {
        snprintf(body, sizeof body, "--b-1\r\nA: %.*s\r\n\r\n--b-1--",
                 (int)size - 7,
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        for (size_t piece = 1; piece < sizeof body; piece *= 3) {
            read_in(&out, fm__slice_of(body), 0, piece);
            CHECK_INT(out.rc, size <= LIMIT ? 0 : -FM_EPARTHEAD);
        }
    }
}

TEST(a_head_that_does_not_end_is_refused_at_its_limit)
{
    char body[LIMIT + 8] = "--b-1\r\nA: ";
    static struct outcome out;
    memset(body + 10, 'a', LIMIT - 4);
    read_in(&out, (struct fm__slice){body, LIMIT + 6}, 0, 1);
    CHECK_INT(out.rc, 0);
    read_in(&out, (struct fm__slice){body, LIMIT + 7}, 0, 1);
    CHECK_INT(out.rc, -FM_EPARTHEAD);
}

static int read_fields(unsigned count)
{
    char body[1024] = "--b-1\r\n";
    struct fm__multipart parser;
    struct fm__multipart_step step;
    size_t size = strlen(body);
    for (unsigned i = 0; i < count; i++)
        size += (size_t)snprintf(body + size, sizeof body - size, "a:\r\n");
    snprintf(body + size, sizeof body - size, "\r\n");
    CHECK(fm__multipart_init(&parser, FM__SLICE("b-1"), sizeof body));
    return fm__multipart_read(&parser, fm__slice_of(body), &step);
}

TEST(a_head_has_its_limit_at_that_field)
{
    CHECK_INT(read_fields(FM__MULTIPART_FIELDS), FM__MULTIPART_HEAD);
    CHECK_INT(read_fields(FM__MULTIPART_FIELDS + 1), -FM_EPARTHEAD);
}

/* Bytes of one kind, with something before and behind. */
static int read_round(const char *before, char byte, size_t size,
                      const char *behind)
{
    static char body[3 * FM__MULTIPART_ROUND];
    static struct outcome out;
    size_t at = strlen(before);
    memcpy(body, before, at);
    memset(body + at, byte, size);
    snprintf(body + at + size, sizeof body - at - size, "%s", behind);
    read_in(&out, fm__slice_of(body), 0, 1000);
    return out.rc;
}

TEST(what_is_around_parts_has_its_limit_at_that_byte)
{
    const size_t most = FM__MULTIPART_ROUND;
    CHECK_INT(read_round("", 'x', most, "\r\n--b-1--"), 0);
    CHECK_INT(read_round("", 'x', most + 1, "\r\n--b-1--"), -FM_EMULTIPART);
    CHECK_INT(read_round("--b-1", ' ', most, "\r\n"), 0);
    CHECK_INT(read_round("--b-1", ' ', most + 1, "\r\n"), -FM_EMULTIPART);
    CHECK_INT(read_round("--b-1--\r\n", 'x', most, ""), 0);
    CHECK_INT(read_round("--b-1--\r\n", 'x', most + 1, ""), -FM_EMULTIPART);
}

TEST(a_boundary_is_one_to_seventy_of_its_characters)
{
    static const char seventy[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"
                                  "IJKLMNOPQRSTUVWXYZ'()+_,-.";
    struct fm__multipart parser;
    struct fm__slice all = fm__slice_of(seventy);
    CHECK_INT(all.size, 70);
    for (size_t size = 1; size <= all.size; size++)
        CHECK(fm__multipart_init(&parser, fm__slice_until(all, size), LIMIT));
    CHECK(!fm__multipart_init(&parser, FM__SLICE(""), LIMIT));
    CHECK(!fm__multipart_init(&parser,
                              FM__SLICE("0123456789012345678901234567890123456"
                                        "7890123456789012345678901234567890"),
                              LIMIT));
    CHECK(fm__multipart_init(&parser, FM__SLICE("a b/:=?"), LIMIT));
    CHECK(!fm__multipart_init(&parser, FM__SLICE("a "), LIMIT));
    for (int byte = 0; byte < 256; byte++) {
        char text[2] = {(char)byte, 'a'};
        bool right_one = byte > ' ' && byte < 0x7f &&
                         strchr("!\"#$%&*;<>@[\\]^`{|}~", byte) == NULL;
        CHECK_INT(
            fm__multipart_init(&parser, (struct fm__slice){text, 2}, LIMIT),
            right_one || byte == ' ');
    }
}

/* Any data between delimiters is that data, also what is nearly one. */
TEST(data_of_a_few_letters_is_never_mistaken)
{
    static struct outcome out;
    static char body[1024], wanted[1024];
    uint64_t seed = test_seed(7);
    for (size_t i = 0; i < test_many(3000); i++) {
        char data[64];
        size_t size = test_random(&seed) % 40;
        for (size_t j = 0; j < size; j++)
            data[j] = "\r\n-b-1\r\n--"[test_random(&seed) % 10];
        data[size] = '\0';
        if (strstr(data, "\r\n--b-1") != NULL || strncmp(data, "--b-1", 5) == 0)
            continue;
        snprintf(body, sizeof body, "--b-1\r\n\r\n%s\r\n--b-1--", data);
        snprintf(wanted, sizeof wanted, "<>%s|.", data);
        read_in(&out, fm__slice_of(body), 0, 1 + test_random(&seed) % 20);
        if (out.rc != 0 || strcmp(out.text, wanted) != 0)
            test_fail(__FILE__, __LINE__, "\"%s\": \"%s\"", body, out.text);
    }
}
