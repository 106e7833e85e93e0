/*
 * test_sys_socket.c - the door of system calls: sockets, parts, adoption
 */
#include "harness.h"

#include "base/fault.h"
#include "base/sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static uint64_t held(void)
{
    return fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
}

/* A client, what was accepted, and the listener's name. */
static struct sockaddr_in connected(int *fds)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct sockaddr *addr = (struct sockaddr *)&at;
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = fm__sys_socket(AF_INET, SOCK_STREAM);
    CHECK_INT(fm__sys_listen(listener, addr, size), 0);
    CHECK_INT(fm__sys_socket_name(listener, addr, &size), 0);
    fds[0] = fm__sys_socket(AF_INET, SOCK_STREAM);
    int rc = fm__sys_connect(fds[0], addr, size);
    CHECK(rc == 0 || rc == -EINPROGRESS);
    CHECK_INT(fm__sys_poll(listener, POLLIN, 1000000000), POLLIN);
    fds[1] = fm__sys_accept(listener);
    CHECK(fds[1] >= 0);
    fm__sys_close(listener);
    return at;
}

static void close_both(const int *fds)
{
    CHECK_INT(fm__sys_close(fds[0]), 0);
    CHECK_INT(fm__sys_close(fds[1]), 0);
}

TEST(each_call_on_what_is_no_socket_says_so)
{
    struct sockaddr_in at;
    struct iovec part = {&at, 1};
    socklen_t size = sizeof at;
    int fds[2];
    errno = ENOTTY;
    CHECK_INT(fm__sys_sendv(-1, &part, 1), -EBADF);
    CHECK_INT(fm__sys_writev(-1, &part, 1), -EBADF);
    CHECK_INT(fm__sys_peer_name(-1, (struct sockaddr *)&at, &size), -EBADF);
    CHECK_INT(fm__sys_shutdown(-1), -EBADF);
    CHECK_INT(fm__sys_option(-1, SOL_SOCKET, SO_KEEPALIVE, 1), -EBADF);
    CHECK_INT(fm__sys_linger(-1), -EBADF);
    CHECK_INT(fm__sys_protocol(-1), -EBADF);
    CHECK_INT(fm__sys_adopt(-1), -EBADF);
    CHECK_INT(fm__sys_epoll_change(-1, 0, EPOLLIN, 0), -EBADF);
    CHECK_INT(fm__sys_epoll_remove(-1, 0), -EBADF);
    CHECK_INT(fm__sys_pipe(fds), 0);
    CHECK_INT(fm__sys_sendv(fds[1], &part, 1), -ENOTSOCK);
    CHECK_INT(fm__sys_shutdown(fds[1]), -ENOTSOCK);
    CHECK_INT(fm__sys_linger(fds[1]), -ENOTSOCK);
    CHECK_INT(fm__sys_protocol(fds[1]), -ENOTSOCK);
    close_both(fds);
    CHECK_INT(errno, ENOTTY);
}

TEST(parts_are_sent_and_written_as_one)
{
    struct iovec parts[] = {{(void *)(uintptr_t)"hold ", 5},
                            {(void *)(uintptr_t)"here", 4}};
    char buf[16];
    int fds[2];
    CHECK_INT(fm__sys_socketpair(fds), 0);
    CHECK_INT(fm__sys_sendv(fds[0], parts, 2), 9);
    CHECK_INT(fm__sys_recv(fds[1], buf, sizeof buf), 9);
    CHECK(memcmp(buf, "hold here", 9) == 0);
    fm__sys_close(fds[1]);
    CHECK_INT(fm__sys_sendv(fds[0], parts, 2), -EPIPE);
    fm__sys_close(fds[0]);
    CHECK_INT(fm__sys_pipe(fds), 0);
    CHECK_INT(fm__sys_writev(fds[1], parts, 2), 9);
    CHECK_INT(fm__sys_read(fds[0], buf, sizeof buf), 9);
    CHECK(memcmp(buf, "hold here", 9) == 0);
    close_both(fds);
}

TEST(a_connection_knows_its_peer_and_its_protocol)
{
    struct sockaddr_in name;
    socklen_t size = sizeof name;
    int fds[2], local[2];
    struct sockaddr_in at = connected(fds);
    CHECK_INT(fm__sys_peer_name(fds[0], (struct sockaddr *)&name, &size), 0);
    CHECK_INT(name.sin_port, at.sin_port);
    CHECK_INT(fm__sys_protocol(fds[0]), IPPROTO_TCP);
    CHECK_INT(fm__sys_socketpair(local), 0);
    CHECK_INT(fm__sys_protocol(local[0]), 0);
    close_both(local);
    close_both(fds);
}

TEST(one_half_is_closed_and_the_other_goes_on)
{
    int fds[2];
    char c;
    connected(fds);
    CHECK_INT(fm__sys_shutdown(fds[0]), 0);
    CHECK_INT(fm__sys_send(fds[0], "x", 1), -EPIPE);
    CHECK_INT(fm__sys_poll(fds[1], POLLIN, 1000000000), POLLIN);
    CHECK_INT(fm__sys_recv(fds[1], &c, 1), 0);
    CHECK_INT(fm__sys_send(fds[1], "y", 1), 1);
    CHECK_INT(fm__sys_poll(fds[0], POLLIN, 1000000000), POLLIN);
    CHECK_INT(fm__sys_recv(fds[0], &c, 1), 1);
    close_both(fds);
}

TEST(a_close_that_does_not_linger_resets)
{
    int fds[2];
    char c;
    connected(fds);
    CHECK_INT(fm__sys_linger(fds[0]), 0);
    CHECK_INT(fm__sys_close(fds[0]), 0);
    fm__sys_poll(fds[1], POLLIN, 1000000000);
    CHECK_INT(fm__sys_recv(fds[1], &c, 1), -ECONNRESET);
    fm__sys_close(fds[1]);
}

TEST(an_option_is_set_or_refused)
{
    int value = 0, fd = fm__sys_socket(AF_INET, SOCK_STREAM);
    socklen_t size = sizeof value;
    CHECK_INT(fm__sys_option(fd, IPPROTO_TCP, TCP_NODELAY, 1), 0);
    CHECK_INT(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    CHECK(value != 0);
    CHECK_INT(fm__sys_option(fd, IPPROTO_TCP, 9999, 1), -ENOPROTOOPT);
    fm__sys_close(fd);
}

TEST(what_is_adopted_never_blocks_and_is_held)
{
    int fds[2];
    uint64_t before = held();
    CHECK_INT(pipe(fds), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(fm__sys_adopt(fds[i]), 0);
        CHECK(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
    }
    CHECK_INT(held(), before + 2);
    close_both(fds);
    CHECK_INT(held(), before);
}

TEST(a_registration_is_changed_and_removed)
{
    struct epoll_event event;
    int fds[2], epoll = fm__sys_epoll_open();
    CHECK_INT(fm__sys_pipe(fds), 0);
    CHECK_INT(fm__sys_epoll_change(epoll, fds[0], EPOLLIN, 1), -ENOENT);
    CHECK_INT(fm__sys_epoll_remove(epoll, fds[0]), -ENOENT);
    CHECK_INT(fm__sys_epoll_add(epoll, fds[0], EPOLLIN, 1), 0);
    CHECK_INT(fm__sys_epoll_add(epoll, fds[0], EPOLLIN, 1), -EEXIST);
    CHECK_INT(fm__sys_epoll_change(epoll, fds[0], EPOLLIN, 2), 0);
    CHECK_INT(fm__sys_write(fds[1], "x", 1), 1);
    CHECK_INT(fm__sys_epoll_wait(epoll, &event, 1, 0), 1);
    CHECK_INT(event.data.u64, 2);
    CHECK_INT(fm__sys_epoll_remove(epoll, fds[0]), 0);
    CHECK_INT(fm__sys_epoll_wait(epoll, &event, 1, 0), 0);
    close_both(fds);
    fm__sys_close(epoll);
}

/* ---- The fault plan ------------------------------------------------------ */

static int call(int which, const int *fds)
{
    struct sockaddr_in at;
    struct iovec part = {&at, 1};
    socklen_t size = sizeof at;
    switch (which) {
    case 0:
        return (int)fm__sys_sendv(fds[0], &part, 1);
    case 1:
        return (int)fm__sys_writev(fds[0], &part, 1);
    case 2:
        return fm__sys_peer_name(fds[0], (struct sockaddr *)&at, &size);
    case 3:
        return fm__sys_shutdown(fds[0]);
    case 4:
        return fm__sys_option(fds[0], SOL_SOCKET, SO_KEEPALIVE, 1);
    case 5:
        return fm__sys_linger(fds[0]);
    case 6:
        return fm__sys_protocol(fds[0]);
    case 7:
        return fm__sys_adopt(fds[0]);
    case 8:
        return fm__sys_epoll_change(fds[1], fds[0], 0, 0);
    default:
        return fm__sys_epoll_remove(fds[1], fds[0]);
    }
}

TEST(each_of_these_calls_can_be_made_to_fail)
{
    int fds[2];
    CHECK_INT(fm__sys_socketpair(fds), 0);
    uint64_t before = held();
    for (int i = 0; i < 10; i++) {
        struct fm__fault_plan plan = {.error = -EXDEV};
        plan.fail_at[FM__DOOR_SYSTEM] = 1;
        fm__fault_plan = &plan;
        int rc = call(i, fds);
        fm__fault_plan = NULL;
        CHECK_INT(rc, -EXDEV);
        CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 1);
    }
    CHECK_INT(held(), before);
    close_both(fds);
}
