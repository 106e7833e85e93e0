/*
 * sys_path.c - system calls on paths and directories
 */
#include "base/sys_path.h"

#include "base/sys_call.h"

#include <errno.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fm__sys_open_at(struct fm__sys_place place, int flags, unsigned mode)
{
    int fd;
    FM__SYS_CALL(fd, openat(place.at, place.path, flags | O_CLOEXEC, mode));
    return fm__sys_opened(fd, 1);
}

int fm__sys_stat_at(struct fm__sys_place place, struct stat *found, int flags)
{
    int rc;
    FM__SYS_CALL(rc, fstatat(place.at, place.path, found, flags));
    return rc;
}

int fm__sys_access(const char *path, int mode)
{
    int rc;
    FM__SYS_CALL(rc, faccessat(AT_FDCWD, path, mode, AT_EACCESS));
    return rc;
}

/* Without flags by a call that each file system knows. */
int fm__sys_rename_at(struct fm__sys_place from, struct fm__sys_place to,
                      unsigned flags)
{
    int rc;
    if (flags == 0)
        FM__SYS_CALL(rc, renameat(from.at, from.path, to.at, to.path));
    else
        FM__SYS_CALL(rc, (int)syscall(SYS_renameat2, from.at, from.path, to.at,
                                      to.path, flags));
    return rc;
}

int fm__sys_unlink_at(struct fm__sys_place place, int flags)
{
    int rc;
    FM__SYS_CALL(rc, unlinkat(place.at, place.path, flags));
    return rc;
}

int fm__sys_make_directory(struct fm__sys_place place, unsigned mode)
{
    int rc;
    FM__SYS_CALL(rc, mkdirat(place.at, place.path, (mode_t)mode));
    return rc;
}

int fm__sys_link_at(struct fm__sys_place from, struct fm__sys_place to)
{
    int rc;
    FM__SYS_CALL(rc, linkat(from.at, from.path, to.at, to.path, 0));
    return rc;
}

int fm__sys_symlink(const char *target, const char *path)
{
    int rc;
    FM__SYS_CALL(rc, symlink(target, path));
    return rc;
}

ssize_t fm__sys_read_link(const char *path, char *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, readlink(path, buf, size));
    return rc;
}

int fm__sys_real_path(const char *path, char *real)
{
    int rc;
    FM__SYS_CALL(rc, realpath(path, real) != NULL ? 0 : -1);
    return rc;
}

int fm__sys_times(const char *path, const struct timespec times[2])
{
    int rc;
    FM__SYS_CALL(rc, utimensat(AT_FDCWD, path, times, 0));
    return rc;
}

int fm__sys_clone(int to, int from)
{
    int rc;
    FM__SYS_CALL(rc, ioctl(to, FICLONE, from));
    return rc;
}

ssize_t fm__sys_copy_range(int to, int from, int64_t at, size_t size)
{
    off_t in = at, out = at;
    ssize_t rc;
    FM__SYS_CALL(rc, copy_file_range(from, &in, to, &out, size, 0));
    return rc;
}

ssize_t fm__sys_entries(int fd, void *buf, size_t size)
{
    ssize_t rc;
    FM__SYS_CALL(rc, syscall(SYS_getdents64, fd, buf, size));
    return rc;
}

int fm__sys_inotify(void)
{
    int fd;
    FM__SYS_CALL(fd, inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    return fm__sys_opened(fd, 1);
}

int fm__sys_inotify_add(int fd, const char *path, uint32_t events)
{
    int rc;
    FM__SYS_CALL(rc, inotify_add_watch(fd, path, events));
    return rc;
}

int fm__sys_inotify_remove(int fd, int id)
{
    int rc;
    FM__SYS_CALL(rc, inotify_rm_watch(fd, id));
    return rc;
}

/* Where the kernel has none yet, the time and a place have to do: whoever
 * names files so is told of a name that is taken. */
uint64_t fm__sys_chance(void)
{
    int saved = errno;
    uint64_t number;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
        number = (uint64_t)fm__sys_clock() ^ (uintptr_t)&number;
    errno = saved;
    return number;
}
