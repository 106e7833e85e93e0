/*
 * test_op_cancel.c - how operations and descriptors end before their time
 */
#include "rig.h"

#include <sys/epoll.h>

static char big[1 << 18];

TEST(a_cancelled_wait_ends_in_a_later_poll_and_takes_nothing)
{
    struct rig rig;
    struct job job, next;
    int fds[2];
    char buf[4] = "....";
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_read(&rig, &job, fds[0], buf, 4);
    job_read(&rig, &next, fds[0], buf, 1);
    fm__op_cancel(&rig.loop, &job.op);
    CHECK_INT(job.order, 0);
    CHECK_INT(job.op.state, FM__OP_CANCELLING);
    CHECK_INT(job_wait(&job), -ECANCELED);
    CHECK_INT(job.op.state, FM__OP_DONE);
    CHECK(memcmp(buf, "....", 4) == 0);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&next), 1);
    CHECK_INT(buf[0], 'x');
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_cancel_asked_for_twice_is_one_cancel)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    fm__op_cancel(&rig.loop, &job.op);
    fm__op_cancel(&rig.loop, &job.op);
    CHECK_INT(job_wait(&job), -ECANCELED);
    fm__op_cancel(&rig.loop, &job.op);
    rig_rest(&rig);
    CHECK_INT(job.op.result, -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* Every kind, cancelled before the loop has looked and after. */
TEST(every_kind_of_operation_can_be_cancelled)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job job, full;
    int fds[2];
    char c;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    do {
        job_write(&rig, &full, fds[0], big, sizeof big);
        rig_rest(&rig);
    } while (full.order != 0);
    for (int looks = 0; looks < 2; looks++) {
        job_accept(&rig, &job, listener);
        for (int i = 0; i < looks; i++)
            rig_rest(&rig);
        CHECK_INT(job_cancel(&job), -ECANCELED);
        job_poll(&rig, &job, fds[0], EPOLLIN);
        for (int i = 0; i < looks; i++)
            rig_rest(&rig);
        CHECK_INT(job_cancel(&job), -ECANCELED);
        job_read(&rig, &job, fds[0], &c, 1);
        for (int i = 0; i < looks; i++)
            rig_rest(&rig);
        CHECK_INT(job_cancel(&job), -ECANCELED);
        job_write(&rig, &job, fds[0], &c, 1);
        for (int i = 0; i < looks; i++)
            rig_rest(&rig);
        CHECK_INT(job_cancel(&job), -ECANCELED);
    }
    CHECK_INT(job_cancel(&full), -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

/* In the kernel's hands, or done already: both are answers. */
TEST(a_cancelled_connect_ends_with_its_result_or_as_cancelled)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    job_connect(&rig, &job, fd, &at);
    ssize_t rc = job_cancel(&job);
    CHECK(rc == 0 || rc == -ECANCELED);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_cancelled_read_that_had_its_bytes_may_keep_them)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[4];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_read(&rig, &job, fds[0], buf, 4);
    rig_rest(&rig);
    CHECK_INT(rig_write_all(&rig, fds[1], "abcd", 4), 0);
    ssize_t rc = job_cancel(&job), got = rc > 0 ? rc : 0;
    CHECK(rc > 0 || rc == -ECANCELED);
    CHECK_INT(rig_read_all(&rig, fds[0], buf + got, 4 - (size_t)got), 0);
    CHECK(memcmp(buf, "abcd", 4) == 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* The next one has the same number, and the old one had an event under way. */
TEST(an_event_of_an_earlier_life_of_a_number_is_ignored)
{
    struct rig rig;
    struct job job;
    int fds[2], again[2];
    char c;
    rig_open(&rig);
    for (int round = 0; round < 3; round++) {
        rig_pair(&rig, FM__PAIR_SOCKET, fds);
        job_read(&rig, &job, fds[0], &c, 1);
        CHECK_INT(job_cancel(&job), -ECANCELED);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        rig_close_pair(&rig, fds);

        rig_pair(&rig, FM__PAIR_SOCKET, again);
        CHECK(again[0] == fds[0] || again[0] == fds[1]);
        job_read(&rig, &job, again[0], &c, 1);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(rig_write(&rig, again[1], "y", 1), 1);
        CHECK_INT(job_wait(&job), 1);
        CHECK_INT(c, 'y');
        rig_close_pair(&rig, again);
    }
    rig_close(&rig);
}

static void close_under_a_read(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    rig_close_fd(&rig, fds[0]);
}

TEST(closing_a_descriptor_under_an_operation_aborts)
{
    CHECK_DIES(close_under_a_read, NULL, "closed with operations in flight");
}

static void close_under_a_cancel(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    fm__op_cancel(&rig.loop, &job.op);
    rig_close_fd(&rig, fds[0]);
}

TEST(a_cancel_does_not_allow_the_close_before_its_completion)
{
    CHECK_DIES(close_under_a_cancel, NULL, "closed with operations in flight");
}

static void close_loop_under_a_read(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    fm__loop_close(&rig.loop);
}

TEST(closing_a_loop_under_an_operation_aborts)
{
    CHECK_DIES(close_loop_under_a_read, NULL, "1 operations in flight");
}
