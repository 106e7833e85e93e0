/*
 * sys_fd.c - system calls on descriptors, and waiting for them
 */
#include "base/sys.h"

#include "base/sys_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

ssize_t fm__sys_read(int fd, void *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, read(fd, buf, size));
    return rc;
}

int fm__sys_create(const char *path)
{
    int fd;
    FM__SYS_CALL(fd, open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                          S_IRUSR | S_IWUSR));
    return fm__sys_opened(fd, 1) < 0 ? fd : fm__sys_close(fd);
}

ssize_t fm__sys_write(int fd, const void *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, write(fd, buf, size));
    return rc;
}

ssize_t fm__sys_read_at(int fd, void *buf, size_t size, int64_t offset)
{
    ssize_t rc;
    FM__SYS_CALL(rc, pread(fd, buf, size, offset));
    return rc;
}

ssize_t fm__sys_read_now(int fd, void *buf, size_t size, int64_t offset)
{
    const struct iovec part = {buf, size};
    return fm__sys_readv_now(fd, &part, 1, offset);
}

ssize_t fm__sys_sendfile(int to, int from, int64_t offset, size_t size)
{
    off_t at = offset;
    ssize_t rc;
    FM__SYS_CALL(rc, sendfile(to, from, &at, size));
    return rc;
}

ssize_t fm__sys_writev(int fd, const struct iovec *parts, size_t count)
{
    ssize_t rc;
    FM__SYS_CALL(rc, writev(fd, parts, (int)count));
    return rc;
}

/* Linux closes also when it says EINTR: never asked again. */
int fm__sys_close(int fd)
{
    int saved = errno;
    int rc = close(fd);
    if (rc < 0 && errno != EINTR)
        rc = fm__sys_code(errno);
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
    FM__SYS_CALL(rc, pipe2(fds, O_CLOEXEC | O_NONBLOCK));
    return fm__sys_opened(rc, 2);
}

int fm__sys_close_on_exec(int fd)
{
    int rc;
    FM__SYS_CALL(rc, fcntl(fd, F_SETFD, FD_CLOEXEC));
    return rc;
}

int fm__sys_adopt(int fd)
{
    int flags;
    FM__SYS_CALL(flags, fcntl(fd, F_GETFL));
    if (flags < 0)
        return flags;
    int rc = 0;
    if ((flags & O_NONBLOCK) == 0)
        FM__SYS_CALL(rc, fcntl(fd, F_SETFL, flags | O_NONBLOCK));
    return fm__sys_opened(rc, 1);
}

int fm__sys_sink(int fd)
{
    int flags;
    FM__SYS_CALL(flags, fcntl(fd, F_GETFL));
    return flags < 0 ? flags : (flags & O_ACCMODE) == O_WRONLY;
}

int fm__sys_event(void)
{
    int rc;
    FM__SYS_CALL(rc, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    return fm__sys_opened(rc, 1);
}

void fm__sys_event_set(int fd)
{
    int saved = errno;
    uint64_t one = 1;
    ssize_t rc = write(fd, &one, sizeof one);
    (void)rc;
    errno = saved;
}

void fm__sys_event_ring(int fd)
{
    if (fm__sys_wait_fault() == 0)
        fm__sys_event_set(fd);
}

/* Not by write(2): a sanitizer would look at what is read here itself. */
bool fm__sys_peep(const int pipe[2], const void *from, void *to, size_t size)
{
    int saved = errno;
    ssize_t put = syscall(SYS_write, pipe[1], from, size);
    ssize_t got = put > 0 ? read(pipe[0], to, (size_t)put) : 0;
    errno = saved;
    return put == got && (size_t)got == size;
}

int fm__sys_epoll_open(void)
{
    int rc;
    FM__SYS_CALL(rc, epoll_create1(EPOLL_CLOEXEC));
    return fm__sys_opened(rc, 1);
}

int fm__sys_epoll_add(int epoll, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event event = {.events = events, .data.u64 = data};
    int rc;
    FM__SYS_CALL(rc, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    return rc;
}

int fm__sys_epoll_change(int epoll, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event event = {.events = events, .data.u64 = data};
    int rc;
    FM__SYS_CALL(rc, epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event));
    return rc;
}

int fm__sys_epoll_remove(int epoll, int fd)
{
    int rc;
    FM__SYS_CALL(rc, epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL));
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
    int rc = fm__sys_wait_fault();
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
        rc = errno == EINTR ? 0 : fm__sys_code(errno);
    errno = saved;
    return rc;
}

int fm__sys_poll(int fd, int events, int64_t timeout)
{
    int rc = -EBADF; /* poll(2) ignores such */
    if (fd >= 0)
        rc = timeout != 0 ? fm__sys_wait_fault() : fm__sys_fault();
    if (rc < 0)
        return rc;
    int saved = errno;
    struct pollfd asked = {.fd = fd, .events = (short)events};
    struct timespec ts = {.tv_sec = timeout / 1000000000,
                          .tv_nsec = timeout % 1000000000};
    rc = ppoll(&asked, 1, timeout < 0 ? NULL : &ts, NULL);
    if (rc < 0)
        rc = errno == EINTR ? 0 : fm__sys_code(errno);
    else if (asked.revents & POLLNVAL)
        rc = -EBADF;
    else
        rc = asked.revents;
    errno = saved;
    return rc;
}

ssize_t fm__sys_slurp(const char *path, char *buf, size_t size)
{
    int fd;
    FM__SYS_CALL(fd, open(path, O_RDONLY | O_CLOEXEC));
    if (fm__sys_opened(fd, 1) < 0)
        return fd;
    ssize_t rc = fm__sys_read(fd, buf, size - 1);
    fm__sys_close(fd);
    if (rc > 0 && buf[rc - 1] == '\n')
        rc--;
    if (rc >= 0)
        buf[rc] = '\0';
    return rc;
}

int fm__sys_would_block(void)
{
    errno = EAGAIN;
    return -1;
}

int fm__sys_stat(const char *path, struct stat *found)
{
    int rc;
    FM__SYS_CALL(rc, stat(path, found));
    return rc;
}

void fm__sys_say(const char *line, size_t size)
{
    int saved = errno;
    ssize_t rc = write(STDERR_FILENO, line, size);
    (void)rc;
    errno = saved;
}
