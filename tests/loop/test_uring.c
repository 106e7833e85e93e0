/*
 * test_uring.c - what is armed in the kernel: credit, backlog, and its end
 */
#include "rig.h"

#include "base/fault.h"
#include "loop/uring_world.h"

#include <fermata/error.h>
#include <pty.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

static char big[1 << 20];
static char got[1 << 20];

static struct fm__uring_world *world_of(struct rig *rig)
{
    return rig->loop.world;
}

static struct fm__uring_slot *slot_of(struct rig *rig, int fd)
{
    return fm__uring_slot_find(&world_of(rig)->slots, fd);
}

/* Everything that a peer outside of the loop can get rid of. */
static size_t flood(int fd)
{
    size_t sum = 0;
    ssize_t rc;
    while (sum < sizeof big &&
           (rc = send(fd, big + sum, sizeof big - sum, MSG_DONTWAIT)) > 0)
        sum += (size_t)rc;
    return sum;
}

static void big_fill(void)
{
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 2654435761U >> 13);
}

/* One armed receive on fds[0] that nobody waits for any more. */
static void arm(struct rig *rig, int *fds)
{
    struct job job;
    rig_connect(rig, fds);
    job_receive(rig, &job, fds[0]);
    rig_rest(rig);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    CHECK_INT(slot_of(rig, fds[0])->arm, FM__URING_ARMED);
}

TEST(one_receive_in_the_kernel_serves_many)
{
    enum {
        ROUNDS = 50
    };
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {0};
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < ROUNDS + 5; i++) {
        if (i == 5)
            fm__fault_plan = &plan;
        job_receive(&rig, &job, fds[0]);
        CHECK_INT(send(fds[1], "ping", 4, 0), 4);
        CHECK_INT(job_take(&job, got), 4);
    }
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_SYSTEM], ROUNDS);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(bytes_that_nobody_reads_are_bounded_by_the_connections_credit)
{
    struct rig rig;
    int fds[2];
    big_fill();
    rig_open(&rig);
    arm(&rig, fds);
    size_t sent = flood(fds[1]);
    rig_rest(&rig);
    struct fm__uring_slot *slot = slot_of(&rig, fds[0]);
    unsigned unclaimed = slot->unclaimed;
    CHECK(unclaimed >= FM__URING_CREDIT);
    CHECK(unclaimed <= FM__URING_BUFFERS_FIRST);
    CHECK_INT(slot->arm, FM__URING_UNARMED);
    for (int i = 0; i < 5; i++) {
        sent += flood(fds[1]);
        rig_rest(&rig);
        CHECK_INT(slot->unclaimed, unclaimed);
    }
    for (size_t sum = 0; sum < sent;) {
        ssize_t rc = rig_receive(&rig, fds[0], got);
        CHECK(rc > 0 && memcmp(got, big + sum % sizeof big, 1) == 0);
        sum += rc > 0 ? (size_t)rc : sent;
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* Before Linux 6.17 a receive cannot be told how much it may take at once. */
TEST(a_kernel_that_knows_no_cap_is_asked_without)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    world_of(&rig)->receive_cap = 0;
    arm(&rig, fds);
    size_t sent = flood(fds[1]);
    rig_rest(&rig);
    CHECK(slot_of(&rig, fds[0])->unclaimed >= FM__URING_CREDIT);
    for (size_t sum = 0; sum < sent;) {
        ssize_t rc = rig_receive(&rig, fds[0], got);
        CHECK(rc > 0);
        sum += rc > 0 ? (size_t)rc : sent;
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* Where buffers are scarce, whoever does not read gives his back. */
TEST(bytes_that_nobody_reads_keep_no_buffer_from_others)
{
    enum {
        BUSY = 200
    };
    struct rig rig;
    static int fds[BUSY][2];
    rig_open(&rig);
    rig.loop.buffers.most = FM__BUFFERS_PER_SLAB;
    for (int i = 0; i < BUSY; i++) {
        arm(&rig, fds[i]);
        CHECK_INT(send(fds[i][1], &i, sizeof i, 0), sizeof i);
    }
    rig_rest(&rig);
    for (int i = BUSY; i-- > 0;) {
        int number = -1;
        CHECK_INT(send(fds[i][1], "more", 4, 0), 4);
        rig_rest(&rig);
        CHECK_INT(rig_receive(&rig, fds[i][0], got), sizeof i);
        memcpy(&number, got, sizeof number);
        CHECK_INT(number, i);
        CHECK_INT(rig_read_all(&rig, fds[i][0], got, 4), 0);
        CHECK(memcmp(got, "more", 4) == 0);
        rig_close_pair(&rig, fds[i]);
    }
    rig_close(&rig);
}

TEST(a_large_read_takes_what_is_there_and_then_asks_for_itself)
{
    struct rig rig;
    struct job job;
    int fds[2];
    big_fill();
    rig_open(&rig);
    arm(&rig, fds);
    CHECK_INT(send(fds[1], big, 5, 0), 5);
    rig_rest(&rig);
    CHECK_INT(rig_read(&rig, fds[0], got, sizeof got), 5);
    job_read(&rig, &job, fds[0], got, 4 * FM__BUFFER_SIZE);
    rig_rest(&rig);
    CHECK_INT(slot_of(&rig, fds[0])->arm, FM__URING_UNARMED);
    CHECK_INT(send(fds[1], big, 4 * FM__BUFFER_SIZE, 0), 4 * FM__BUFFER_SIZE);
    CHECK_INT(job_wait(&job), 4 * FM__BUFFER_SIZE);
    CHECK(memcmp(got, big, 4 * FM__BUFFER_SIZE) == 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(an_error_that_came_while_nobody_read_is_told_to_the_next)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    arm(&rig, fds);
    CHECK_INT(send(fds[1], "last", 4, 0), 4);
    rig_rest(&rig);
    CHECK_INT(rig.loop.backend->linger(&rig.loop, fds[1]), 0);
    rig_close_fd(&rig, fds[1]);
    rig_rest(&rig);
    CHECK_INT(rig_receive(&rig, fds[0], got), 4);
    CHECK_INT(rig_receive(&rig, fds[0], got), -ECONNRESET);
    CHECK_INT(rig_receive(&rig, fds[0], got), 0);
    rig_close_fd(&rig, fds[0]);
    rig_close(&rig);
}

/* ---- Ends ---------------------------------------------------------------- */

TEST(a_close_follows_the_end_of_what_is_armed)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    arm(&rig, fds);
    int peer = dup(fds[1]);
    rig_close_fd(&rig, fds[0]);
    CHECK_INT(rig.loop.backend->close_fd(&rig.loop, fds[0]), -EBADF);
    CHECK_INT(rig_read(&rig, fds[0], got, 1), -EBADF);
    rig_rest(&rig);
    CHECK_INT(slot_of(&rig, fds[0])->closing, false);
    CHECK_INT(read(peer, got, 1), 0);
    CHECK_INT(rig_socket(&rig), fds[0]);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
    close(peer);
}

TEST(bytes_that_arrived_and_were_not_read_reset_the_connection)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    for (int late = 0; late < 2; late++) {
        arm(&rig, fds);
        CHECK_INT(send(fds[1], "lost", 4, 0), 4);
        if (!late)
            rig_rest(&rig);
        rig_close_fd(&rig, fds[0]);
        rig_rest(&rig);
        CHECK_INT(rig_read(&rig, fds[1], got, 1), -ECONNRESET);
        rig_close_fd(&rig, fds[1]);
    }
    rig_close(&rig);
}

TEST(a_loop_closes_with_receives_and_accepts_still_armed)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    int fds[2], other[2];
    rig_open(&rig);
    int listener = rig_listen(&rig, &at);
    job_accept(&rig, &job, listener);
    rig_rest(&rig);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    arm(&rig, fds);
    arm(&rig, other);
    rig_close_pair(&rig, fds);
    rig.loop.backend->forget(&rig.loop, other[0]);
    rig.loop.backend->forget(&rig.loop, other[1]);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
    close(other[0]);
    close(other[1]);
}

/* What is armed for a number that was given away takes nothing more. */
TEST(a_forgotten_descriptor_keeps_its_bytes)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    arm(&rig, fds);
    rig.loop.backend->forget(&rig.loop, fds[0]);
    CHECK_INT(send(fds[1], "yours", 5, 0), 5);
    rig_rest(&rig);
    CHECK_INT(read(fds[0], got, 8), 5);
    CHECK_INT(rig.loop.backend->adopt(&rig.loop, fds[0]), 0);
    CHECK_INT(send(fds[1], "ours", 4, 0), 4);
    CHECK_INT(rig_receive(&rig, fds[0], got), 4);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Accepts ------------------------------------------------------------- */

static void dial(const struct sockaddr_in *at, int *fds, int count)
{
    for (int i = 0; i < count; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_INT(connect(fds[i], (const struct sockaddr *)at, sizeof *at), 0);
    }
}

TEST(connections_that_nobody_takes_are_bounded)
{
    enum {
        COUNT = 3 * FM__URING_BACKLOG
    };
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    int fds[COUNT];
    rig_open(&rig);
    int listener = rig_listen(&rig, &at);
    job_accept(&rig, &job, listener);
    rig_rest(&rig);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    for (int i = 0; i < COUNT; i += FM__URING_BACKLOG) {
        dial(&at, &fds[i], FM__URING_BACKLOG);
        rig_rest(&rig);
    }
    CHECK_INT(slot_of(&rig, listener)->arm, FM__URING_UNARMED);
    CHECK(slot_of(&rig, listener)->unclaimed < 2 * FM__URING_BACKLOG);
    for (int i = 0; i < COUNT; i++) {
        job_accept(&rig, &job, listener);
        int peer = (int)job_wait(&job);
        CHECK_INT(send(fds[i], "x", 1, 0), 1);
        CHECK_INT(rig_receive(&rig, peer, got), 1);
        rig_close_fd(&rig, peer);
        close(fds[i]);
    }
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

/* As on the kernels where a multishot accept is broken. */
TEST(one_accept_at_a_time_accepts_all)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job jobs[8];
    int fds[8];
    rig_open(&rig);
    world_of(&rig)->ring.offer.accept_many = false;
    int listener = rig_listen(&rig, &at);
    for (int i = 0; i < 8; i++)
        job_accept(&rig, &jobs[i], listener);
    dial(&at, fds, 8);
    for (int i = 0; i < 8; i++) {
        int peer = (int)job_wait(&jobs[i]);
        CHECK(peer >= 0);
        rig_close_fd(&rig, peer);
        close(fds[i]);
    }
    CHECK_INT(slot_of(&rig, listener)->arm, FM__URING_UNARMED);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

/* ---- What is no socket, or odd ------------------------------------------- */

/* It cannot be read without waiting, and says so: then it is polled. */
static void make_a_file_in(const char *folder)
{
    char path[64];
    snprintf(path, sizeof path, "%s/file", folder);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    if (file != NULL)
        fclose(file);
    CHECK_INT(remove(path), 0);
}

TEST(what_refuses_to_be_waited_on_is_polled)
{
    struct rig rig;
    struct job job;
    char folder[] = "/tmp/fermata-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    rig_open(&rig);
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    CHECK_INT(rig.loop.backend->adopt(&rig.loop, fd), 0);
    CHECK(inotify_add_watch(fd, folder, IN_CREATE) >= 0);
    for (int lends = 0; lends < 2; lends++) {
        if (lends)
            job_receive(&rig, &job, fd);
        else
            job_read(&rig, &job, fd, got, sizeof got);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        make_a_file_in(folder);
        CHECK((lends ? job_take(&job, got) : job_wait(&job)) > 0);
        rig_rest(&rig);
        job_read(&rig, &job, fd, got, sizeof got);
        job_cancel(&job);
    }
    rig_close_fd(&rig, fd);
    rig_close(&rig);
    CHECK_INT(rmdir(folder), 0);
}

TEST(a_terminal_that_is_full_is_waited_for)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    CHECK_INT(openpty(&fds[0], &fds[1], NULL, NULL, NULL), 0);
    for (int i = 0; i < 2; i++)
        CHECK_INT(rig.loop.backend->adopt(&rig.loop, fds[i]), 0);
    do {
        job_write(&rig, &job, fds[1], "0123456789abcdef", 16);
        rig_rest(&rig);
    } while (job.order != 0);
    while (job.order == 0)
        CHECK(rig_receive(&rig, fds[0], got) > 0);
    CHECK(job.op.result > 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* The kernel answers a poll also when the peer will send no more. */
TEST(a_peers_half_close_does_not_end_a_wait_for_room)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    CHECK(flood(fds[0]) > 0);
    CHECK_INT(shutdown(fds[1], SHUT_WR), 0);
    job_poll(&rig, &job, fds[0], EPOLLOUT);
    rig_rest(&rig);
    CHECK_INT(job.order, 0);
    while (recv(fds[1], got, sizeof got, MSG_DONTWAIT) > 0)
        ;
    CHECK_INT(job_wait(&job), EPOLLOUT);
    job_write(&rig, &job, fds[0], big, sizeof big);
    rig_rest(&rig);
    CHECK(flood(fds[0]) == 0);
    job_wait(&job);
    job_poll(&rig, &job, fds[0], EPOLLOUT);
    rig_rest(&rig);
    ssize_t rc = job_cancel(&job);
    CHECK(rc == -ECANCELED || rc == EPOLLOUT);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_stranger_is_polled_and_nothing_else)
{
    struct rig rig;
    struct job job;
    rig_open(&rig);
    int fd = dup(0);
    CHECK_INT(rig_read(&rig, fd, got, 1), -EBADF);
    CHECK_INT(rig_write(&rig, fd, "x", 1), -EBADF);
    job_receive(&rig, &job, fd);
    CHECK_INT(job_wait(&job), -EBADF);
    job_poll(&rig, &job, fd, EPOLLIN | EPOLLOUT);
    CHECK(job_wait(&job) > 0);
    rig_close(&rig);
    close(fd);
}

TEST(results_of_the_kernel_pass_through_the_door_of_errors)
{
    CHECK_INT(fm__sys_ring_error(-ETIMEDOUT), -FM_EPEERTIMEOUT);
    CHECK_INT(fm__sys_ring_error(-ECANCELED), -EIO);
    CHECK_INT(fm__sys_ring_error(-ECONNRESET), -ECONNRESET);
}
