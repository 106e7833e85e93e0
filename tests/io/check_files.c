/*
 * check_files.c - promises: a part of a file arrives, and how much is known
 */
#include "io/check_kit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Around what is copied, what a buffer holds, and what leaves at once. */
static const size_t files_sizes[] = {1,     100,   16384,  16385,  65535,
                                     65536, 65537, 262145, 1000003};

#define FILES_SIZES (sizeof files_sizes / sizeof files_sizes[0])
#define FILES_MOST 1000003

/* A file of that much of the pattern. */
static int files_make(size_t size)
{
    int fd = memfd_create("pattern", MFD_CLOEXEC);
    CHECK(fd >= 0);
    for (size_t at = 0; at < size;) {
        size_t left = size - at;
        size_t count = left < CHECK_PATTERN ? left : CHECK_PATTERN;
        CHECK_INT(pwrite(fd, check_pattern(at), count, (off_t)at), count);
        at += count;
    }
    return fd;
}

struct files_hearer {
    fm_stream *stream;
    uint64_t at;
    size_t size;
};

static int files_hearer(struct files_hearer *self)
{
    char *got = malloc(self->size + 1);
    ssize_t rc = fm_read_exactly(self->stream, got, self->size);
    CHECK_INT(rc, self->size);
    CHECK(check_is_pattern(got, self->size, self->at));
    free(got);
    return rc < 0 ? (int)rc : 0;
}

/* From a place in the middle, and the descriptor's own stays where it is. */
static void files_send(fm_stream **ends, int fd, size_t size)
{
    int64_t offset = 77;
    size_t most = FILES_MOST - 77;
    size_t part = size < most ? size : most;
    CHECK_INT(lseek(fd, 5, SEEK_SET), 5);
    fm_task *task = fm_go(files_hearer, ends[1], 77, part);
    CHECK_INT(fm_sendfile(ends[0], fd, &offset, size), part);
    CHECK_INT(offset, 77 + part);
    CHECK_INT(fm_flush(ends[0]), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(lseek(fd, 0, SEEK_CUR), 5);
}

static void files_arrive(void)
{
    fm_stream *ends[2];
    int fd = files_make(FILES_MOST);
    check_pair(ends, NULL);
    for (unsigned i = 0; i < FILES_SIZES; i++)
        files_send(ends, fd, files_sizes[i]);
    files_send(ends, fd, FM_TO_THE_END);
    CHECK_INT(fm_sendfile(ends[0], fd, NULL, 0), 0);
    check_close_pair(ends);
    close(fd);
}

void check_a_part_of_a_file_arrives_whole(void)
{
    check_run(files_arrive, 2);
}

/* Between what was written before and what comes after, as one write. */
struct files_after {
    fm_stream *stream;
};

static int files_after(struct files_after *self)
{
    CHECK_INT(fm_write(self->stream, "after", 5), 5);
    return 0;
}

struct files_sender {
    fm_stream *stream;
    int fd;
};

static int files_sender(struct files_sender *self)
{
    CHECK_INT(fm_write(self->stream, "before", 6), 6);
    ssize_t rc = fm_sendfile(self->stream, self->fd, NULL, FM_TO_THE_END);
    CHECK_INT(rc, FILES_MOST);
    return rc < 0 ? (int)rc : 0;
}

static void files_in_turn(void)
{
    fm_stream *ends[2];
    int fd = files_make(FILES_MOST);
    check_pair(ends, NULL);
    fm_task *file = fm_go(files_sender, ends[0], fd);
    CHECK_INT(fm_yield(), 0);
    fm_task *after = fm_go(files_after, ends[0]);
    check_hear(ends[1], "before", 6);
    CHECK_INT(fm_await(fm_go(files_hearer, ends[1], 0, FILES_MOST)), 0);
    check_hear(ends[1], "after", 5);
    CHECK_INT(fm_gather(file, after), 0);
    check_close_pair(ends);
    close(fd);
}

void check_a_file_is_one_write_among_others(void)
{
    check_run(files_in_turn, 5);
}

/* ---- Files that are not as said ----------------------------------------- */

static void files_short(fm_stream **ends, int fd)
{
    int64_t offset = FILES_MOST - 10;
    CHECK_INT(fm_sendfile(ends[0], fd, &offset, 11), 10);
    CHECK_INT(offset, FILES_MOST);
    CHECK_INT(fm_sendfile(ends[0], fd, &offset, 1), 0);
    CHECK_INT(fm_sendfile(ends[0], fd, &offset, FM_TO_THE_END), 0);
    offset = INT64_C(1) << 40;
    CHECK_INT(fm_sendfile(ends[0], fd, &offset, 100000), 0);
    CHECK_INT(offset, INT64_C(1) << 40);
    CHECK_INT(fm_flush(ends[0]), 0);
    check_hear(ends[1], check_pattern(FILES_MOST - 10), 10);
}

static void files_refused(fm_stream **ends, int fd)
{
    int64_t offset = -1;
    int fds[2];
    CHECK_INT(fm_sendfile(ends[0], fd, &offset, 1), -EINVAL);
    CHECK_INT(fm_sendfile(ends[0], -1, NULL, 1), -EBADF);
    CHECK_INT(fm_sendfile(ends[0], -1, NULL, 1000000), -EBADF);
    CHECK(pipe(fds) == 0);
    CHECK_INT(fm_sendfile(ends[0], fds[0], NULL, 1), -ESPIPE);
    CHECK_INT(fm_sendfile(ends[0], fds[0], NULL, 1000000), -ESPIPE);
    close(fds[0]);
    close(fds[1]);
    fds[0] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_INT(fm_sendfile(ends[0], fds[0], NULL, 1), -EISDIR);
    CHECK_INT(fm_sendfile(ends[0], fds[0], NULL, 1000000), -EISDIR);
    close(fds[0]);
    CHECK_INT(fm_write(ends[0], "alive", 5), 5);
    check_hear(ends[1], "alive", 5);
}

/* It gets shorter while it is sent: what is left is all there was. */
static void files_truncated(fm_stream **ends)
{
    int fd = files_make(FILES_MOST);
    int64_t offset = 0;
    ssize_t rc = 1;
    size_t sent = 0;
    fm_task *task = fm_go(files_hearer, ends[1], 0, 400000);
    while (sent < 300000 && rc > 0) {
        rc = fm_sendfile(ends[0], fd, &offset, 100000);
        sent += rc > 0 ? (size_t)rc : 0;
    }
    CHECK_INT(ftruncate(fd, 400000), 0);
    CHECK_INT(fm_sendfile(ends[0], fd, &offset, FILES_MOST - 300000), 100000);
    CHECK_INT(offset, 400000);
    CHECK_INT(fm_flush(ends[0]), 0);
    CHECK_INT(fm_await(task), 0);
    close(fd);
}

static void files_not_as_said(void)
{
    fm_stream *ends[2];
    int fd = files_make(FILES_MOST);
    check_pair(ends, NULL);
    files_short(ends, fd);
    files_refused(ends, fd);
    files_truncated(ends);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_sendfile(ends[0], fd, NULL, 1), -EPIPE);
    CHECK_INT(fm_sendfile(ends[0], fd, NULL, 1000000), -EPIPE);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), 0);
    check_close_pair(ends);
    close(fd);
}

void check_a_file_that_is_shorter_says_so(void)
{
    check_run(files_not_as_said, 3);
}

/* ---- Cut, and lost ------------------------------------------------------ */

struct files_cut {
    fm_stream *stream;
    int fd;
    int64_t *offset;
    ssize_t *sent;
};

static int files_cut(struct files_cut *self)
{
    *self->sent =
        fm_sendfile(self->stream, self->fd, self->offset, FM_TO_THE_END);
    return 0;
}

/* So much more, and then only that. */
static void files_expect_last(fm_stream *stream, uint64_t size, char last)
{
    char bytes[5000] = "";
    ssize_t n = 1;
    while (size > 0 && n > 0) {
        n = fm_read(stream, bytes, sizeof bytes);
        CHECK(n > 0 && (uint64_t)n <= size);
        size -= n > 0 ? (uint64_t)n : 0;
    }
    CHECK_INT(size, 0);
    CHECK(n > 0 && bytes[n - 1] == last);
}

/* When the peer has read a byte and reads no more: it gets what was told. */
static void files_cut_one(void)
{
    const fm_stream_options options = {.send_buffer = 16384,
                                       .receive_buffer = 16384};
    const off_t size = 100000000;
    fm_stream *ends[2];
    int64_t offset = 0;
    ssize_t sent = 0;
    int fd = memfd_create("holes", MFD_CLOEXEC);
    check_pair(ends, &options);
    CHECK_INT(ftruncate(fd, size), 0);
    fm_task *task = fm_go(files_cut, ends[0], fd, &offset, &sent);
    check_hear(ends[1], "", 1);
    fm_cancel(task);
    CHECK_INT(fm_await(task), 0);
    CHECK(sent > 0 && sent < size);
    CHECK_INT(offset, sent);
    task = fm_go(check_sender, ends[0], 1, 1);
    files_expect_last(ends[1], (uint64_t)sent, *check_pattern(0));
    CHECK_INT(fm_await(task), 0);
    check_close_pair(ends);
    close(fd);
}

void check_a_file_cut_in_the_middle_says_how_much_was_sent(void)
{
    check_run(files_cut_one, 3);
}

static void files_lost(void)
{
    fm_stream *ends[2];
    int fd = files_make(FILES_MOST);
    ssize_t rc = 1;
    check_pair(ends, NULL);
    CHECK_INT(fm_close(ends[1]), 0);
    for (int i = 0; i < 100 && rc > 0; i++)
        rc = fm_sendfile(ends[0], fd, NULL, FM_TO_THE_END);
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    CHECK(fm_write(ends[0], "x", 1) < 0);
    fm_abort(ends[0]);
    close(fd);
}

void check_who_sends_a_file_to_a_closed_end_is_told(void)
{
    check_run(files_lost, 3);
}
