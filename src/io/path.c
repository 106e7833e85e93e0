/*
 * path.c - single calls on paths, on a thread
 *
 * What a call needs lies on the task's stack, and so do the paths: the thread
 * is done with them before the task goes on.
 */
#include <fermata/path.h>

#include "base/sys_path.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/thread.h>
#include <limits.h>
#include <linux/fs.h> /* RENAME_NOREPLACE, which musl has nowhere else */
#include <stdio.h>
#include <string.h>

_Static_assert(FM_PATH_SIZE == PATH_MAX, "as the system has it");

struct path_call {
    const char *path;
    const char *other; /* a second one, or what a link says */
    unsigned flags;    /* mode, or flags of the system's call */
    bool parents;
    void *out;
    size_t size; /* of out */
    const struct timespec *times;
};

static int path_run(const char *caller, int (*fn)(void *),
                    struct path_call *call)
{
    int rc = fm__checkpoint(fm__current, caller);
    return rc < 0 ? rc : fm_thread_run(fn, call);
}

static int path_stat(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_stat_at(fm__sys_here(call->path), call->out,
                           (int)call->flags);
}

int fm_path_stat(const char *path, struct stat *found)
{
    struct path_call call = {.path = path, .out = found};
    return path_run("fm_path_stat", path_stat, &call);
}

int fm_path_stat_link(const char *path, struct stat *found)
{
    struct path_call call = {
        .path = path, .out = found, .flags = AT_SYMLINK_NOFOLLOW};
    return path_run("fm_path_stat_link", path_stat, &call);
}

int fm_path_exists(const char *path)
{
    struct stat found;
    struct path_call call = {.path = path, .out = &found};
    int rc = path_run("fm_path_exists", path_stat, &call);
    if (rc == -ENOENT || rc == -ENOTDIR)
        return 0;
    return rc < 0 ? rc : 1;
}

static int path_access(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_access(call->path, (int)call->flags);
}

int fm_path_access(const char *path, int mode)
{
    struct path_call call = {.path = path, .flags = (unsigned)mode};
    return path_run("fm_path_access", path_access, &call);
}

static int path_rename(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_rename_at(fm__sys_here(call->path),
                             fm__sys_here(call->other), call->flags);
}

int fm__path_rename(const char *from, const char *to,
                    const fm_rename_options *options)
{
    struct path_call call = {.path = from, .other = to};
    if (options != NULL && options->keep)
        call.flags |= RENAME_NOREPLACE;
    if (options != NULL && options->exchange)
        call.flags |= RENAME_EXCHANGE;
    return path_run("fm_path_rename", path_rename, &call);
}

static int path_unlink(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_unlink_at(fm__sys_here(call->path), (int)call->flags);
}

int fm_path_unlink(const char *path)
{
    struct path_call call = {.path = path};
    return path_run("fm_path_unlink", path_unlink, &call);
}

int fm_path_rmdir(const char *path)
{
    struct path_call call = {.path = path, .flags = AT_REMOVEDIR};
    return path_run("fm_path_rmdir", path_unlink, &call);
}

/* What is there already may be of whatever kind: what comes below tells. What
 * a slash at the end belongs to is no parent. */
static int path_make_parents(const char *path)
{
    char parent[FM_PATH_SIZE];
    size_t size = strlen(path);
    if (size >= sizeof parent)
        return -ENAMETOOLONG;
    memcpy(parent, path, size + 1);
    while (size > 0 && path[size - 1] == '/')
        size--;
    for (size_t i = 1; i < size; i++) {
        if (parent[i] != '/' || path[i - 1] == '/')
            continue;
        parent[i] = '\0';
        int rc = fm__sys_make_directory(fm__sys_here(parent), 0777);
        if (rc < 0 && rc != -EEXIST)
            return rc;
        parent[i] = '/';
    }
    return 0;
}

static bool path_is_directory(const char *path)
{
    struct stat found;
    return fm__sys_stat_at(fm__sys_here(path), &found, 0) == 0 &&
           S_ISDIR(found.st_mode);
}

static int path_mkdir(void *arg)
{
    const struct path_call *call = arg;
    struct fm__sys_place place = fm__sys_here(call->path);
    int rc = fm__sys_make_directory(place, call->flags);
    if (!call->parents)
        return rc;
    if (rc == -ENOENT && call->path[0] != '\0') {
        rc = path_make_parents(call->path);
        if (rc == 0)
            rc = fm__sys_make_directory(place, call->flags);
    }
    return rc == -EEXIST && path_is_directory(call->path) ? 0 : rc;
}

int fm__path_mkdir(const char *path, const fm_mkdir_options *options)
{
    struct path_call call = {.path = path, .flags = 0777};
    if (options != NULL && options->mode != 0)
        call.flags = options->mode;
    call.parents = options != NULL && options->parents;
    return path_run("fm_path_mkdir", path_mkdir, &call);
}

static int path_link(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_link_at(fm__sys_here(call->path), fm__sys_here(call->other));
}

int fm_path_link(const char *from, const char *to)
{
    struct path_call call = {.path = from, .other = to};
    return path_run("fm_path_link", path_link, &call);
}

static int path_symlink(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_symlink(call->other, call->path);
}

int fm_path_symlink(const char *target, const char *path)
{
    struct path_call call = {.path = path, .other = target};
    return path_run("fm_path_symlink", path_symlink, &call);
}

/* A size of 0 is none that the system would take. */
static int path_readlink(void *arg)
{
    const struct path_call *call = arg;
    char one[1], *buf = call->out;
    ssize_t rc = fm__sys_read_link(call->path, call->size > 0 ? buf : one,
                                   call->size > 0 ? call->size : 1);
    if (rc < 0)
        return (int)rc;
    if ((size_t)rc >= call->size)
        return -ENAMETOOLONG;
    buf[rc] = '\0';
    return (int)rc;
}

ssize_t fm_path_readlink(const char *path, char *buf, size_t size)
{
    struct path_call call = {
        .path = path, .out = buf, .size = size < INT_MAX ? size : INT_MAX};
    return path_run("fm_path_readlink", path_readlink, &call);
}

static int path_real(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_real_path(call->path, call->out);
}

int fm_path_real(const char *path, char real[FM_PATH_SIZE])
{
    struct path_call call = {.path = path, .out = real};
    return path_run("fm_path_real", path_real, &call);
}

static int path_chmod(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_allow(call->path, call->flags);
}

int fm_path_chmod(const char *path, mode_t mode)
{
    struct path_call call = {.path = path, .flags = mode};
    return path_run("fm_path_chmod", path_chmod, &call);
}

static int path_utimes(void *arg)
{
    const struct path_call *call = arg;
    return fm__sys_times(call->path, call->times);
}

int fm_path_utimes(const char *path, const struct timespec times[2])
{
    struct path_call call = {.path = path, .times = times};
    return path_run("fm_path_utimes", path_utimes, &call);
}
