/*
 * test_adopt.c - descriptors that others made and that become streams
 */
#include "foreign.h"

#include "base/fault.h"

static fm_stream *adopt(int fd)
{
    fm_stream *stream = NULL;
    CHECK_INT(fm_stream_adopt(fd, &stream), 0);
    CHECK(stream != NULL);
    return stream;
}

STORY(an_adopted_socket_is_a_stream_like_any_other)
{
    int fds[2];
    char heard[8] = "";
    foreign_pair(FM__PAIR_SOCKET, fds);
    fm_stream *one = adopt(fds[0]), *other = adopt(fds[1]);
    CHECK_INT(fm_stream_fd(one), fds[0]);
    CHECK_INT(fm_write(one, "hello", 5), 5);
    CHECK_INT(fm_read_exactly(other, heard, 5), 5);
    CHECK(strcmp(heard, "hello") == 0);
    CHECK_INT(fm_close(one), 0);
    CHECK_INT(fm_read(other, heard, 5), 0);
    CHECK_INT(fm_close(other), 0);
}

STORY(the_ends_of_a_pipe_are_streams_one_way)
{
    int fds[2];
    char heard[8] = "";
    foreign_pair(FM__PAIR_PIPE, fds);
    fm_stream *from = adopt(fds[0]), *to = adopt(fds[1]);
    CHECK_INT(fm_write(to, "hello", 5), 5);
    CHECK_INT(fm_read_exactly(from, heard, 5), 5);
    CHECK(strcmp(heard, "hello") == 0);
    CHECK_INT(fm_close(to), 0);
    CHECK_INT(fm_read(from, heard, 5), 0);
    CHECK_INT(fm_close(from), 0);
}

STORY(a_closed_stream_has_closed_what_it_adopted)
{
    int fds[2];
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(fm_close(adopt(fds[0])), 0);
    fm_abort(adopt(fds[1]));
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_wait_fd(fds[i], FM_READABLE), -EBADF);
}

STORY(what_is_no_descriptor_cannot_be_adopted)
{
    int fds[2];
    fm_stream *stream = NULL;
    foreign_pair(FM__PAIR_SOCKET, fds);
    foreign_close(fds[0]);
    CHECK_INT(fm_stream_adopt(fds[0], &stream), -EBADF);
    CHECK_INT(fm_stream_adopt(-1, &stream), -EBADF);
    CHECK_INT(fm_stream_adopt(1 << 29, &stream), -EBADF);
    CHECK(stream == NULL);
    foreign_close(fds[1]);
}

/* For want of memory, and of a system call that succeeds, at each place. */
static void adopt_and_fail(enum fm__door door, int error)
{
    int fds[2], rc = -1;
    for (uint64_t k = 1; rc != 0 && k < 20; k++) {
        fm_stream *stream = NULL;
        struct fm__fault_plan plan = {.error = error, .spare_waits = true};
        plan.fail_at[door] = k;
        foreign_pair(FM__PAIR_SOCKET, fds);
        fm__fault_plan = &plan;
        rc = fm_stream_adopt(fds[0], &stream);
        fm__fault_plan = NULL;
        CHECK(rc == 0 || rc == error || rc == -ENOMEM);
        CHECK_INT(stream != NULL, rc == 0);
        if (rc < 0)
            foreign_close(fds[0]);
        fm_abort(stream);
        foreign_close(fds[1]);
    }
    CHECK_INT(rc, 0);
}

STORY(what_could_not_be_adopted_is_still_the_callers)
{
    adopt_and_fail(FM__DOOR_MEMORY, -ENOMEM);
    adopt_and_fail(FM__DOOR_SYSTEM, -EPERM);
}

STORY(an_adopted_descriptor_no_longer_blocks)
{
    int fds[2], rc;
    char c;
    if (test_simulated())
        return; /* nothing blocks there */
    CHECK_INT(pipe2(fds, O_CLOEXEC), 0);
    fm_stream *from = adopt(fds[0]);
    CHECK(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
    FM_TIMEOUT(story_span(2), rc) {
        rc = (int)fm_read(from, &c, 1);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_close(from), 0);
    close(fds[1]);
}

STORY(a_local_socket_has_addresses_and_a_pipe_has_none)
{
    int fds[2];
    char text[FM_ADDRESS_TEXT];
    fm_address address;
    foreign_pair(FM__PAIR_SOCKET, fds);
    fm_stream *one = adopt(fds[0]), *other = adopt(fds[1]);
    CHECK_INT(fm_stream_peer(one, &address), 0);
    CHECK(strcmp(fm_address_format(&address, text), "unix:") == 0);
    CHECK_INT(fm_stream_local(one, &address), 0);
    CHECK_INT(fm_close(one), 0);
    CHECK_INT(fm_close(other), 0);
    foreign_pair(FM__PAIR_PIPE, fds);
    one = adopt(fds[0]);
    other = adopt(fds[1]);
    CHECK_INT(fm_stream_peer(one, &address), -ENOTSOCK);
    CHECK_INT(fm_stream_local(other, &address), -ENOTSOCK);
    CHECK_INT(fm_close(one), 0);
    CHECK_INT(fm_close(other), 0);
}
