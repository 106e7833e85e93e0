/*
 * descent.c - the directories that lead down to where we are
 *
 * Invariant: the last of them is open. Without .follow those that are open are
 * at most FM__DESCENT_OPEN, and they are the last ones; one further up is
 * found again as the ".." of the one below, and known by its number.
 */
#include "io/descent.h"

#include "base/memory.h"

#include <fermata/path.h>

static const int descent_flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY;

static void descent_park(struct fm__level *level)
{
    if (level->fd >= 0)
        fm__sys_close(level->fd);
    level->fd = -1;
}

/* Without a descriptor to be had: those above the last one. Whether any is. */
static bool descent_park_all(struct fm__descent *descent)
{
    bool any = false;
    for (size_t i = 0; !descent->follow && i + 1 < descent->count; i++) {
        any = any || descent->levels[i].fd >= 0;
        descent_park(&descent->levels[i]);
    }
    return any;
}

static int descent_open(struct fm__descent *descent, struct fm__sys_place place,
                        int flags)
{
    int fd = fm__sys_open_at(place, descent_flags | flags, 0);
    if ((fd == -EMFILE || fd == -ENFILE) && descent_park_all(descent))
        fd = fm__sys_open_at(place, descent_flags | flags, 0);
    return fd;
}

static bool descent_is_in(const struct fm__descent *descent,
                          const struct stat *found)
{
    for (size_t i = 0; i < descent->count; i++) {
        const struct fm__level *level = &descent->levels[i];
        if (level->number == found->st_ino && level->device == found->st_dev)
            return true;
    }
    return false;
}

static int descent_grow(struct fm__descent *descent)
{
    if (descent->count < descent->size)
        return 0;
    size_t size = descent->size == 0 ? 16 : descent->size * 2;
    struct fm__level *levels =
        fm__memory_resize(descent->levels, size * sizeof *levels);
    if (levels == NULL)
        return -ENOMEM;
    descent->levels = levels;
    descent->size = size;
    return 0;
}

static int descent_read(struct fm__descent *descent, struct fm__level *level)
{
    return descent->sorted ? fm__entries_read_sorted(&level->entries, level->fd)
                           : fm__entries_read(&level->entries, level->fd);
}

/* The descriptor is this level's from now on. */
static int descent_push(struct fm__descent *descent, int fd)
{
    struct stat found;
    int rc = fm__sys_stat_fd(fd, &found);
    if (rc == 0 && descent->follow && descent_is_in(descent, &found))
        rc = -ELOOP;
    if (rc == 0)
        rc = descent_grow(descent);
    if (rc < 0)
        return rc;
    struct fm__level level = {
        .fd = fd, .device = found.st_dev, .number = found.st_ino};
    rc = descent_read(descent, &level);
    if (rc < 0) {
        fm__entries_fini(&level.entries);
        return rc;
    }
    descent->levels[descent->count++] = level;
    return 0;
}

int fm__descent_enter(struct fm__descent *descent, struct fm__sys_place place,
                      int flags)
{
    int fd = descent_open(descent, place, flags);
    if (fd < 0)
        return fd;
    int rc = descent_push(descent, fd);
    if (rc < 0)
        fm__sys_close(fd);
    else if (!descent->follow && descent->count > FM__DESCENT_OPEN)
        descent_park(&descent->levels[descent->count - 1 - FM__DESCENT_OPEN]);
    return rc;
}

int fm__descent_more(struct fm__descent *descent)
{
    struct fm__level *level = fm__descent_top(descent);
    int64_t rc = 0;
    if (level->again)
        rc = fm__sys_seek(level->fd, level->entries.cookie, SEEK_SET);
    if (rc < 0)
        return (int)rc;
    level->again = false;
    return descent_read(descent, level);
}

/* The one above, by the way that is left. */
static int descent_find(struct fm__level *above, const struct fm__level *below)
{
    const struct fm__sys_place up = {below->fd, ".."};
    struct stat found;
    int fd = fm__sys_open_at(up, descent_flags | O_NOFOLLOW, 0);
    if (fd < 0)
        return fd;
    int rc = fm__sys_stat_fd(fd, &found);
    bool same = found.st_ino == above->number && found.st_dev == above->device;
    if (rc == 0 && !same)
        rc = -ESTALE;
    if (rc < 0) {
        fm__sys_close(fd);
        return rc;
    }
    above->fd = fd;
    above->again = true;
    return 0;
}

int fm__descent_leave(struct fm__descent *descent)
{
    struct fm__level *level = fm__descent_top(descent);
    if (!fm__descent_may_leave(descent)) {
        int rc = descent_find(level - 1, level);
        if (rc < 0)
            return rc;
    }
    fm__sys_close(level->fd);
    fm__entries_fini(&level->entries);
    descent->count--;
    return 0;
}

void fm__descent_fini(struct fm__descent *descent)
{
    while (descent->count > 0) {
        struct fm__level *level = fm__descent_top(descent);
        descent_park(level);
        fm__entries_fini(&level->entries);
        descent->count--;
    }
    fm__memory_free(descent->levels);
}
