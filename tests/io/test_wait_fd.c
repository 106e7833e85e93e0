/*
 * test_wait_fd.c - waiting for descriptors that others read and write
 */
#include "foreign.h"

#define BOTH (FM_READABLE | FM_WRITABLE)

STORY(a_descriptor_is_waited_for_until_it_can_be_read)
{
    int fds[2], rc;
    char c;
    foreign_pair(FM__PAIR_SOCKET, fds);
    for (int i = 0; i < 3; i++) {
        FM_TIMEOUT(story_span(2), rc) {
            rc = fm_wait_fd(fds[0], FM_READABLE);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(foreign_write(fds[1], "x", 1), 1);
        CHECK_INT(fm_wait_fd(fds[0], FM_READABLE), FM_READABLE);
        CHECK_INT(fm_wait_fd(fds[0], FM_READABLE), FM_READABLE);
        CHECK_INT(foreign_read(fds[0], &c, 1), 1);
    }
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

/* Until the peer has read all there is. */
static void foreign_drain(int fd)
{
    static char big[65536];
    while (fm_wait_fd(fd, FM_READABLE) == FM_READABLE) {
        if (foreign_read(fd, big, sizeof big) <= 0)
            break;
        int rc;
        FM_TIMEOUT(story_span(1), rc) {
            rc = fm_wait_fd(fd, FM_READABLE);
        }
        if (rc == -ETIMEDOUT)
            break;
    }
}

STORY(a_descriptor_is_waited_for_until_it_can_be_written)
{
    int fds[2], rc;
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(fm_wait_fd(fds[0], FM_WRITABLE), FM_WRITABLE);
    foreign_fill(fds[0]);
    FM_TIMEOUT(story_span(2), rc) {
        rc = fm_wait_fd(fds[0], FM_WRITABLE);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    foreign_drain(fds[1]);
    CHECK_INT(fm_wait_fd(fds[0], FM_WRITABLE), FM_WRITABLE);
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

STORY(one_wait_for_both_tells_which_it_is)
{
    int fds[2];
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(fm_wait_fd(fds[0], BOTH), FM_WRITABLE);
    CHECK_INT(foreign_write(fds[1], "x", 1), 1);
    CHECK_INT(fm_wait_fd(fds[0], BOTH), BOTH);
    CHECK_INT(fm_wait_fd(fds[0], FM_READABLE), FM_READABLE);
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

struct watcher {
    int fd;
    int events;
};

static int watcher(struct watcher *self)
{
    return fm_wait_fd(self->fd, self->events);
}

STORY(any_number_of_tasks_wait_for_one_descriptor)
{
    int fds[2];
    fm_task *readers[5];
    foreign_pair(FM__PAIR_SOCKET, fds);
    foreign_fill(fds[0]);
    for (int i = 0; i < 5; i++)
        readers[i] = fm_go(watcher, fds[0], FM_READABLE);
    fm_task *writer = fm_go(watcher, fds[0], FM_WRITABLE);
    fm_task *either = fm_go(watcher, fds[0], BOTH);
    CHECK_INT(fm_sleep(story_span(5)), 0);
    CHECK_INT(fm_stop(readers[2]), -ECANCELED);
    CHECK_INT(foreign_write(fds[1], "x", 1), 1);
    CHECK_INT(fm_await(either), FM_READABLE);
    for (int i = 0; i < 5; i++) {
        if (i != 2)
            CHECK_INT(fm_await(readers[i]), FM_READABLE);
    }
    foreign_drain(fds[1]);
    CHECK_INT(fm_await(writer), FM_WRITABLE);
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

STORY(an_end_makes_a_descriptor_ready_for_what_was_asked)
{
    int fds[2];
    char c;
    foreign_pair(FM__PAIR_SOCKET, fds);
    foreign_fill(fds[0]);
    fm_task *reader = fm_go(watcher, fds[0], FM_READABLE);
    fm_task *writer = fm_go(watcher, fds[0], FM_WRITABLE);
    CHECK_INT(fm_sleep(story_span(5)), 0);
    foreign_close(fds[1]);
    CHECK_INT(fm_await(reader), FM_READABLE);
    CHECK_INT(fm_await(writer), FM_WRITABLE);
    CHECK(foreign_read(fds[0], &c, 1) <= 0);
    foreign_close(fds[0]);
}

STORY(a_pipe_that_lost_its_other_end_is_ready)
{
    int fds[2];
    foreign_pair(FM__PAIR_PIPE, fds);
    foreign_close(fds[1]);
    CHECK_INT(fm_wait_fd(fds[0], FM_READABLE), FM_READABLE);
    foreign_close(fds[0]);
    foreign_pair(FM__PAIR_PIPE, fds);
    foreign_close(fds[0]);
    CHECK_INT(fm_wait_fd(fds[1], FM_WRITABLE), FM_WRITABLE);
    foreign_close(fds[1]);
}

STORY(unknown_events_are_einval_and_no_descriptor_is_ebadf)
{
    int fds[2];
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(fm_wait_fd(fds[0], 0), -EINVAL);
    CHECK_INT(fm_wait_fd(fds[0], BOTH | 2), -EINVAL);
    CHECK_INT(fm_wait_fd(fds[0], 8), -EINVAL);
    CHECK_INT(fm_wait_fd(fds[0], -1), -EINVAL);
    CHECK_INT(fm_wait_fd(-1, FM_READABLE), -EBADF);
    CHECK_INT(fm_wait_fd(1 << 29, FM_READABLE), -EBADF);
    foreign_close(fds[0]);
    CHECK_INT(fm_wait_fd(fds[0], FM_READABLE), -EBADF);
    foreign_close(fds[1]);
}

STORY(a_number_that_comes_back_is_another_descriptor)
{
    int fds[2], again[2], rc;
    for (int i = 0; i < 20; i++) {
        foreign_pair(FM__PAIR_SOCKET, fds);
        FM_TIMEOUT(story_span(0.2), rc) {
            rc = fm_wait_fd(fds[0], FM_READABLE);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(foreign_write(fds[1], "x", 1), 1);
        foreign_close(fds[0]);
        foreign_close(fds[1]);
        foreign_pair(FM__PAIR_SOCKET, again);
        CHECK_INT(again[0], fds[0]);
        FM_TIMEOUT(story_span(0.2), rc) {
            rc = fm_wait_fd(again[0], FM_READABLE);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(foreign_write(again[1], "y", 1), 1);
        CHECK_INT(fm_wait_fd(again[0], FM_READABLE), FM_READABLE);
        foreign_close(again[0]);
        foreign_close(again[1]);
    }
}

STORY(a_wait_may_be_cancelled_before_it_runs_and_while_it_waits)
{
    int fds[2];
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(fm_stop(fm_go(watcher, fds[0], FM_READABLE)), -ECANCELED);
    fm_task *task = fm_go(watcher, fds[0], FM_READABLE);
    CHECK_INT(fm_sleep(story_span(2)), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    /* What is ready all the same is told, or the cut: never both. */
    for (int i = 0; i < 50; i++) {
        task = fm_go(watcher, fds[0], FM_READABLE);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(foreign_write(fds[1], "x", 1), 1);
        int rc = fm_stop(task);
        CHECK(rc == FM_READABLE || rc == -ECANCELED);
        char c;
        CHECK_INT(foreign_read(fds[0], &c, 1), 1);
    }
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

STORY(a_regular_file_is_always_ready)
{
    if (test_simulated())
        return; /* there are none */
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK_INT(fm_wait_fd(fd, FM_READABLE), FM_READABLE);
    close(fd);
}

/* A foreign library may leave its descriptor blocking, and the wait must not
 * change that. */
STORY(a_wait_leaves_the_descriptor_as_it_is)
{
    int fds[2];
    if (test_simulated())
        return; /* nothing blocks there */
    CHECK_INT(pipe2(fds, O_CLOEXEC), 0);
    CHECK_INT(fm_wait_fd(fds[1], FM_WRITABLE), FM_WRITABLE);
    fm_task *task = fm_go(watcher, fds[0], FM_READABLE);
    CHECK_INT(fm_sleep(story_span(2)), 0);
    CHECK_INT(write(fds[1], "x", 1), 1);
    CHECK_INT(fm_await(task), FM_READABLE);
    CHECK_INT(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
    close(fds[0]);
    close(fds[1]);
}

static void wait_outside(void *arg)
{
    (void)arg;
    fm_wait_fd(0, FM_READABLE);
}

TEST(a_wait_outside_a_task_aborts_with_a_sentence)
{
    CHECK_DIES(wait_outside, NULL, "fm_wait_fd was called outside a task");
}
