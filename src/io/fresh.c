/*
 * fresh.c - a file that takes a path's place when it is whole
 *
 * Invariant: `named` says whether the file lies under its own name; nobody
 * else unlinks that.
 */
#include "io/fresh.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/fs.h> /* RENAME_NOREPLACE, which musl has nowhere else */
#include <stdio.h>

void fm__fresh_name(char *name, size_t size, const char *prefix)
{
    snprintf(name, size, "%s%016" PRIx64, prefix, fm__sys_chance());
}

static struct fm__sys_place fresh_place(const struct fm__fresh *fresh)
{
    return (struct fm__sys_place){fresh->place.parent, fresh->name};
}

static int fresh_create(struct fm__fresh *fresh)
{
    unsigned mode = fresh->mode != 0 ? S_IRUSR | S_IWUSR : 0666;
    int fd = -EEXIST;
    for (int i = 0; i < FM__FRESH_TRIES && fd == -EEXIST; i++) {
        fm__fresh_name(fresh->name, sizeof fresh->name, ".fermata-");
        fd = fm__sys_open_at(fresh_place(fresh),
                             O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    }
    if (fd < 0)
        return fd;
    fresh->fd = fd;
    fresh->named = true;
    return 0;
}

int fm__fresh_look(struct fm__fresh *fresh, const char *path)
{
    struct stat found;
    int rc = fm__sys_stat_at(fm__sys_here(path), &found, AT_SYMLINK_NOFOLLOW);
    if (rc < 0)
        return rc == -ENOENT ? 0 : rc;
    if (S_ISDIR(found.st_mode))
        return -EISDIR;
    if (S_ISREG(found.st_mode) && fresh->mode == 0)
        fresh->mode = S_IFREG | (found.st_mode & 0777);
    return 0;
}

int fm__fresh_open(struct fm__fresh *fresh, const char *path)
{
    fresh->fd = -1;
    fresh->named = false;
    int rc =
        fm__place_open(&fresh->place, path, fresh->sync ? O_RDONLY : O_PATH);
    if (rc == 0 && fresh->place.slash)
        rc = -EISDIR;
    if (rc == 0)
        rc = fresh_create(fresh);
    if (rc < 0)
        fm__place_close(&fresh->place);
    return rc;
}

ssize_t fm__fresh_write(const struct fm__fresh *fresh, const void *buf,
                        size_t size, int64_t at)
{
    const struct iovec part = {(void *)(uintptr_t)buf, size};
    ssize_t rc = fm__sys_writev_at(fresh->fd, &part, 1, at);
    return rc == 0 ? -EIO : rc;
}

/* Whatever it was told before, a server may say at the close that there is no
 * room (close(2)). */
static int fresh_finish(struct fm__fresh *fresh)
{
    int rc = 0;
    if (fresh->mode != 0)
        rc = fm__sys_allow_fd(fresh->fd, fresh->mode & 07777);
    if (rc == 0 && fresh->sync)
        rc = fm__sys_sync(fresh->fd, false);
    int closed = fm__sys_close(fresh->fd);
    fresh->fd = -1;
    return rc < 0 ? rc : closed;
}

static int fresh_rename(const struct fm__fresh *fresh)
{
    struct fm__sys_place from = fresh_place(fresh);
    struct fm__sys_place to = fm__place_of(&fresh->place);
    if (!fresh->keep)
        return fm__sys_rename_at(from, to, 0);
    int rc = fm__sys_rename_at(from, to, RENAME_NOREPLACE);
    if (rc != -EINVAL && rc != -ENOSYS)
        return rc;
    /* Not every file system has that; a link it keeps as well. */
    rc = fm__sys_link_at(from, to);
    return rc < 0 ? rc : fm__sys_unlink_at(from, 0);
}

/* Not every file system lets a directory be asked. */
static int fresh_sync_directory(const struct fm__fresh *fresh)
{
    int rc = fm__sys_sync(fresh->place.parent, false);
    return rc == -EINVAL ? 0 : rc;
}

int fm__fresh_commit(struct fm__fresh *fresh)
{
    int rc = fresh_finish(fresh);
    if (rc == 0)
        rc = fresh_rename(fresh);
    if (rc < 0)
        return rc;
    fresh->named = false;
    return fresh->sync ? fresh_sync_directory(fresh) : 0;
}

void fm__fresh_close(struct fm__fresh *fresh)
{
    if (fresh->named)
        fm__sys_unlink_at(fresh_place(fresh), 0);
    fresh->named = false;
    if (fresh->fd >= 0)
        fm__sys_close(fresh->fd);
    fresh->fd = -1;
    fm__place_close(&fresh->place);
}
