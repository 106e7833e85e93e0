/*
 * sweep_files.c - scenarios: files, whole ones, and their streams
 *
 * Whatever fails, what is read is what was written there, and what a call has
 * opened is closed.
 */
#include "fault/sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 20000

static char pattern[SIZE];

static const char *name_of_file(void)
{
    static char name[64];
    snprintf(name, sizeof name, "/tmp/fermata-sweep-%d", (int)getpid());
    for (size_t i = 0; i < SIZE; i++)
        pattern[i] = (char)(i * 7 + i / 251);
    return name;
}

static const char *what_is_read_was_written(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "bytes were lost or changed" : NULL;
}

static void note(const char *bytes, ssize_t count, size_t at)
{
    if (count > 0)
        sweep_state.noted += memcmp(bytes, pattern + at, (size_t)count) != 0;
}

/* Fewer than asked for, where nobody else wrote: it was cut after some. */
static int whole(ssize_t count, ssize_t wanted)
{
    return count < 0 ? (int)count : count == wanted ? 0 : -ECANCELED;
}

/* ---- Verbs --------------------------------------------------------------- */

static int use_file(fm_file *file)
{
    static char got[SIZE];
    struct stat status;
    struct iovec parts[] = {{got, 5000}, {got + 5000, 10000}};
    int rc = whole(fm_file_write(file, pattern, SIZE), SIZE);
    int64_t at = rc < 0 ? rc : fm_file_seek(file, 100, SEEK_SET);
    ssize_t count = at < 0 ? at : fm_file_read(file, got, 1000);
    note(got, count, 100);
    rc = whole(count, 1000);
    if (rc == 0) {
        count = fm_file_read_vector_at(file, parts, 2, 3);
        note(got, count, 3);
        rc = whole(count, 15000);
    }
    if (rc == 0)
        rc = fm_file_stat(file, &status);
    sweep_state.noted += rc == 0 && status.st_size != SIZE;
    if (rc == 0)
        rc = fm_file_truncate(file, 10);
    return rc;
}

static int verbs(void *arg)
{
    fm_file *file;
    const char *name = name_of_file();
    (void)arg;
    int rc = fm_file_open(name, &file,
                          &(fm_file_options){.flags = O_RDWR | O_CREAT});
    if (rc == 0) {
        rc = use_file(file);
        int closed = fm_file_close(file);
        rc = rc < 0 ? rc : closed;
    }
    unlink(name);
    return rc;
}

struct turns {
    fm_file *file;
};

static int turns(struct turns *self)
{
    char got[100];
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 3; i++) {
        ssize_t count = fm_file_read(self->file, got, sizeof got);
        rc = whole(count, sizeof got);
    }
    return sweep_end(block, rc);
}

/* Not in memory, where the file's system obeys. */
static int shared(void *arg)
{
    fm_file *file;
    const char *name = name_of_file();
    (void)arg;
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (write(fd, pattern, SIZE) != SIZE)
        sweep_state.noted++;
    lseek(fd, 0, SEEK_SET);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    unlink(name);
    int rc = fm_file_adopt(fd, &file);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    rc = fm_gather(fm_go(turns, file), fm_go(turns, file), fm_go(turns, file));
    sweep_state.noted += rc == 0 && fm_file_tell(file) != 900;
    int closed = fm_file_close(file);
    return rc < 0 ? rc : closed;
}

/* ---- Whole --------------------------------------------------------------- */

static int at_once(void *arg)
{
    void *bytes = NULL;
    const char *name = name_of_file();
    (void)arg;
    int rc = fm_file_save(name, pattern, SIZE);
    if (rc == 0) {
        ssize_t count = fm_file_load(name, &bytes, SIZE);
        note(bytes, count, 0);
        rc = whole(count, SIZE);
        fm_file_free(bytes);
    }
    unlink(name);
    return rc;
}

/* ---- Streams ------------------------------------------------------------- */

static int fill_stream(fm_file *file)
{
    fm_stream *stream;
    int rc = fm_file_stream(file, &stream);
    if (rc < 0)
        return rc;
    rc = whole(fm_write(stream, pattern, 10), 10);
    if (rc == 0)
        rc = fm_flush(stream);
    if (rc == 0)
        rc = whole(fm_write(stream, pattern + 10, SIZE - 10), SIZE - 10);
    int closed = fm_close(stream);
    return rc < 0 ? rc : closed;
}

static int empty_stream(fm_file *file)
{
    static char got[SIZE];
    fm_stream *stream;
    int rc = fm_file_stream(file, &stream);
    if (rc < 0)
        return rc;
    ssize_t count = fm_read_exactly(stream, got, SIZE);
    note(got, count, 0);
    rc = whole(count, SIZE);
    if (rc < 0)
        fm_abort(stream);
    return rc < 0 ? rc : fm_close(stream);
}

static int streams(void *arg)
{
    fm_file *file;
    const char *name = name_of_file();
    (void)arg;
    int rc = fm_file_open(name, &file,
                          &(fm_file_options){.flags = O_RDWR | O_CREAT});
    if (rc == 0) {
        rc = fill_stream(file);
        if (rc == 0)
            rc = empty_stream(file);
        int closed = fm_file_close(file);
        rc = rc < 0 ? rc : closed;
    }
    unlink(name);
    return rc;
}

const struct scenario sweep_files[] = {
    {"file-verbs", verbs, .also = {-EAGAIN}, .wrong = what_is_read_was_written},
    {"file-turns", shared, .also = {-EAGAIN},
     .wrong = what_is_read_was_written},
    {"file-whole", at_once, .also = {-EAGAIN},
     .wrong = what_is_read_was_written},
    {"file-stream", streams, .also = {-EAGAIN, -EIO},
     .wrong = what_is_read_was_written},
    {.name = NULL},
};
