/*
 * check_verbs.c - promises: formats, vectors, what is put back, several texts
 */
#include "io/check_kit.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Formats ------------------------------------------------------------ */

/* Up to a buffer's size, of which formats need one more, and beyond. */
static const int verbs_widths[] = {5,     9,     4000,  16000,         16383,
                                   16384, 16385, 40000, FM_PRINTF_MOST};

#define VERBS_WIDTHS (sizeof verbs_widths / sizeof verbs_widths[0])

struct verbs_printer {
    fm_stream *stream;
    int width;
};

/* Its argument is its own again when it returns. */
static int verbs_printer(struct verbs_printer *self)
{
    char word[8] = "word";
    ssize_t rc = fm_printf(self->stream, "%*d%s", self->width - 4, 7, word);
    memset(word, 0, sizeof word);
    CHECK_INT(rc, self->width);
    return rc < 0 ? (int)rc : 0;
}

static void verbs_expect_printed(fm_stream *stream, int width)
{
    size_t size = (size_t)width;
    char *expected = malloc(size + 1);
    snprintf(expected, size + 1, "%*d%s", width - 4, 7, "word");
    check_hear(stream, expected, size);
    free(expected);
}

/* Alone, and behind what the turn has written before. */
static void verbs_formats(void)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < 2 * VERBS_WIDTHS; i++) {
        int width = verbs_widths[i / 2];
        if (i % 2 == 1)
            CHECK_INT(fm_write(ends[0], "before", 6), 6);
        fm_task *task = fm_go(verbs_printer, ends[0], width);
        if (i % 2 == 1)
            check_hear(ends[1], "before", 6);
        verbs_expect_printed(ends[1], width);
        CHECK_INT(fm_await(task), 0);
    }
    CHECK_INT(fm_printf(ends[0], "%s", ""), 0);
    CHECK_INT(fm_printf(ends[0], "%*d", FM_PRINTF_MOST + 1, 1), -EMSGSIZE);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_printf(ends[0], "%d", 1), -EPIPE);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), 0);
    check_close_pair(ends);
}

void check_a_format_arrives_as_printf_makes_it(void)
{
    check_run(verbs_formats, 5);
}

/* Many, who have to wait for room: each in turn and whole. */
static void verbs_formats_in_turn(void)
{
    const fm_stream_options options = {.high_water = 20000,
                                       .send_buffer = 16384};
    fm_stream *ends[2];
    int rc;
    check_pair(ends, &options);
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 40; i++) {
            rc =
                fm_group_go(group, verbs_printer, ends[0], verbs_widths[i % 8]);
            CHECK_INT(fm_yield(), 0);
        }
        for (int i = 0; rc == 0 && i < 40; i++)
            verbs_expect_printed(ends[1], verbs_widths[i % 8]);
    }
    CHECK_INT(rc, 0);
    check_close_pair(ends);
}

void check_formats_take_turns_and_are_made_at_once(void)
{
    check_run(verbs_formats_in_turn, 10);
}

/* ---- Vectors ------------------------------------------------------------ */

static const size_t verbs_parts[][4] = {
    {1, 1, 1, 1},         {0, 5, 0, 7},         {100, 20000, 3, 0},
    {16384, 16385, 1, 1}, {40000, 9, 40000, 9}, {0, 0, 0, 1},
};

#define VERBS_PARTS (sizeof verbs_parts / sizeof verbs_parts[0])

/* Parts of the pattern, which are copies of their own, and their sum. */
static size_t verbs_cut_up(struct iovec parts[4], unsigned which)
{
    size_t size = 0;
    for (int i = 0; i < 4; i++) {
        size_t count = verbs_parts[which % VERBS_PARTS][i];
        parts[i].iov_len = count;
        parts[i].iov_base = malloc(count + (count == 0));
        memcpy(parts[i].iov_base, check_pattern(size), count);
        size += count;
    }
    return size;
}

static void verbs_free(const struct iovec parts[4])
{
    for (int i = 0; i < 4; i++)
        free(parts[i].iov_base);
}

struct verbs_writer {
    fm_stream *stream;
    unsigned which;
};

static int verbs_writer(struct verbs_writer *self)
{
    struct iovec parts[4];
    size_t size = verbs_cut_up(parts, self->which);
    ssize_t rc = fm_write_vector(self->stream, parts, 4);
    CHECK_INT(rc, size);
    for (int i = 0; i < 4; i++)
        memset(parts[i].iov_base, 0, parts[i].iov_len);
    verbs_free(parts);
    return rc < 0 ? (int)rc : 0;
}

static void verbs_expect_vector(fm_stream *stream, unsigned which)
{
    size_t size = 0;
    for (int i = 0; i < 4; i++)
        size += verbs_parts[which % VERBS_PARTS][i];
    char *got = malloc(size);
    CHECK_INT(fm_read_exactly(stream, got, size), size);
    CHECK(check_is_pattern(got, size, 0));
    free(got);
}

static void verbs_vectors(void)
{
    const fm_stream_options options = {.high_water = 20000,
                                       .send_buffer = 16384};
    fm_stream *ends[2];
    int rc;
    check_pair(ends, &options);
    FM_GROUP(group, rc) {
        for (unsigned i = 0; rc == 0 && i < 30; i++) {
            rc = fm_group_go(group, verbs_writer, ends[0], i);
            CHECK_INT(fm_yield(), 0);
        }
        for (unsigned i = 0; rc == 0 && i < 30; i++)
            verbs_expect_vector(ends[1], i);
    }
    CHECK_INT(rc, 0);
    check_close_pair(ends);
}

void check_a_vector_is_written_as_a_whole(void)
{
    check_run(verbs_vectors, 10);
}

static void verbs_vector_limits(void)
{
    static struct iovec parts[FM_VECTOR_MOST + 1];
    static char bytes[FM_VECTOR_MOST];
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (size_t i = 0; i <= FM_VECTOR_MOST; i++)
        parts[i] = (struct iovec){&bytes[i % FM_VECTOR_MOST], 1};
    memcpy(bytes, check_pattern(0), sizeof bytes);
    CHECK_INT(fm_write_vector(ends[0], parts, FM_VECTOR_MOST + 1), -EINVAL);
    CHECK_INT(fm_read_vector(ends[1], parts, FM_VECTOR_MOST + 1), -EINVAL);
    CHECK_INT(fm_write_vector(ends[0], parts, FM_VECTOR_MOST), FM_VECTOR_MOST);
    CHECK_INT(fm_write_vector(ends[0], NULL, 0), 0);
    CHECK_INT(fm_read_vector(ends[1], NULL, 0), 0);
    CHECK_INT(fm_flush(ends[0]), 0);
    check_hear(ends[1], check_pattern(0), FM_VECTOR_MOST);
    parts[0].iov_len = parts[1].iov_len = SIZE_MAX / 2;
    CHECK_INT(fm_write_vector(ends[0], parts, 2), -EINVAL);
    CHECK_INT(fm_read_vector(ends[1], parts, 2), -EINVAL);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    parts[0].iov_len = 1;
    CHECK_INT(fm_write_vector(ends[0], parts, 1), -EPIPE);
    CHECK_INT(fm_read_vector(ends[1], parts, 1), 0);
    check_close_pair(ends);
}

/* Each is filled before the next is begun. */
static uint64_t verbs_fill(fm_stream *stream, uint64_t at, unsigned which)
{
    struct iovec parts[4];
    size_t size = verbs_cut_up(parts, which);
    for (int i = 0; i < 4; i++)
        memset(parts[i].iov_base, 0, parts[i].iov_len);
    ssize_t rc = fm_read_vector(stream, parts, 4);
    CHECK(rc >= 0 && (size_t)rc <= size);
    size_t left = rc > 0 ? (size_t)rc : 0;
    for (int i = 0; i < 4 && left > 0; i++) {
        size_t count = parts[i].iov_len < left ? parts[i].iov_len : left;
        CHECK(check_is_pattern(parts[i].iov_base, count, at));
        at += count;
        left -= count;
    }
    verbs_free(parts);
    return rc > 0 ? at : UINT64_MAX;
}

static void verbs_scatter(void)
{
    fm_stream *ends[2];
    uint64_t size = 1000000, at = 0;
    check_pair(ends, NULL);
    fm_task *task = fm_go(check_sender, ends[0], size, 3001);
    for (unsigned i = 0; at < size; i++)
        at = verbs_fill(ends[1], at, i);
    CHECK_INT(at, size);
    CHECK_INT(fm_await(task), 0);
    check_close_pair(ends);
    verbs_vector_limits();
}

void check_a_vector_is_filled_in_order(void)
{
    check_run(verbs_scatter, 5);
}

/* ---- What is put back --------------------------------------------------- */

static void verbs_put_back(fm_stream *stream, size_t at, size_t size)
{
    char *own = malloc(size + 1);
    memcpy(own, check_pattern(at), size);
    CHECK_INT(fm_unread(stream, own, size), 0);
    free(own);
}

/* Whatever was there, and whatever call reads: first what was put back. */
static void verbs_again(fm_stream **ends, size_t taken, size_t back)
{
    const void *there;
    char *got = malloc(taken);
    check_say(ends[0], check_pattern(0), 20000);
    CHECK_INT(fm_read_exactly(ends[1], got, taken), taken);
    verbs_put_back(ends[1], taken - back, back);
    CHECK(fm_peek(ends[1], back, &there) >= (ssize_t)back);
    CHECK(check_is_pattern(there, back, taken - back));
    verbs_put_back(ends[1], 0, taken - back);
    check_hear(ends[1], check_pattern(0), 20000);
    free(got);
}

/* Of an idle stream, with the limit and with one more; after its end. */
static void verbs_unread_end(void)
{
    const fm_stream_options options = {.read_limit = 1000};
    const size_t most = 1000 + 16384;
    fm_stream *ends[2];
    check_pair(ends, &options);
    CHECK_INT(fm_unread(ends[1], check_pattern(0), most + 1), -EMSGSIZE);
    CHECK_INT(fm_unread(ends[1], NULL, 0), 0);
    verbs_put_back(ends[1], 1, most - 1);
    verbs_put_back(ends[1], 0, 1);
    CHECK_INT(fm_unread(ends[1], "x", 1), -EMSGSIZE);
    check_hear(ends[1], check_pattern(0), most);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), 0);
    verbs_put_back(ends[1], 0, 100);
    check_hear(ends[1], check_pattern(0), 100);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), 0);
    check_close_pair(ends);
}

static void verbs_unread(void)
{
    static const size_t sizes[] = {1, 2, 100, 4097, 16383, 16384, 20000};
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < 3 * sizeof sizes / sizeof sizes[0]; i++) {
        size_t taken = sizes[i / 3];
        const size_t backs[] = {taken > 1, taken / 2, taken};
        verbs_again(ends, taken, backs[i % 3]);
    }
    check_close_pair(ends);
    verbs_unread_end();
}

void check_what_is_put_back_is_read_first(void)
{
    check_run(verbs_unread, 5);
}

/* ---- Several texts ------------------------------------------------------ */

struct verbs_search {
    const char *texts[3]; /* NULL: fewer */
    const char *sent;
    ssize_t end;
    size_t found;
};

/* That which ends first; of those, the longest; whatever their order. */
static const struct verbs_search verbs_searches[] = {
    {{"\n", "\r\n", NULL}, "one\r\ntwo\n", 5, 1},
    {{"\r\n", "\n", NULL}, "one\r\ntwo\n", 5, 0},
    {{"\r\n", "\n", NULL}, "one\ntwo\r\n", 4, 1},
    {{"abc", "b", NULL}, "xxabcxx", 4, 1},
    {{"bcd", "abcde", "cd"}, "xabcdexx", 5, 0},
    {{"abcdef", "cd", "ef"}, "xabcdefx", 5, 1},
    {{"aaab", "aab", "b"}, "aaaaaab", 7, 0},
    {{"aaab", "aab", NULL}, "aaaaaabx", 7, 0},
    {{"END", "STOP", "--boundary--"}, "x--boundary-STO--boundary--", 27, 2},
    {{"z", NULL, NULL}, "z", 1, 0},
    {{"same", "same", NULL}, "the same", 8, 0},
};

static fm_texts verbs_texts(const struct verbs_search *search)
{
    size_t count = 0;
    while (count < 3 && search->texts[count] != NULL)
        count++;
    return (fm_texts){.texts = search->texts, .count = count, .found = 99};
}

/* In two parts, cut at each place. */
static void verbs_search(fm_stream **ends, const struct verbs_search *search)
{
    size_t size = strlen(search->sent), rest = size - (size_t)search->end;
    char got[64];
    for (size_t at = 0; at <= size; at++) {
        fm_texts texts = verbs_texts(search);
        fm_task *task = fm_go(check_split, ends[0], search->sent, size, at);
        CHECK_INT(fm_read_until_any(ends[1], &texts, got, (size_t)search->end),
                  search->end);
        CHECK_INT(texts.found, search->found);
        CHECK(memcmp(got, search->sent, (size_t)search->end) == 0);
        check_hear(ends[1], search->sent + search->end, rest);
        CHECK_INT(fm_await(task), 0);
    }
}

/* Far behind: past every step of the search, and past what a buffer holds. */
static void verbs_search_far(fm_stream **ends, size_t before)
{
    static const char *const list[] = {"never there", "\n.\n", "\n\n"};
    fm_texts texts = {.texts = list, .count = 3};
    size_t size = before + 3;
    char *sent = malloc(size + 1), *got = malloc(size);
    memset(sent, '\r', before);
    memcpy(sent + before, "\n.\nz", 4);
    fm_task *task = fm_go(check_split, ends[0], sent, size + 1, before + 1);
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, size - 1), -EMSGSIZE);
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, size), size);
    CHECK_INT(texts.found, 1);
    CHECK(memcmp(got, sent, size) == 0);
    check_hear(ends[1], "z", 1);
    CHECK_INT(fm_await(task), 0);
    free(sent);
    free(got);
}

static void verbs_search_limits(fm_stream **ends)
{
    const char *list[FM_TEXTS_MOST + 1];
    fm_texts texts = {.texts = list, .count = FM_TEXTS_MOST + 1};
    char got[16];
    for (size_t i = 0; i <= FM_TEXTS_MOST; i++)
        list[i] = i == FM_TEXTS_MOST - 1 ? "end" : "no";
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, 16), -EINVAL);
    texts.count = 0;
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, 16), -EINVAL);
    texts.count = FM_TEXTS_MOST;
    list[3] = "";
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, 16), -EINVAL);
    list[3] = "no";
    check_say(ends[0], "the end, almost", 15);
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, 0), -EMSGSIZE);
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, 16), 7);
    CHECK_INT(texts.found, FM_TEXTS_MOST - 1);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, 16), -FM_EEOF);
    check_hear(ends[1], ", almost", 8);
    CHECK_INT(fm_read_until_any(ends[1], &texts, got, 16), -FM_EEOF);
}

static void verbs_until_any(void)
{
    static const size_t before[] = {0, 255, 256, 257, 16382, 16383, 33000};
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (size_t i = 0; i < sizeof verbs_searches / sizeof *verbs_searches; i++)
        verbs_search(ends, &verbs_searches[i]);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        verbs_search_far(ends, before[i]);
    verbs_search_limits(ends);
    check_close_pair(ends);
}

void check_the_first_of_several_texts_ends_a_read(void)
{
    check_run(verbs_until_any, 3);
}
