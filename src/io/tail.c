/*
 * tail.c - the lines of a log that others write
 *
 * Invariant: the file that is read stays open until the one after it was found
 * and all of it was read once more; bytes[0] is at `at` in it. In front of the
 * line that is read there are FM__ROTATION_SEEN bytes in memory, or all. They
 * are read again with whatever comes next: a file that was emptied has others.
 */
#include <fermata/tail.h>

#include "base/die.h"
#include "base/memory.h"
#include "io/file_record.h"
#include "io/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/error.h>
#include <fermata/path.h>
#include <fermata/path_watch.h>
#include <fermata/thread.h>
#include <string.h>

enum {
    TAIL_SEEN = FM__ROTATION_SEEN,
    TAIL_ROOM = FM_TAIL_LINE + 2 + TAIL_SEEN,
    TAIL_MOVES = FM_PATH_CREATED | FM_PATH_REMOVED | FM_PATH_FROM | FM_PATH_TO
};

struct fm_tail {
    struct fm__loop *loop;
    struct fm__guest guest;
    fm_stream *stream;    /* that is read in place of a file; or NULL */
    fm_path_watch *watch; /* or NULL: it ends where the log ends */
    fm_file *file;        /* or NULL: there is none so far */
    fm_file *next;        /* the one after it, or NULL */
    fm_tail_place next_place;
    fm_tail_place place; /* of the last line that was given out */
    int64_t at;
    size_t line;    /* where the next one begins in memory */
    size_t scanned; /* no line ends between there and here */
    size_t end;
    bool skipping;    /* the line is too long; what is of it is dropped */
    bool over;        /* nothing more comes to the file */
    bool look;        /* for the one after it */
    bool ended;       /* the watch: its directory was removed */
    bool reading;     /* a task is in fm_tail_line */
    const char *name; /* in the path */
    char path[FM_PATH_SIZE];
    char bytes[TAIL_ROOM];
};

static void tail_check(const fm_tail *tail, const char *caller)
{
    if (tail->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: the log belongs to another loop", caller);
}

/* ---- Lines in memory ----------------------------------------------------- */

/* The line ends there. */
static void tail_pass(fm_tail *tail, size_t end)
{
    size_t kept = end < TAIL_SEEN ? end : TAIL_SEEN;
    tail->line = tail->scanned = end;
    tail->skipping = false;
    if (tail->stream != NULL)
        return;
    tail->place.offset = tail->at + (int64_t)end;
    tail->place.mark = fm__rotation_mark(tail->bytes + end - kept, kept);
}

static void tail_begin(fm_tail *tail)
{
    tail->at = 0;
    tail->end = 0;
    tail_pass(tail, 0);
}

/* Its length; -EMSGSIZE; -EAGAIN: there is no end of one. */
static ssize_t tail_take(fm_tail *tail, char *buf, size_t size)
{
    const char *line = tail->bytes + tail->line;
    const char *end =
        memchr(tail->bytes + tail->scanned, '\n', tail->end - tail->scanned);
    size_t length = tail->end - tail->line, taken = length;
    tail->scanned = tail->end;
    if (end != NULL) {
        length = (size_t)(end - line);
        taken = length + 1;
        length -= length > 0 && end[-1] == '\r';
    } else if (!tail->over || (length == 0 && !tail->skipping)) {
        return -EAGAIN;
    }
    bool fits = !tail->skipping && length < size && length <= FM_TAIL_LINE;
    if (fits) {
        memcpy(buf, line, length);
        buf[length] = '\0';
    }
    tail_pass(tail, tail->line + taken);
    return fits ? (ssize_t)length : -EMSGSIZE;
}

/* Makes room behind what is there. */
static void tail_shift(fm_tail *tail)
{
    if (tail->end - tail->line >= TAIL_ROOM - TAIL_SEEN)
        tail->skipping = true;
    if (tail->skipping)
        tail->line = tail->scanned = tail->end;
    size_t gone = tail->line < TAIL_SEEN ? 0 : tail->line - TAIL_SEEN;
    memmove(tail->bytes, tail->bytes + gone, tail->end - gone);
    tail->at += (int64_t)gone;
    tail->line -= gone;
    tail->scanned -= gone;
    tail->end -= gone;
}

/* ---- Bytes of the file --------------------------------------------------- */

/* Fewer bytes than there were: it was emptied, or the read was cut. */
static ssize_t tail_shrunk(fm_tail *tail)
{
    struct stat found;
    int rc = fm_file_stat(tail->file, &found);
    if (rc == 0 && found.st_size < tail->at + (int64_t)tail->end)
        tail_begin(tail);
    return rc < 0 ? rc : 1;
}

/* As tail_fill: a read that was cut, or has failed behind the bytes that were
 * there before, has no more than one at the end. */
static ssize_t tail_end(fm_tail *tail)
{
    char byte;
    return fm_file_read_at(tail->file, &byte, 1, tail->at + (int64_t)tail->end);
}

/* Above 0: look at what is there; 0: the file ends here. */
static ssize_t tail_fill(fm_tail *tail)
{
    char seen[TAIL_SEEN];
    tail_shift(tail);
    size_t kept = tail->end < TAIL_SEEN ? tail->end : TAIL_SEEN;
    char *last = tail->bytes + tail->end - kept;
    const struct iovec parts[] = {
        {seen, kept}, {tail->bytes + tail->end, TAIL_ROOM - tail->end}};
    size_t first = kept == 0;
    ssize_t rc = fm_file_read_vector_at(tail->file, parts + first, 2 - first,
                                        tail->at + (int64_t)(tail->end - kept));
    if (rc < 0)
        return rc;
    if ((size_t)rc < kept)
        return tail_shrunk(tail);
    if (memcmp(seen, last, kept) != 0) {
        tail_begin(tail);
        return 1;
    }
    tail->end += (size_t)rc - kept;
    return (size_t)rc > kept ? 1 : tail_end(tail);
}

static ssize_t tail_stream(fm_tail *tail)
{
    tail_shift(tail);
    ssize_t rc =
        fm_read(tail->stream, tail->bytes + tail->end, TAIL_ROOM - tail->end);
    if (rc > 0)
        tail->end += (size_t)rc;
    return rc;
}

/* ---- Files --------------------------------------------------------------- */

/* As fm__rotation_find: what is found is `next`. */
static int tail_find(fm_tail *tail, struct fm__rotation *rotation)
{
    rotation->path = tail->path;
    rotation->place = &tail->place;
    int rc = fm_thread_run(fm__rotation_find, rotation);
    if (rc != FM__ROTATION_FOUND)
        return rc;
    rc = fm__file_new(rotation->fd, O_RDONLY, &tail->next);
    if (rc < 0) {
        fm__sys_close(rotation->fd);
        return rc;
    }
    tail->next_place =
        (fm_tail_place){.device = rotation->device, .inode = rotation->inode};
    return FM__ROTATION_FOUND;
}

static void tail_switch(fm_tail *tail)
{
    fm_file_close(tail->file);
    tail->file = tail->next;
    tail->next = NULL;
    tail->over = false;
    tail->look = true;
    tail->place = tail->next_place;
    tail_begin(tail);
}

/* In the file that the place is in, if it is the same still. */
static void tail_resume(fm_tail *tail, const struct fm__rotation *rotation)
{
    int64_t offset = tail->place.offset;
    tail_switch(tail);
    if (!rotation->same)
        return;
    memcpy(tail->bytes, rotation->seen, rotation->kept);
    tail->end = rotation->kept;
    tail->at = offset - (int64_t)rotation->kept;
    tail_pass(tail, tail->end);
}

/* As fm__rotation_find: what is found is read. */
static int tail_start(fm_tail *tail)
{
    struct fm__rotation itself = {.next = false}, next = {.next = true};
    int rc = FM__ROTATION_NONE;
    if (tail->place.inode != 0)
        rc = tail_find(tail, &itself);
    if (rc == FM__ROTATION_FOUND)
        tail_resume(tail, &itself);
    if (rc != FM__ROTATION_NONE)
        return rc;
    rc = tail_find(tail, &next);
    if (rc == FM__ROTATION_FOUND)
        tail_switch(tail);
    return rc;
}

/* ---- Waiting ------------------------------------------------------------- */

/* Whether it is about the log, or what was the log. */
static bool tail_concerns(fm_tail *tail, const fm_path_event *event)
{
    bool ours = strncmp(event->name, tail->name, strlen(tail->name)) == 0;
    if (event->events & (FM_PATH_LOST | FM_PATH_ENDED))
        ours = tail->look = true;
    if (event->events & FM_PATH_ENDED)
        tail->ended = true;
    if (ours && (event->events & TAIL_MOVES))
        tail->look = true;
    return ours;
}

static int tail_wait(fm_tail *tail)
{
    fm_path_event event;
    bool ours = false;
    int rc = 0;
    while (rc == 0 && !ours) {
        rc = fm_path_watch_next(tail->watch, &event);
        if (rc == 0)
            ours = tail_concerns(tail, &event);
    }
    return rc;
}

/* What else has happened by now, so that it is looked at once. */
static int tail_drain(fm_tail *tail)
{
    fm_path_event event;
    int rc;
    while ((rc = fm_path_watch_next_try(tail->watch, &event)) == 0)
        tail_concerns(tail, &event);
    return rc == -EAGAIN ? 0 : rc;
}

/* The file ends here. 0: look at what is there. Who has renamed it may have
 * made the next one for those who write, and they still write to this one. */
static int tail_await(fm_tail *tail)
{
    struct fm__rotation next = {.next = true, .filled = tail->watch != NULL};
    int rc = FM__ROTATION_NONE;
    if (tail->look && tail->stream == NULL)
        rc = tail->file != NULL ? tail_find(tail, &next) : tail_start(tail);
    if (rc != FM__ROTATION_NONE && rc != FM__ROTATION_EMPTY)
        return rc < 0 ? rc : 0;
    if (tail->watch == NULL) {
        tail->over = tail->file != NULL || tail->stream != NULL;
        return tail->over ? 0 : -ENOENT;
    }
    if (tail->ended)
        return -ENOENT;
    tail->look = rc == FM__ROTATION_EMPTY;
    rc = tail_wait(tail);
    return rc < 0 ? rc : tail_drain(tail);
}

/* 0: look at what is there. */
static int tail_more(fm_tail *tail)
{
    ssize_t rc = 0;
    if (tail->stream != NULL)
        rc = tail_stream(tail);
    else if (tail->file != NULL)
        rc = tail_fill(tail);
    if (rc != 0)
        return rc < 0 ? (int)rc : 0;
    if (tail->over && tail->next == NULL)
        return -FM_EEOF;
    if (tail->over)
        tail_switch(tail);
    else if (tail->next != NULL)
        tail->over = true;
    else
        return tail_await(tail);
    return 0;
}

ssize_t fm_tail_line(fm_tail *tail, char *buf, size_t size)
{
    ssize_t rc = fm__checkpoint(fm__current, "fm_tail_line");
    if (rc < 0)
        return rc;
    tail_check(tail, "fm_tail_line");
    if (tail->reading)
        fm__die("fm_tail_line: another task reads this log");
    tail->reading = true;
    while ((rc = tail_take(tail, buf, size)) == -EAGAIN) {
        rc = tail_more(tail);
        if (rc < 0)
            break;
    }
    tail->reading = false;
    return rc;
}

/* ---- Beginning and end --------------------------------------------------- */

void fm_tail_tell(const fm_tail *tail, fm_tail_place *place)
{
    *place = tail->place;
}

/* Its file and its watch have been reported, and closed, by themselves. */
static void tail_leave(struct fm__guest *guest)
{
    fm__memory_free(FM__CONTAINER(guest, fm_tail, guest));
}

static int tail_name(fm_tail *tail, const char *path)
{
    size_t size = strlen(path);
    if (size >= sizeof tail->path)
        return -ENAMETOOLONG;
    memcpy(tail->path, path, size + 1);
    const char *slash = strrchr(tail->path, '/');
    tail->name = slash != NULL ? slash + 1 : tail->path;
    if (strlen(tail->name) >= FM_ENTRY_SIZE)
        return -ENAMETOOLONG;
    bool none = strcmp(tail->name, ".") == 0 || strcmp(tail->name, "..") == 0;
    return none || *tail->name == '\0' ? -EINVAL : 0;
}

static int tail_watch(fm_tail *tail)
{
    char directory[FM_PATH_SIZE] = ".";
    size_t size = (size_t)(tail->name - tail->path);
    if (size > 0) {
        memcpy(directory, tail->path, size);
        directory[size] = '\0';
    }
    int rc = fm_path_watch_open(&tail->watch);
    if (rc == 0)
        rc = fm_path_watch_add(tail->watch, directory,
                               FM_PATH_MODIFIED | TAIL_MOVES);
    return rc < 0 ? rc : 0;
}

int fm__tail_open(const char *path, fm_tail **out,
                  const fm_tail_options *options)
{
    static const fm_tail_options none = {0};
    int rc = fm__checkpoint(fm__current, "fm_tail_open");
    if (rc < 0)
        return rc;
    if (options == NULL)
        options = &none;
    fm_tail *tail = fm__memory_new(sizeof *tail);
    if (tail == NULL)
        return -ENOMEM;
    tail->loop = &fm__current->home->loop;
    tail->look = true;
    tail->guest.leave = tail_leave;
    if (options->from != NULL)
        tail->place = *options->from;
    tail->stream = options->stream;
    fm__loop_guest(tail->loop, &tail->guest);
    if (tail->stream == NULL)
        rc = tail_name(tail, path);
    if (rc == 0 && tail->stream == NULL && !options->stop)
        rc = tail_watch(tail);
    if (rc < 0)
        fm_tail_close(tail);
    else
        *out = tail;
    return rc;
}

void fm_tail_close(fm_tail *tail)
{
    if (tail == NULL)
        return;
    tail_check(tail, "fm_tail_close");
    if (tail->reading)
        fm__die("fm_tail_close: a task reads this log");
    fm__list_remove(&tail->guest.link);
    fm_path_watch_close(tail->watch);
    fm_file_close(tail->next);
    fm_file_close(tail->file);
    fm__memory_free(tail);
}
