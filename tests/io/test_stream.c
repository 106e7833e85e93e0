/*
 * test_stream.c - what only this implementation of streams promises: what
 * leaves together, who holds buffers, and what misuse is told
 */
#include "io/stream_kit.h"

#include "base/fault.h"

#include <errno.h>
#include <pthread.h>

#define LONG 200000

static char bytes[LONG];

struct writes {
    fm_stream *stream;
    size_t size;
};

static int writes(struct writes *self)
{
    ssize_t rc = fm_write(self->stream, bytes, self->size);
    return rc < 0 ? (int)rc : 0;
}

/* ---- What leaves together ----------------------------------------------- */

STORY(all_writes_of_a_turn_are_one_operation)
{
    struct fm__fault_plan plan = {.spare_waits = true};
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm__fault_plan = &plan;
    for (int i = 0; i < 100; i++)
        CHECK_INT(fm_write(ends[0], bytes, 300), 300);
    CHECK_INT(plan.passed[FM__DOOR_OPERATION], 0);
    rest();
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_OPERATION] == 1 || test_simulated());
    CHECK_INT(fm_await(fm_go(reads, ends[1], 30000)), 0);
    close_pair(ends);
}

STORY(a_large_write_leaves_with_what_was_written_before_it)
{
    struct fm__fault_plan plan = {.spare_waits = true};
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm__fault_plan = &plan;
    CHECK_INT(fm_write(ends[0], bytes, 10), 10);
    CHECK_INT(fm_write(ends[0], bytes, 20000), 20000);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_OPERATION] == 1 || test_simulated());
    CHECK_INT(fm_await(fm_go(reads, ends[1], 20010)), 0);
    close_pair(ends);
}

static int pours(struct writes *self)
{
    for (size_t sent = 0; sent < self->size; sent += 700) {
        CHECK(self->stream->queued <= self->stream->high);
        CHECK_INT(fm_write(self->stream, bytes, 700), 700);
    }
    return 0;
}

struct pourer {
    struct writes all;
};

static int pourer(struct pourer *self)
{
    return pours(&self->all);
}

/* The writer is woken once, at low water, and not for every read. */
STORY(above_high_water_a_writer_sleeps_until_low_water)
{
    const fm_stream_options options = {
        .high_water = 10000, .low_water = 2000, .send_buffer = 16384};
    fm_stream *ends[2] = {NULL, NULL};
    CHECK_INT(stream_ends_pair(ends, &options), 0);
    fm_task *task = fm_go(pourer, {ends[0], 700000});
    rest();
    unsigned parked = 0;
    for (size_t left = 700000; left > 0; left -= 1000) {
        bool waits = ends[0]->room != NULL;
        size_t before = ends[0]->queued;
        CHECK_INT(fm_await(fm_go(reads, ends[1], 1000)), 0);
        parked += waits;
        if (waits && ends[0]->room == NULL && ends[0]->queued > before)
            test_fail(__FILE__, __LINE__, "woken above low water");
    }
    CHECK(parked > 50);
    CHECK_INT(fm_await(task), 0);
    close_pair(ends);
}

/* Writes more than there is room for, and then cancels who comes next. */
struct ousts {
    fm_stream *stream;
    fm_task **next;
};

static int ousts(struct ousts *self)
{
    ssize_t rc = 0;
    while (rc >= 0)
        rc = fm_write(self->stream, bytes, LONG);
    if (self->next != NULL)
        fm_cancel(*self->next);
    return (int)rc;
}

STORY(a_writer_that_is_cut_as_its_turn_comes_does_not_wait)
{
    fm_stream *ends[2] = {NULL, NULL};
    fm_task *second;
    open_pair(ends);
    fm_task *first = fm_go(ousts, ends[0], &second);
    second = fm_go(ousts, ends[0], NULL);
    rest();
    CHECK_INT(fm_stop(first), -ECANCELED);
    CHECK_INT(fm_await(second), -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}

/* ---- Who holds buffers --------------------------------------------------- */

#define PAIRS 100

struct pairs {
    fm_stream *ends[PAIRS][2];
};

static void open_pairs(struct pairs *pairs)
{
    fm__current->home->loop.buffers.most = FM__BUFFERS_PER_SLAB;
    for (int i = 0; i < PAIRS; i++)
        open_pair(pairs->ends[i]);
}

static void close_pairs(struct pairs *pairs)
{
    for (int i = 0; i < PAIRS; i++) {
        fm_abort(pairs->ends[i][0]);
        fm_abort(pairs->ends[i][1]);
    }
}

/* Each keeps the rest of a buffer, and the pool has fewer than there are. */
STORY(bytes_that_nobody_reads_do_not_keep_others_from_reading)
{
    struct pairs pairs;
    open_pairs(&pairs);
    for (int i = 0; i < PAIRS; i++) {
        CHECK_INT(fm_write(pairs.ends[i][0], "ab", 2), 2);
        CHECK_INT(fm_await(fm_go(reads, pairs.ends[i][1], 1)), 0);
    }
    for (int i = 0; i < PAIRS; i++) {
        char byte = 0;
        CHECK_INT(fm_read(pairs.ends[i][1], &byte, 1), 1);
        CHECK_INT(byte, 'b');
    }
    close_pairs(&pairs);
}

/* Each has read once and then has other things to do, while more arrives. */
STORY(bytes_that_nobody_waits_for_do_not_keep_others_from_reading)
{
    struct pairs pairs;
    open_pairs(&pairs);
    for (int i = 1; i < PAIRS; i++) {
        CHECK_INT(fm_write(pairs.ends[i][0], "a", 1), 1);
        CHECK_INT(fm_await(fm_go(reads, pairs.ends[i][1], 1)), 0);
        CHECK_INT(fm_write(pairs.ends[i][0], "bc", 2), 2);
    }
    rest();
    CHECK_INT(fm_write(pairs.ends[0][0], "xyz", 3), 3);
    CHECK_INT(fm_await(fm_go(reads, pairs.ends[0][1], 3)), 0);
    for (int i = 1; i < PAIRS; i++)
        CHECK_INT(fm_await(fm_go(reads, pairs.ends[i][1], 2)), 0);
    close_pairs(&pairs);
}

/* Each has written as much as it may, and its peer does not read. */
STORY(bytes_that_no_peer_takes_do_not_keep_others_from_reading)
{
    struct pairs pairs;
    int rc;
    open_pairs(&pairs);
    FM_GROUP(group, rc) {
        for (int i = 1; rc == 0 && i < PAIRS; i++) {
            for (int j = 0; rc == 0 && j < 40; j++)
                rc = fm_group_go(group, writes, pairs.ends[i][0], 16000);
        }
        rest();
        CHECK_INT(fm_write(pairs.ends[0][0], "x", 1), 1);
        CHECK_INT(fm_await(fm_go(reads, pairs.ends[0][1], 1)), 0);
        fm_group_cancel(group);
    }
    CHECK_INT(rc, 0);
    close_pairs(&pairs);
}

/* ---- Want of memory ------------------------------------------------------ */

STORY(an_exact_read_without_memory_takes_nothing)
{
    struct fm__fault_plan plan = {.from_then_on = true};
    fm_stream *ends[2] = {NULL, NULL};
    char got[8] = "";
    open_pair(ends);
    CHECK_INT(fm_write(ends[0], "abcd", 4), 4);
    CHECK_INT(fm_read(ends[1], got, 1), 1);
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    fm__fault_plan = &plan;
    CHECK_INT(fm_read_exactly(ends[1], got, 8), -ENOMEM);
    CHECK_INT(fm_read_until(ends[1], "x", got, 8), -ENOMEM);
    CHECK_INT(fm_read_line(ends[1], got, 8), -ENOMEM);
    fm__fault_plan = NULL;
    CHECK_INT(fm_read_exactly(ends[1], got, 3), 3);
    CHECK(memcmp(got, "bcd", 3) == 0);
    close_pair(ends);
}

/* ---- Ends ---------------------------------------------------------------- */

STORY(a_close_tells_an_error_that_no_write_has_told)
{
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    CHECK_INT(fm_close(ends[1]), 0);
    CHECK_INT(fm_write(ends[0], "x", 1), 1);
    int rc = fm_close(ends[0]);
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
}

STORY(a_close_after_a_write_that_failed_is_a_reset)
{
    struct fm__fault_plan plan = {.spare_waits = true, .error = -ENOBUFS};
    fm_stream *ends[2] = {NULL, NULL};
    char byte;
    CHECK_INT(stream_ends_tcp(ends, NULL), 0);
    CHECK_INT(fm_write(ends[0], "lost", 4), 4);
    plan.fail_at[FM__DOOR_OPERATION] = 1;
    fm__fault_plan = &plan;
    CHECK_INT(fm_close(ends[0]), -ENOBUFS);
    fm__fault_plan = NULL;
    CHECK_INT(fm_read(ends[1], &byte, 1), -ECONNRESET);
    CHECK_INT(fm_close(ends[1]), 0);
}

static void leaves_one_open(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    CHECK_INT(fm_write(ends[0], bytes, sizeof bytes / 10), sizeof bytes / 10);
    CHECK_INT(fm_close(ends[1]), 0);
}

TEST(a_stream_left_open_is_reported_and_ended)
{
    CHECK_INT(story_run(leaves_one_open, (fm_run_options){0}), 0);
    const struct story_report *report = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(report != NULL && strstr(report->message, "a stream (descriptor"));
    story_silent(__FILE__, __LINE__);
}

/* A send is in flight when the loop ends: the stream outlives it not. */
static void leaves_one_sending(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    int rc;
    open_pair(ends);
    FM_TIMEOUT(0.5, rc) { /* until it waits, however slow the machine is */
        while (fm_write(ends[0], bytes, 5000) > 0)
            continue;
    }
    CHECK_INT(rc, 0);
    fm_abort(ends[1]);
}

TEST(a_stream_left_open_while_it_sends_is_ended_too)
{
    CHECK_INT(story_run(leaves_one_sending, (fm_run_options){0}), 0);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    story_silent(__FILE__, __LINE__);
}

/* ---- Misuse -------------------------------------------------------------- */

static void second_reader(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm_task *task = fm_go(reads, ends[0], 1);
    rest();
    (void)fm_read(ends[0], bytes, 1);
    (void)fm_await(task);
}

static void consumes_what_another_reads(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm_task *task = fm_go(reads, ends[0], 10);
    rest();
    fm_consume(ends[0], 0);
    (void)fm_await(task);
}

static void closes_under_a_reader(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    open_pair(ends);
    fm_task *task = fm_go(reads, ends[0], 1);
    rest();
    (void)fm_close(ends[0]);
    (void)fm_await(task);
}

static fm_task *stuck_writer(fm_stream *ends[2])
{
    open_pair(ends);
    for (int i = 0; i < 20; i++)
        fm_detach(fm_go(writes, ends[0], LONG));
    rest();
    return fm_go(writes, ends[0], LONG);
}

static void aborts_under_a_writer(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    fm_task *task = stuck_writer(ends);
    rest();
    fm_abort(ends[0]);
    (void)fm_await(task);
}

struct closes {
    fm_stream *stream;
};

static int closes(struct closes *self)
{
    return fm_close(self->stream);
}

/* It has more to send than the kernel takes. */
static void uses_what_another_closes(void)
{
    const fm_stream_options options = {.high_water = 2000000};
    fm_stream *ends[2] = {NULL, NULL};
    CHECK_INT(stream_ends_pair(ends, &options), 0);
    for (int i = 0; i < 400; i++)
        CHECK_INT(fm_write(ends[0], bytes, 5000), 5000);
    fm_task *task = fm_go(closes, ends[0]);
    rest();
    (void)fm_write(ends[0], bytes, 1);
    (void)fm_await(task);
}

static void consumes_too_much(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    const void *there;
    open_pair(ends);
    CHECK_INT(fm_write(ends[1], "abc", 3), 3);
    CHECK_INT(fm_peek(ends[0], 3, &there), 3);
    fm_consume(ends[0], 4);
}

static fm_stream *strangers;

static int strange(void *arg)
{
    (void)arg;
    return (int)fm_read(strangers, bytes, 1);
}

static void *other_thread(void *arg)
{
    (void)arg;
    fm_run(strange, NULL);
    return NULL;
}

static void is_read_on_another_loop(void)
{
    fm_stream *ends[2] = {NULL, NULL};
    pthread_t thread;
    open_pair(ends);
    strangers = ends[0];
    pthread_create(&thread, NULL, other_thread, NULL);
    pthread_join(thread, NULL);
}

TEST(misuse_aborts_with_a_sentence)
{
    CHECK_DOOMED(second_reader, "fm_read: another task is reading this stream");
    CHECK_DOOMED(consumes_what_another_reads,
                 "fm_consume: another task is reading this stream");
    CHECK_DOOMED(closes_under_a_reader,
                 "fm_close: another task is reading this stream");
    CHECK_DOOMED(aborts_under_a_writer,
                 "fm_abort: another task is writing this stream");
    CHECK_DOOMED(uses_what_another_closes,
                 "fm_write: another task is closing this stream");
    CHECK_DOOMED(consumes_too_much,
                 "fm_consume: 4 bytes of a stream that holds 3");
    CHECK_DOOMED(is_read_on_another_loop,
                 "fm_read: the stream belongs to another loop");
}
