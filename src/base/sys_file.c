/*
 * sys_file.c - system calls on what lies at a path
 */
#include "base/sys.h"

#include "base/sys_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int fm__sys_look(const char *path, struct fm__sys_file *file)
{
    struct stat found;
    int rc;
    FM__SYS_CALL(rc, lstat(path, &found));
    if (rc == 0)
        *file = (struct fm__sys_file){found.st_dev, found.st_ino,
                                      (unsigned)found.st_mode};
    return rc;
}

int fm__sys_unlink(const char *path)
{
    int rc;
    FM__SYS_CALL(rc, unlink(path));
    return rc;
}

int fm__sys_allow(const char *path, unsigned mode)
{
    int rc;
    FM__SYS_CALL(rc, chmod(path, (mode_t)mode));
    return rc;
}

int fm__sys_allow_fd(int fd, unsigned mode)
{
    int rc;
    FM__SYS_CALL(rc, fchmod(fd, (mode_t)mode));
    return rc;
}

int fm__sys_lock(int fd)
{
    int rc;
    FM__SYS_CALL(rc, flock(fd, LOCK_EX | LOCK_NB));
    return rc;
}

int fm__sys_lock_directory(const char *path)
{
    int fd;
    FM__SYS_CALL(fd, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fm__sys_opened(fd, 1) < 0)
        return fd;
    int rc = fm__sys_lock(fd);
    if (rc < 0)
        fm__sys_close(fd);
    return rc < 0 ? rc : fd;
}

int fm__sys_kind(int fd)
{
    struct stat found;
    int rc;
    FM__SYS_CALL(rc, fstat(fd, &found));
    return rc != 0 ? rc : (int)(found.st_mode & S_IFMT);
}

int fm__sys_reopen(int fd, bool writing)
{
    int wanted = writing ? O_WRONLY : O_RDONLY;
    char path[32];
    int rc;
    FM__SYS_CALL(rc, fcntl(fd, F_GETFL));
    if (rc < 0)
        return rc;
    if ((rc & O_ACCMODE) != O_RDWR && (rc & O_ACCMODE) != wanted)
        return -EBADF;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    FM__SYS_CALL(rc, open(path, wanted | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    return fm__sys_opened(rc, 1);
}
