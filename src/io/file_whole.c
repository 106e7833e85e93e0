/*
 * file_whole.c - whole files in one call
 */
#include "base/memory.h"
#include "io/file_record.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/thread.h>
#include <limits.h>

#define FILE_WHOLE_FIRST                                                       \
    4096 /* bytes, of a file that does not say how many it has */

/* ---- Loading ------------------------------------------------------------- */

struct whole {
    fm_file *file;
    char *bytes;
    size_t room;  /* besides the NUL */
    size_t limit; /* the room has one byte more at most, to see what is over */
};

static int file_whole_make_room(struct whole *whole, size_t room)
{
    if (room > whole->limit + 1)
        room = whole->limit + 1;
    char *bytes = fm__memory_resize(whole->bytes, room + 1);
    if (bytes == NULL)
        return -ENOMEM;
    whole->bytes = bytes;
    whole->room = room;
    return 0;
}

/* As much as it seems to have, and one byte more: so its end is seen. */
static int file_whole_begin(struct whole *whole)
{
    int64_t size = fm__sys_seek(whole->file->fd, 0, SEEK_END);
    if (size > 0 && (uint64_t)size > whole->limit)
        return -EFBIG;
    return file_whole_make_room(whole,
                                size > 0 ? (size_t)size + 1 : FILE_WHOLE_FIRST);
}

/* How many bytes there are, or -errno. */
static ssize_t file_whole_read(struct whole *whole)
{
    size_t size = 0;
    int rc = file_whole_begin(whole);
    while (rc == 0) {
        ssize_t count = fm_file_read_at(whole->file, whole->bytes + size,
                                        whole->room - size, (int64_t)size);
        if (count < 0)
            return count;
        size += (size_t)count;
        if (size > whole->limit)
            return -EFBIG;
        if (count == 0)
            return (ssize_t)size;
        if (size == whole->room)
            rc = file_whole_make_room(whole, 2 * size);
    }
    return rc;
}

static ssize_t file_whole_load(fm_file *file, void **bytes, size_t limit)
{
    const size_t most = SSIZE_MAX / 2;
    struct whole whole = {.file = file, .limit = limit < most ? limit : most};
    ssize_t size = file_whole_read(&whole);
    if (size < 0) {
        fm__memory_free(whole.bytes);
        return size;
    }
    whole.bytes[size] = '\0';
    *bytes = whole.bytes;
    return size;
}

ssize_t fm__file_load(const char *path, void **bytes, size_t limit,
                      const fm_file_options *options)
{
    fm_file *file;
    int rc = fm__file_open(path, &file, options);
    if (rc < 0)
        return rc;
    ssize_t size = file_whole_load(file, bytes, limit);
    fm_file_close(file);
    return size;
}

void fm_file_free(void *bytes)
{
    fm__memory_free(bytes);
}

/* ---- Saving -------------------------------------------------------------- */

struct file_whole_save {
    struct fm__sys_path path;
    struct fm__file_move move;
};

static int file_whole_write(struct fm__file_move *move)
{
    ssize_t rc = 1;
    while (rc > 0 && move->left > 0)
        rc = fm__file_move_piece(move);
    return rc < 0 ? (int)rc : move->left > 0 ? -EIO : 0;
}

static int file_whole_save_on_thread(void *arg)
{
    struct file_whole_save *save = arg;
    int fd = fm__sys_open(&save->path);
    if (fd < 0)
        return fd;
    save->move.fd = fd;
    int rc = (int)fm__file_place(fd);
    rc = rc < 0 ? rc : file_whole_write(&save->move);
    int closed = fm__sys_close(fd);
    return rc < 0 ? rc : closed;
}

static int file_whole_save(struct file_whole_save *save)
{
    if (save->path.flags & O_PATH)
        return -EINVAL;
    if ((save->path.flags & ~O_ACCMODE) == 0)
        save->path.flags = O_CREAT | O_TRUNC;
    save->path.flags = (save->path.flags & ~O_ACCMODE) | O_WRONLY;
    return fm_thread_run(file_whole_save_on_thread, save);
}

int fm__file_save(const char *path, const void *bytes, size_t size,
                  const fm_file_options *options)
{
    const struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct file_whole_save save = {
        .path = fm__file_path(path, options),
        .move = {.writes = true, .parts = &part, .count = 1, .left = size},
    };
    fm_file *at = options != NULL ? (fm_file *)(uintptr_t)options->at : NULL;
    if (at == NULL)
        return file_whole_save(&save);
    int rc = fm__file_begin(at, "fm_file_save");
    if (rc < 0)
        return rc;
    rc = file_whole_save(&save);
    fm__file_end(at);
    return rc;
}
