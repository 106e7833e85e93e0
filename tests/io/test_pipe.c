/*
 * test_pipe.c - pipes, and pairs in memory
 */
#include "task/story.h"

#include "base/fault.h"

#include <fcntl.h>

static void two(int rc, fm_stream *ends[2])
{
    CHECK_INT(rc, 0);
    CHECK(ends[0] != NULL && ends[1] != NULL);
}

static void close_two(fm_stream *ends[2])
{
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

STORY(what_is_written_to_one_end_of_a_pipe_is_read_from_the_other)
{
    fm_stream *ends[2] = {NULL, NULL};
    char heard[8] = "";
    two(fm_pipe(ends), ends);
    CHECK_INT(fm_write(ends[1], "hello", 5), 5);
    CHECK_INT(fm_read_exactly(ends[0], heard, 5), 5);
    CHECK(strcmp(heard, "hello") == 0);
    close_two(ends);
}

STORY(a_pipe_goes_one_way)
{
    fm_stream *ends[2] = {NULL, NULL};
    char byte;
    two(fm_pipe(ends), ends);
    CHECK_INT(fm_read(ends[1], &byte, 1), -EBADF);
    CHECK_INT(fm_write(ends[0], "x", 1), 1);
    CHECK_INT(fm_flush(ends[0]), -EBADF);
    CHECK_INT(fm_write_eof(ends[0]), -EBADF);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

STORY(the_half_close_of_a_pipe_closes_its_descriptor)
{
    fm_stream *ends[2] = {NULL, NULL};
    char heard[8] = "";
    two(fm_pipe(ends), ends);
    int fd = fm_stream_fd(ends[1]);
    CHECK_INT(fm_write(ends[1], "last", 4), 4);
    CHECK_INT(fm_write_eof(ends[1]), 0);
    CHECK_INT(fm_stream_fd(ends[1]), -1);
    CHECK_INT(fm_wait_fd(fd, FM_WRITABLE), -EBADF);
    CHECK_INT(fm_read_exactly(ends[0], heard, 4), 4);
    CHECK_INT(fm_read(ends[0], heard, 1), 0);
    CHECK_INT(fm_write_eof(ends[1]), 0);
    CHECK_INT(fm_flush(ends[1]), 0);
    CHECK_INT(fm_write(ends[1], "x", 1), -EPIPE);
    CHECK_INT(fm_read(ends[1], heard, 1), -EBADF);
    close_two(ends);
    two(fm_pipe(ends), ends);
    CHECK_INT(fm_write_eof(ends[1]), 0);
    fm_abort(ends[1]);
    CHECK_INT(fm_read(ends[0], heard, 1), 0);
    CHECK_INT(fm_write_eof(ends[0]), -ENOTSOCK);
    CHECK_INT(fm_close(ends[0]), 0);
}

STORY(a_pipe_that_nobody_reads_is_an_error_and_no_signal)
{
    fm_stream *ends[2] = {NULL, NULL};
    two(fm_pipe(ends), ends);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_write(ends[1], "x", 1), 1);
    CHECK_INT(fm_flush(ends[1]), -EPIPE);
    CHECK_INT(fm_write(ends[1], "x", 1), -EPIPE);
    CHECK_INT(fm_close(ends[1]), 0);
}

STORY(the_descriptors_of_a_pipe_end_with_an_exec)
{
    fm_stream *ends[2] = {NULL, NULL};
    two(fm_pipe(ends), ends);
    for (int i = 0; !test_simulated() && i < 2; i++)
        CHECK(fcntl(fm_stream_fd(ends[i]), F_GETFD) & FD_CLOEXEC);
    close_two(ends);
}

STORY(options_of_sockets_are_skipped_for_a_pipe)
{
    const fm_stream_options options = {
        .send_buffer = 4096, .receive_buffer = 4096, .keepalive = true};
    fm_stream *ends[2] = {NULL, NULL};
    two(fm_pipe(ends, &options), ends);
    close_two(ends);
}

STORY(a_pair_in_memory_has_no_descriptor_and_no_address)
{
    fm_stream *ends[2] = {NULL, NULL};
    fm_address address;
    two(fm_stream_pair(ends), ends);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(fm_stream_fd(ends[i]), -1);
        CHECK_INT(fm_stream_peer(ends[i], &address), -ENOTSOCK);
        CHECK_INT(fm_stream_local(ends[i], &address), -ENOTSOCK);
    }
    close_two(ends);
}

/* At its limit, and one past it. */
STORY(a_pair_in_memory_takes_so_much_and_then_waits)
{
    static const char bytes[FM_STREAM_PAIR_SIZE];
    static char heard[FM_STREAM_PAIR_SIZE];
    fm_stream *ends[2] = {NULL, NULL};
    int rc;
    two(fm_stream_pair(ends), ends);
    CHECK_INT(fm_write(ends[0], bytes, sizeof bytes), sizeof bytes);
    CHECK_INT(fm_flush(ends[0]), 0);
    CHECK_INT(fm_write(ends[0], "x", 1), 1);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_flush(ends[0]);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_read(ends[1], heard, 1), 1);
    CHECK_INT(fm_flush(ends[0]), 0);
    CHECK_INT(fm_read_exactly(ends[1], heard, sizeof heard), sizeof heard);
    CHECK_INT(heard[sizeof heard - 1], 'x');
    close_two(ends);
}

/* A write so large leaves from where it lies, which is on this stack. */
STORY(a_writer_that_is_cut_lets_go_of_its_bytes)
{
    static char heard[FM_STREAM_PAIR_SIZE];
    char bytes[20000];
    fm_stream *ends[2] = {NULL, NULL};
    size_t taken = 0, got = 0;
    ssize_t n = 0;
    memset(bytes, 'a', sizeof bytes);
    two(fm_stream_pair(ends), ends);
    while (n >= 0) {
        int rc;
        FM_TIMEOUT(story_span(1), rc) {
            n = fm_write(ends[0], bytes, sizeof bytes);
        }
        taken += n > 0 ? (size_t)n : 0;
    }
    CHECK_INT(n, -ETIMEDOUT);
    CHECK_INT(taken, FM_STREAM_PAIR_SIZE);
    memset(bytes, 'b', sizeof bytes);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    while ((n = fm_read(ends[1], heard, sizeof heard)) > 0) {
        CHECK(memchr(heard, 'b', (size_t)n) == NULL);
        got += (size_t)n;
    }
    CHECK_INT(n, 0);
    CHECK_INT(got, taken);
    close_two(ends);
}

static void left_open_told(void)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], "x", 1), 1);
}

TEST(a_pair_that_is_left_open_is_reported_and_closed)
{
    CHECK_INT(story_run(left_open_told, (fm_run_options){0}), 0);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    story_silent(__FILE__, __LINE__);
}

typedef int (*pipe_maker)(fm_stream *ends[2], const fm_stream_options *options);

/* For want of memory or of a descriptor, at each place. */
static void make_and_fail(pipe_maker make, enum fm__door door, int error)
{
    int rc = -1;
    for (uint64_t k = 1; rc != 0 && k < 20; k++) {
        fm_stream *ends[2] = {NULL, NULL};
        struct fm__fault_plan plan = {.error = error, .spare_waits = true};
        plan.fail_at[door] = k;
        fm__fault_plan = &plan;
        rc = make(ends, NULL);
        fm__fault_plan = NULL;
        CHECK(rc == 0 || rc == error || rc == -ENOMEM);
        CHECK((ends[0] != NULL) == (rc == 0) && (ends[1] != NULL) == (rc == 0));
        fm_abort(ends[0]);
        fm_abort(ends[1]);
    }
    CHECK_INT(rc, 0);
}

STORY(what_cannot_be_made_leaves_nothing_behind)
{
    make_and_fail(fm__pipe, FM__DOOR_MEMORY, -ENOMEM);
    make_and_fail(fm__pipe, FM__DOOR_SYSTEM, -EMFILE);
    make_and_fail(fm__stream_pair, FM__DOOR_MEMORY, -ENOMEM);
    make_and_fail(fm__stream_pair, FM__DOOR_SYSTEM, -EMFILE);
}
