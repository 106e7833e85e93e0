/*
 * copy.c - a copy of a file, with its holes, by the cheapest way
 *
 * The blocks are shared where the file system can, else the kernel copies
 * what lies between the holes, and what it refuses, for whatever reason, is
 * read and written: that finds out whether there is an error at all.
 *
 * Each piece is a call on a thread, so that a cut ends it and others get their
 * turn there.
 */
#include "base/memory.h"
#include "io/fresh.h"
#include "io/settle.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/thread.h>
#include <unistd.h>

enum {
    COPY_BUFFER = 262144 /* where it is read and written */
};

struct copy {
    const char *from_path;
    const char *path;
    struct fm__fresh fresh;
    int from;
    int64_t at;
    int64_t end;  /* of the data that `at` lies in */
    bool sparse;  /* the file system tells of holes */
    bool by_hand; /* is read and written */
    bool whole;
    char *buffer; /* COPY_BUFFER, or NULL */
};

static int copy_look(struct copy *self)
{
    struct stat found;
    int rc = fm__sys_stat_fd(self->from, &found);
    if (rc < 0)
        return rc;
    if (!S_ISREG(found.st_mode))
        return S_ISDIR(found.st_mode) ? -EISDIR : -EINVAL;
    self->fresh.mode = S_IFREG | (found.st_mode & 0777);
    /* What the kernel makes up says that it is empty: /proc, /sys. */
    self->sparse = found.st_size > 0;
    self->by_hand = found.st_size == 0;
    return 0;
}

/* A file without any permission is made with 0600 and loses it at last. */
static int copy_open(void *arg)
{
    struct copy *self = arg;
    self->from = fm__sys_open_at(fm__sys_here(self->from_path),
                                 O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (self->from < 0)
        return self->from;
    int rc = copy_look(self);
    if (rc == 0)
        rc = fm__fresh_open(&self->fresh, self->path);
    if (rc == 0 && fm__sys_clone(self->fresh.fd, self->from) == 0)
        self->whole = true;
    if (rc < 0)
        fm__sys_close(self->from);
    return rc;
}

/* It ends here, whatever it says of its size. */
static int copy_end(struct copy *self)
{
    self->whole = true;
    return fm__sys_truncate(self->fresh.fd, self->at);
}

/* No data was found: what is a hole at the end is one in the copy; what others
 * have written since is copied. */
static int copy_end_hole(struct copy *self)
{
    struct stat found;
    int rc = fm__sys_stat_fd(self->from, &found);
    if (rc < 0 || fm__sys_seek(self->from, self->at, SEEK_DATA) >= 0)
        return rc;
    if (found.st_size > self->at)
        self->at = found.st_size;
    return copy_end(self);
}

/* 1: `at` is in data, which ends at `end`; 0: there is no more; -errno. */
static int copy_find(struct copy *self)
{
    if (self->at < self->end)
        return 1;
    int64_t data = self->at, end = INT64_MAX;
    if (self->sparse) {
        data = fm__sys_seek(self->from, self->at, SEEK_DATA);
        if (data == -ENXIO)
            return 0;
        end = data >= 0 ? fm__sys_seek(self->from, data, SEEK_HOLE) : data;
    }
    if (data < 0 ||
        end <= data) { /* one long piece of data, as far as it knows */
        self->sparse = false;
        data = self->at;
        end = INT64_MAX;
    }
    self->at = data;
    self->end = end;
    return 1;
}

static int copy_write(const struct copy *self, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t rc = fm__fresh_write(&self->fresh, self->buffer + done,
                                     size - done, self->at + (int64_t)done);
        if (rc < 0)
            return (int)rc;
        done += (size_t)rc;
    }
    return 0;
}

static ssize_t copy_by_hand(struct copy *self, size_t size)
{
    if (self->buffer == NULL)
        self->buffer = fm__memory_resize(NULL, COPY_BUFFER);
    if (self->buffer == NULL)
        return -ENOMEM;
    if (size > COPY_BUFFER)
        size = COPY_BUFFER;
    ssize_t rc = fm__sys_read_at(self->from, self->buffer, size, self->at);
    if (rc <= 0)
        return rc;
    int written = copy_write(self, (size_t)rc);
    return written < 0 ? written : rc;
}

/* Above 0; 0: the file ends; or -errno. */
static ssize_t copy_some(struct copy *self, size_t size)
{
    if (self->end - self->at < (int64_t)size)
        size = (size_t)(self->end - self->at);
    ssize_t rc = 0;
    if (!self->by_hand)
        rc = fm__sys_copy_range(self->fresh.fd, self->from, self->at, size);
    if (rc <= 0) {
        self->by_hand = true;
        rc = copy_by_hand(self, size);
    }
    if (rc > 0)
        self->at += rc;
    return rc;
}

static int copy_piece(void *arg)
{
    struct copy *self = arg;
    size_t left = FM__FRESH_PIECE;
    while (left > 0) {
        int found = copy_find(self);
        if (found <= 0)
            return found < 0 ? found : copy_end_hole(self);
        ssize_t rc = copy_some(self, left);
        if (rc <= 0)
            return rc < 0 ? (int)rc : copy_end(self);
        left -= (size_t)rc;
    }
    return 0;
}

static int copy_commit(void *arg)
{
    struct copy *self = arg;
    return fm__fresh_commit(&self->fresh);
}

static int copy_close(void *arg)
{
    struct copy *self = arg;
    fm__fresh_close(&self->fresh);
    fm__sys_close(self->from);
    fm__memory_free(self->buffer);
    return 0;
}

int fm__path_copy(const char *from, const char *to,
                  const fm_copy_options *options)
{
    static const fm_copy_options none = {0};
    int rc = fm__checkpoint(fm__current, "fm_path_copy");
    if (rc < 0)
        return rc;
    if (options == NULL)
        options = &none;
    struct copy self = {.from_path = from, .path = to};
    self.fresh.sync = options->sync;
    self.fresh.keep = options->keep;
    rc = fm_thread_run(copy_open, &self);
    if (rc < 0)
        return rc;
    while (rc == 0 && !self.whole)
        rc = fm_thread_run(copy_piece, &self);
    if (rc == 0)
        rc = fm_thread_run(copy_commit, &self);
    fm__thread_settle(copy_close, &self);
    return rc;
}
