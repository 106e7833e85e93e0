/*
 * test_listeners.c - names, options, and accepts that must lose nobody
 */
#include "rig.h"

#include "base/fault.h"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

static int set(struct rig *rig, int fd, int level, int name)
{
    struct fm__socket_option option = {level, name, 1};
    return rig->loop.backend->option(&rig->loop, fd, &option);
}

static int peer_of(struct rig *rig, int fd, struct sockaddr_in *name)
{
    socklen_t size = sizeof *name;
    return rig->loop.backend->peer(&rig->loop, fd, (struct sockaddr *)name,
                                   &size);
}

static int name_of(struct rig *rig, int fd, struct sockaddr_in *name)
{
    socklen_t size = sizeof *name;
    return rig->loop.backend->address(&rig->loop, fd, (struct sockaddr *)name,
                                      &size);
}

static bool equal(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
    return a->sin_family == b->sin_family && a->sin_port == b->sin_port &&
           a->sin_addr.s_addr == b->sin_addr.s_addr;
}

TEST(each_end_knows_its_own_name_and_the_others)
{
    struct rig rig;
    struct sockaddr_in names[2], peers[2];
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(name_of(&rig, fds[i], &names[i]), 0);
        CHECK_INT(peer_of(&rig, fds[i], &peers[i]), 0);
    }
    CHECK(equal(&names[0], &peers[1]));
    CHECK(equal(&names[1], &peers[0]));
    CHECK(!equal(&names[0], &names[1]));
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_listener_on_all_hosts_names_the_one_that_was_called)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_family = AF_INET}, name;
    struct job accept, connect;
    rig_open(&rig);
    int listener = rig_socket(&rig), fd = rig_socket(&rig);
    CHECK_INT(rig.loop.backend->listen(&rig.loop, listener,
                                       (struct sockaddr *)&at, sizeof at),
              0);
    CHECK_INT(name_of(&rig, listener, &at), 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    job_accept(&rig, &accept, listener);
    job_connect(&rig, &connect, fd, &at);
    CHECK_INT(job_wait(&connect), 0);
    int peer = (int)job_wait(&accept);
    CHECK_INT(name_of(&rig, peer, &name), 0);
    CHECK(equal(&name, &at));
    CHECK_INT(peer_of(&rig, fd, &name), 0);
    CHECK(equal(&name, &at));
    rig_close_fd(&rig, peer);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(what_has_no_peer_says_so)
{
    struct rig rig;
    struct sockaddr_in at;
    int fds[2];
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    CHECK_INT(peer_of(&rig, listener, &at), -ENOTCONN);
    CHECK_INT(peer_of(&rig, fd, &at), -ENOTCONN);
    CHECK_INT(peer_of(&rig, -1, &at), -EBADF);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(peer_of(&rig, fds[0], &at), -ENOTSOCK);
    CHECK_INT(name_of(&rig, fds[0], &at), -ENOTSOCK);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(options_are_taken_by_sockets_and_unknown_ones_refused)
{
    static const int known[][2] = {
        {SOL_SOCKET, SO_REUSEADDR},  {SOL_SOCKET, SO_REUSEPORT},
        {SOL_SOCKET, SO_KEEPALIVE},  {IPPROTO_TCP, TCP_NODELAY},
        {IPPROTO_TCP, TCP_KEEPIDLE}, {IPPROTO_TCP, TCP_KEEPINTVL},
        {IPPROTO_TCP, TCP_KEEPCNT},
    };
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    int fd = rig_socket(&rig);
    for (size_t i = 0; i < FM__COUNT(known); i++)
        CHECK_INT(set(&rig, fd, known[i][0], known[i][1]), 0);
    CHECK_INT(set(&rig, fd, IPPROTO_TCP, 9999), -ENOPROTOOPT);
    CHECK_INT(set(&rig, -1, SOL_SOCKET, SO_KEEPALIVE), -EBADF);
    rig_close_fd(&rig, fd);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(set(&rig, fds[0], SOL_SOCKET, SO_KEEPALIVE), -ENOTSOCK);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* Its connections linger in the kernel for a minute, and must not matter. */
TEST(a_port_can_be_listened_on_again_at_once)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job accept, connect;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    job_accept(&rig, &accept, listener);
    job_connect(&rig, &connect, fd, &at);
    CHECK_INT(job_wait(&connect), 0);
    rig_close_fd(&rig, (int)job_wait(&accept));
    rig_rest(&rig);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    listener = rig_socket(&rig);
    CHECK_INT(rig.loop.backend->listen(&rig.loop, listener,
                                       (struct sockaddr *)&at, sizeof at),
              0);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_port_is_shared_only_by_those_who_agree)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct sockaddr *addr = (struct sockaddr *)&at;
    int fds[3];
    rig_open(&rig);
    const struct fm__backend *backend = rig.loop.backend;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 3; i++) {
        fds[i] = rig_socket(&rig);
        if (i < 2)
            CHECK_INT(set(&rig, fds[i], SOL_SOCKET, SO_REUSEPORT), 0);
        CHECK_INT(backend->listen(&rig.loop, fds[i], addr, sizeof at),
                  i < 2 ? 0 : -EADDRINUSE);
        if (i == 0)
            CHECK_INT(name_of(&rig, fds[0], &at), 0);
    }
    for (int i = 0; i < 3; i++)
        rig_close_fd(&rig, fds[i]);
    rig_close(&rig);
}

/* ---- Accepts ------------------------------------------------------------ */

enum {
    BURST = 100
};

struct burst {
    struct rig rig;
    struct sockaddr_in at;
    struct job connects[BURST], accepts[BURST];
    int fds[BURST];
    int listener;
};

static void burst_connect(struct burst *burst)
{
    for (int i = 0; i < BURST; i++) {
        burst->fds[i] = rig_socket(&burst->rig);
        job_connect(&burst->rig, &burst->connects[i], burst->fds[i],
                    &burst->at);
    }
    for (int i = 0; i < BURST; i++)
        CHECK_INT(job_wait(&burst->connects[i]), 0);
}

static void burst_meet(struct burst *burst, int peer)
{
    CHECK(peer >= 0);
    CHECK_INT(rig_write(&burst->rig, peer, "x", 1), 1);
    rig_close_fd(&burst->rig, peer);
}

/* Each client has heard from exactly one accepted peer. */
static void burst_close(struct burst *burst)
{
    char buf[2];
    for (int i = 0; i < BURST; i++) {
        CHECK_INT(rig_read_all(&burst->rig, burst->fds[i], buf, 1), 0);
        CHECK_INT(rig_read(&burst->rig, burst->fds[i], buf, 2), 0);
        rig_close_fd(&burst->rig, burst->fds[i]);
    }
    rig_close_fd(&burst->rig, burst->listener);
    rig_close(&burst->rig);
}

TEST(a_burst_of_clients_is_accepted_one_by_one)
{
    static struct burst burst;
    rig_open(&burst.rig);
    burst.listener = rig_listen(&burst.rig, &burst.at);
    burst_connect(&burst);
    for (int i = 0; i < BURST; i++) {
        job_accept(&burst.rig, &burst.accepts[i], burst.listener);
        burst_meet(&burst, (int)job_wait(&burst.accepts[i]));
    }
    burst_close(&burst);
}

TEST(a_burst_of_clients_is_accepted_by_many_who_wait)
{
    static struct burst burst;
    rig_open(&burst.rig);
    burst.listener = rig_listen(&burst.rig, &burst.at);
    for (int i = 0; i < BURST; i++)
        job_accept(&burst.rig, &burst.accepts[i], burst.listener);
    rig_rest(&burst.rig);
    burst_connect(&burst);
    for (int i = 0; i < BURST; i++)
        burst_meet(&burst, (int)job_wait(&burst.accepts[i]));
    burst_close(&burst);
}

/* Whether or not the world had accepted it before anybody asked. */
TEST(clients_that_nobody_accepted_end_with_the_listener)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job accept, connect;
    int fds[5];
    char c;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at);
    for (int i = 0; i < 5; i++) {
        fds[i] = rig_socket(&rig);
        job_connect(&rig, &connect, fds[i], &at);
        CHECK_INT(job_wait(&connect), 0);
    }
    job_accept(&rig, &accept, listener);
    int peer = (int)job_wait(&accept);
    CHECK(peer >= 0);
    rig_rest(&rig);
    rig_close_fd(&rig, peer);
    rig_close_fd(&rig, listener);
    for (int i = 0; i < 5; i++) {
        ssize_t rc = rig_read(&rig, fds[i], &c, 1);
        CHECK(rc == 0 || rc == -ECONNRESET);
        rig_close_fd(&rig, fds[i]);
    }
    rig_close(&rig);
}

enum {
    FILLERS = 100
};

/* Copies of a descriptor until there is room for no other. */
static int fill_descriptors(int *copies)
{
    int count = 0;
    while (count < FILLERS && (copies[count] = dup(0)) >= 0)
        count++;
    CHECK(count < FILLERS);
    return count;
}

static void check_rest(struct rig *rig)
{
    struct fm__fault_plan plan = {0};
    fm__fault_plan = &plan;
    rig_sleep(rig, 3000000);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] < 10);
}

/* An accept that waits is refused, and the next one gets the client. In the
 * simulator the spare socket is the last that there may be. */
static void refuse_one(struct rig *rig, int listener, struct sockaddr_in *at)
{
    struct job accept, connect;
    int copies[FILLERS];
    char c;
    job_accept(rig, &accept, listener);
    rig_rest(rig);
    CHECK_INT(accept.order, 0);
    int fd = rig_socket(rig), spare = rig_socket(rig);
    int filled = fill_descriptors(copies);
    job_connect(rig, &connect, fd, at);
    CHECK_INT(job_wait(&connect), 0);
    CHECK_INT(job_wait(&accept), -EMFILE);
    check_rest(rig);
    while (filled > 0)
        close(copies[--filled]);
    rig_close_fd(rig, spare);
    job_accept(rig, &accept, listener);
    int peer = (int)job_wait(&accept);
    CHECK(peer >= 0);
    CHECK_INT(rig_write(rig, fd, "x", 1), 1);
    CHECK_INT(rig_read(rig, peer, &c, 1), 1);
    rig_close_fd(rig, peer);
    rig_close_fd(rig, fd);
}

/* Where accepts fail for want of descriptors nobody is lost, and a loop that
 * asks no more rests. */
TEST(a_want_of_descriptors_loses_nobody_and_does_not_keep_the_loop_awake)
{
    static const struct fm__sim_options few = {.descriptors = 3};
    struct rig rig;
    struct sockaddr_in at;
    struct rlimit old, low;
    if (test_under_valgrind() && !test_simulated())
        test_skip("valgrind accepts, and closes what it then refuses");
    fm__sim_options = &few;
    rig_open(&rig);
    fm__sim_options = NULL;
    getrlimit(RLIMIT_NOFILE, &old);
    low = (struct rlimit){.rlim_cur = FILLERS / 2, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &low);
    int listener = rig_listen(&rig, &at);
    for (int round = 0; round < 3; round++)
        refuse_one(&rig, listener, &at);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
    setrlimit(RLIMIT_NOFILE, &old);
}
