/*
 * test_sockets.c - listeners, connections, polls, and what is refused
 */
#include "rig.h"

#include <sys/epoll.h>
#include <sys/resource.h>

static char big[1 << 18];

TEST(connections_are_accepted_in_any_order_of_asking)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job accept, connect;
    char buf[8];
    rig_open(&rig);
    int listener = rig_listen(&rig, &at);
    for (int accept_first = 0; accept_first < 2; accept_first++) {
        int fd = rig_socket(&rig);
        if (accept_first)
            job_accept(&rig, &accept, listener);
        job_connect(&rig, &connect, fd, &at);
        CHECK_INT(job_wait(&connect), 0);
        if (!accept_first)
            job_accept(&rig, &accept, listener);
        int peer = (int)job_wait(&accept);
        CHECK(peer >= 0);
        CHECK_INT(rig_write_all(&rig, fd, "ping", 4), 0);
        CHECK_INT(rig_read_all(&rig, peer, buf, 4), 0);
        CHECK_INT(rig_write_all(&rig, peer, "pong", 4), 0);
        CHECK_INT(rig_read_all(&rig, fd, buf, 4), 0);
        CHECK(memcmp(buf, "pong", 4) == 0);
        rig_close_fd(&rig, fd);
        rig_close_fd(&rig, peer);
    }
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(bytes_can_be_sent_before_anybody_has_accepted)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    char buf[8];
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    job_connect(&rig, &job, fd, &at);
    CHECK_INT(job_wait(&job), 0);
    CHECK_INT(rig_write_all(&rig, fd, "early", 5), 0);
    rig_close_fd(&rig, fd);
    job_accept(&rig, &job, listener);
    int peer = (int)job_wait(&job);
    CHECK_INT(rig_read_all(&rig, peer, buf, 5), 0);
    CHECK_INT(rig_read(&rig, peer, buf, 5), 0);
    rig_close_fd(&rig, peer);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_connect_to_nobody_is_refused)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    rig_close_fd(&rig, listener);
    job_connect(&rig, &job, fd, &at);
    CHECK_INT(job_wait(&job), -ECONNREFUSED);
    rig_close_fd(&rig, fd);
    rig_close(&rig);
}

TEST(a_connect_to_what_is_no_address_is_refused)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_family = AF_INET6};
    struct job job;
    rig_open(&rig);
    int fd = rig_socket(&rig);
    job_connect(&rig, &job, fd, &at);
    CHECK_INT(job_wait(&job), -EAFNOSUPPORT);
    job.op.size = 3;
    at.sin_family = AF_INET;
    job_submit(&rig, &job);
    CHECK_INT(job_wait(&job), -EINVAL);
    rig_close_fd(&rig, fd);
    rig_close(&rig);
}

TEST(a_port_that_is_taken_is_refused_to_others)
{
    struct rig rig;
    struct sockaddr_in at;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), other = rig_socket(&rig);
    CHECK_INT(rig.loop.backend->listen(&rig.loop, other, (struct sockaddr *)&at,
                                       sizeof at),
              -EADDRINUSE);
    rig_close_fd(&rig, other);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_client_has_a_name_of_its_own)
{
    struct rig rig;
    struct sockaddr_in names[2];
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < 2; i++) {
        socklen_t size = sizeof names[i];
        CHECK_INT(rig.loop.backend->address(
                      &rig.loop, fds[i], (struct sockaddr *)&names[i], &size),
                  0);
        CHECK_INT(size, sizeof names[i]);
        CHECK_INT(names[i].sin_family, AF_INET);
    }
    CHECK(names[0].sin_port != 0);
    CHECK(names[0].sin_port != names[1].sin_port);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_poll_tells_what_is_ready_and_waits_for_what_is_not)
{
    struct rig rig;
    struct job in, out, both;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_poll(&rig, &out, fds[0], EPOLLOUT);
    CHECK_INT(job_wait(&out), EPOLLOUT);
    job_poll(&rig, &in, fds[0], EPOLLIN);
    rig_rest(&rig);
    CHECK_INT(in.order, 0);
    job_poll(&rig, &both, fds[0], EPOLLIN | EPOLLOUT);
    CHECK_INT(job_wait(&both), EPOLLOUT);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&in), EPOLLIN);
    job_poll(&rig, &both, fds[0], EPOLLIN | EPOLLOUT);
    CHECK_INT(job_wait(&both), EPOLLIN | EPOLLOUT);
    CHECK_INT(rig_read(&rig, fds[0], &c, 1), 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_poll_hears_of_an_end_it_did_not_ask_for)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_poll(&rig, &job, fds[0], EPOLLIN);
    rig_rest(&rig);
    CHECK_INT(job.order, 0);
    rig_close_fd(&rig, fds[1]);
    CHECK_INT(job_wait(&job), EPOLLHUP);
    rig_close_fd(&rig, fds[0]);
    rig_close(&rig);
}

static void check_poll(struct rig *rig, int fd, uint32_t expected)
{
    struct job job;
    job_poll(rig, &job, fd, EPOLLIN | EPOLLOUT);
    CHECK_INT(job_wait(&job), expected);
}

TEST(a_poll_tells_of_peers_that_are_gone_or_never_were)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    fds[0] = rig_socket(&rig);
    check_poll(&rig, fds[0], EPOLLOUT | EPOLLHUP);
    rig_close_fd(&rig, fds[0]);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    rig_close_fd(&rig, fds[0]);
    check_poll(&rig, fds[1], EPOLLOUT | EPOLLERR);
    rig_close_fd(&rig, fds[1]);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    rig_close_fd(&rig, fds[0]);
    check_poll(&rig, fds[1], EPOLLIN | EPOLLOUT | EPOLLHUP);
    rig_close_fd(&rig, fds[1]);
    rig_close(&rig);
}

TEST(two_polls_of_one_descriptor_do_not_hide_each_other)
{
    struct rig rig;
    struct job in, out;
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    do {
        job_write(&rig, &out, fds[0], big, sizeof big);
        rig_rest(&rig);
    } while (out.order != 0);
    job_cancel(&out);
    job_poll(&rig, &out, fds[0], EPOLLOUT);
    job_poll(&rig, &in, fds[0], EPOLLIN);
    rig_rest(&rig);
    CHECK(in.order == 0);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&in), EPOLLIN);
    while (out.order == 0) {
        CHECK(rig_read(&rig, fds[1], big, sizeof big) > 0);
        rig_rest(&rig);
    }
    CHECK_INT(out.op.result, EPOLLOUT);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(what_is_no_descriptor_is_refused)
{
    struct rig rig;
    struct job job;
    char c;
    rig_open(&rig);
    int fd = rig_socket(&rig);
    rig_close_fd(&rig, fd);
    int bad[] = {-1, fd, test_simulated() ? 0 : 1 << 20};
    for (size_t i = 0; i < FM__COUNT(bad); i++) {
        job_read(&rig, &job, bad[i], &c, 1);
        CHECK_INT(job_wait(&job), -EBADF);
        job_poll(&rig, &job, bad[i], EPOLLIN);
        CHECK_INT(job_wait(&job), -EBADF);
    }
    CHECK_INT(rig.loop.backend->close_fd(&rig.loop, fd), -EBADF);
    rig_close(&rig);
}

TEST(an_operation_of_the_wrong_kind_is_refused)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at);
    CHECK_INT(rig_read(&rig, listener, &c, 1), -ENOTCONN);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(rig_write(&rig, fds[0], "x", 1), -EBADF);
    CHECK_INT(rig_read(&rig, fds[1], &c, 1), -EBADF);
    job_accept(&rig, &job, fds[0]);
    CHECK_INT(job_wait(&job), -ENOTSOCK);
    job_connect(&rig, &job, fds[0], &at);
    CHECK_INT(job_wait(&job), -ENOTSOCK);
    rig_close_pair(&rig, fds);
    int fd = rig_socket(&rig);
    job_accept(&rig, &job, fd);
    CHECK_INT(job_wait(&job), -EINVAL);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(without_descriptors_an_accept_says_so_and_the_next_succeeds)
{
    static const struct fm__sim_options few = {.descriptors = 2};
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    struct rlimit old, none;
    if (test_under_valgrind() && !test_simulated())
        test_skip("valgrind accepts, and closes what it then refuses");
    fm__sim_options = &few;
    rig_open(&rig);
    fm__sim_options = NULL;
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    job_connect(&rig, &job, fd, &at);
    CHECK_INT(job_wait(&job), 0);
    getrlimit(RLIMIT_NOFILE, &old);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    job_accept(&rig, &job, listener);
    CHECK_INT(job_wait(&job), -EMFILE);
    setrlimit(RLIMIT_NOFILE, &old);
    if (test_simulated())
        rig_close_fd(&rig, fd);
    job_accept(&rig, &job, listener);
    int peer = (int)job_wait(&job);
    CHECK(peer >= 0);
    rig_close_fd(&rig, peer);
    if (!test_simulated())
        rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

/* The table of descriptors grows while accepts wait in it. */
TEST(many_descriptors_each_get_their_own_bytes)
{
    enum {
        COUNT = 200
    };
    struct rig rig;
    struct sockaddr_in at;
    static struct job accepts[COUNT], connects[COUNT];
    int fds[COUNT];
    unsigned char got[COUNT] = {0};
    rig_open(&rig);
    int listener = rig_listen(&rig, &at);
    for (int i = 0; i < COUNT; i++)
        job_accept(&rig, &accepts[i], listener);
    rig_rest(&rig);
    for (int i = 0; i < COUNT; i++) {
        fds[i] = rig_socket(&rig);
        job_connect(&rig, &connects[i], fds[i], &at);
    }
    for (int i = 0; i < COUNT; i++) {
        unsigned char c = (unsigned char)i;
        CHECK_INT(job_wait(&connects[i]), 0);
        CHECK_INT(rig_write(&rig, fds[i], &c, 1), 1);
    }
    for (int i = 0; i < COUNT; i++) {
        unsigned char c;
        int peer = (int)job_wait(&accepts[i]);
        CHECK_INT(rig_read(&rig, peer, &c, 1), 1);
        got[c]++;
        rig_close_fd(&rig, peer);
        rig_close_fd(&rig, fds[i]);
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(got[i], 1);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}
