/*
 * test_sim_datagrams.c - what the simulated world says of datagrams
 */
#include "loop/rig.h"

#include "loop/sim_world.h"

#include <errno.h>
#include <sys/epoll.h>

static void datagrams_open(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    CHECK_INT(fm__loop_open(&rig->loop, "sim", 1), 0);
}

static int datagrams_socket(struct rig *rig, int family)
{
    int fd = rig->loop.backend->socket(&rig->loop, family, SOCK_DGRAM);
    CHECK(fd >= 0);
    return fd;
}

/* A port of the host, which is filled in. */
static int datagrams_at(struct rig *rig, struct sockaddr_in *at)
{
    const struct fm__backend *backend = rig->loop.backend;
    int fd = datagrams_socket(rig, AF_INET);
    struct sockaddr *name = (struct sockaddr *)at;
    socklen_t size = sizeof *at;
    at->sin_family = AF_INET;
    CHECK_INT(backend->bind(&rig->loop, fd, name, size), 0);
    CHECK_INT(backend->address(&rig->loop, fd, name, &size), 0);
    return fd;
}

/* An operation on one message of one byte. */
static ssize_t datagrams_move(struct rig *rig, enum fm__op_kind kind, int fd,
                              const struct sockaddr_in *to)
{
    char byte = 'x';
    struct iovec part = {&byte, 1};
    struct sockaddr_in name = {.sin_family = AF_INET};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
    struct job job = {.op = {.kind = kind, .fd = fd}};
    if (to != NULL) {
        name = *to;
        message.msg_hdr.msg_name = &name;
        message.msg_hdr.msg_namelen = sizeof name;
    }
    job.op.buf = &message;
    job.op.size = 1;
    job_submit(rig, &job);
    return job_wait(&job);
}

TEST(datagrams_and_streams_do_not_mix)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr *name = (const struct sockaddr *)&at;
    char byte;
    datagrams_open(&rig);
    const struct fm__backend *backend = rig.loop.backend;
    int stream = rig_socket(&rig), fd = datagrams_at(&rig, &at);
    CHECK_INT(datagrams_move(&rig, FM__OP_SEND_MANY, stream, &at), -EOPNOTSUPP);
    CHECK_INT(datagrams_move(&rig, FM__OP_RECEIVE_MANY, stream, &at),
              -EOPNOTSUPP);
    CHECK_INT(rig_read(&rig, fd, &byte, 1), -ENOTCONN);
    CHECK_INT(rig_write(&rig, fd, "x", 1), -ENOTCONN);
    CHECK_INT(backend->listen(&rig.loop, fd, name, sizeof at), -EINVAL);
    CHECK_INT(backend->aim(&rig.loop, stream, name, sizeof at), -EOPNOTSUPP);
    CHECK_INT(backend->bind(&rig.loop, -1, name, sizeof at), -EBADF);
    CHECK_INT(backend->bind(&rig.loop, fd, name, sizeof at), -EINVAL);
    rig_close_fd(&rig, stream);
    rig_close_fd(&rig, fd);
    rig_close(&rig);
}

TEST(an_address_that_is_none_is_told)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in none = {.sin_family = AF_UNIX, .sin_port = 1};
    datagrams_open(&rig);
    const struct fm__backend *backend = rig.loop.backend;
    int fd = datagrams_at(&rig, &at);
    CHECK_INT(backend->aim(&rig.loop, fd, (struct sockaddr *)&none, 4),
              -EINVAL);
    CHECK_INT(datagrams_move(&rig, FM__OP_SEND_MANY, fd, &none), -EAFNOSUPPORT);
    none = at;
    none.sin_port = 0;
    CHECK_INT(datagrams_move(&rig, FM__OP_SEND_MANY, fd, &none), -EINVAL);
    rig_close_fd(&rig, fd);
    rig_close(&rig);
}

TEST(what_a_datagram_socket_is_ready_for_is_told)
{
    struct rig rig;
    struct sockaddr_in at = {.sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, gone;
    datagrams_open(&rig);
    const struct fm__backend *backend = rig.loop.backend;
    int fd = datagrams_at(&rig, &at);
    CHECK_INT(backend->events(&rig.loop, fd, EPOLLIN | EPOLLOUT), EPOLLOUT);
    CHECK_INT(datagrams_move(&rig, FM__OP_SEND_MANY, fd, &at), 1);
    CHECK_INT(backend->events(&rig.loop, fd, EPOLLIN | EPOLLOUT),
              EPOLLIN | EPOLLOUT);
    CHECK_INT(datagrams_move(&rig, FM__OP_RECEIVE_MANY, fd, &at), 1);
    gone = (struct sockaddr_in){.sin_addr = at.sin_addr};
    rig_close_fd(&rig, datagrams_at(&rig, &gone));
    CHECK_INT(
        backend->aim(&rig.loop, fd, (struct sockaddr *)&gone, sizeof gone), 0);
    CHECK_INT(datagrams_move(&rig, FM__OP_SEND_MANY, fd, NULL), 1);
    CHECK_INT(backend->events(&rig.loop, fd, EPOLLIN), EPOLLIN | EPOLLERR);
    CHECK_INT(datagrams_move(&rig, FM__OP_RECEIVE_MANY, fd, &at),
              -ECONNREFUSED);
    CHECK_INT(backend->events(&rig.loop, fd, EPOLLIN), 0);
    rig_close_fd(&rig, fd);
    rig_close(&rig);
}

TEST(a_broadcast_comes_to_all_who_name_no_host)
{
    struct rig rig;
    struct sockaddr_in all = {.sin_addr.s_addr = htonl(INADDR_ANY)};
    struct sockaddr_in own = {.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct fm__socket_option loud = {SOL_SOCKET, SO_BROADCAST, 1};
    const struct fm__socket_option shared = {SOL_SOCKET, SO_REUSEADDR, 1};
    datagrams_open(&rig);
    const struct fm__backend *backend = rig.loop.backend;
    int one = datagrams_socket(&rig, AF_INET), from = datagrams_at(&rig, &own);
    CHECK_INT(backend->option(&rig.loop, one, &shared), 0);
    all.sin_family = AF_INET;
    all.sin_port = htons(7);
    CHECK_INT(
        backend->bind(&rig.loop, one, (struct sockaddr *)&all, sizeof all), 0);
    all.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    CHECK_INT(datagrams_move(&rig, FM__OP_SEND_MANY, from, &all), -EACCES);
    CHECK_INT(backend->option(&rig.loop, from, &loud), 0);
    CHECK_INT(datagrams_move(&rig, FM__OP_SEND_MANY, from, &all), 1);
    CHECK_INT(datagrams_move(&rig, FM__OP_RECEIVE_MANY, one, &all), 1);
    rig_close_fd(&rig, one);
    rig_close_fd(&rig, from);
    rig_close(&rig);
}
