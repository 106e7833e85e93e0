/*
 * test_file_stream.c - files as streams, and into streams
 */
#include "io/file_kit.h"
#include "io/gate.h"

#define SIZE 300000

static char there[SIZE + 1];

STORY(a_file_is_read_as_a_stream_from_its_position_on)
{
    struct kit kit;
    fm_stream *stream;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", SIZE), O_RDONLY);
    CHECK_INT(fm_file_seek(file, 100, SEEK_SET), 100);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    CHECK_INT(fm_read_exactly(stream, there, 50), 50);
    CHECK(kit_is_right(there, 50, 100));
    CHECK_INT(fm_read_exactly(stream, there, SIZE - 150), SIZE - 150);
    CHECK(kit_is_right(there, SIZE - 150, 150));
    CHECK_INT(fm_read(stream, there, 1), 0);
    CHECK_INT(fm_file_tell(file), 100);
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(lines_of_a_file_are_lines_of_a_stream)
{
    struct kit kit;
    fm_stream *stream;
    char line[100];
    kit_open(&kit);
    const char *path = kit_path(&kit, "file");
    CHECK_INT(fm_file_save(path, "one\ntwo\r\nthree", 14), 0);
    fm_file *file = kit_file(path, O_RDONLY);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    CHECK_INT(fm_read_line(stream, line, sizeof line), 3);
    CHECK_INT(fm_read_line(stream, line, sizeof line), 3);
    CHECK_INT(fm_read_line(stream, line, sizeof line), 5);
    CHECK(strcmp(line, "three") == 0);
    CHECK_INT(fm_read_line(stream, line, sizeof line), -FM_EEOF);
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

/* Small ones that leave with the turn, and large ones that do not wait for it. */
STORY(what_is_written_to_a_stream_of_a_file_is_in_it)
{
    static char bytes[SIZE];
    struct kit kit;
    fm_stream *stream;
    kit_open(&kit);
    kit_fill(bytes, SIZE, 0);
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    CHECK_INT(fm_write(stream, bytes, 10), 10);
    CHECK_INT(fm_write(stream, bytes + 10, 20), 20);
    CHECK_INT(fm_flush(stream), 0);
    CHECK_INT(fm_file_read_at(file, there, SIZE, 0), 30);
    for (size_t at = 30; at < 50030; at += 1000)
        CHECK_INT(fm_write(stream, bytes + at, 1000), 1000);
    CHECK_INT(fm_write(stream, bytes + 50030, SIZE - 50030), SIZE - 50030);
    CHECK_INT(fm_write_eof(stream), 0);
    CHECK_INT(fm_write(stream, "x", 1), -EPIPE);
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_file_read_at(file, there, SIZE + 1, 0), SIZE);
    CHECK(kit_is_right(there, SIZE, 0));
    CHECK_INT(fm_file_sync(file, true), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(the_two_directions_of_a_files_stream_do_not_disturb_each_other)
{
    struct kit kit;
    fm_stream *stream;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", 10), O_RDWR);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    CHECK_INT(fm_read_exactly(stream, there, 5), 5);
    CHECK_INT(fm_write(stream, "ab", 2), 2);
    CHECK_INT(fm_flush(stream), 0);
    CHECK_INT(fm_read_exactly(stream, there, 5), 5);
    CHECK(kit_is_right(there, 5, 5));
    CHECK_INT(fm_file_read_at(file, there, 3, 0), 3);
    CHECK(memcmp(there, "ab", 2) == 0 && there[2] == kit_byte(2));
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(a_stream_tells_that_there_is_no_room)
{
    fm_stream *stream;
    fm_file *file = kit_file("/dev/full", O_WRONLY);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    CHECK_INT(fm_write(stream, "x", 1), 1);
    CHECK_INT(fm_flush(stream), -ENOSPC);
    CHECK_INT(fm_write(stream, "x", 1), -ENOSPC);
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    CHECK_INT(fm_write(stream, "x", 1), 1);
    CHECK_INT(fm_close(stream), -ENOSPC);
    CHECK_INT(fm_file_close(file), 0);
}

/* Its write waits for the only thread, and is taken back. */
static void abort_before_the_write(void)
{
    struct gate gate;
    struct passer passer = {0};
    struct kit kit;
    fm_stream *stream;
    kit_open(&kit);
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    gate_init(&gate, 0);
    fm_task *task = passer_start(&passer, &gate);
    CHECK_INT(fm_write(stream, "x", 1), 1);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    fm_abort(stream);
    sem_post(&gate.open);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

TEST(a_stream_that_is_aborted_writes_no_more)
{
    CHECK_INT(run_with_one_thread(abort_before_the_write), 0);
    story_silent(__FILE__, __LINE__);
}

/* Whatever the write has come to by then. */
STORY(a_file_can_be_closed_as_soon_as_its_stream_is_aborted)
{
    struct kit kit;
    kit_open(&kit);
    for (int i = 0; i < 50; i++) {
        fm_stream *stream;
        fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
        CHECK_INT(fm_file_stream(file, &stream), 0);
        CHECK_INT(fm_write(stream, there, 50000), 50000);
        for (int turn = i % 4; turn > 0; turn--)
            CHECK_INT(fm_sleep(0), 0);
        fm_abort(stream);
        CHECK_INT(fm_file_close(file), 0);
    }
    kit_close(&kit);
}

static int turns_before_the_end;

static void leave_all_open(void)
{
    fm_stream *stream;
    fm_file *file = kit_file("/dev/null", O_WRONLY);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    CHECK_INT(fm_write(stream, there, 50000), 50000);
    for (int turn = turns_before_the_end; turn > 0; turn--)
        CHECK_INT(fm_sleep(0), 0);
}

TEST(a_loop_that_ends_waits_for_what_a_stream_still_writes)
{
    for (int i = 0; i < 50; i++) {
        turns_before_the_end = i % 4;
        CHECK_INT(story_run(leave_all_open, (fm_run_options){0}), 0);
        CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
        CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
        story_silent(__FILE__, __LINE__);
    }
}

static void close_before_the_stream(void)
{
    fm_stream *stream;
    fm_file *file = kit_file("/dev/null", O_WRONLY);
    CHECK_INT(fm_file_stream(file, &stream), 0);
    fm_file_close(file);
}

TEST(a_file_is_not_closed_before_its_stream)
{
    CHECK_DOOMED(close_before_the_stream,
                 "fm_file_close: a stream of this file is still open");
}

struct sender {
    fm_stream *stream;
    fm_file *file;
};

static int sender(struct sender *self)
{
    int64_t from = 7;
    ssize_t rc =
        fm_sendfile(self->stream, fm_file_fd(self->file), &from, FM_TO_THE_END);
    CHECK_INT(rc, SIZE - 7);
    return fm_close(self->stream);
}

STORY(a_file_is_sent_into_a_stream)
{
    struct kit kit;
    fm_stream *ends[2];
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", SIZE), O_RDONLY);
    CHECK_INT(fm_pipe(ends), 0);
    fm_task *task = fm_go(sender, ends[1], file);
    CHECK_INT(fm_read_exactly(ends[0], there, SIZE - 7), SIZE - 7);
    CHECK(kit_is_right(there, SIZE - 7, 7));
    CHECK_INT(fm_read(ends[0], there, 1), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_file_tell(file), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}
