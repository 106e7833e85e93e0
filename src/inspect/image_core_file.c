/*
 * image_core_file.c - what a core file lacks of the files that were mapped
 *
 * The kernel leaves out what nobody had written to. It is where it was, if the
 * file is: one that is newer than the core, or begins otherwise than what the
 * core has of it, was replaced, and has nothing to say.
 */
#include "inspect/image_core.h"

#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define CORE_PIECE 512 /* of a file's beginning that is compared at once */
#define CORE_BEGINNING 4096

static const struct fm__core_file *image_core_at(const struct fm__core *core,
                                                 uint64_t address)
{
    for (size_t i = 0; i < core->file_count; i++) {
        if (address - core->files[i].address < core->files[i].size)
            return &core->files[i];
    }
    return NULL;
}

/* Its beginning in memory; NULL: that was not mapped. */
static const struct fm__core_file *image_core_first(const struct fm__core *core,
                                                    const char *path)
{
    for (size_t i = 0; i < core->file_count; i++) {
        if (core->files[i].offset == 0 &&
            strcmp(core->files[i].path, path) == 0)
            return &core->files[i];
    }
    return NULL;
}

/* Whether it begins as what was mapped: 1, 0, or -1: the core does not say. */
static int image_core_same(const struct fm__core *core, const char *path,
                           int fd)
{
    char mapped[CORE_PIECE], now[CORE_PIECE];
    const struct fm__core_file *first = image_core_first(core, path);
    int same = -1;
    for (uint64_t at = 0; first != NULL && at < CORE_BEGINNING;
         at += CORE_PIECE) {
        size_t size =
            fm__core_own(core, first->address + at, mapped, sizeof mapped);
        ssize_t got = fm__sys_read_at(fd, now, size, (int64_t)at);
        if (size == 0 || got <= 0)
            break;
        same = memcmp(mapped, now, (size_t)got) == 0;
        if (!same || got < CORE_PIECE)
            break;
    }
    return same;
}

static int image_core_open(const struct fm__core *core, const char *path)
{
    struct stat found;
    int rc = fm__sys_stat(path, &found);
    if (rc < 0 || !S_ISREG(found.st_mode))
        return rc < 0 ? rc : -ENOENT;
    int fd = fm__sys_open(&(struct fm__sys_path){
        .directory = AT_FDCWD, .name = path, .flags = O_RDONLY});
    if (fd < 0)
        return fd;
    int same = image_core_same(core, path, fd);
    if (same > 0 || (same < 0 && found.st_mtime <= core->made))
        return fd;
    fm__sys_close(fd);
    return -ENOENT;
}

static int image_core_fd(struct fm__core *core, const char *path)
{
    for (size_t i = 0; i < FM__CORE_OPENED; i++) {
        const struct fm__core_opened *opened = &core->opened[i];
        if (opened->path != NULL && strcmp(opened->path, path) == 0)
            return opened->fd;
    }
    struct fm__core_opened *place =
        &core->opened[core->turn++ % FM__CORE_OPENED];
    if (place->path != NULL && place->fd >= 0)
        fm__sys_close(place->fd);
    *place = (struct fm__core_opened){path, image_core_open(core, path)};
    return place->fd;
}

void fm__core_forget_files(struct fm__core *core)
{
    for (size_t i = 0; i < FM__CORE_OPENED; i++) {
        if (core->opened[i].path != NULL && core->opened[i].fd >= 0)
            fm__sys_close(core->opened[i].fd);
        core->opened[i].path = NULL;
    }
}

size_t fm__core_mapped(struct fm__core *core, uint64_t address, void *buf,
                       size_t size)
{
    const struct fm__core_file *file = image_core_at(core, address);
    if (file == NULL || file->path[0] != '/')
        return 0;
    int fd = image_core_fd(core, file->path);
    uint64_t delta = address - file->address;
    if (size > file->size - delta)
        size = (size_t)(file->size - delta);
    if (fd < 0)
        return 0;
    ssize_t got =
        fm__sys_read_at(fd, buf, size, (int64_t)(file->offset + delta));
    return got > 0 ? (size_t)got : 0;
}
