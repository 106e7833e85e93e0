/*
 * test_standard.c - standard input, output and error, whatever they are
 */
#include "task/story.h"

#include "base/fault.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* Both ends block, as a shell makes them. */
enum thing {
    A_PIPE,
    A_SOCKET,
    A_TERMINAL,
    THINGS
};

/* No echo, no line editing: bytes. */
static void make_terminal(int fds[2])
{
    struct termios raw;
    fds[1] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(fds[1] >= 0 && grantpt(fds[1]) == 0 && unlockpt(fds[1]) == 0);
    fds[0] = open(ptsname(fds[1]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK_INT(tcgetattr(fds[0], &raw), 0);
    cfmakeraw(&raw);
    CHECK_INT(tcsetattr(fds[0], TCSANOW, &raw), 0);
}

/* fds[0] is to be the standard one, fds[1] is the other end. */
static void make(enum thing thing, bool input, int fds[2])
{
    int ends[2];
    if (thing == A_TERMINAL) {
        make_terminal(fds);
        return;
    }
    if (thing == A_SOCKET) {
        CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        return;
    }
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    fds[0] = ends[input ? 0 : 1];
    fds[1] = ends[input ? 1 : 0];
}

/* What fd is from now on; gives back what it was. */
static int put(int fd, int file)
{
    int before = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    CHECK_INT(dup2(file, fd), fd);
    return before;
}

static void put_back(int fd, int before)
{
    if (before >= 0)
        CHECK_INT(dup2(before, fd), fd);
    else
        close(fd);
    close(before);
}

static int flags_of(int fd)
{
    return fcntl(fd, F_GETFL);
}

/* The k-th system call is refused: 0 for none. The third opens again. */
#define REOPENING 3

static int begin(int (*which)(fm_stream **stream), fm_stream **stream,
                 uint64_t refused)
{
    struct fm__fault_plan plan = {.error = -EACCES, .spare_waits = true};
    plan.fail_at[FM__DOOR_SYSTEM] = refused;
    fm__fault_plan = refused > 0 ? &plan : NULL;
    int rc = which(stream);
    fm__fault_plan = NULL;
    return rc;
}

static void check_input(enum thing thing, uint64_t refused)
{
    int fds[2];
    fm_stream *in = NULL;
    char line[32] = "";
    make(thing, true, fds);
    int before = put(STDIN_FILENO, fds[0]), flags = flags_of(fds[0]);
    CHECK_INT(begin(fm_stdin, &in, refused), 0);
    CHECK_INT(write(fds[1], "one\ntwo\nrest", 12), 12);
    CHECK_INT(fm_read_line(in, line, sizeof line), 3);
    CHECK(strcmp(line, "one") == 0);
    CHECK_INT(fm_read_line(in, line, sizeof line), 3);
    CHECK_INT(fm_read_exactly(in, line, 4), 4);
    CHECK(memcmp(line, "rest", 4) == 0);
    CHECK_INT(flags_of(fds[0]), flags);
    CHECK((flags & O_NONBLOCK) == 0);
    if (thing != A_TERMINAL) {
        close(fds[1]);
        CHECK_INT(fm_read(in, line, 1), 0);
    }
    CHECK_INT(fm_close(in), 0);
    CHECK_INT(flags_of(STDIN_FILENO), flags);
    put_back(STDIN_FILENO, before);
    close(fds[0]);
    if (thing == A_TERMINAL)
        close(fds[1]);
}

STORY(standard_input_is_read_whatever_it_is)
{
    for (enum thing thing = 0; thing < THINGS; thing++)
        check_input(thing, 0);
}

STORY(what_cannot_be_opened_again_is_read_when_it_is_ready)
{
    check_input(A_PIPE, REOPENING);
    check_input(A_TERMINAL, REOPENING);
}

/* Reads all that comes, in a thread as the next program in a pipe would. */
struct drain {
    int fd;
    size_t size;
    unsigned sum;
};

static void *drain_run(void *arg)
{
    struct drain *self = arg;
    unsigned char buf[5000];
    size_t got = 0;
    while (got < self->size) {
        ssize_t n = read(self->fd, buf, sizeof buf);
        if (n <= 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            self->sum = self->sum * 31 + buf[i];
        got += (size_t)n;
    }
    return NULL;
}

/* In pieces small and large, so that they are queued and sent from here. */
static void check_output(enum thing thing, uint64_t refused)
{
    static char bytes[50000];
    static const size_t sizes[] = {1, 100, 5000, 50000, 20000, 16384, 3};
    int fds[2];
    fm_stream *out = NULL;
    struct drain drain = {.size = 0};
    unsigned sum = 0;
    make(thing, false, fds);
    drain.fd = fds[1];
    for (size_t i = 0; i < 7; i++)
        drain.size += sizes[i];
    int before = put(STDOUT_FILENO, fds[0]), flags = flags_of(fds[0]);
    int rc = begin(fm_stdout, &out, refused);
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, drain_run, &drain), 0);
    for (size_t i = 0; rc >= 0 && i < 7; i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            bytes[k] = (char)('a' + (i + k) % 23);
            sum = sum * 31 + (unsigned char)bytes[k];
        }
        rc = fm_write(out, bytes, sizes[i]) == (ssize_t)sizes[i] ? 0 : -1;
    }
    int flushed = fm_flush(out);
    pthread_join(thread, NULL);
    int eof = fm_write_eof(out), closed = fm_close(out);
    int now = flags_of(STDOUT_FILENO);
    put_back(STDOUT_FILENO, before);
    CHECK_INT(rc, 0);
    CHECK_INT(flushed, 0);
    CHECK_INT(drain.sum, sum);
    CHECK_INT(closed, 0);
    CHECK_INT(now, flags);
    CHECK(eof == 0 || eof == -ENOTSOCK);
    close(fds[0]);
    close(fds[1]);
}

STORY(standard_output_is_written_whatever_it_is)
{
    for (enum thing thing = 0; thing < THINGS; thing++)
        check_output(thing, 0);
}

STORY(what_cannot_be_opened_again_is_written_when_it_is_ready)
{
    check_output(A_PIPE, REOPENING);
    check_output(A_TERMINAL, REOPENING);
}

STORY(standard_error_is_a_stream_too)
{
    int fds[2];
    fm_stream *error = NULL;
    char heard[5];
    make(A_PIPE, false, fds);
    int before = put(STDERR_FILENO, fds[0]);
    int rc = fm_stderr(&error);
    ssize_t n = fm_write(error, "alarm", 5);
    int closed = fm_close(error);
    put_back(STDERR_FILENO, before);
    CHECK_INT(rc, 0);
    CHECK_INT(n, 5);
    CHECK_INT(closed, 0);
    CHECK_INT(read(fds[1], heard, 5), 5);
    CHECK(memcmp(heard, "alarm", 5) == 0);
    close(fds[0]);
    close(fds[1]);
}

STORY(a_file_is_read_from_where_it_is_and_written_at_its_end)
{
    char name[] = "/tmp/fermata-file-XXXXXX", text[64] = "";
    fm_stream *in = NULL, *out = NULL;
    int file = mkostemp(name, O_APPEND | O_CLOEXEC);
    CHECK(file >= 0);
    CHECK_INT(unlink(name), 0);
    CHECK_INT(write(file, "skipped, read", 13), 13);
    CHECK_INT(lseek(file, 9, SEEK_SET), 9);
    int input = put(STDIN_FILENO, file), output = put(STDOUT_FILENO, file);
    int read = fm_stdin(&in), written = fm_stdout(&out);
    ssize_t n = fm_read(in, text, sizeof text - 1);
    ssize_t end = fm_read(in, text + 4, 1);
    ssize_t more = fm_write(out, ", more", 6);
    int closed = fm_close(out);
    put_back(STDOUT_FILENO, output);
    put_back(STDIN_FILENO, input);
    CHECK_INT(read, 0);
    CHECK_INT(written, 0);
    CHECK_INT(n, 4);
    CHECK_INT(end, 0);
    CHECK(strcmp(text, "read") == 0);
    CHECK_INT(more, 6);
    CHECK_INT(closed, 0);
    CHECK_INT(fm_close(in), 0);
    CHECK_INT(pread(file, text, sizeof text, 0), 19);
    CHECK(memcmp(text, "skipped, read, more", 19) == 0);
    close(file);
}

STORY(nothing_is_read_from_dev_null_and_all_is_written_to_it)
{
    fm_stream *in = NULL, *out = NULL;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int input = put(STDIN_FILENO, null), output = put(STDOUT_FILENO, null);
    int read = fm_stdin(&in), written = fm_stdout(&out);
    ssize_t n = fm_read(in, &(char){0}, 1), m = fm_write(out, "gone", 4);
    int flushed = fm_flush(out), closed = fm_close(out);
    put_back(STDOUT_FILENO, output);
    put_back(STDIN_FILENO, input);
    CHECK_INT(read, 0);
    CHECK_INT(written, 0);
    CHECK_INT(n, 0);
    CHECK_INT(m, 4);
    CHECK_INT(flushed, 0);
    CHECK_INT(closed, 0);
    CHECK_INT(fm_close(in), 0);
    close(null);
}

STORY(a_descriptor_that_is_closed_is_no_stream)
{
    fm_stream *in = NULL;
    int before = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
    close(STDIN_FILENO);
    CHECK_INT(fm_stdin(&in), -EBADF);
    CHECK(in == NULL);
    if (before >= 0)
        put_back(STDIN_FILENO, before);
}

static void begin_closed(void)
{
    fm_stream *stream = NULL;
    CHECK_INT(fm_stdin(&stream), -EBADF);
    CHECK(stream == NULL);
}

/* What the loop opens for itself has that number then. */
TEST(a_descriptor_that_was_closed_before_the_loop_is_no_stream)
{
    int before = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
    close(STDIN_FILENO);
    CHECK_INT(story_run(begin_closed, (fm_run_options){0}), 0);
    put_back(STDIN_FILENO, before);
}

STORY(a_read_that_is_cut_takes_nothing_away)
{
    for (enum thing thing = 0; thing < THINGS && !test_simulated(); thing++) {
        int fds[2], rc;
        fm_stream *in = NULL;
        char byte = 0;
        make(thing, true, fds);
        int before = put(STDIN_FILENO, fds[0]);
        CHECK_INT(fm_stdin(&in), 0);
        FM_TIMEOUT(story_span(1), rc) {
            rc = (int)fm_read(in, &byte, 1);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(write(fds[1], "x", 1), 1);
        CHECK_INT(fm_read(in, &byte, 1), 1);
        CHECK_INT(byte, 'x');
        CHECK_INT(fm_close(in), 0);
        put_back(STDIN_FILENO, before);
        close(fds[0]);
        close(fds[1]);
    }
}

/* More than fits, and nobody reads: the close is cut and loses the rest. */
static void check_stuck(enum thing thing, uint64_t refused)
{
    static char bytes[60000];
    int fds[2], rc;
    fm_stream *out = NULL;
    ssize_t n = 0;
    make(thing, false, fds);
    int before = put(STDOUT_FILENO, fds[0]);
    int begun = begin(fm_stdout, &out, refused);
    while (n >= 0) {
        FM_TIMEOUT(story_span(1), rc) {
            n = fm_write(out, bytes, sizeof bytes / 4);
        }
    }
    FM_TIMEOUT(0, rc) {
        rc = fm_close(out);
    }
    put_back(STDOUT_FILENO, before);
    CHECK_INT(begun, 0);
    CHECK_INT(n, -ETIMEDOUT);
    CHECK_INT(rc, -ETIMEDOUT);
    close(fds[0]);
    close(fds[1]);
}

STORY(a_close_that_is_cut_waits_for_nobody)
{
    if (test_simulated())
        return; /* a write blocks there */
    check_stuck(A_PIPE, 0);
    check_stuck(A_PIPE, REOPENING);
    check_stuck(A_SOCKET, 0);
}

STORY(output_that_nobody_reads_is_an_error_and_no_signal)
{
    for (uint64_t refused = 0; refused <= REOPENING; refused += REOPENING) {
        int fds[2];
        fm_stream *out = NULL;
        make(A_PIPE, false, fds);
        int before = put(STDOUT_FILENO, fds[0]);
        int rc = begin(fm_stdout, &out, refused);
        close(fds[1]);
        ssize_t n = fm_write(out, "x", 1);
        int flushed = fm_flush(out), closed = fm_close(out);
        put_back(STDOUT_FILENO, before);
        CHECK_INT(rc, 0);
        CHECK_INT(n, 1);
        CHECK_INT(flushed, -EPIPE);
        CHECK_INT(closed, 0);
        close(fds[0]);
    }
}

/* For want of memory or of a descriptor, at each place. */
static void begin_and_fail(enum thing thing, enum fm__door door, int error)
{
    int fds[2], rc = -1;
    make(thing, true, fds);
    int before = put(STDIN_FILENO, fds[0]);
    for (uint64_t k = 1; rc != 0 && k < 20; k++) {
        fm_stream *in = NULL;
        struct fm__fault_plan plan = {.error = error, .spare_waits = true};
        plan.fail_at[door] = k;
        fm__fault_plan = &plan;
        rc = fm_stdin(&in);
        fm__fault_plan = NULL;
        CHECK(rc == 0 || rc == error || rc == -ENOMEM);
        CHECK_INT(in != NULL, rc == 0);
        fm_abort(in);
    }
    CHECK_INT(rc, 0);
    put_back(STDIN_FILENO, before);
    close(fds[0]);
    close(fds[1]);
}

STORY(a_standard_stream_that_cannot_begin_leaves_nothing_behind)
{
    for (enum thing thing = 0; thing < THINGS; thing++) {
        begin_and_fail(thing, FM__DOOR_MEMORY, -ENOMEM);
        begin_and_fail(thing, FM__DOOR_SYSTEM, -EMFILE);
    }
}
