/*
 * trace_file.c - records become text, and the text a file
 *
 * The thread looks every 50 ms while there is something to write, and sleeps
 * for good while there is not. It writes whole lines, so that a trace can be
 * read at any moment. Whatever goes wrong ends the trace and not the program.
 */
#include "task/trace_file.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/error.h>
#include <string.h>

#define TRACE_PAUSE INT64_C(50000000) /* ns */
#define TRACE_BITE 4096               /* records, before room is given back */

/* ---- On the thread ------------------------------------------------------ */

static void trace_give_up(struct fm__trace_file *file, int rc)
{
    file->rc = rc;
    fm__atomic_store(&file->over, 1);
    fm__say("the trace %s ends here: %s", file->path, fm_strerror(rc));
}

/* What is no file may be a pipe, whose reader takes its time. */
static ssize_t trace_write_some(struct fm__trace_file *file, const char *from,
                                size_t size)
{
    ssize_t n = fm__sys_write(file->fd, from, size);
    if (n != -EAGAIN)
        return n;
    int rc = fm__sys_poll(file->fd, EPOLLOUT, -1);
    return rc < 0 ? rc : 0;
}

static void trace_flush(struct fm__trace_text *text)
{
    struct fm__trace_file *file =
        FM__CONTAINER(text, struct fm__trace_file, text);
    size_t done = 0;
    while (file->rc == 0 && done < text->used) {
        ssize_t n =
            trace_write_some(file, text->bytes + done, text->used - done);
        if (n < 0)
            trace_give_up(file, (int)n);
        else
            done += (size_t)n;
    }
    file->written += done;
    text->used = 0;
}

static void trace_finish(struct fm__trace_file *file, const char *why,
                         uint64_t lost)
{
    fm__trace_settle(&file->text);
    fm__trace_end(&file->text, why, lost);
    trace_flush(&file->text);
}

static bool trace_reaches_limit(const struct fm__trace_file *file)
{
    return file->written + file->text.used + fm__trace_rest(&file->text) +
               FM__TRACE_LINES >
           file->limit;
}

static void trace_stop_full(struct fm__trace_file *file)
{
    file->full = true;
    trace_finish(file, "the file has reached its limit", 0);
    fm__atomic_store(&file->over, 1);
    if (file->rc == 0)
        fm__say("the trace %s is full with %llu bytes: what comes now is not "
                "in it; FERMATA_TRACE_SIZE=1G would be its limit",
                file->path, (unsigned long long)file->written);
}

static void trace_take(struct fm__trace_file *file, uint32_t index)
{
    const struct fm__trace_record *record = fm__trace_at(&file->ring, index);
    if (file->rc < 0 || file->full)
        return;
    fm__trace_tell(&file->text, record);
    if (trace_reaches_limit(file))
        trace_stop_full(file);
}

/* Whether there was something. */
static bool trace_drain(struct fm__trace_file *file)
{
    struct fm__trace_ring *ring = &file->ring;
    uint32_t taken = ring->taken, given = taken;
    uint32_t end = fm__atomic_acquire32(&ring->published);
    while (taken != end) {
        uint32_t parts = fm__trace_at(ring, taken)->parts;
        trace_take(file, taken);
        taken += 1 + parts;
        if (taken - given < TRACE_BITE)
            continue;
        fm__atomic_release32(&ring->taken, taken);
        given = taken;
    }
    bool some = file->text.used > 0;
    fm__atomic_release32(&ring->taken, taken);
    trace_flush(&file->text);
    return some;
}

static bool trace_is_dry(struct fm__trace_file *file)
{
    return fm__atomic_acquire32(&file->ring.published) == file->ring.taken &&
           fm__atomic_load(&file->ending) == 0;
}

/* Whoever publishes sees `idle`, or this sees what is published. */
static void trace_rest(struct fm__trace_file *file, bool busy)
{
    char count[8];
    int64_t pause = busy ? TRACE_PAUSE : -1;
    if (!busy) {
        fm__atomic_swap(&file->idle, 1);
        if (!trace_is_dry(file))
            pause = 0;
    }
    if (fm__sys_poll(file->bell, EPOLLIN, pause) > 0)
        fm__sys_read(file->bell, count, sizeof count);
    fm__atomic_swap(&file->idle, 0);
}

static void *trace_main(void *arg)
{
    struct fm__trace_file *file = arg;
    fm__thread_name("fm-trace");
    fm__trace_begin(&file->text, &file->title);
    while (fm__atomic_load(&file->ending) == 0)
        trace_rest(file, trace_drain(file));
    trace_drain(file);
    if (file->rc == 0 && !file->full)
        trace_finish(file, "the trace is complete", file->lost);
    return NULL;
}

/* ---- On the loop's ------------------------------------------------------ */

void fm__trace_rouse(struct fm__trace_file *file)
{
    if (fm__atomic_swap(&file->idle, 0) != 0)
        fm__sys_event_set(file->bell);
}

/* A file that somebody else writes a trace into stays as it is. */
static int trace_open_path(const char *path)
{
    const struct fm__sys_path asked = {AT_FDCWD, path, O_WRONLY | O_CREAT, 0666,
                                       false};
    int fd = fm__sys_open(&asked);
    if (fd < 0 || fm__sys_kind(fd) != S_IFREG)
        return fd;
    int rc = fm__sys_lock(fd);
    if (rc != -EAGAIN) /* not every file system has locks */
        rc = fm__sys_truncate(fd, 0);
    if (rc < 0)
        fm__sys_close(fd);
    return rc < 0 ? rc : fd;
}

static int trace_open_memory(struct fm__trace_file *file)
{
    size_t size =
        (FM__TRACE_RECORDS + FM__TRACE_BEHIND) * sizeof *file->ring.records;
    file->ring.records = fm__memory_new(size);
    file->text.bytes = fm__memory_new(FM__TRACE_BUFFER);
    file->text.flush = trace_flush;
    return file->ring.records != NULL && file->text.bytes != NULL ? 0 : -ENOMEM;
}

static void trace_close_memory(struct fm__trace_file *file)
{
    fm__trace_clear(&file->text.tasks);
    fm__trace_clear(&file->text.operations);
    fm__memory_free(file->ring.records);
    fm__memory_free(file->text.bytes);
}

int fm__trace_file_open(struct fm__trace_file *file, char *path)
{
    int rc = trace_open_memory(file);
    if (rc < 0)
        goto close_memory;
    rc = file->fd = trace_open_path(path);
    if (rc < 0)
        goto close_memory;
    rc = file->bell = fm__sys_event();
    if (rc < 0)
        goto close_fd;
    file->path = path;
    rc = fm__thread_start(&file->thread, trace_main, file);
    if (rc < 0)
        goto close_bell;
    return 0;

close_bell:
    fm__sys_close(file->bell);
close_fd:
    fm__sys_close(file->fd);
close_memory:
    trace_close_memory(file);
    return rc;
}

void fm__trace_file_close(struct fm__trace_file *file)
{
    fm__atomic_store(&file->ending, 1);
    fm__sys_event_set(file->bell);
    fm__thread_join(&file->thread);
    if (file->lost > 0 && file->rc == 0 && !file->full)
        fm__say("the trace %s lacks %llu steps: they came faster than they "
                "could be written",
                file->path, (unsigned long long)file->lost);
    if (file->text.poor)
        fm__say("the trace %s lacks tasks: there was no memory for them",
                file->path);
    fm__sys_close(file->bell);
    fm__sys_close(file->fd);
    trace_close_memory(file);
    fm__memory_free(file->path);
}
