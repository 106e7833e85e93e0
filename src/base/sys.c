/*
 * sys.c - the one maker of system calls
 */
#include "base/sys.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/error.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SYS_TRY_STACK 16384
#define SYS_ARCH_SHSTK_STATUS 0x5005 /* asm/prctl.h, Linux 6.6 */

/* TSan holds signals back until a call that it knows may block, and does not
 * know this one: so to ENOSYS, and to epoll_wait. */
#if defined(__SANITIZE_THREAD__)
#define SYS_UNKNOWN_TO_TSAN(number) (-1L)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SYS_UNKNOWN_TO_TSAN(number) (-1L)
#endif
#endif
#ifndef SYS_UNKNOWN_TO_TSAN
#define SYS_UNKNOWN_TO_TSAN(number) (number)
#endif

static int sys_code(int error)
{
    if (error == ETIMEDOUT)
        return -FM_EPEERTIMEOUT;
    if (error == ECANCELED)
        return -EIO;
    return -error;
}

static int sys_fault(void)
{
    int error = fm__fault_error(FM__DOOR_SYSTEM);
    return error != 0 ? sys_code(-error) : 0;
}

static int sys_wait_fault(void)
{
    const struct fm__fault_plan *plan = fm__fault_plan;
    return plan != NULL && plan->spare_waits ? 0 : sys_fault();
}

/* Calls again while interrupted; errno is given back to the program. */
#define SYS_CALL(rc, call)                                                     \
    do {                                                                       \
        int saved = errno;                                                     \
        (rc) = sys_fault();                                                    \
        if ((rc) == 0) {                                                       \
            do                                                                 \
                (rc) = (call);                                                 \
            while ((rc) < 0 && errno == EINTR);                                \
            if ((rc) < 0)                                                      \
                (rc) = sys_code(errno);                                        \
        }                                                                      \
        errno = saved;                                                         \
    } while (0)

/* A call that makes descriptors. */
static int sys_opened(int rc, uint64_t count)
{
    if (rc >= 0)
        fm__hold(FM__HELD_DESCRIPTORS, count);
    return rc;
}

void *fm__sys_map(size_t size)
{
    if (sys_fault() < 0)
        return NULL;
    int saved = errno;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    errno = saved;
    if (start == MAP_FAILED)
        return NULL;
    fm__hold(FM__HELD_MAPPINGS, 1);
    return start;
}

void fm__sys_unmap(void *start, size_t size)
{
    munmap(start, size);
    fm__release(FM__HELD_MAPPINGS, 1);
}

int fm__sys_protect(void *start, size_t size, int prot)
{
    int rc;
    SYS_CALL(rc, mprotect(start, size, prot));
    return rc;
}

int fm__sys_advise(void *start, size_t size, int advice)
{
    int rc;
    SYS_CALL(rc, madvise(start, size, advice));
    return rc;
}

ssize_t fm__sys_resident(void *start, size_t size)
{
    unsigned char pages[256];
    size_t count = size / 4096;
    if (count > sizeof pages)
        return -EINVAL;
    int rc;
    SYS_CALL(rc, mincore(start, size, pages));
    ssize_t resident = rc;
    for (size_t i = 0; rc == 0 && i < count; i++)
        resident += pages[i] & 1;
    return resident;
}

ssize_t fm__sys_read(int fd, void *buf, size_t size)
{
    ssize_t rc;
    SYS_CALL(rc, read(fd, buf, size));
    return rc;
}

ssize_t fm__sys_write(int fd, const void *buf, size_t size)
{
    ssize_t rc;
    SYS_CALL(rc, write(fd, buf, size));
    return rc;
}

ssize_t fm__sys_recv(int fd, void *buf, size_t size)
{
    ssize_t rc;
    SYS_CALL(rc, recv(fd, buf, size, 0));
    return rc;
}

ssize_t fm__sys_send(int fd, const void *buf, size_t size)
{
    ssize_t rc;
    SYS_CALL(rc, send(fd, buf, size, MSG_NOSIGNAL));
    return rc;
}

/* Linux closes also when it says EINTR: never asked again. */
int fm__sys_close(int fd)
{
    int saved = errno;
    int rc = close(fd);
    if (rc < 0 && errno != EINTR)
        rc = sys_code(errno);
    else
        rc = 0;
    errno = saved;
    if (rc != -EBADF)
        fm__release(FM__HELD_DESCRIPTORS, 1);
    return rc;
}

int fm__sys_pipe(int fds[2])
{
    int rc;
    SYS_CALL(rc, pipe2(fds, O_CLOEXEC | O_NONBLOCK));
    return sys_opened(rc, 2);
}

int fm__sys_socketpair(int fds[2])
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int rc;
    SYS_CALL(rc, socketpair(AF_UNIX, type, 0, fds));
    return sys_opened(rc, 2);
}

int fm__sys_socket(int family)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int rc;
    SYS_CALL(rc, socket(family, type, 0));
    return sys_opened(rc, 1);
}

int fm__sys_listen(int fd, const struct sockaddr *addr, socklen_t size)
{
    int rc;
    SYS_CALL(rc, bind(fd, addr, size));
    if (rc == 0)
        SYS_CALL(rc, listen(fd, SOMAXCONN));
    return rc;
}

int fm__sys_accept(int fd)
{
    int rc;
    SYS_CALL(rc, accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
    return sys_opened(rc, 1);
}

int fm__sys_connect(int fd, const struct sockaddr *addr, socklen_t size)
{
    int rc;
    SYS_CALL(rc, connect(fd, addr, size));
    return rc;
}

int fm__sys_socket_error(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;
    int rc;
    SYS_CALL(rc, getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    return rc < 0 || error == 0 ? rc : sys_code(error);
}

int fm__sys_socket_name(int fd, struct sockaddr *addr, socklen_t *size)
{
    int rc;
    SYS_CALL(rc, getsockname(fd, addr, size));
    return rc;
}

int fm__sys_event(void)
{
    int rc;
    SYS_CALL(rc, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    return sys_opened(rc, 1);
}

int fm__sys_epoll_open(void)
{
    int rc;
    SYS_CALL(rc, epoll_create1(EPOLL_CLOEXEC));
    return sys_opened(rc, 1);
}

int fm__sys_epoll_add(int epoll, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event event = {.events = events, .data.u64 = data};
    int rc;
    SYS_CALL(rc, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    return rc;
}

/* Before Linux 5.11: whole milliseconds, rounded up so as not to be early. */
static int sys_epoll_wait_ms(int epoll, struct epoll_event *events, int count,
                             int64_t timeout)
{
    int64_t ms = timeout < 0 ? -1 : timeout / 1000000 + (timeout % 1000000 > 0);
    return epoll_wait(epoll, events, count, ms > 86400000 ? 86400000 : (int)ms);
}

int fm__sys_epoll_wait(int epoll, struct epoll_event *events, int count,
                       int64_t timeout)
{
    int rc = sys_wait_fault();
    if (rc < 0)
        return rc;
    int saved = errno;
    struct timespec ts = {.tv_sec = timeout / 1000000000,
                          .tv_nsec = timeout % 1000000000};
    rc = (int)syscall(SYS_UNKNOWN_TO_TSAN(SYS_epoll_pwait2), epoll, events,
                      count, timeout < 0 ? NULL : &ts, NULL, (size_t)0);
    if (rc < 0 && errno == ENOSYS)
        rc = sys_epoll_wait_ms(epoll, events, count, timeout);
    if (rc < 0)
        rc = errno == EINTR ? 0 : sys_code(errno);
    errno = saved;
    return rc;
}

int fm__sys_poll(int fd, int events, int64_t timeout)
{
    int rc = -EBADF; /* poll(2) ignores such */
    if (fd >= 0)
        rc = timeout != 0 ? sys_wait_fault() : sys_fault();
    if (rc < 0)
        return rc;
    int saved = errno;
    struct pollfd asked = {.fd = fd, .events = (short)events};
    struct timespec ts = {.tv_sec = timeout / 1000000000,
                          .tv_nsec = timeout % 1000000000};
    rc = ppoll(&asked, 1, timeout < 0 ? NULL : &ts, NULL);
    if (rc < 0)
        rc = errno == EINTR ? 0 : sys_code(errno);
    else if (asked.revents & POLLNVAL)
        rc = -EBADF;
    else
        rc = asked.revents;
    errno = saved;
    return rc;
}

int64_t fm__sys_clock(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int fm__sys_sigaction(int number, const struct sigaction *action,
                      struct sigaction *old)
{
    int rc;
    SYS_CALL(rc, sigaction(number, action, old));
    return rc;
}

int fm__sys_altstack(const stack_t *stack, stack_t *old)
{
    int rc;
    SYS_CALL(rc, sigaltstack(stack, old));
    return rc;
}

void fm__sys_undo_sigaction(int number, const struct sigaction *action,
                            struct sigaction *old)
{
    sigaction(number, action, old);
}

void fm__sys_undo_altstack(const stack_t *stack)
{
    sigaltstack(stack, NULL);
}

void fm__sys_raise(int number)
{
    raise(number);
}

bool fm__sys_main_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

int fm__sys_name(struct utsname *name)
{
    int rc;
    SYS_CALL(rc, uname(name));
    return rc;
}

int fm__sys_limit(int resource, struct rlimit *limit)
{
    int rc;
    SYS_CALL(rc, getrlimit((__rlimit_resource_t)resource, limit));
    return rc;
}

int fm__sys_shadow_stack(void)
{
    unsigned long status = 0;
    if (fm__fault_plan != NULL && fm__fault_plan->shadow_stack)
        return 1;
    long rc;
    SYS_CALL(rc, syscall(SYS_arch_prctl, SYS_ARCH_SHSTK_STATUS, &status));
    return rc < 0 ? (int)rc : (int)(status & 1);
}

struct sys_trial {
    int (*fn)(void *);
    void *arg;
};

/* Zeroes are SIG_DFL to every kernel. Not by signal(): a sanitizer would note
 * it in memory that the parent shares, and lose the parent's handler. */
static int sys_trial_run(void *arg)
{
    struct sys_trial *trial = arg;
    const struct rlimit no_core = {0, 0};
    const unsigned long dfl[8] = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    syscall(SYS_rt_sigaction, SIGSEGV, dfl, NULL, (size_t)(_NSIG / 8));
    syscall(SYS_rt_sigaction, SIGBUS, dfl, NULL, (size_t)(_NSIG / 8));
    trial->fn(trial->arg);
    _exit(0);
}

/* No exit signal: the program's SIGCHLD handler is not ours to call. */
int fm__sys_try(int (*fn)(void *), void *arg)
{
    struct sys_trial trial = {fn, arg};
    char *stack = fm__sys_map(SYS_TRY_STACK);
    if (stack == NULL)
        return -ENOMEM;
    int status = 0;
    int pid;
    SYS_CALL(pid, clone(sys_trial_run, stack + SYS_TRY_STACK,
                        CLONE_VM | CLONE_VFORK, &trial));
    int rc = pid;
    if (pid > 0)
        SYS_CALL(rc, waitpid(pid, &status, __WALL));
    fm__sys_unmap(stack, SYS_TRY_STACK);
    if (rc < 0)
        return rc;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

ssize_t fm__sys_slurp(const char *path, char *buf, size_t size)
{
    int fd;
    SYS_CALL(fd, open(path, O_RDONLY | O_CLOEXEC));
    if (sys_opened(fd, 1) < 0)
        return fd;
    ssize_t rc = fm__sys_read(fd, buf, size - 1);
    fm__sys_close(fd);
    if (rc > 0 && buf[rc - 1] == '\n')
        rc--;
    if (rc >= 0)
        buf[rc] = '\0';
    return rc;
}

void fm__sys_say(const char *line, size_t size)
{
    int saved = errno;
    ssize_t rc = write(STDERR_FILENO, line, size);
    (void)rc;
    errno = saved;
}
