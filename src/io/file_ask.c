/*
 * file_ask.c - what is asked of a file besides its bytes: all by a thread
 */
#include "io/file_record.h"

#include <errno.h>
#include <fermata/thread.h>

struct file_ask {
    int (*fn)(struct file_ask *ask); /* on a thread */
    int fd;
    bool data;
    int whence;
    int64_t offset;
    int64_t size;
    struct stat *status;
    int64_t result;
};

static int file_ask_on_thread(void *arg)
{
    struct file_ask *ask = arg;
    return ask->fn(ask);
}

static int file_ask(fm_file *file, struct file_ask *ask, const char *caller)
{
    int rc = fm__file_begin(file, caller);
    if (rc < 0)
        return rc;
    ask->fd = file->fd;
    rc = fm_thread_run(file_ask_on_thread, ask);
    fm__file_end(file);
    return rc;
}

/* ---- The position -------------------------------------------------------- */

static int file_ask_seek(struct file_ask *ask)
{
    ask->result = fm__sys_seek(ask->fd, ask->offset, ask->whence);
    return ask->result < 0 ? (int)ask->result : 0;
}

/* With the turn: the new position or -errno. */
static int64_t file_seek(const fm_file *file, int64_t offset, int whence)
{
    struct file_ask ask = {.fn = file_ask_seek,
                           .fd = file->fd,
                           .offset = offset,
                           .whence = whence};
    if (whence == SEEK_CUR &&
        __builtin_add_overflow(file->position, offset, &offset))
        return offset > 0 ? -EINVAL : -EOVERFLOW;
    if (whence == SEEK_CUR || whence == SEEK_SET)
        return offset < 0 ? -EINVAL : offset;
    int rc = fm_thread_run(file_ask_on_thread, &ask);
    return rc < 0 ? rc : ask.result;
}

int64_t fm_file_seek(fm_file *file, int64_t offset, int whence)
{
    int64_t rc = fm__file_begin(file, "fm_file_seek");
    if (rc < 0)
        return rc;
    rc = fm__file_turn(file);
    if (rc == 0) {
        rc = file_seek(file, offset, whence);
        if (rc >= 0)
            file->position = rc;
        fm__file_turn_end(file);
    }
    fm__file_end(file);
    return rc;
}

int64_t fm_file_tell(const fm_file *file)
{
    return file->position;
}

/* ---- The rest ------------------------------------------------------------ */

static int file_ask_sync(struct file_ask *ask)
{
    return fm__sys_sync(ask->fd, ask->data);
}

int fm_file_sync(fm_file *file, bool data)
{
    struct file_ask ask = {.fn = file_ask_sync, .data = data};
    return file_ask(file, &ask, "fm_file_sync");
}

static int file_ask_stat(struct file_ask *ask)
{
    return fm__sys_stat_fd(ask->fd, ask->status);
}

int fm_file_stat(fm_file *file, struct stat *status)
{
    struct file_ask ask = {.fn = file_ask_stat, .status = status};
    return file_ask(file, &ask, "fm_file_stat");
}

static int file_ask_truncate(struct file_ask *ask)
{
    return fm__sys_truncate(ask->fd, ask->size);
}

int fm_file_truncate(fm_file *file, int64_t size)
{
    struct file_ask ask = {.fn = file_ask_truncate, .size = size};
    return file_ask(file, &ask, "fm_file_truncate");
}

static int file_ask_allocate(struct file_ask *ask)
{
    return fm__sys_allocate(ask->fd, 0, ask->offset, ask->size);
}

int fm_file_allocate(fm_file *file, int64_t offset, int64_t size)
{
    struct file_ask ask = {
        .fn = file_ask_allocate, .offset = offset, .size = size};
    return file_ask(file, &ask, "fm_file_allocate");
}
