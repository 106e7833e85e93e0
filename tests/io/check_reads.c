/*
 * check_reads.c - promises: reads of all or nothing, at every boundary
 */
#include "io/check_kit.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Exactly ------------------------------------------------------------ */

static const size_t reads_sizes[] = {1, 2, 100, 4097, 16384, 16385, 50000};

#define READS_SIZES (sizeof reads_sizes / sizeof reads_sizes[0])

static size_t reads_part(size_t size, unsigned which)
{
    const size_t parts[4] = {0, size > 1, size / 2, size - 1};
    return parts[which];
}

/* In two parts, and still in one read. */
static void reads_in_parts(fm_stream **ends, size_t size, size_t at)
{
    char *bytes = malloc(size);
    fm_task *task = fm_go(check_split, ends[0], check_pattern(0), size, at);
    CHECK_INT(fm_read_exactly(ends[1], bytes, size), size);
    CHECK(memcmp(bytes, check_pattern(0), size) == 0);
    CHECK_INT(fm_await(task), 0);
    free(bytes);
}

/* Cut in the middle, it leaves what had come, whatever buf holds by then. */
static void reads_cut(fm_stream **ends, size_t size, size_t at)
{
    int rc;
    char *bytes = malloc(size);
    check_say(ends[0], check_pattern(0), at);
    FM_TIMEOUT(check_span(), rc) {
        rc = (int)fm_read_exactly(ends[1], bytes, size);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    memset(bytes, 0, size);
    check_say(ends[0], check_pattern(at), size - at);
    CHECK_INT(fm_read_exactly(ends[1], bytes, size), size);
    CHECK(memcmp(bytes, check_pattern(0), size) == 0);
    free(bytes);
}

/* The end comes before: the bytes are there, and then the end. */
static void reads_short(size_t size, size_t at)
{
    fm_stream *ends[2];
    char *bytes = malloc(size);
    check_pair(ends, NULL);
    check_say(ends[0], check_pattern(0), at);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_read_exactly(ends[1], bytes, size), -FM_EEOF);
    CHECK_INT(fm_read_exactly(ends[1], bytes, size), -FM_EEOF);
    memset(bytes, 0, size);
    check_hear(ends[1], check_pattern(0), at);
    CHECK_INT(fm_read(ends[1], bytes, size), 0);
    CHECK_INT(fm_read(ends[1], bytes, size), 0);
    CHECK_INT(fm_read_exactly(ends[1], bytes, size), -FM_EEOF);
    CHECK_INT(fm_read_exactly(ends[1], bytes, 0), 0);
    check_close_pair(ends);
    free(bytes);
}

static void reads_exactly(void)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < READS_SIZES * 4; i++) {
        size_t size = reads_sizes[i / 4], at = reads_part(size, i % 4);
        reads_in_parts(ends, size, at);
        reads_cut(ends, size, at);
        reads_short(size, at);
    }
    check_close_pair(ends);
}

void check_an_exact_read_takes_all_or_nothing(void)
{
    check_run(reads_exactly, 5);
}

/* ---- Until -------------------------------------------------------------- */

static const char *const reads_texts[] = {
    "\n",       "ab",
    "aab",      "aaaaaaab",
    "\r\n\r\n", "---------------- the end of a part ----------------"};

#define READS_TEXTS (sizeof reads_texts / sizeof reads_texts[0])

static const size_t reads_lengths[] = {0,    1,    2,     9,     100,   4090,
                                       4096, 8192, 16383, 16384, 16385, 33000};

#define READS_LENGTHS (sizeof reads_lengths / sizeof reads_lengths[0])

/* So many "a", then the text, then "z": overlaps with what is sought. */
static char *reads_before(size_t length, const char *text)
{
    size_t size = strlen(text);
    char *bytes = malloc(length + size + 1);
    memset(bytes, text[0] == 'a' ? 'a' : 'x', length);
    memcpy(bytes + length, text, size);
    bytes[length + size] = 'z';
    return bytes;
}

static void reads_until(fm_stream **ends, size_t length, const char *text)
{
    size_t size = length + strlen(text);
    char *sent = reads_before(length, text), *got = malloc(size);
    for (unsigned part = 0; part < 3; part++) {
        size_t at = size + 1 - part * (strlen(text) + 1) / 2;
        fm_task *task = fm_go(check_split, ends[0], sent, size + 1, at);
        CHECK_INT(fm_read_until(ends[1], text, got, size), size);
        CHECK(memcmp(got, sent, size) == 0);
        check_hear(ends[1], "z", 1);
        CHECK_INT(fm_await(task), 0);
    }
    free(sent);
    free(got);
}

static void reads_texts_found(void)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < READS_TEXTS * READS_LENGTHS; i++)
        reads_until(ends, reads_lengths[i % READS_LENGTHS],
                    reads_texts[i / READS_LENGTHS]);
    check_close_pair(ends);
}

void check_a_text_is_found_at_every_boundary(void)
{
    check_run(reads_texts_found, 2);
}

/* One byte too few, then enough; and never, when it cannot fit. */
static void reads_beyond(fm_stream **ends, size_t length, const char *text)
{
    size_t size = length + strlen(text);
    char *sent = reads_before(length, text), *got = malloc(size);
    check_say(ends[0], sent, size);
    CHECK_INT(fm_read_until(ends[1], text, got, size - 1), -EMSGSIZE);
    CHECK_INT(fm_read_until(ends[1], text, got, 0), -EMSGSIZE);
    CHECK_INT(fm_read_until(ends[1], "", got, size), -EINVAL);
    CHECK_INT(fm_read_until(ends[1], text, got, size), size);
    CHECK(memcmp(got, sent, size) == 0);
    free(sent);
    free(got);
}

static void reads_texts_beyond(void)
{
    fm_stream *ends[2];
    char got[16];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < READS_TEXTS * READS_LENGTHS; i++)
        reads_beyond(ends, reads_lengths[i % READS_LENGTHS],
                     reads_texts[i / READS_LENGTHS]);
    check_say(ends[0], "almost", 6);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_read_until(ends[1], "st!", got, sizeof got), -FM_EEOF);
    CHECK_INT(fm_read_until(ends[1], "mos", got, sizeof got), 5);
    CHECK_INT(fm_read_until(ends[1], "st!", got, sizeof got), -FM_EEOF);
    check_hear(ends[1], "t", 1);
    CHECK_INT(fm_read_until(ends[1], "t", got, sizeof got), -FM_EEOF);
    check_close_pair(ends);
}

void check_a_text_beyond_the_limit_stays(void)
{
    check_run(reads_texts_beyond, 3);
}

/* ---- Lines -------------------------------------------------------------- */

static void reads_line(fm_stream *stream, const char *line)
{
    char got[64];
    memset(got, 'x', sizeof got);
    CHECK_INT(fm_read_line(stream, got, strlen(line) + 1), strlen(line));
    CHECK(strcmp(got, line) == 0);
}

static const char reads_page[] = "first\nsecond\r\n\n\r\n\r\rthird\r\r\n"
                                 "a\rb\nlast";

static void reads_lines(void)
{
    for (size_t at = 0; at <= sizeof reads_page - 1; at++) {
        fm_stream *ends[2];
        check_pair(ends, NULL);
        fm_task *task =
            fm_go(check_split, ends[0], reads_page, sizeof reads_page - 1, at);
        reads_line(ends[1], "first");
        reads_line(ends[1], "second");
        reads_line(ends[1], "");
        reads_line(ends[1], "");
        reads_line(ends[1], "\r\rthird\r");
        reads_line(ends[1], "a\rb");
        CHECK_INT(fm_await(task), 0);
        CHECK_INT(fm_write_eof(ends[0]), 0);
        reads_line(ends[1], "last");
        char got[4];
        CHECK_INT(fm_read_line(ends[1], got, sizeof got), -FM_EEOF);
        check_close_pair(ends);
    }
}

void check_lines_come_without_their_ends(void)
{
    check_run(reads_lines, 5);
}

/* A line of that length, with that end, into just enough and one too few. */
static void reads_limit(fm_stream **ends, size_t length, const char *end)
{
    char *line = malloc(length + 3), *got = malloc(length + 1);
    size_t size = length + strlen(end);
    memset(line, 'x', length);
    memcpy(line + length, end, strlen(end));
    check_say(ends[0], line, size);
    CHECK_INT(fm_read_line(ends[1], got, length), -EMSGSIZE);
    CHECK_INT(fm_read_line(ends[1], got, 0), -EMSGSIZE);
    CHECK_INT(fm_read_line(ends[1], got, length + 1), length);
    CHECK_INT(strlen(got), length);
    CHECK(memcmp(got, line, length) == 0);
    free(line);
    free(got);
}

static void reads_limits(void)
{
    fm_stream *ends[2];
    char got[8];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < READS_LENGTHS; i++) {
        reads_limit(ends, reads_lengths[i], "\n");
        reads_limit(ends, reads_lengths[i], "\r\n");
    }
    check_say(ends[0], "1234567", 7);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_read_line(ends[1], got, 7), -EMSGSIZE);
    CHECK_INT(fm_read_line(ends[1], got, 8), 7);
    CHECK_INT(fm_read_line(ends[1], got, 8), -FM_EEOF);
    check_close_pair(ends);
}

void check_a_line_beyond_the_limit_stays(void)
{
    check_run(reads_limits, 5);
}

/* ---- Peek and consume --------------------------------------------------- */

/* Looked at twice, taken bit by bit: it is the same. */
static void reads_peek(fm_stream **ends, size_t size, size_t at)
{
    const void *bytes;
    fm_task *task = fm_go(check_split, ends[0], check_pattern(0), size, at);
    CHECK(fm_peek(ends[1], size, &bytes) >= (ssize_t)size);
    CHECK(memcmp(bytes, check_pattern(0), size) == 0);
    CHECK(fm_peek(ends[1], 0, &bytes) >= (ssize_t)size);
    CHECK(memcmp(bytes, check_pattern(0), size) == 0);
    fm_consume(ends[1], size / 3);
    CHECK(fm_peek(ends[1], size - size / 3, &bytes) > 0);
    CHECK(check_is_pattern(bytes, size - size / 3, size / 3));
    check_hear(ends[1], check_pattern(size / 3), size - size / 3);
    CHECK_INT(fm_await(task), 0);
}

static void reads_peek_end(void)
{
    const fm_stream_options options = {.read_limit = 100};
    fm_stream *ends[2];
    const void *bytes;
    check_pair(ends, &options);
    CHECK_INT(fm_peek(ends[1], 101, &bytes), -EMSGSIZE);
    CHECK_INT(fm_peek(ends[1], 0, &bytes), 0);
    check_say(ends[0], check_pattern(0), 100);
    CHECK_INT(fm_peek(ends[1], 100, &bytes), 100);
    CHECK(memcmp(bytes, check_pattern(0), 100) == 0);
    fm_consume(ends[1], 99);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_peek(ends[1], 100, &bytes), 1);
    CHECK(memcmp(bytes, check_pattern(99), 1) == 0);
    fm_consume(ends[1], 1);
    CHECK_INT(fm_peek(ends[1], 100, &bytes), 0);
    CHECK_INT(fm_peek(ends[1], 1, &bytes), 0);
    check_close_pair(ends);
}

static void reads_peeks(void)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < READS_SIZES * 4; i++) {
        size_t size = reads_sizes[i / 4];
        reads_peek(ends, size, reads_part(size, i % 4));
    }
    check_close_pair(ends);
    reads_peek_end();
}

void check_a_peek_lends_and_a_consume_takes(void)
{
    check_run(reads_peeks, 5);
}
