/*
 * temporary.c - files and directories that are there for a while
 */
#include <fermata/temporary.h>

#include "io/file_record.h"
#include "io/fresh.h"

#include <errno.h>
#include <fermata/thread.h>
#include <stdio.h>
#include <stdlib.h>

struct temporary {
    const char *parent;
    char *path; /* FM_PATH_SIZE; of a directory */
    int fd;     /* of a file */
};

/* Not what a stranger has set for a program of more rights (secure_getenv). */
static const char *temporary_parent(const char *parent)
{
    if (parent == NULL)
        parent = secure_getenv("TMPDIR");
    return parent != NULL && parent[0] != '\0' ? parent : "/tmp";
}

/* ---- Files --------------------------------------------------------------- */

/* For a moment under a name. */
static int temporary_named(const char *parent)
{
    struct fm__sys_place place;
    char name[32];
    int fd = -EEXIST;
    place.at = fm__sys_open_at(fm__sys_here(parent), O_PATH | O_DIRECTORY, 0);
    place.path = name;
    if (place.at < 0)
        return place.at;
    for (int i = 0; i < FM__FRESH_TRIES && fd == -EEXIST; i++) {
        fm__fresh_name(name, sizeof name, ".fermata-");
        fd = fm__sys_open_at(place, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
                             S_IRUSR | S_IWUSR);
    }
    int rc = fd >= 0 ? fm__sys_unlink_at(place, 0) : fd;
    if (rc < 0 && fd >= 0)
        fm__sys_close(fd);
    fm__sys_close(place.at);
    return rc < 0 ? rc : fd;
}

/* A kernel that does not know it opens the directory: EISDIR. */
static int temporary_file(void *arg)
{
    struct temporary *self = arg;
    self->fd = fm__sys_open_at(fm__sys_here(self->parent),
                               O_RDWR | O_TMPFILE | O_EXCL, S_IRUSR | S_IWUSR);
    if (self->fd == -EOPNOTSUPP || self->fd == -EISDIR || self->fd == -EINVAL)
        self->fd = temporary_named(self->parent);
    return self->fd < 0 ? self->fd : 0;
}

int fm_temporary_file(const char *parent, fm_file **file)
{
    int rc = fm__checkpoint(fm__current, "fm_temporary_file");
    if (rc < 0)
        return rc;
    struct temporary self = {.parent = temporary_parent(parent)};
    rc = fm_thread_run(temporary_file, &self);
    if (rc < 0)
        return rc;
    rc = fm__file_new(self.fd, O_RDWR, file);
    if (rc < 0)
        fm__sys_close(self.fd);
    return rc;
}

/* ---- Directories --------------------------------------------------------- */

static int temporary_directory(void *arg)
{
    const struct temporary *self = arg;
    char path[FM_PATH_SIZE], name[32];
    int rc = -EEXIST;
    for (int i = 0; i < FM__FRESH_TRIES && rc == -EEXIST; i++) {
        fm__fresh_name(name, sizeof name, "fermata-");
        int size = snprintf(path, sizeof path, "%s/%s", self->parent, name);
        if (size >= FM_PATH_SIZE)
            return -ENAMETOOLONG;
        rc = fm__sys_make_directory(fm__sys_here(path), 0700);
    }
    if (rc == 0)
        snprintf(self->path, FM_PATH_SIZE, "%s", path);
    return rc;
}

int fm_temporary_directory(const char *parent, char path[FM_PATH_SIZE])
{
    int rc = fm__checkpoint(fm__current, "fm_temporary_directory");
    if (rc < 0)
        return rc;
    struct temporary self = {.parent = temporary_parent(parent), .path = path};
    return fm_thread_run(temporary_directory, &self);
}
