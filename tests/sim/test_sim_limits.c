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

TEST(a_closed_listener_refuses_who_waits_and_resets_who_was_not_accepted)
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
    CHECK_INT(rig_read(&rig, fds[1], &c, 1), -ECONNRESET);
    for (int i = 0; i <= BACKLOG; i++)
        rig_close_fd(&rig, fds[i]);
    rig_close(&rig);
}

static int sim_listen_at(struct rig *rig, int family, void *name,
                         socklen_t size)
{
    const struct fm__backend *backend = rig->loop.backend;
    int fd = backend->socket(&rig->loop, family, SOCK_STREAM);
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
    int fd = rig.loop.backend->socket(&rig.loop, AF_INET6, SOCK_STREAM);
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
    int fd = rig.loop.backend->socket(&rig.loop, AF_INET6, SOCK_STREAM);
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
    CHECK_INT(backend->socket(&rig.loop, AF_VSOCK, SOCK_STREAM), -EAFNOSUPPORT);
    CHECK_INT(sim_listen_at(&rig, AF_INET, &at, 3), -EINVAL);
    CHECK_INT(sim_listen_at(&rig, AF_INET, &wrong, sizeof at), -EAFNOSUPPORT);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    socklen_t size = sizeof at;
    CHECK_INT(backend->listen(&rig.loop, fds[0], (void *)&at, size), -ENOTSOCK);
    CHECK_INT(backend->address(&rig.loop, fds[0], (void *)&at, &size),
              -ENOTSOCK);
    CHECK_INT(backend->address(&rig.loop, 7, (void *)&at, &size), -EBADF);
    CHECK_INT(backend->listen(&rig.loop, 7, (void *)&at, size), -EBADF);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Descriptors of this world and of others ----------------------------- */

TEST(a_descriptor_of_the_kernel_is_of_another_world)
{
    struct rig rig;
    struct job job;
    sim_open(&rig, 1, NULL);
    CHECK_INT(rig.loop.backend->adopt(&rig.loop, 0), -EBADF);
    CHECK_INT(rig.loop.backend->adopt(&rig.loop, -1), -EBADF);
    rig.loop.backend->forget(&rig.loop, 0);
    job_poll(&rig, &job, 0, EPOLLIN);
    CHECK_INT(job_wait(&job), -EBADF);
    rig_close(&rig);
}

TEST(a_forgotten_descriptor_is_not_held_until_it_comes_back)
{
    struct rig rig;
    int fds[2];
    char c;
    sim_open(&rig, 1, NULL);
    uint64_t before = fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    for (int i = 0; i < 2; i++) {
        rig.loop.backend->forget(&rig.loop, fds[0]);
        CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]),
                  before + 1);
    }
    for (int i = 0; i < 2; i++) {
        CHECK_INT(rig.loop.backend->adopt(&rig.loop, fds[0]), 0);
        CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]),
                  before + 2);
    }
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    CHECK_INT(rig_read(&rig, fds[0], &c, 1), 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_loop_of_this_world_is_readable_when_its_bell_was_rung)
{
    struct rig rig;
    sim_open(&rig, 1, NULL);
    CHECK_INT(rig.loop.backend->descriptor(&rig.loop), rig.loop.bell);
    rig_close(&rig);
}

/* ---- Ends ---------------------------------------------------------------- */

/* In an unkind world bytes that are under way are lost with the connection;
 * what is read is still the beginning of what was written. */
TEST(a_reset_may_overtake_bytes_and_never_changes_them)
{
    int whole = 0, less = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig rig;
        int fds[2];
        char buf[9];
        ssize_t sum = 0, rc = 0;
        sim_open(&rig, seed, NULL);
        rig_connect(&rig, fds);
        CHECK_INT(rig_write_all(&rig, fds[0], "hold here", 9), 0);
        CHECK_INT(rig.loop.backend->linger(&rig.loop, fds[0]), 0);
        rig_close_fd(&rig, fds[0]);
        while ((rc = rig_read(&rig, fds[1], buf + sum, 9)) > 0 && sum < 9)
            sum += rc;
        CHECK_INT(rc, -ECONNRESET);
        CHECK(memcmp(buf, "hold here", (size_t)sum) == 0);
        whole += sum == 9;
        less += sum < 9;
        rig_close_fd(&rig, fds[1]);
        rig_close(&rig);
    }
    CHECK(whole > SEEDS / 4);
    CHECK(less > SEEDS / 4);
}

/* With a receive the world moves as much as it likes, as with a read. */
TEST(a_receive_is_often_short_and_at_most_one_buffer)
{
    int brief = 0, full = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig rig;
        int fds[2];
        static char got[FM__BUFFER_SIZE];
        sim_open(&rig, seed, NULL);
        rig_pair(&rig, FM__PAIR_SOCKET, fds);
        CHECK_INT(rig_write_all(&rig, fds[1], big, 30000), 0);
        ssize_t rc = rig_receive(&rig, fds[0], got);
        CHECK(rc > 0 && rc <= FM__BUFFER_SIZE);
        brief += rc < FM__BUFFER_SIZE;
        full += rc == FM__BUFFER_SIZE;
        rig_close_pair(&rig, fds);
        rig_close(&rig);
    }
    CHECK(brief > SEEDS / 10);
    CHECK(full > SEEDS / 4);
}

/* How many wait in its backlog; they are closed. */
static int sim_accept_all(struct rig *rig, int listener)
{
    for (int count = 0;; count++) {
        struct job job;
        job_accept(rig, &job, listener);
        sim_rest(rig);
        if (job.order == 0) {
            CHECK_INT(job_cancel(&job), -ECANCELED);
            return count;
        }
        rig_close_fd(rig, (int)job.op.result);
    }
}

TEST(listeners_that_share_a_port_share_its_clients)
{
    enum {
        CLIENTS = 40
    };
    static const struct fm__socket_option share = {SOL_SOCKET, SO_REUSEPORT, 1};
    struct rig rig;
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct job job;
    int listeners[2], clients[CLIENTS];
    sim_open(&rig, 1, NULL);
    const struct fm__backend *backend = rig.loop.backend;
    for (int i = 0; i < 2; i++) {
        struct sockaddr *addr = (struct sockaddr *)&at;
        socklen_t size = sizeof at;
        listeners[i] = rig_socket(&rig);
        CHECK_INT(backend->option(&rig.loop, listeners[i], &share), 0);
        CHECK_INT(backend->listen(&rig.loop, listeners[i], addr, size), 0);
        CHECK_INT(backend->address(&rig.loop, listeners[i], addr, &size), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = rig_socket(&rig);
        job_connect(&rig, &job, clients[i], &at);
        CHECK_INT(job_wait(&job), 0);
    }
    int first = sim_accept_all(&rig, listeners[0]);
    int second = sim_accept_all(&rig, listeners[1]);
    CHECK_INT(first + second, CLIENTS);
    CHECK(first > CLIENTS / 5 && second > CLIENTS / 5);
    for (int i = 0; i < CLIENTS; i++)
        rig_close_fd(&rig, clients[i]);
    rig_close_pair(&rig, listeners);
    rig_close(&rig);
}
