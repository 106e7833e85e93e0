/*
 * replace.c - a file becomes another one, all of it or not at all
 *
 * Written in pieces, each by a call on a thread, so that a cut ends it; what
 * was begun is taken away by a call that is not cut.
 */
#include "io/fresh.h"
#include "io/settle.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/thread.h>

struct replace {
    const char *path;
    const char *bytes;
    size_t size;
    size_t written;
    struct fm__fresh fresh;
};

static int replace_open(void *arg)
{
    struct replace *self = arg;
    int rc = fm__fresh_look(&self->fresh, self->path);
    return rc < 0 ? rc : fm__fresh_open(&self->fresh, self->path);
}

static int replace_piece(void *arg)
{
    struct replace *self = arg;
    size_t left = self->size - self->written;
    ssize_t rc =
        fm__fresh_write(&self->fresh, self->bytes + self->written,
                        left < FM__FRESH_PIECE ? left : FM__FRESH_PIECE,
                        (int64_t)self->written);
    if (rc < 0)
        return (int)rc;
    self->written += (size_t)rc;
    return 0;
}

static int replace_commit(void *arg)
{
    return fm__fresh_commit(arg);
}

static int replace_close(void *arg)
{
    fm__fresh_close(arg);
    return 0;
}

int fm__path_replace(const char *path, const void *bytes, size_t size,
                     const fm_replace_options *options)
{
    static const fm_replace_options none = {0};
    int rc = fm__checkpoint(fm__current, "fm_path_replace");
    if (rc < 0)
        return rc;
    if (options == NULL)
        options = &none;
    struct replace self = {.path = path, .bytes = bytes, .size = size};
    self.fresh.sync = !options->no_sync;
    self.fresh.keep = options->keep;
    if (options->mode != 0)
        self.fresh.mode = S_IFREG | (options->mode & 07777);
    rc = fm_thread_run(replace_open, &self);
    if (rc < 0)
        return rc;
    while (rc == 0 && self.written < size)
        rc = fm_thread_run(replace_piece, &self);
    if (rc == 0)
        rc = fm_thread_run(replace_commit, &self.fresh);
    fm__thread_settle(replace_close, &self.fresh);
    return rc;
}
