/*
 * test_uring_ring.c - queues that are full, kernels that know less, and calls
 * that are not made
 */
#include "rig.h"

#include "base/fault.h"
#include "base/sys.h"
#include "loop/uring_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fm__ring *ring_of(struct rig *rig)
{
    struct fm__uring_world *world = rig->loop.world;
    return &world->ring;
}

/* ---- Calls --------------------------------------------------------------- */

TEST(a_look_with_nothing_to_ask_makes_no_call)
{
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {0};
    int fds[2];
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    rig_rest(&rig);
    fm__fault_plan = &plan;
    for (int i = 0; i < 10; i++)
        rig_look(&rig);
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 0);
    CHECK_INT(write(fds[1], "x", 1), 1);
    rig_look(&rig);
    CHECK_INT(job.order, 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_turn_submits_and_waits_by_one_call)
{
    enum {
        ROUNDS = 40
    };
    struct rig rig;
    struct job in, out;
    struct fm__fault_plan plan = {0};
    int fds[2];
    char buf[8];
    rig_open(&rig);
    rig_connect(&rig, fds);
    fm__fault_plan = &plan;
    for (int i = 0; i < ROUNDS; i++) {
        job_read(&rig, &in, fds[0], buf, sizeof buf);
        job_write(&rig, &out, fds[1], "ping", 4);
        CHECK_INT(job_wait(&in), 4);
        CHECK_INT(job_wait(&out), 4);
    }
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] <= 2 * ROUNDS);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_connection_at_rest_does_not_keep_the_loop_awake)
{
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {0};
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    job_receive(&rig, &job, fds[0]);
    fm__fault_plan = &plan;
    rig_sleep(&rig, 5000000);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] <= 4);
    CHECK_INT(job_cancel(&job), -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* Under load a wait is for many completions, but not when only one comes. */
TEST(a_lone_message_after_many_is_not_kept_waiting)
{
    enum {
        LOAD = 60
    };
    struct rig rig;
    struct job jobs[LOAD];
    int fds[LOAD][2];
    char c;
    rig_open(&rig);
    struct fm__uring_world *world = rig.loop.world;
    for (int i = 0; i < LOAD; i++)
        rig_pair(&rig, FM__PAIR_SOCKET, fds[i]);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < LOAD; i++)
            job_read(&rig, &jobs[i], fds[i][0], &c, 1);
        rig_rest(&rig);
        for (int i = 0; i < LOAD; i++)
            CHECK_INT(write(fds[i][1], "x", 1), 1);
        for (int i = 0; i < LOAD; i++)
            CHECK_INT(job_wait(&jobs[i]), 1);
    }
    CHECK(world->batch > 0);
    int64_t waited;
    do { /* where the machine looks away, once more */
        job_read(&rig, &jobs[0], fds[0][0], &c, 1);
        rig_rest(&rig);
        world->batch = 1000;
        int64_t before = fm__sys_clock();
        CHECK_INT(write(fds[0][1], "x", 1), 1);
        CHECK_INT(job_wait(&jobs[0]), 1);
        waited = fm__sys_clock() - before;
    } while (waited > INT64_C(500000000));
    for (int i = 0; i < LOAD; i++)
        rig_close_pair(&rig, fds[i]);
    rig_close(&rig);
}

TEST(a_timer_is_not_late_because_a_wait_is_for_many)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    struct fm__uring_world *world = rig.loop.world;
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    for (int64_t span = 1000; span < 10000000; span *= 3) {
        world->batch = 1000;
        int64_t due = fm__sys_clock() + span;
        rig_sleep(&rig, span);
        CHECK(fm__sys_clock() >= due);
    }
    CHECK_INT(job_cancel(&job), -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Full queues --------------------------------------------------------- */

enum {
    MANY = 2000
};

static struct job many[MANY];

TEST(more_requests_than_the_queue_holds_are_all_made)
{
    struct rig rig;
    int fds[2];
    static char bytes[MANY];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    for (int i = 0; i < MANY; i++)
        job_poll(&rig, &many[i], fds[0], EPOLLIN);
    rig_rest(&rig);
    CHECK_INT(rig.loop.operations, MANY);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    for (int i = 0; i < MANY; i++)
        CHECK_INT(job_wait(&many[i]), EPOLLIN);
    for (int i = 0; i < MANY; i++)
        job_read(&rig, &many[i], fds[1], &bytes[i], 1);
    for (int i = MANY; i-- > 0;)
        fm__op_cancel(&rig.loop, &many[i].op);
    for (int i = 0; i < MANY; i++)
        CHECK_INT(job_wait(&many[i]), -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* All of them complete at once, and nobody has looked. */
TEST(completions_that_do_not_fit_are_kept_and_the_ring_grows)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    unsigned room = ring_of(&rig)->cq_mask + 1;
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++)
            job_poll(&rig, &many[i], fds[0], EPOLLOUT);
        for (int i = 0; i < MANY; i++)
            CHECK_INT(job_wait(&many[i]), EPOLLOUT);
    }
    if (ring_of(&rig)->offer.resize)
        CHECK(ring_of(&rig)->cq_mask + 1 > room);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* No request reaches the kernel for a while: every kind waits for it, and a
 * cancel of what was never asked needs none. */
TEST(requests_that_the_kernel_does_not_take_are_made_later)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job accept, connect, reads[3], poll;
    struct fm__fault_plan plan = {.from_then_on = true, .error = -ENOMEM};
    int fds[2];
    char buf[4] = "";
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    rig_connect(&rig, fds);
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    for (int i = 0; i < MANY / 2; i++)
        job_poll(&rig, &many[i], fds[0], EPOLLIN);
    job_accept(&rig, &accept, listener);
    job_connect(&rig, &connect, fd, &at);
    job_receive(&rig, &reads[0], fds[0]);
    job_read(&rig, &reads[1], fds[1], buf, 1);
    job_write(&rig, &reads[2], fds[0], "y", 1);
    job_poll(&rig, &poll, fds[1], EPOLLIN);
    for (int i = 0; i < 3; i++)
        rig_look(&rig);
    fm__fault_plan = NULL;
    for (int i = 0; i < MANY / 2; i++)
        CHECK_INT(job_cancel(&many[i]), -ECANCELED);
    CHECK_INT(job_wait(&connect), 0);
    int peer = (int)job_wait(&accept);
    CHECK_INT(job_wait(&reads[2]), 1);
    CHECK_INT(job_wait(&reads[1]), 1);
    CHECK_INT(buf[0], 'y');
    job_cancel(&poll);
    CHECK_INT(job_cancel(&reads[0]), -ECANCELED);
    rig_close_fd(&rig, peer);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* The same for what asks a request to end. */
TEST(cancels_that_the_kernel_does_not_take_are_made_later)
{
    struct rig rig;
    struct job read, write, poll, receive;
    struct fm__fault_plan plan = {.from_then_on = true, .error = -ENOMEM};
    static char big[1 << 18];
    int fds[2], others[2];
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    rig_pair(&rig, FM__PAIR_SOCKET, others);
    job_receive(&rig, &receive, others[0]);
    do {
        job_write(&rig, &write, fds[0], big, sizeof big);
        rig_rest(&rig);
    } while (write.order != 0);
    job_read(&rig, &read, fds[0], &c, 1);
    job_poll(&rig, &poll, fds[0], EPOLLIN);
    rig_rest(&rig);
    CHECK_INT(job_cancel(&receive), -ECANCELED);
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    for (int i = 0; i < MANY / 4; i++)
        job_poll(&rig, &many[i], fds[1], EPOLLOUT);
    fm__op_cancel(&rig.loop, &read.op);
    fm__op_cancel(&rig.loop, &write.op);
    fm__op_cancel(&rig.loop, &poll.op);
    rig_close_fd(&rig, others[0]);
    fm__fault_plan = NULL;
    CHECK_INT(job_wait(&read), -ECANCELED);
    CHECK_INT(job_wait(&write), -ECANCELED);
    CHECK_INT(job_wait(&poll), -ECANCELED);
    for (int i = 0; i < MANY / 4; i++)
        job_cancel(&many[i]);
    CHECK_INT(rig_read(&rig, others[1], &c, 1), 0);
    rig_close_fd(&rig, others[1]);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Other kernels ------------------------------------------------------- */

static void converse(struct rig *rig)
{
    struct job job;
    int fds[2];
    char buf[8];
    rig_connect(rig, fds);
    for (int i = 0; i < 300; i++) {
        job_receive(rig, &job, fds[0]);
        CHECK_INT(rig_write(rig, fds[1], "ping", 4), 4);
        CHECK_INT(job_wait(&job), 4);
        fm__buffer_give(&rig->loop.buffers, job.op.buffer);
        CHECK_INT(rig_write(rig, fds[0], "pong", 4), 4);
        CHECK_INT(rig_read_all(rig, fds[1], buf, 4), 0);
    }
    rig_close_pair(rig, fds);
    rig_sleep(rig, 2000000);
}

/* Before 6.6 requests are taken by way of an array. */
TEST(a_kernel_that_refuses_a_flag_is_asked_without_it)
{
    struct rig rig;
    uint64_t k = 0;
    memset(&rig, 0, sizeof rig);
    do {
        struct fm__fault_plan plan = {.error = -EINVAL};
        plan.fail_at[FM__DOOR_SYSTEM] = ++k;
        fm__fault_plan = &plan;
        int rc = fm__loop_open(&rig.loop, "uring", 1);
        fm__fault_plan = NULL;
        if (rc == 0 && ring_of(&rig)->offer.no_array)
            fm__loop_close(&rig.loop);
        else if (rc == 0)
            break;
    } while (k < 20);
    CHECK(k < 20);
    converse(&rig);
    rig_close(&rig);
}

/* Up to 6.11: waits are for one, limits are spans, and the ring cannot grow. */
TEST(what_a_kernel_does_not_offer_is_done_without)
{
    struct rig rig;
    rig_open(&rig);
    struct fm__uring_world *world = rig.loop.world;
    world->ring.offer.min_wait = false;
    world->ring.offer.resize = false;
    world->receive_cap = 0;
    converse(&rig);
    rig_close(&rig);
}

/* ---- Its memory and its names -------------------------------------------- */

TEST(a_thread_may_open_any_number_of_rings_one_after_the_other)
{
    for (int i = 0; i < 50; i++) {
        struct rig rig;
        rig_open(&rig);
        CHECK(ring_of(&rig)->enter_flags & IORING_ENTER_REGISTERED_RING);
        CHECK(ring_of(&rig)->handle < 2);
        rig_close(&rig);
    }
}

/* What a child would write there would be its parent's requests. */
TEST(a_forked_child_has_no_part_of_the_ring)
{
    struct rig rig;
    rig_open(&rig);
    struct fm__uring_world *world = rig.loop.world;
    void *parts[] = {world->ring.queues, world->ring.sqes, world->pool.ring};
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        int there = 0;
        for (size_t i = 0; i < FM__COUNT(parts); i++)
            there += fm__sys_resident(parts[i], 4096) != -ENOMEM;
        _exit(there);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    converse(&rig);
    rig_close(&rig);
}

/* What the kernel tells of a descriptor; "" where it tells nothing. */
static void told_of(int fd, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *file = fopen(path, "r");
    size_t count = file != NULL ? fread(text, 1, size - 1, file) : 0;
    text[count] = '\0';
    if (file != NULL)
        fclose(file);
}

/* Such a thread would keep the rights of who opened the ring, whatever the
 * program gives up later (CVE-2024-22017). */
TEST(no_thread_of_the_kernel_polls_a_ring)
{
    struct rig rig;
    char told[4096];
    rig_open(&rig);
    told_of(ring_of(&rig)->fd, told, sizeof told);
    CHECK(strstr(told, "SqThread:") == NULL ||
          strstr(told, "SqThread:\t-1") != NULL);
    rig_close(&rig);
}

TEST(a_ring_is_closed_by_exec)
{
    struct rig rig;
    rig_open(&rig);
    CHECK_INT(fcntl(ring_of(&rig)->fd, F_GETFD), FD_CLOEXEC);
    rig_close(&rig);
}
