/*
 * test_sim_limits.c - the imagined world is as narrow as a real one
 *
 * Always on the simulator, whatever FERMATA_BACKEND says.
 */
#include "sim_rig.h"

#include "base/fault.h"

#include <limits.h>
#include <sys/epoll.h>

enum {
    FLOW = 65536,
    SEEDS = 200
};

static char big[2 * FLOW];

TEST(a_flow_holds_exactly_64_kibibytes)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    sim_open(&rig, 1, sim_kind());
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    CHECK_INT(rig_write(&rig, fds[0], big, sizeof big), FLOW);
    job_write(&rig, &job, fds[0], big, 1);
    sim_rest(&rig);
    CHECK_INT(job.order, 0);
    CHECK_INT(rig_read(&rig, fds[1], &c, 1), 1);
    CHECK_INT(job_wait(&job), 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(bytes_go_round_the_flows_end_unchanged)
{
    struct rig rig;
    int fds[2];
    static unsigned char from[FLOW], to[FLOW];
    sim_open(&rig, 1, sim_kind());
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < FLOW; i++)
            from[i] = (unsigned char)(i * 7 + round);
        CHECK_INT(rig_write_all(&rig, fds[1], from, 50000), 0);
        CHECK_INT(rig_read_all(&rig, fds[0], to, 50000), 0);
        CHECK(memcmp(from, to, 50000) == 0);
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_small_write_to_a_pipe_is_never_split)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig rig;
        int fds[2];
        sim_open(&rig, seed, NULL);
        rig_pair(&rig, FM__PAIR_PIPE, fds);
        for (int i = 0; i < FLOW / PIPE_BUF; i++)
            CHECK_INT(rig_write(&rig, fds[1], big, PIPE_BUF), PIPE_BUF);
        CHECK(rig_read(&rig, fds[0], big, PIPE_BUF - 1) > 0);
        struct job job;
        job_write(&rig, &job, fds[1], big, PIPE_BUF);
        sim_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(job_cancel(&job), -ECANCELED);
        rig_close_pair(&rig, fds);
        rig_close(&rig);
    }
}

TEST(descriptors_are_none_the_kernel_knows_and_the_lowest_that_is_free)
{
    struct rig rig;
    int first[2], second[2];
    sim_open(&rig, 1, NULL);
    rig_pair(&rig, FM__PAIR_PIPE, first);
    CHECK_INT(first[0], 1 << 20);
    CHECK_INT(first[1], (1 << 20) + 1);
    rig_close_fd(&rig, first[0]);
    rig_pair(&rig, FM__PAIR_PIPE, second);
    CHECK_INT(second[0], 1 << 20);
    CHECK_INT(second[1], (1 << 20) + 2);
    rig_close_fd(&rig, first[1]);
    rig_close_pair(&rig, second);
    rig_close(&rig);
}

TEST(one_descriptor_more_than_the_limit_is_refused)
{
    static const struct fm__sim_options few = {.descriptors = 3};
    struct rig rig;
    int fds[2], more[2];
    sim_open(&rig, 1, &few);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(rig.loop.backend->pair(&rig.loop, FM__PAIR_PIPE, more), -EMFILE);
    int last = rig_socket(&rig);
    CHECK(last > 0);
    CHECK_INT(rig_socket(&rig), -EMFILE);
    rig_close_fd(&rig, last);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(descriptors_that_were_left_open_stay_in_the_ledger)
{
    struct rig rig;
    int fds[2];
    uint64_t before = fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
    sim_open(&rig, 1, NULL);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    rig_close(&rig);
    CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]), before + 2);
    fm__release(FM__HELD_DESCRIPTORS, 2);
}

TEST(a_connect_waits_while_the_backlog_is_full)
{
    enum {
        BACKLOG = 128
    };
    struct rig rig;
    struct sockaddr_in at;
    struct job job, accept, polled;
    int fds[BACKLOG + 1];
    sim_open(&rig, 1, NULL);
    int listener = rig_listen(&rig, &at);
    for (int i = 0; i < BACKLOG; i++) {
        fds[i] = rig_socket(&rig);
        job_connect(&rig, &job, fds[i], &at);
        CHECK_INT(job_wait(&job), 0);
    }
    fds[BACKLOG] = rig_socket(&rig);
    job_connect(&rig, &job, fds[BACKLOG], &at);
    sim_rest(&rig);
    CHECK_INT(job.order, 0);
    job_poll(&rig, &polled, listener, EPOLLIN);
    CHECK_INT(job_wait(&polled), EPOLLIN);
    job_accept(&rig, &accept, listener);
    int peer = (int)job_wait(&accept);
    CHECK_INT(job_wait(&job), 0);
    rig_close_fd(&rig, peer);
    for (int i = 0; i <= BACKLOG; i++)
        rig_close_fd(&rig, fds[i]);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_closed_listener_refuses_who_waits_and_ends_who_was_not_accepted)
{
    enum {
        BACKLOG = 128
    };
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    int fds[BACKLOG + 1];
    char c;
    sim_open(&rig, 1, NULL);
    int listener = rig_listen(&rig, &at);
    for (int i = 0; i < BACKLOG; i++) {
        fds[i] = rig_socket(&rig);
        job_connect(&rig, &job, fds[i], &at);
        CHECK_INT(job_wait(&job), 0);
    }
    fds[BACKLOG] = rig_socket(&rig);
    job_connect(&rig, &job, fds[BACKLOG], &at);
    sim_rest(&rig);
    CHECK_INT(rig_write(&rig, fds[0], "x", 1), 1);
    rig_close_fd(&rig, listener);
    CHECK_INT(job_wait(&job), -ECONNREFUSED);
    CHECK_INT(rig_read(&rig, fds[0], &c, 1), -ECONNRESET);
    CHECK_INT(rig_read(&rig, fds[1], &c, 1), 0);
    for (int i = 0; i <= BACKLOG; i++)
        rig_close_fd(&rig, fds[i]);
    rig_close(&rig);
}

static int sim_listen_at(struct rig *rig, int family, void *name,
                         socklen_t size)
{
    const struct fm__backend *backend = rig->loop.backend;
    int fd = backend->socket(&rig->loop, family);
    int rc = backend->listen(&rig->loop, fd, name, size);
    if (rc < 0) {
        rig_close_fd(rig, fd);
        return rc;
    }
    CHECK_INT(backend->address(&rig->loop, fd, name, &size), 0);
    return fd;
}

static ssize_t sim_connect_to(struct rig *rig, int fd,
                              struct sockaddr_in6 *name)
{
    struct job job = {.op = {.kind = FM__OP_CONNECT, .fd = fd}};
    job.op.buf = name;
    job.op.size = sizeof *name;
    job_submit(rig, &job);
    return job_wait(&job);
}

TEST(a_listener_on_one_host_hears_no_other)
{
    struct rig rig;
    struct sockaddr_in6 one = {.sin6_family = AF_INET6}, other;
    sim_open(&rig, 1, NULL);
    one.sin6_addr = in6addr_loopback;
    int listener = sim_listen_at(&rig, AF_INET6, &one, sizeof one);
    other = one;
    other.sin6_addr.s6_addr[0] = 32;
    int fd = rig.loop.backend->socket(&rig.loop, AF_INET6);
    CHECK_INT(sim_connect_to(&rig, fd, &other), -ECONNREFUSED);
    CHECK_INT(sim_connect_to(&rig, fd, &one), 0);
    CHECK_INT(sim_connect_to(&rig, fd, &one), -EISCONN);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_listener_on_all_hosts_hears_each)
{
    struct rig rig;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    struct sockaddr_in6 other;
    sim_open(&rig, 1, NULL);
    int listener = sim_listen_at(&rig, AF_INET6, &any, sizeof any);
    other = any;
    other.sin6_addr.s6_addr[15] = 77;
    CHECK_INT(sim_listen_at(&rig, AF_INET6, &other, sizeof other), -EADDRINUSE);
    int fd = rig.loop.backend->socket(&rig.loop, AF_INET6);
    CHECK_INT(sim_connect_to(&rig, fd, &other), 0);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_port_that_was_asked_for_by_number_is_not_given_out)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_family = AF_INET}, wanted;
    int fds[4];
    sim_open(&rig, 1, NULL);
    fds[0] = sim_listen_at(&rig, AF_INET, &at, sizeof at);
    wanted = at;
    wanted.sin_port = htons((uint16_t)(ntohs(at.sin_port) + 1));
    fds[1] = sim_listen_at(&rig, AF_INET, &wanted, sizeof wanted);
    for (int i = 2; i < 4; i++) {
        at.sin_port = 0;
        fds[i] = sim_listen_at(&rig, AF_INET, &at, sizeof at);
        CHECK(at.sin_port != wanted.sin_port);
    }
    for (int i = 0; i < 4; i++)
        rig_close_fd(&rig, fds[i]);
    rig_close(&rig);
}

TEST(listeners_of_different_hosts_share_a_port)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct job connect, accept;
    int listeners[2];
    sim_open(&rig, 1, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i);
        listeners[i] = sim_listen_at(&rig, AF_INET, &at, sizeof at);
        CHECK(listeners[i] >= 0);
    }
    int fd = rig_socket(&rig);
    job_connect(&rig, &connect, fd, &at);
    CHECK_INT(job_wait(&connect), 0);
    job_accept(&rig, &accept, listeners[1]);
    int peer = (int)job_wait(&accept);
    CHECK(peer >= 0);
    rig_close_fd(&rig, peer);
    rig_close_fd(&rig, fd);
    rig_close_pair(&rig, listeners);
    rig_close(&rig);
}

TEST(names_that_mean_nothing_are_refused)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct sockaddr_in6 wrong = {.sin6_family = AF_INET6};
    int fds[2];
    sim_open(&rig, 1, NULL);
    const struct fm__backend *backend = rig.loop.backend;
    CHECK_INT(backend->socket(&rig.loop, AF_UNIX), -EAFNOSUPPORT);
    CHECK_INT(sim_listen_at(&rig, AF_INET, &at, 3), -EINVAL);
    CHECK_INT(sim_listen_at(&rig, AF_INET, &wrong, sizeof at), -EAFNOSUPPORT);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    socklen_t size = sizeof at;
    CHECK_INT(backend->listen(&rig.loop, fds[0], (void *)&at, size), -EINVAL);
    CHECK_INT(backend->address(&rig.loop, fds[0], (void *)&at, &size),
              -ENOTSOCK);
    CHECK_INT(backend->address(&rig.loop, 7, (void *)&at, &size), -EBADF);
    CHECK_INT(backend->listen(&rig.loop, 7, (void *)&at, size), -EBADF);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}
