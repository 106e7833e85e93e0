/*
 * check_writes.c - promises: writers wait, take turns, and are told
 */
#include "io/check_kit.h"

#include <stdlib.h>

/* ---- Back-pressure ------------------------------------------------------ */

struct writes_meter {
    fm_stream *stream;
    uint64_t size;
    uint64_t taken;
};

/* Writes in small pieces and says how far it has come. */
static int writes_pour(struct writes_meter **self)
{
    struct writes_meter *meter = *self;
    ssize_t rc = 0;
    while (rc >= 0 && meter->taken < meter->size) {
        rc = fm_write(meter->stream, check_pattern(meter->taken), 500);
        meter->taken += rc > 0 ? (uint64_t)rc : 0;
    }
    return rc < 0 ? (int)rc : fm_write_eof(meter->stream);
}

struct writes_pourer {
    struct writes_meter *meter;
};

static int writes_pourer(struct writes_pourer *self)
{
    return writes_pour(&self->meter);
}

/* Until it seems to have stopped. A kernel fills its buffers by fits and
 * starts, so it may go on yet; where time is virtual it may not. */
static void writes_stall(const struct writes_meter *meter)
{
    uint64_t before;
    do {
        before = meter->taken;
        check_rest();
    } while (meter->taken < 4000 || meter->taken != before);
    if (test_simulated()) {
        check_rest();
        CHECK_INT(meter->taken, before);
    }
}

/* It gets only so far while nobody reads, and on when somebody does. */
static void writes_back_pressure(void)
{
    const fm_stream_options options = {.high_water = 4000,
                                       .low_water = 1000,
                                       .send_buffer = 16384,
                                       .receive_buffer = 65536};
    fm_stream *ends[2];
    check_pair(ends, &options);
    struct writes_meter meter = {ends[0], 2 * CHECK_FLOOD, 0};
    fm_task *task = fm_go(writes_pourer, &meter);
    writes_stall(&meter);
    CHECK(meter.taken < CHECK_FLOOD);
    fm_task *reader = fm_go(check_receiver, ends[1], UINT64_MAX, 3000, NULL);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_await(reader), 0);
    CHECK_INT(meter.taken, meter.size);
    check_close_pair(ends);
}

void check_a_writer_waits_for_a_slow_reader(void)
{
    check_run(writes_back_pressure, 3);
}

/* ---- Several writers ---------------------------------------------------- */

#define WRITES_WRITERS 12

struct writes_note {
    uint32_t writer;
    uint32_t size; /* of the bytes behind it */
};

struct writes_writer {
    fm_stream *stream;
    uint32_t index;
};

/* Small ones, ones of several buffers, and ones that leave from here. */
static size_t writes_size(uint32_t index)
{
    static const size_t sizes[] = {1, 100, 16376, 16377, 40000, 3};
    return sizes[index % 6];
}

static int writes_writer(struct writes_writer *self)
{
    size_t size = writes_size(self->index);
    struct writes_note note = {self->index, (uint32_t)size};
    char *bytes = malloc(sizeof note + size);
    memcpy(bytes, &note, sizeof note);
    memcpy(bytes + sizeof note, check_pattern(self->index), size);
    ssize_t rc = fm_write(self->stream, bytes, sizeof note + size);
    memset(bytes, 0, sizeof note + size);
    free(bytes);
    return rc < 0 ? (int)rc : 0;
}

/* In the order in which they asked, each as a whole. */
static void writes_expect(fm_stream *stream)
{
    char *bytes = malloc(65536);
    for (uint32_t i = 0; i < WRITES_WRITERS; i++) {
        struct writes_note note = {UINT32_MAX, 0};
        CHECK_INT(fm_read_exactly(stream, &note, sizeof note), sizeof note);
        CHECK_INT(note.writer, i);
        CHECK_INT(note.size, writes_size(i));
        if (note.size > 65536)
            break;
        CHECK_INT(fm_read_exactly(stream, bytes, note.size), note.size);
        CHECK(check_is_pattern(bytes, note.size, i));
    }
    free(bytes);
}

static void writes_in_turn(void)
{
    const fm_stream_options options = {.high_water = 20000,
                                       .send_buffer = 16384};
    fm_stream *ends[2];
    check_pair(ends, &options);
    int rc;
    FM_GROUP(group, rc) {
        for (uint32_t i = 0; rc == 0 && i < WRITES_WRITERS; i++) {
            rc = fm_group_go(group, writes_writer, ends[0], i);
            CHECK_INT(fm_yield(), 0);
        }
        writes_expect(ends[1]);
    }
    CHECK_INT(rc, 0);
    check_close_pair(ends);
}

void check_writers_take_turns_in_order_and_as_a_whole(void)
{
    check_run(writes_in_turn, 20);
}

/* ---- Flush, and cuts ---------------------------------------------------- */

static void writes_flush(void)
{
    fm_stream *ends[2];
    int rc;
    check_pair(ends, &check_flooded);
    CHECK_INT(fm_flush(ends[0]), 0);
    check_flood(ends[0]);
    FM_TIMEOUT(check_span(), rc) {
        rc = fm_flush(ends[0]);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_task *task = fm_go(check_receiver, ends[1], CHECK_FLOOD, 10000, NULL);
    CHECK_INT(fm_flush(ends[0]), 0);
    CHECK_INT(fm_await(task), 0);
    check_close_pair(ends);
}

void check_a_flush_waits_until_all_is_taken(void)
{
    check_run(writes_flush, 5);
}

/* A large write that is cut: the peer gets exactly what it says. */
static void writes_cut_one(size_t size)
{
    const fm_stream_options options = {.send_buffer = 16384};
    fm_stream *ends[2];
    char *bytes = malloc(size);
    ssize_t n = 0;
    int rc;
    for (size_t i = 0; i < size; i++)
        bytes[i] = *check_pattern(i);
    check_pair(ends, &options);
    FM_TIMEOUT(check_span(), rc) {
        n = fm_write(ends[0], bytes, size);
    }
    free(bytes);
    CHECK(n > 0 && n < (ssize_t)size);
    fm_task *task = fm_go(check_receiver, ends[1], (uint64_t)n, 5000, NULL);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

static void writes_cut(void)
{
    fm_stream *ends[2];
    int rc;
    writes_cut_one(8000000);
    check_pair(ends, NULL);
    FM_TIMEOUT(0, rc) {
        rc = (int)fm_write(ends[0], "refused", 7);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

void check_a_cut_write_says_how_much_was_accepted(void)
{
    check_run(writes_cut, 5);
}
