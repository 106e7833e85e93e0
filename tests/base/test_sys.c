/*
 * test_sys.c - the door of system calls: what comes through, and what does not
 */
#include "harness.h"

#include "base/die.h"
#include "base/fault.h"
#include "base/sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fermata/error.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

static struct sockaddr_in local(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

static uint64_t held(enum fm__held kind)
{
    return fm__atomic_load(&fm__ledger[kind]);
}

TEST(a_failure_is_a_negative_code_and_errno_stays_the_programs)
{
    struct sockaddr_in at = local();
    socklen_t size = sizeof at;
    struct epoll_event event;
    struct rlimit limit;
    char c = 0;
    errno = ENOTTY;
    CHECK_INT(fm__sys_read(-1, &c, 1), -EBADF);
    CHECK_INT(fm__sys_write(-1, &c, 1), -EBADF);
    CHECK_INT(fm__sys_recv(-1, &c, 1), -EBADF);
    CHECK_INT(fm__sys_send(-1, &c, 1), -EBADF);
    CHECK_INT(fm__sys_close(-1), -EBADF);
    CHECK_INT(fm__sys_socket(-1, SOCK_STREAM), -EAFNOSUPPORT);
    CHECK_INT(fm__sys_listen(-1, (struct sockaddr *)&at, size), -EBADF);
    CHECK_INT(fm__sys_accept(-1), -EBADF);
    CHECK_INT(fm__sys_connect(-1, (struct sockaddr *)&at, size), -EBADF);
    CHECK_INT(fm__sys_socket_error(-1), -EBADF);
    CHECK_INT(fm__sys_socket_name(-1, (struct sockaddr *)&at, &size), -EBADF);
    CHECK_INT(fm__sys_epoll_add(-1, 0, EPOLLIN, 0), -EBADF);
    CHECK_INT(fm__sys_epoll_wait(-1, &event, 1, 0), -EBADF);
    CHECK_INT(fm__sys_poll(-1, POLLIN, 0), -EBADF);
    CHECK_INT(fm__sys_poll(1 << 20, POLLIN, 0), -EBADF);
    CHECK_INT(fm__sys_protect(NULL, 1, PROT_READ), -ENOMEM);
    CHECK_INT(fm__sys_advise((void *)1, 1, MADV_DONTNEED), -EINVAL);
    CHECK_INT(fm__sys_sigaction(-1, NULL, NULL), -EINVAL);
    CHECK_INT(fm__sys_limit(-1, &limit), -EINVAL);
    CHECK_INT(fm__sys_slurp("/no/such/file", &c, 1), -ENOENT);
    CHECK_INT(errno, ENOTTY);
}

/* What a call fails with, from the plan's error to the caller's code. */
static int code_of(int error)
{
    struct fm__fault_plan plan = {.error = error};
    char c;
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    int rc = (int)fm__sys_read(0, &c, 1);
    fm__fault_plan = NULL;
    return rc;
}

TEST(codes_that_mean_a_cut_never_come_from_the_kernel)
{
    CHECK_INT(code_of(-ETIMEDOUT), -FM_EPEERTIMEOUT);
    CHECK_INT(code_of(-ECANCELED), -EIO);
    CHECK_INT(code_of(-ECONNRESET), -ECONNRESET);
    CHECK_INT(code_of(0), -EIO);
}

TEST(descriptors_are_private_and_never_block)
{
    int fds[8];
    uint64_t before = held(FM__HELD_DESCRIPTORS);
    CHECK_INT(fm__sys_pipe(&fds[0]), 0);
    CHECK_INT(fm__sys_socketpair(&fds[2]), 0);
    fds[4] = fm__sys_socket(AF_INET, SOCK_STREAM);
    fds[5] = fm__sys_event();
    fds[6] = fm__sys_epoll_open();
    CHECK_INT(held(FM__HELD_DESCRIPTORS), before + 7);
    for (int i = 0; i < 7; i++) {
        CHECK(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
        CHECK(i == 6 || fcntl(fds[i], F_GETFL) & O_NONBLOCK);
        CHECK_INT(fm__sys_close(fds[i]), 0);
    }
    CHECK_INT(held(FM__HELD_DESCRIPTORS), before);
}

TEST(closing_what_is_not_open_takes_nothing_from_the_ledger)
{
    uint64_t before = held(FM__HELD_DESCRIPTORS);
    CHECK_INT(fm__sys_close(-1), -EBADF);
    CHECK_INT(fm__sys_close(1 << 20), -EBADF);
    CHECK_INT(held(FM__HELD_DESCRIPTORS), before);
}

TEST(a_connection_is_made_accepted_and_named)
{
    struct sockaddr_in at = local(), name;
    socklen_t size = sizeof at;
    struct sockaddr *addr = (struct sockaddr *)&at;
    char c = 0;
    int listener = fm__sys_socket(AF_INET, SOCK_STREAM),
        fd = fm__sys_socket(AF_INET, SOCK_STREAM);
    CHECK_INT(fm__sys_accept(listener), -EINVAL);
    CHECK_INT(fm__sys_listen(listener, addr, size), 0);
    CHECK_INT(fm__sys_socket_name(listener, addr, &size), 0);
    CHECK_INT(fm__sys_accept(listener), -EAGAIN);
    int rc = fm__sys_connect(fd, addr, size);
    CHECK(rc == 0 || rc == -EINPROGRESS);
    CHECK_INT(fm__sys_poll(fd, POLLOUT, 1000000000), POLLOUT);
    CHECK_INT(fm__sys_socket_error(fd), 0);
    int peer = fm__sys_accept(listener);
    CHECK(fcntl(peer, F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl(peer, F_GETFL) & O_NONBLOCK);
    size = sizeof name;
    CHECK_INT(fm__sys_socket_name(peer, (struct sockaddr *)&name, &size), 0);
    CHECK_INT(name.sin_port, at.sin_port);
    CHECK_INT(fm__sys_recv(peer, &c, 1), -EAGAIN);
    CHECK_INT(fm__sys_send(fd, "x", 1), 1);
    CHECK_INT(fm__sys_recv(peer, &c, 1), 1);
    CHECK_INT(c, 'x');
    fm__sys_close(peer);
    fm__sys_close(fd);
    fm__sys_close(listener);
}

TEST(a_refused_connection_is_an_error_of_the_socket)
{
    struct sockaddr_in at = local();
    socklen_t size = sizeof at;
    int listener = fm__sys_socket(AF_INET, SOCK_STREAM),
        fd = fm__sys_socket(AF_INET, SOCK_STREAM);
    fm__sys_listen(listener, (struct sockaddr *)&at, size);
    fm__sys_socket_name(listener, (struct sockaddr *)&at, &size);
    fm__sys_close(listener);
    int rc = fm__sys_connect(fd, (struct sockaddr *)&at, size);
    if (rc == -EINPROGRESS) {
        fm__sys_poll(fd, POLLOUT, 1000000000);
        rc = fm__sys_socket_error(fd);
    }
    CHECK_INT(rc, -ECONNREFUSED);
    fm__sys_close(fd);
}

TEST(a_send_to_nobody_raises_no_signal)
{
    int fds[2];
    CHECK_INT(fm__sys_socketpair(fds), 0);
    fm__sys_close(fds[1]);
    CHECK_INT(fm__sys_send(fds[0], "x", 1), -EPIPE);
    fm__sys_close(fds[0]);
}

/* ---- Interruption ------------------------------------------------------- */

static int alarm_fd = -1;

static void on_alarm(int number)
{
    (void)number;
    ssize_t rc = alarm_fd >= 0 ? write(alarm_fd, "x", 1) : 0;
    (void)rc;
}

/* A signal in a millisecond, and then each; the handler writes one byte. */
static void alarm_on(int fd)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval soon = {.it_value.tv_usec = 1000,
                             .it_interval.tv_usec = 1000};
    alarm_fd = fd;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
}

static void alarm_off(void)
{
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
    alarm_fd = -1;
}

static void read_while_interrupted(void *arg)
{
    int fds[2];
    char c = 0;
    (void)arg;
    if (pipe(fds) < 0)
        return;
    alarm_on(fds[1]);
    ssize_t rc = fm__sys_read(fds[0], &c, 1);
    alarm_off();
    fm__say("read %zd %c", rc, c);
}

TEST(an_interrupted_call_is_made_again)
{
    if (test_under_valgrind())
        test_skip("a child ends with a status of valgrind");
    char said[256];
    CHECK_INT(test_child(read_while_interrupted, NULL, said, sizeof said), 0);
    CHECK(strstr(said, "read 1 x") != NULL);
}

static void wait_while_interrupted(void *arg)
{
    struct epoll_event event;
    int epoll = fm__sys_epoll_open(), fds[2];
    (void)arg;
    if (pipe(fds) < 0)
        return;
    alarm_on(-1);
    int waited = fm__sys_epoll_wait(epoll, &event, 1, -1);
    int polled = fm__sys_poll(fds[0], POLLIN, -1);
    alarm_off();
    fm__say("waited %d polled %d", waited, polled);
}

TEST(an_interrupted_wait_has_seen_nothing)
{
    if (test_under_valgrind())
        test_skip("a child ends with a status of valgrind");
    char said[256];
    CHECK_INT(test_child(wait_while_interrupted, NULL, said, sizeof said), 0);
    CHECK(strstr(said, "waited 0 polled 0") != NULL);
}

TEST(a_wait_is_never_early)
{
    static const int64_t spans[] = {0, 1, 999, 50000, 1000001};
    struct epoll_event event;
    int epoll = fm__sys_epoll_open(), fds[2];
    CHECK_INT(fm__sys_pipe(fds), 0);
    for (size_t i = 0; i < FM__COUNT(spans); i++) {
        int64_t began = fm__sys_clock();
        CHECK_INT(fm__sys_epoll_wait(epoll, &event, 1, spans[i]), 0);
        CHECK(fm__sys_clock() - began >= spans[i]);
        began = fm__sys_clock();
        CHECK_INT(fm__sys_poll(fds[0], POLLIN, spans[i]), 0);
        CHECK(fm__sys_clock() - began >= spans[i]);
    }
    fm__sys_close(epoll);
    fm__sys_close(fds[0]);
    fm__sys_close(fds[1]);
}

TEST(the_clock_never_goes_back)
{
    int64_t last = fm__sys_clock();
    for (int i = 0; i < 10000; i++) {
        int64_t now = fm__sys_clock();
        CHECK(now >= last);
        last = now;
    }
}

/* ---- The fault plan ------------------------------------------------------ */

enum {
    MAKERS = 5,
    OTHERS = 12
};

/* What makes descriptors. */
static int make(int which, int fds[2])
{
    switch (which) {
    case 0:
        return fm__sys_pipe(fds);
    case 1:
        return fm__sys_socketpair(fds);
    case 2:
        return fds[0] = fm__sys_socket(AF_INET, SOCK_STREAM);
    case 3:
        return fds[0] = fm__sys_event();
    default:
        return fds[0] = fm__sys_epoll_open();
    }
}

static int call(int which)
{
    struct sockaddr_in at = local();
    struct sockaddr *addr = (struct sockaddr *)&at;
    socklen_t size = sizeof at;
    struct epoll_event event;
    struct sigaction action;
    struct utsname name;
    struct rlimit limit;
    char buf[512];
    switch (which) {
    case 0:
        return fm__sys_epoll_wait(-1, &event, 1, 0);
    case 1:
        return fm__sys_poll(0, 0, 0);
    case 2:
        return fm__sys_epoll_add(-1, 0, 0, 0);
    case 3:
        return fm__sys_listen(-1, addr, size);
    case 4:
        return fm__sys_accept(-1);
    case 5:
        return fm__sys_connect(-1, addr, size);
    case 6:
        return fm__sys_socket_name(-1, addr, &size);
    case 7:
        return (int)fm__sys_slurp("/proc/version", buf, sizeof buf);
    case 8:
        return fm__sys_sigaction(SIGUSR1, NULL, &action);
    case 9:
        return fm__sys_name(&name);
    case 10:
        return fm__sys_limit(RLIMIT_NOFILE, &limit);
    default: /* it says only that there is none */
        return fm__sys_map(4096) == NULL ? -EXDEV : 0;
    }
}

TEST(any_call_can_be_made_to_fail_and_leaves_nothing)
{
    uint64_t before = held(FM__HELD_DESCRIPTORS);
    for (int i = 0; i < MAKERS + OTHERS; i++) {
        struct fm__fault_plan plan = {.error = -EXDEV};
        int fds[2];
        plan.fail_at[FM__DOOR_SYSTEM] = 1;
        fm__fault_plan = &plan;
        int rc = i < MAKERS ? make(i, fds) : call(i - MAKERS);
        fm__fault_plan = NULL;
        CHECK_INT(rc, -EXDEV);
        CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 1);
    }
    CHECK_INT(held(FM__HELD_DESCRIPTORS), before);
}

TEST(only_the_kth_call_fails_or_all_from_then_on)
{
    for (int forever = 0; forever < 2; forever++) {
        struct fm__fault_plan plan = {.error = -EXDEV, .from_then_on = forever};
        struct utsname name;
        plan.fail_at[FM__DOOR_SYSTEM] = 3;
        fm__fault_plan = &plan;
        for (int i = 1; i <= 5; i++) {
            bool fails = i == 3 || (i > 3 && forever);
            CHECK_INT(fm__sys_name(&name), fails ? -EXDEV : 0);
        }
        fm__fault_plan = NULL;
    }
}

/* ---- Memory and the machine ---------------------------------------------- */

TEST(mapped_memory_is_zero_and_resident_only_when_touched)
{
    uint64_t before = held(FM__HELD_MAPPINGS);
    char *start = fm__sys_map(16 * 4096);
    CHECK_INT(held(FM__HELD_MAPPINGS), before + 1);
    CHECK_INT(fm__sys_advise(start, 16 * 4096, MADV_NOHUGEPAGE), 0);
    CHECK_INT(fm__sys_resident(start, 16 * 4096), 0);
    start[4096] = 1;
    start[9 * 4096] = 1;
    CHECK_INT(fm__sys_resident(start, 16 * 4096), 2 * 4096);
    CHECK_INT(fm__sys_advise(start, 16 * 4096, MADV_DONTNEED), 0);
    CHECK_INT(fm__sys_resident(start, 16 * 4096), 0);
    CHECK_INT(start[4096], 0);
    fm__sys_unmap(start, 16 * 4096);
    CHECK_INT(held(FM__HELD_MAPPINGS), before);
}

static int touch(void *arg)
{
    *(volatile char *)arg = 1;
    return 0;
}

TEST(what_a_call_would_do_is_tried_in_a_child)
{
    char *start = fm__sys_map(8192);
    CHECK_INT(fm__sys_protect(start, 4096, PROT_NONE), 0);
    if (!test_under_asan() && !test_under_tsan() && !test_under_valgrind())
        CHECK_INT(fm__sys_try(touch, start), SIGSEGV);
    CHECK_INT(fm__sys_try(touch, start + 4096), 0);
    if (!test_under_valgrind() && !test_under_tsan()) /* where it forks */
        CHECK_INT(start[4096], 1);
    fm__sys_unmap(start, 8192);
}

TEST(a_small_file_is_read_whole_without_its_last_newline)
{
    if (test_under_valgrind())
        test_skip("valgrind runs under its own name");
    char line[64] = "";
    static const char path[] = "/proc/sys/kernel/ostype";
    CHECK_INT(fm__sys_slurp(path, line, sizeof line), 5);
    CHECK(strcmp(line, "Linux") == 0);
    CHECK_INT(fm__sys_slurp(path, line, 4), 3);
    CHECK(strcmp(line, "Lin") == 0);
}
