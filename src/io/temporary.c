/*
 * temporary.c - directories that are there for a while
 */
#include "io/fresh.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/thread.h>
#include <stdio.h>
#include <stdlib.h>

struct temporary {
    const char *parent;
    char *path; /* FM_PATH_SIZE */
};

/* Not what a stranger has set for a program of more rights (secure_getenv). */
static const char *temporary_parent(const char *parent)
{
    if (parent == NULL)
        parent = secure_getenv("TMPDIR");
    return parent != NULL && parent[0] != '\0' ? parent : "/tmp";
}

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
    struct temporary self = {temporary_parent(parent), path};
    return fm_thread_run(temporary_directory, &self);
}
