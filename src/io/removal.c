/*
 * removal.c - a whole tree is removed, and nothing beside it
 *
 * Invariant: a name is unlinked in a directory that was opened from the one
 * above it without following a link; what is to be removed next is the next
 * entry of the last one. Whatever takes a name's place meanwhile is removed
 * as what it is.
 */
#include "io/descent.h"
#include "io/place.h"
#include "io/settle.h"
#include "task/record.h"

#include <fermata/thread.h>

enum {
    REMOVE_PIECE = 1000, /* names, by one call on a thread */
    REMOVE_TRIES = 100   /* with a directory that others fill */
};

struct removal {
    const char *path;
    struct fm__place place; /* of the tree itself */
    struct fm__descent descent;
    unsigned tries; /* with the tree itself */
    bool whole;
};

/* What is to be removed where so many directories were entered: in the last of
 * them, or the tree. */
static struct fm__sys_place removal_at(const struct removal *self, size_t count)
{
    if (count == 0)
        return fm__place_of(&self->place);
    const struct fm__level *level = &self->descent.levels[count - 1];
    return (struct fm__sys_place){level->fd,
                                  fm__entries_peek(&level->entries)->d_name};
}

static struct fm__sys_place removal_next(const struct removal *self)
{
    return removal_at(self, self->descent.count);
}

/* It is gone. */
static int removal_over(struct removal *self)
{
    if (self->descent.count == 0) {
        self->whole = true;
        return 0;
    }
    struct fm__level *level = fm__descent_top(&self->descent);
    level->tries = 0;
    fm__entries_take(&level->entries);
    return 0;
}

static int removal_unlink(struct removal *self)
{
    int rc = fm__sys_unlink_at(removal_next(self), 0);
    return rc == 0 || rc == -ENOENT ? removal_over(self) : rc;
}

/* An empty one may be removed by who may not read it. */
static int removal_enter(struct removal *self)
{
    if (self->descent.count >= FM_TREE_DEPTH)
        return -ELOOP;
    int rc = fm__descent_enter(&self->descent, removal_next(self), O_NOFOLLOW);
    if (rc == -EACCES &&
        fm__sys_unlink_at(removal_next(self), AT_REMOVEDIR) == 0)
        return removal_over(self);
    return fm__descent_missed(rc) ? removal_unlink(self) : rc;
}

static bool removal_same(const struct stat *one, const struct stat *other)
{
    return one->st_ino == other->st_ino && one->st_dev == other->st_dev;
}

/* Whether the last directory is neither where it was entered nor in the
 * directory above. Where that one is closed the way up tells. */
static bool removal_is_away(const struct removal *self)
{
    const struct fm__descent *descent = &self->descent;
    const struct fm__level *level = fm__descent_top(descent);
    struct stat own, found, above;
    if (!fm__descent_may_leave(descent))
        return false;
    struct fm__sys_place place = removal_at(self, descent->count - 1);
    if (fm__sys_stat_fd(level->fd, &own) < 0 ||
        (fm__sys_stat_at(place, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
         removal_same(&own, &found)))
        return false;
    const struct fm__sys_place up = {level->fd, ".."};
    place.path = ".";
    return fm__sys_stat_at(up, &found, 0) == 0 &&
           fm__sys_stat_at(place, &above, 0) == 0 &&
           !removal_same(&found, &above);
}

static int removal_leave(struct removal *self)
{
    int rc =
        removal_is_away(self) ? -ESTALE : fm__descent_leave(&self->descent);
    if (rc < 0)
        return rc;
    rc = fm__sys_unlink_at(removal_next(self), AT_REMOVEDIR);
    if (rc == -ENOTDIR)
        return removal_unlink(self);
    if (rc == 0 || rc == -ENOENT)
        return removal_over(self);
    unsigned *tries = self->descent.count == 0
                          ? &self->tries
                          : &fm__descent_top(&self->descent)->tries;
    bool filled = rc == -ENOTEMPTY || rc == -EEXIST;
    return filled && ++*tries < REMOVE_TRIES ? removal_enter(self) : rc;
}

static int removal_step(struct removal *self)
{
    const struct fm__entries *entries =
        &fm__descent_top(&self->descent)->entries;
    const struct dirent64 *entry = fm__entries_peek(entries);
    if (entry == NULL)
        return entries->whole ? removal_leave(self)
                              : fm__descent_more(&self->descent);
    if (entry->d_type == DT_DIR)
        return removal_enter(self);
    int rc = removal_unlink(self);
    return rc == -EISDIR || rc == -EPERM ? removal_enter(self) : rc;
}

static int removal_open(void *arg)
{
    struct removal *self = arg;
    struct stat found;
    int rc = fm__place_open(&self->place, self->path, O_PATH);
    if (rc < 0)
        return rc;
    rc = fm__sys_stat_at(fm__place_of(&self->place), &found,
                         AT_SYMLINK_NOFOLLOW);
    if (rc == 0)
        rc = removal_enter(self);
    if (rc < 0)
        fm__place_close(&self->place);
    return rc;
}

static int removal_piece(void *arg)
{
    struct removal *self = arg;
    int rc = 0;
    for (int i = 0; rc == 0 && !self->whole && i < REMOVE_PIECE; i++)
        rc = removal_step(self);
    return rc;
}

static int removal_close(void *arg)
{
    struct removal *self = arg;
    fm__descent_fini(&self->descent);
    fm__place_close(&self->place);
    return 0;
}

int fm_path_remove_tree(const char *path)
{
    int rc = fm__checkpoint(fm__current, "fm_path_remove_tree");
    if (rc < 0)
        return rc;
    struct removal self = {.path = path};
    rc = fm_thread_run(removal_open, &self);
    if (rc < 0)
        return rc;
    while (rc == 0 && !self.whole)
        rc = fm_thread_run(removal_piece, &self);
    fm__thread_settle(removal_close, &self);
    return rc;
}
