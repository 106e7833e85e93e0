/*
 * test_epoll.c - what only the real world has: calls, strangers' descriptors
 */
#include "rig.h"

#include "base/fault.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The kernel is not asked again where it is known to have nothing. */
TEST(a_round_trip_costs_one_call_for_each_read_write_and_wait)
{
    enum {
        ROUNDS = 50
    };
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {0};
    int fds[2];
    char buf[64];
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < ROUNDS + 5; i++) {
        if (i == 5)
            fm__fault_plan = &plan;
        job_read(&rig, &job, fds[0], buf, sizeof buf);
        CHECK_INT(rig_write(&rig, fds[1], "ping", 4), 4);
        CHECK_INT(job_wait(&job), 4);
    }
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 3 * ROUNDS);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_descriptor_enters_the_set_once_in_its_life)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    uint64_t calls[3];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    for (int i = 0; i < 3; i++) {
        struct fm__fault_plan plan = {0};
        fm__fault_plan = &plan;
        job_read(&rig, &job, fds[0], &c, 1);
        fm__fault_plan = NULL;
        calls[i] = plan.passed[FM__DOOR_SYSTEM];
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&job), 1);
    }
    /* recv to learn that it is a pipe, read, and the one epoll_ctl. */
    CHECK_INT(calls[0], 3);
    CHECK(calls[1] <= 1);
    CHECK(calls[2] <= 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_connection_at_rest_does_not_keep_the_loop_awake)
{
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {0};
    int fds[2];
    char c;
    rig_open(&rig);
    rig_connect(&rig, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    fm__fault_plan = &plan;
    rig_sleep(&rig, 5000000);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] <= 4);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_file_is_read_and_written_at_once)
{
    struct rig rig;
    struct job job;
    char buf[8];
    FILE *file = tmpfile();
    int fd = fileno(file);
    rig_open(&rig);
    job_write(&rig, &job, fd, "paper", 5);
    CHECK(job.at_once);
    CHECK_INT(job.op.result, 5);
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    job_read(&rig, &job, fd, buf, sizeof buf);
    CHECK(job.at_once);
    CHECK_INT(job.op.result, 5);
    job_read(&rig, &job, fd, buf, sizeof buf);
    CHECK_INT(job.op.result, 0);
    job_poll(&rig, &job, fd, EPOLLIN);
    CHECK(job.at_once);
    CHECK_INT(job.op.result, EPOLLIN);
    rig_close(&rig);
    fclose(file);
}

TEST(what_is_no_socket_can_be_waited_for)
{
    struct rig rig;
    struct job job;
    uint64_t one = 1, got = 0;
    int fd = eventfd(0, EFD_NONBLOCK);
    rig_open(&rig);
    for (int i = 0; i < 3; i++) {
        job_read(&rig, &job, fd, &got, sizeof got);
        CHECK_INT(job.order, 0);
        CHECK_INT(rig_write(&rig, fd, &one, sizeof one), sizeof one);
        CHECK_INT(job_wait(&job), sizeof got);
        CHECK_INT(got, 1);
    }
    rig_close(&rig);
    close(fd);
}

/* A short read of a datagram does not mean that there is no other. */
TEST(datagrams_of_a_strangers_socket_are_all_read)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[64];
    CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
    rig_open(&rig);
    job_read(&rig, &job, fds[0], buf, sizeof buf);
    CHECK_INT(job.order, 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(write(fds[1], "dgram", 5), 5);
    CHECK_INT(job_wait(&job), 5);
    for (int i = 0; i < 2; i++)
        CHECK_INT(rig_read(&rig, fds[0], buf, sizeof buf), 5);
    rig_close(&rig);
    close(fds[0]);
    close(fds[1]);
}

/* A read stops at the mark, and what is behind it has caused no edge. */
TEST(what_lies_behind_urgent_data_is_read_too)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[64];
    rig_open(&rig);
    rig_connect(&rig, fds);
    job_read(&rig, &job, fds[0], buf, sizeof buf);
    CHECK_INT(job.order, 0);
    CHECK_INT(send(fds[1], "abc", 3, 0), 3);
    CHECK_INT(send(fds[1], "!", 1, MSG_OOB), 1);
    CHECK_INT(send(fds[1], "def", 3, 0), 3);
    ssize_t got = job_wait(&job);
    CHECK(got > 0);
    while (got < 6)
        got += rig_read(&rig, fds[0], buf, sizeof buf);
    CHECK_INT(got, 6);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(an_edge_that_somebody_else_has_used_up_is_no_answer)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job accept, connect;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    job_accept(&rig, &accept, listener);
    job_connect(&rig, &connect, fd, &at);
    int stolen = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    CHECK(stolen >= 0);
    CHECK_INT(job_wait(&connect), 0);
    rig_rest(&rig);
    CHECK_INT(accept.order, 0);
    int other = rig_socket(&rig);
    job_connect(&rig, &connect, other, &at);
    int peer = (int)job_wait(&accept);
    CHECK(peer >= 0);
    CHECK_INT(job_wait(&connect), 0);
    close(stolen);
    rig_close_fd(&rig, peer);
    rig_close_fd(&rig, other);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

/* The kernel drops what comes to a full backlog, so the next stays under way.
 */
static int full_listener(struct sockaddr_in *at, int *client)
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

/* The set still has the old file, because somebody else holds it open. */
TEST(an_event_of_a_numbers_earlier_life_ends_no_connect_of_the_next)
{
    struct rig rig;
    struct job job;
    struct sockaddr_in at;
    int fds[2], client, listener = full_listener(&at, &client);
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    int held = dup(fds[0]);
    rig_close_fd(&rig, fds[0]);
    CHECK_INT(rig_socket(&rig), fds[0]);
    job_connect(&rig, &job, fds[0], &at);
    rig_rest(&rig);
    CHECK_INT(job.order, 0);
    CHECK_INT(rig_write(&rig, fds[1], "old", 3), 3);
    rig_rest(&rig);
    CHECK_INT(job.order, 0);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
    close(held);
    close(client);
    close(listener);
}

TEST(a_table_that_cannot_grow_fails_the_operation_alone)
{
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {.from_then_on = true};
    int fds[2];
    char c;
    rig_open(&rig);
    CHECK_INT(pipe2(fds, O_NONBLOCK), 0);
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    fm__fault_plan = &plan;
    job_read(&rig, &job, fds[0], &c, 1);
    fm__fault_plan = NULL;
    CHECK(job.at_once);
    CHECK_INT(job.op.result, -ENOMEM);
    job_read(&rig, &job, fds[0], &c, 1);
    CHECK_INT(job.order, 0);
    CHECK_INT(write(fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&job), 1);
    rig_close(&rig);
    close(fds[0]);
    close(fds[1]);
}

TEST(a_set_that_refuses_a_descriptor_fails_the_operation_alone)
{
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {.error = -ENOSPC};
    int fds[2];
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    plan.fail_at[FM__DOOR_SYSTEM] = 2;
    fm__fault_plan = &plan;
    job_read(&rig, &job, fds[0], &c, 1);
    fm__fault_plan = NULL;
    CHECK(job.at_once);
    CHECK_INT(job.op.result, -ENOSPC);
    job_read(&rig, &job, fds[0], &c, 1);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&job), 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

static void number_used_again(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    close(fds[0]);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
}

TEST(a_descriptor_closed_behind_the_loops_back_is_noticed_when_reused)
{
    CHECK_DIES(number_used_again, NULL, "closed with operations in flight");
}
