/*
 * test_verbs.c - what only this implementation of formats, vectors and what
 * is put back promises: what leaves together, what takes memory, and misuse
 */
#include "io/stream_kit.h"

#include "base/fault.h"

#include <errno.h>

#define LONG 30000

static char bytes[LONG];

/* Formatted where it leaves from: without memory of its own. */
STORY(formats_and_vectors_of_a_turn_leave_together)
{
    struct fm__fault_plan plan = {.spare_waits = true};
    struct iovec parts[] = {{bytes, 200}, {bytes, 20000}, {bytes, 1}};
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    CHECK_INT(fm_write(ends[0], bytes, 1), 1); /* there are buffers now */
    rest();
    fm__fault_plan = &plan;
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_printf(ends[0], "%*d", 100, i), 100);
    CHECK_INT(fm_write_vector(ends[0], parts, 1), 200);
    CHECK_INT(plan.passed[FM__DOOR_OPERATION], 0);
    CHECK_INT(fm_write_vector(ends[0], parts, 3), 20201);
    rest();
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    CHECK(plan.passed[FM__DOOR_OPERATION] == 2 || test_simulated());
    CHECK_INT(fm_await(fm_go(reads, ends[1], 21402)), 0);
    close_pair(ends);
}

STORY(without_memory_nothing_is_written_or_put_back)
{
    struct fm__fault_plan plan = {.from_then_on = true};
    fm_stream *ends[2] = {NULL, NULL};
    char got[8] = "";
    open_pair(ends);
    CHECK_INT(fm_write(ends[0], "abcd", 4), 4);
    CHECK_INT(fm_read(ends[1], got, 1), 1);
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    fm__fault_plan = &plan;
    CHECK_INT(fm_unread(ends[1], bytes, 300), -ENOMEM);
    CHECK_INT(fm_unread(ends[1], "A", 1), 0);
    CHECK_INT(fm_printf(ends[1], "%*d", 20000, 1), -ENOMEM);
    CHECK_INT(fm_sendfile(ends[1], 0, NULL, 1), -ENOMEM);
    fm__fault_plan = NULL;
    CHECK_INT(fm_read_exactly(ends[1], got, 4), 4);
    CHECK(memcmp(got, "Abcd", 4) == 0);
    CHECK_INT(fm_printf(ends[1], "%s", "well"), 4);
    CHECK_INT(fm_read_exactly(ends[0], got, 4), 4);
    CHECK(memcmp(got, "well", 4) == 0);
    close_pair(ends);
}

STORY(a_format_that_cannot_be_made_writes_nothing)
{
    static const wchar_t no_letter[] = {0x7fffffff, 0};
    fm_stream *ends[2] = {NULL, NULL};
    char got[8] = "";
    open_pair(ends);
    errno = ENOENT;
    CHECK_INT(fm_printf(ends[0], "never %ls", no_letter), -EILSEQ);
    CHECK_INT(errno, ENOENT);
    CHECK_INT(fm_printf(ends[0], "well"), 4);
    CHECK_INT(fm_read_exactly(ends[1], got, 4), 4);
    CHECK(memcmp(got, "well", 4) == 0);
    close_pair(ends);
}

/* ---- Selecting ----------------------------------------------------------- */

struct looks {
    fm_stream *stream;
};

static int looks(struct looks *self)
{
    const void *there;
    ssize_t rc = fm_peek(self->stream, 1, &there);
    return rc < 0 ? (int)rc : 0;
}

/* Whichever of two has something; the other has lost nothing. */
STORY(a_select_waits_for_a_stream_by_a_task_that_looks)
{
    fm_stream *one[2] = {NULL, NULL}, *other[2] = {NULL, NULL};
    char got[4];
    open_pair(one);
    open_pair(other);
    fm_task *first = fm_go(looks, one[1]), *second = fm_go(looks, other[1]);
    CHECK_INT(fm_write(other[0], "abc", 3), 3);
    CHECK_INT(fm_select(fm_when_ended(first), fm_when_ended(second)), 1);
    CHECK_INT(fm_await(second), 0);
    CHECK_INT(fm_read_exactly(other[1], got, 3), 3);
    CHECK_INT(fm_stop(first), -ECANCELED);
    CHECK_INT(fm_write(one[0], "xyz", 3), 3);
    CHECK_INT(fm_read_exactly(one[1], got, 3), 3);
    CHECK(memcmp(got, "xyz", 3) == 0);
    close_pair(one);
    close_pair(other);
}

/* ---- Misuse -------------------------------------------------------------- */

static void second_by_text(void)
{
    const char *text = "x";
    fm_texts texts = {.texts = &text, .count = 1};
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm_task *task = fm_go(reads, ends[0], 1);
    rest();
    (void)fm_read_until_any(ends[0], &texts, bytes, 1);
    (void)fm_await(task);
}

static void second_by_vector(void)
{
    const struct iovec part = {bytes, 1};
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm_task *task = fm_go(reads, ends[0], 1);
    rest();
    (void)fm_read_vector(ends[0], &part, 1);
    (void)fm_await(task);
}

static void puts_back_what_another_reads(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm_task *task = fm_go(reads, ends[0], 1);
    rest();
    (void)fm_unread(ends[0], "x", 1);
    (void)fm_await(task);
}

TEST(two_readers_at_once_abort_with_a_sentence)
{
    CHECK_DOOMED(second_by_text,
                 "fm_read_until_any: another task is reading this stream");
    CHECK_DOOMED(second_by_vector,
                 "fm_read_vector: another task is reading this stream");
    CHECK_DOOMED(puts_back_what_another_reads,
                 "fm_unread: another task is reading this stream");
}
