/*
 * sys_open.c - system calls that open a file at a path
 *
 * None of them waits for somebody at the other end, as open(2) of a FIFO or a
 * terminal does: all are asked with O_NONBLOCK, which means nothing to a file.
 */
#include "base/sys.h"

#include "base/sys_call.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYS_OPEN_ROUNDS 16 /* of a path that is being moved meanwhile */

static int sys_open_flags(const struct fm__sys_path *path)
{
    return path->flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
}

/* openat2(2), which takes a mode only where a file may be made. */
static int sys_open_by(const struct fm__sys_path *path, uint64_t resolve)
{
    bool makes =
        (path->flags & O_CREAT) != 0 || (path->flags & O_TMPFILE) == O_TMPFILE;
    struct open_how how = {
        .flags = (uint64_t)(unsigned)sys_open_flags(path),
        .mode = makes ? path->mode : 0,
        .resolve = resolve,
    };
    int rc;
    FM__SYS_CALL(rc, (int)syscall(SYS_openat2, path->directory, path->name,
                                  &how, sizeof how));
    return fm__sys_opened(rc, 1);
}

static uint64_t sys_open_resolve(const struct fm__sys_path *path)
{
    return path->beneath ? RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS : 0;
}

int fm__sys_open_now(const struct fm__sys_path *path)
{
    return sys_open_by(path, sys_open_resolve(path) | RESOLVE_CACHED);
}

/* One step down, which is no link: takes `directory`, if it is not the first.
 * The last step opens what is asked for. */
static int sys_open_step(const struct fm__sys_path *path, int directory,
                         const char *name, bool last)
{
    int flags = last ? sys_open_flags(path) | O_NOFOLLOW
                     : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int rc = strcmp(name, "..") == 0 ? -EXDEV : 0;
    if (rc == 0)
        FM__SYS_CALL(rc, openat(directory, name, flags, (mode_t)path->mode));
    fm__sys_opened(rc, 1);
    if (directory != path->directory)
        fm__sys_close(directory);
    return rc;
}

/* Where openat2(2) is missing: from name to name, and over no link. */
static int sys_open_walk(const struct fm__sys_path *path)
{
    char names[PATH_MAX];
    size_t size = strlen(path->name);
    int at = path->directory;
    if (size == 0)
        return -ENOENT;
    if (size >= sizeof names)
        return -ENAMETOOLONG;
    if (path->name[0] == '/')
        return -EXDEV;
    memcpy(names, path->name, size + 1);
    char *name = names;
    for (;;) {
        char *rest = name + strcspn(name, "/");
        bool last = *rest == '\0';
        *rest = '\0';
        at = sys_open_step(path, at, *name != '\0' ? name : ".", last);
        if (last || at < 0)
            return at;
        name = rest + 1;
    }
}

int fm__sys_open(const struct fm__sys_path *path)
{
    int rc = -EAGAIN;
    if (!path->beneath) {
        FM__SYS_CALL(rc, openat(path->directory, path->name,
                                sys_open_flags(path), (mode_t)path->mode));
        return fm__sys_opened(rc, 1);
    }
    for (int i = 0; i < SYS_OPEN_ROUNDS && rc == -EAGAIN; i++)
        rc = sys_open_by(path, sys_open_resolve(path));
    /* EPERM is what a filter of system calls may say that is older. */
    return rc == -ENOSYS || rc == -EPERM ? sys_open_walk(path) : rc;
}
