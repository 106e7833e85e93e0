/*
 * sys_place.c - system calls on files that are open, at an offset
 */
#include "base/sys.h"

#include "base/sys_call.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t fm__sys_readv_at(int fd, const struct iovec *parts, size_t count,
                         int64_t offset)
{
    ssize_t rc;
    FM__SYS_CALL(rc, offset < 0 ? readv(fd, parts, (int)count)
                                : preadv(fd, parts, (int)count, offset));
    return rc;
}

ssize_t fm__sys_readv_now(int fd, const struct iovec *parts, size_t count,
                          int64_t offset)
{
    ssize_t rc;
    FM__SYS_CALL(rc, preadv2(fd, parts, (int)count, offset, RWF_NOWAIT));
    return rc;
}

ssize_t fm__sys_writev_at(int fd, const struct iovec *parts, size_t count,
                          int64_t offset)
{
    ssize_t rc;
    FM__SYS_CALL(rc, offset < 0 ? writev(fd, parts, (int)count)
                                : pwritev(fd, parts, (int)count, offset));
    return rc;
}

int64_t fm__sys_seek(int fd, int64_t offset, int whence)
{
    int64_t rc;
    FM__SYS_CALL(rc, lseek(fd, offset, whence));
    return rc;
}

int fm__sys_sync(int fd, bool data)
{
    int rc;
    FM__SYS_CALL(rc, data ? fdatasync(fd) : fsync(fd));
    return rc;
}

int fm__sys_stat_fd(int fd, struct stat *found)
{
    int rc;
    FM__SYS_CALL(rc, fstat(fd, found));
    return rc;
}

int fm__sys_truncate(int fd, int64_t size)
{
    int rc;
    FM__SYS_CALL(rc, ftruncate(fd, size));
    return rc;
}

int fm__sys_allocate(int fd, int mode, int64_t offset, int64_t size)
{
    int rc;
    FM__SYS_CALL(rc, fallocate(fd, mode, offset, size));
    return rc;
}

int fm__sys_status(int fd)
{
    int rc;
    FM__SYS_CALL(rc, fcntl(fd, F_GETFL));
    return rc;
}
