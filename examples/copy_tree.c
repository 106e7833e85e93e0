/*
 * copy_tree.c - copies a directory with all that is in it
 *
 *   copy_tree FROM TO
 *
 * Four files at once, with a line that says how far it is, and a look at each
 * copy whether all of it is there. TO is new, and does not lie in FROM.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define AT_ONCE 4

struct progress {
    unsigned files;
    long long bytes;
};

/* [copy] */
struct copy {
    struct progress *progress;
    char *from; /* owned, as is the other */
    char *to;
};

static int copy(struct copy *self)
{
    struct stat old, new;
    int rc = fm_path_copy(self->from, self->to);
    if (rc == 0)
        rc = fm_path_stat(self->from, &old);
    if (rc == 0)
        rc = fm_path_stat(self->to, &new);
    if (rc == 0 && old.st_size != new.st_size)
        rc = -EIO;
    if (rc == 0) {
        self->progress->files++;
        self->progress->bytes += new.st_size;
    }
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "%s: %s\n", self->from, fm_strerror(rc));
    free(self->from);
    free(self->to);
    return rc;
}

/* The walk lends its path until its next step: the task gets one of its own. */
static int copy_later(fm_group *group, struct progress *progress,
                      const char *from, const char *to)
{
    char *mine = strdup(from), *copy_of_it = strdup(to);
    int rc = mine == NULL || copy_of_it == NULL
                 ? -ENOMEM
                 : fm_group_go(group, copy, progress, mine, copy_of_it);
    if (rc < 0) {
        free(mine);
        free(copy_of_it);
    }
    return rc;
}
/* [/copy] */

static int copy_link(const char *from, const char *to)
{
    char target[FM_PATH_SIZE];
    ssize_t size = fm_path_readlink(from, target, sizeof target);
    return size < 0 ? (int)size : fm_path_symlink(target, to);
}

static int copy_entry(fm_group *group, struct progress *progress,
                      const fm_walk_entry *entry, const char *to)
{
    switch (entry->kind) {
    case S_IFDIR:
        return fm_path_mkdir(to);
    case S_IFLNK:
        return copy_link(entry->path, to);
    case S_IFREG:
        return copy_later(group, progress, entry->path, to);
    default: /* a FIFO, a socket, a device: not what is to be kept */
        return 0;
    }
}

/* [walk] */
static int copy_all(fm_walk *walk, char **paths, struct progress *progress)
{
    char to[FM_PATH_SIZE];
    fm_walk_entry entry;
    int rc;
    FM_GROUP(group, rc, .limit = AT_ONCE) {
        while (rc == 0 && (rc = fm_walk_next(walk, &entry)) > 0) {
            int size = snprintf(to, sizeof to, "%s/%s", paths[1],
                                entry.path + strlen(paths[0]));
            rc = size < FM_PATH_SIZE ? copy_entry(group, progress, &entry, to)
                                     : -ENAMETOOLONG;
        }
    }
    return rc;
}
/* [/walk] */

struct tell {
    const struct progress *progress;
};

static int tell(struct tell *self)
{
    int rc;
    while ((rc = fm_sleep(0.2)) == 0)
        fprintf(stderr, "\r%u files, %lld bytes ", self->progress->files,
                self->progress->bytes);
    return rc;
}

static int copy_tree(void *arg)
{
    char **paths = arg;
    struct progress progress = {0};
    fm_walk *walk;
    int rc = fm_walk_open(paths[0], &walk);
    if (rc < 0)
        return rc;
    rc = fm_path_mkdir(paths[1]);
    if (rc == 0) {
        FM_TASK teller = fm_go(tell, &progress);
        rc = copy_all(walk, paths, &progress);
        fm_stop(teller);
        printf("%u files, %lld bytes\n", progress.files, progress.bytes);
    }
    fm_walk_close(walk);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "copy_tree FROM TO\n");
        return 2;
    }
    int rc = fm_run(copy_tree, argv + 1);
    if (rc < 0)
        fprintf(stderr, "copy_tree: %s\n", fm_strerror(rc));
    return rc < 0;
}
