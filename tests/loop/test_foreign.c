/*
 * test_foreign.c - descriptors that somebody else has made
 *
 * A library closes its descriptor, and opens another of the same number, when
 * it likes; no wait may hang for it, and no wait may end for the wrong one.
 */
#include "rig.h"

#include "base/fault.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    ROUNDS = 20
};

/* The next pipe has the numbers of the last one, as long as nobody else opens
 * anything. */
static void foreign_pipe(int *fds)
{
    int wanted[2] = {fds[0], fds[1]};
    CHECK_INT(pipe2(fds, O_NONBLOCK), 0);
    if (wanted[0] != 0) {
        CHECK_INT(fds[0], wanted[0]);
        CHECK_INT(fds[1], wanted[1]);
    }
}

static void foreign_close(const int *fds)
{
    CHECK_INT(close(fds[0]), 0);
    CHECK_INT(close(fds[1]), 0);
}

static uint64_t descriptors(void)
{
    return fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
}

/* ---- Waits -------------------------------------------------------------- */

TEST(a_number_that_is_closed_and_opened_again_is_waited_for_anew)
{
    struct rig rig;
    struct job job;
    int fds[2] = {0, 0};
    rig_open(&rig);
    for (int i = 0; i < ROUNDS; i++) {
        foreign_pipe(fds);
        job_poll(&rig, &job, fds[0], EPOLLIN);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(write(fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&job), EPOLLIN);
        foreign_close(fds);
    }
    rig_close(&rig);
}

/* Between the two waits nobody tells the loop anything. */
TEST(a_number_that_is_closed_after_a_cancelled_wait_is_waited_for_anew)
{
    struct rig rig;
    struct job job, next;
    int fds[2] = {0, 0};
    rig_open(&rig);
    for (int i = 0; i < ROUNDS; i++) {
        foreign_pipe(fds);
        job_poll(&rig, &job, fds[0], EPOLLIN);
        if (i % 2 == 0)
            rig_rest(&rig);
        fm__op_cancel(&rig.loop, &job.op);
        if (i % 3 == 0)
            job_wait(&job);
        foreign_close(fds);
        foreign_pipe(fds);
        job_poll(&rig, &next, fds[0], EPOLLIN);
        rig_rest(&rig);
        CHECK_INT(job_wait(&job), -ECANCELED);
        CHECK_INT(next.order, 0);
        CHECK_INT(write(fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&next), EPOLLIN);
        foreign_close(fds);
    }
    rig_close(&rig);
}

/* The old file lives on, because somebody has a copy of it. */
TEST(a_file_that_had_the_number_before_wakes_nobody)
{
    struct rig rig;
    struct job job;
    int old[2] = {0, 0}, fds[2];
    rig_open(&rig);
    foreign_pipe(old);
    job_poll(&rig, &job, old[0], EPOLLIN);
    rig_rest(&rig);
    int copy = dup(old[0]);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    close(old[0]);
    CHECK_INT(pipe2(fds, O_NONBLOCK), 0);
    CHECK_INT(fds[0], old[0]);
    job_poll(&rig, &job, fds[0], EPOLLIN);
    CHECK_INT(write(old[1], "x", 1), 1);
    rig_rest(&rig);
    CHECK_INT(job.order, 0);
    CHECK_INT(write(fds[1], "y", 1), 1);
    CHECK_INT(job_wait(&job), EPOLLIN);
    foreign_close(fds);
    close(old[1]);
    close(copy);
    rig_close(&rig);
}

/* The library has closed it without a word, and the number is ours now. */
TEST(a_number_of_a_cancelled_wait_may_become_one_of_ours)
{
    struct rig rig;
    struct job job, read;
    int fds[2] = {0, 0}, ours[2];
    char c;
    rig_open(&rig);
    for (int i = 0; i < ROUNDS; i++) {
        foreign_pipe(fds);
        job_poll(&rig, &job, fds[0], EPOLLIN);
        if (i % 2 == 0)
            rig_rest(&rig);
        fm__op_cancel(&rig.loop, &job.op);
        foreign_close(fds);
        rig_pair(&rig, FM__PAIR_SOCKET, ours);
        CHECK_INT(ours[0], fds[0]);
        job_read(&rig, &read, ours[0], &c, 1);
        CHECK_INT(job_wait(&job), -ECANCELED);
        rig_rest(&rig);
        CHECK_INT(read.order, 0);
        CHECK_INT(rig_write(&rig, ours[1], "x", 1), 1);
        CHECK_INT(job_wait(&read), 1);
        rig_close_pair(&rig, ours);
    }
    rig_close(&rig);
}

TEST(many_may_wait_for_one_foreign_descriptor)
{
    struct rig rig;
    struct job in[3], out;
    int fds[2] = {0, 0};
    rig_open(&rig);
    foreign_pipe(fds);
    for (int i = 0; i < 3; i++)
        job_poll(&rig, &in[i], fds[0], EPOLLIN);
    job_poll(&rig, &out, fds[1], EPOLLOUT);
    CHECK_INT(job_wait(&out), EPOLLOUT);
    rig_rest(&rig);
    CHECK_INT(job_cancel(&in[1]), -ECANCELED);
    CHECK_INT(in[0].order + in[2].order, 0);
    CHECK_INT(write(fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&in[0]), EPOLLIN);
    CHECK_INT(job_wait(&in[2]), EPOLLIN);
    foreign_close(fds);
    rig_close(&rig);
}

TEST(waits_for_one_number_before_and_after_it_was_opened_again_both_end)
{
    struct rig rig;
    struct job before, after;
    int fds[2] = {0, 0};
    rig_open(&rig);
    foreign_pipe(fds);
    job_poll(&rig, &before, fds[0], EPOLLIN);
    rig_rest(&rig);
    foreign_close(fds);
    foreign_pipe(fds);
    job_poll(&rig, &after, fds[0], EPOLLIN);
    rig_rest(&rig);
    CHECK_INT(after.order, 0);
    CHECK_INT(write(fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&after), EPOLLIN);
    job_cancel(&before);
    foreign_close(fds);
    rig_close(&rig);
}

/* Nothing is left behind that would keep the loop from sleeping. */
TEST(a_descriptor_that_nobody_waits_for_does_not_wake_the_loop)
{
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {0};
    int fds[2] = {0, 0};
    rig_open(&rig);
    foreign_pipe(fds);
    job_poll(&rig, &job, fds[0], EPOLLIN);
    CHECK_INT(write(fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&job), EPOLLIN);
    CHECK_INT(write(fds[1], "x", 1), 1);
    fm__fault_plan = &plan;
    rig_sleep(&rig, 3000000);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] <= 3);
    foreign_close(fds);
    rig_close(&rig);
}

TEST(a_file_is_always_ready)
{
    struct rig rig;
    struct job job;
    FILE *file = tmpfile();
    rig_open(&rig);
    job_poll(&rig, &job, fileno(file), EPOLLIN | EPOLLOUT);
    CHECK_INT(job_wait(&job), EPOLLIN | EPOLLOUT);
    job_poll(&rig, &job, fileno(file), EPOLLIN);
    CHECK_INT(job_wait(&job), EPOLLIN);
    rig_close(&rig);
    fclose(file);
}

TEST(an_event_descriptor_can_be_waited_for)
{
    struct rig rig;
    struct job job;
    uint64_t one = 1;
    int fd = eventfd(0, EFD_NONBLOCK);
    rig_open(&rig);
    for (int i = 0; i < 3; i++) {
        job_poll(&rig, &job, fd, EPOLLIN);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(write(fd, &one, sizeof one), sizeof one);
        CHECK_INT(job_wait(&job), EPOLLIN);
        CHECK_INT(read(fd, &one, sizeof one), sizeof one);
    }
    close(fd);
    rig_close(&rig);
}

/* The kernel drops what comes to a full backlog, so the next stays under way.
 */
static int foreign_listener(struct sockaddr_in *at, int *client)
{
    socklen_t size = sizeof *at;
    *at = (struct sockaddr_in){.sin_family = AF_INET};
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind(listener, (struct sockaddr *)at, size), 0);
    CHECK_INT(listen(listener, 0), 0);
    CHECK_INT(getsockname(listener, (struct sockaddr *)at, &size), 0);
    *client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(connect(*client, (struct sockaddr *)at, size), 0);
    return listener;
}

TEST(a_connect_to_one_who_does_not_answer_can_be_cancelled)
{
    struct rig rig;
    struct job job;
    struct sockaddr_in at;
    int client, listener = foreign_listener(&at, &client);
    rig_open(&rig);
    for (int looks = 0; looks < 3; looks++) {
        int fd = rig_socket(&rig);
        job_connect(&rig, &job, fd, &at);
        for (int i = 0; i < looks; i++)
            rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(job_cancel(&job), -ECANCELED);
        rig_close_fd(&rig, fd);
    }
    rig_close(&rig);
    close(client);
    close(listener);
}

/* ---- Adoption ----------------------------------------------------------- */

static int adopt(struct rig *rig, int fd)
{
    return rig->loop.backend->adopt(&rig->loop, fd);
}

TEST(an_adopted_descriptor_is_as_good_as_our_own)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    uint64_t before = descriptors();
    rig_open(&rig);
    uint64_t opened = descriptors();
    for (int sockets = 0; sockets < 2; sockets++) {
        CHECK_INT(
            sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds), 0);
        CHECK_INT(adopt(&rig, fds[0]), 0);
        CHECK_INT(adopt(&rig, fds[1]), 0);
        CHECK_INT(descriptors(), opened + 2);
        CHECK(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
        for (int i = 0; i < 3; i++) {
            job_read(&rig, &job, fds[0], &c, 1);
            rig_rest(&rig);
            CHECK_INT(job.order, 0);
            CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
            CHECK_INT(job_wait(&job), 1);
        }
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
    CHECK_INT(descriptors(), before);
}

TEST(what_is_ours_can_be_adopted_once_more)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    uint64_t before = descriptors();
    CHECK_INT(adopt(&rig, fds[0]), 0);
    CHECK_INT(descriptors(), before);
    rig_close_pair(&rig, fds);
    CHECK_INT(adopt(&rig, fds[0]), -EBADF);
    CHECK_INT(adopt(&rig, -1), -EBADF);
    rig_close(&rig);
}

TEST(a_wait_for_a_foreign_descriptor_goes_on_when_it_is_adopted)
{
    struct rig rig;
    struct job job;
    int fds[2] = {0, 0};
    rig_open(&rig);
    foreign_pipe(fds);
    job_poll(&rig, &job, fds[0], EPOLLIN);
    rig_rest(&rig);
    CHECK_INT(adopt(&rig, fds[0]), 0);
    rig_rest(&rig);
    CHECK_INT(job.order, 0);
    CHECK_INT(write(fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&job), EPOLLIN);
    rig_close_fd(&rig, fds[0]);
    close(fds[1]);
    rig_close(&rig);
}

TEST(a_forgotten_descriptor_is_the_callers_again)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    uint64_t before = descriptors();
    for (int i = 0; i < 3; i++) {
        rig_pair(&rig, FM__PAIR_SOCKET, fds);
        job_read(&rig, &job, fds[0], &c, 1);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&job), 1);
        for (int j = 0; j < 2; j++)
            rig.loop.backend->forget(&rig.loop, fds[j]);
        CHECK_INT(descriptors(), before);
        CHECK_INT(write(fds[1], "y", 1), 1);
        rig_rest(&rig);
        CHECK_INT(read(fds[0], &c, 1), 1);
        CHECK_INT(c, 'y');
        job_poll(&rig, &job, fds[0], EPOLLIN);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(write(fds[1], "z", 1), 1);
        CHECK_INT(job_wait(&job), EPOLLIN);
        foreign_close(fds);
    }
    rig_close(&rig);
}

/* Bytes that had arrived before are not lost on the way. */
TEST(a_forgotten_descriptor_can_come_back)
{
    struct rig rig;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        rig.loop.backend->forget(&rig.loop, fds[0]);
        CHECK_INT(adopt(&rig, fds[0]), 0);
        CHECK_INT(rig_read(&rig, fds[0], &c, 1), 1);
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- The loop as a descriptor ------------------------------------------- */

static int ready(struct rig *rig)
{
    struct pollfd asked = {.events = POLLIN};
    asked.fd = rig->loop.backend->descriptor(&rig->loop);
    return poll(&asked, 1, 0);
}

TEST(the_loops_descriptor_is_readable_when_there_is_something_to_do)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < 3; i++) {
        job_read(&rig, &job, fds[0], &c, 1);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(ready(&rig), 0);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        rig_rest(&rig);
        CHECK_INT(job_wait(&job), 1);
        job_read(&rig, &job, fds[0], &c, 1);
        rig_rest(&rig);
        CHECK_INT(write(fds[1], "y", 1), 1);
        CHECK_INT(ready(&rig), 1);
        CHECK_INT(job_wait(&job), 1);
        CHECK_INT(c, 'y');
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}
