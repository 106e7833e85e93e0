/*
 * file.c - how a file begins and ends
 *
 * A path that the kernel knows by heart is opened at once (openat2(2) with
 * RESOLVE_CACHED), any other by a thread. A close has nothing to wait for
 * unless something was written, which some file systems do only then.
 */
#include "io/file_record.h"

#include "base/die.h"
#include "base/fault.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/thread.h>

#define FILE_MODE 0666 /* less the umask */

/* ---- In use -------------------------------------------------------------- */

/* Nobody knows of it any more. */
static void file_free(fm_file *file)
{
    fm__sys_close(file->fd);
    fm__memory_free(file);
}

void fm__file_hold(fm_file *file)
{
    file->users++;
}

void fm__file_end(fm_file *file)
{
    struct fm__waiter *closer = file->closer;
    if (--file->users > 0 || !file->closing)
        return;
    if (closer == NULL) {
        file_free(file);
        return;
    }
    file->closer = NULL;
    fm__wake(closer, 0);
}

void fm__file_check(const fm_file *file, const char *caller)
{
    if (file->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: the file belongs to another loop", caller);
    if (file->closing)
        fm__die("%s: another task is closing this file", caller);
}

int fm__file_begin(fm_file *file, const char *caller)
{
    int rc = fm__checkpoint(fm__current, caller);
    if (rc < 0)
        return rc;
    fm__file_check(file, caller);
    fm__file_hold(file);
    return 0;
}

static const struct fm__wait_kind file_turn_kind = {
    .cut = fm__park_cut,
    .name = "file turn",
    .what = FM__WAIT_LISTED | FM__WAIT_DESCRIPTOR,
    .at = FM__WAIT_BACK(fm_file, turns),
    .first = offsetof(fm_file, fd),
};

int fm__file_turn(fm_file *file)
{
    if (!file->turned) {
        file->turned = true;
        return 0;
    }
    struct fm__queued queued;
    return fm__park_in(&file->turns, &queued, &file_turn_kind);
}

void fm__file_turn_end(fm_file *file)
{
    file->turned = fm__wake_first(&file->turns, 0);
}

/* ---- Beginnings ---------------------------------------------------------- */

/* The loop ends before the file. A stream of it may still be writing. */
static void file_leave(struct fm__guest *guest)
{
    fm_file *file = FM__CONTAINER(guest, fm_file, guest);
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a file (descriptor %d) was still open when its loop ended",
               file->fd);
    file->closing = true;
    if (file->users == 0)
        file_free(file);
}

/* The pool is there first, so that it leaves the loop after the file. */
int fm__file_new(int fd, int flags, fm_file **out)
{
    struct fm__loop *loop = &fm__current->home->loop;
    int64_t position = fm__file_place(fd);
    if (position < 0)
        return (int)position;
    int rc = fm__worker_prepare(loop);
    if (rc < 0)
        return rc;
    fm_file *file = fm__memory_new(sizeof *file);
    if (file == NULL)
        return -ENOMEM;
    *file = (fm_file){
        .loop = loop,
        .fd = fd,
        .blind = loop->traced,
        .direct = (flags & O_DIRECT) != 0,
        .append = (flags & O_APPEND) != 0,
        .position = position,
        .guest.leave = file_leave,
    };
    fm__list_init(&file->turns);
    fm__loop_guest(loop, &file->guest);
    *out = file;
    return 0;
}

struct fm__sys_path fm__file_path(const char *name,
                                  const fm_file_options *options)
{
    struct fm__sys_path path = {
        .directory = AT_FDCWD, .name = name, .mode = FILE_MODE};
    if (options == NULL)
        return path;
    path.flags = options->flags;
    path.beneath = options->beneath;
    if (options->mode != 0) /* as of a stat(2): openat2(2) wants no more */
        path.mode = options->mode & 07777;
    if (options->at != NULL)
        path.directory = options->at->fd;
    return path;
}

/* What is to be opened, and where goes what is known of it, or NULL. */
struct file_finding {
    const struct fm__sys_path *path;
    struct stat *status;
};

/* A descriptor, which was opened, or why it was not. */
static int file_look(int fd, struct stat *status)
{
    int rc = fd >= 0 && status != NULL ? fm__sys_stat_fd(fd, status) : 0;
    if (rc == 0)
        return fd;
    fm__sys_close(fd);
    return rc;
}

static int file_find_on_thread(void *arg)
{
    const struct file_finding *finding = arg;
    return file_look(fm__sys_open(finding->path), finding->status);
}

/* What makes or shortens a file waits for a disk, always. And what goes by a
 * seed must not go by what happens to be in memory. */
static bool file_is_quick(const struct fm__sys_path *path)
{
    return !fm__current->home->loop.traced &&
           (path->flags & (O_CREAT | O_TRUNC)) == 0 &&
           (path->flags & O_TMPFILE) != O_TMPFILE;
}

/* Of what is opened at once all is in memory that is known of it. */
static int file_find(const struct fm__sys_path *path, struct stat *status)
{
    struct file_finding finding = {path, status};
    int fd = file_is_quick(path) ? fm__sys_open_now(path) : -EAGAIN;
    if (fd >= 0)
        return file_look(fd, status);
    if (fd != -ENOENT)
        fd = fm_thread_run(file_find_on_thread, &finding);
    return fd;
}

int fm__file_find(const struct fm__sys_path *path)
{
    return file_find(path, NULL);
}

int fm__file_find_at(const struct fm__sys_path *path,
                     const fm_file_options *options, struct stat *status,
                     const char *caller)
{
    fm_file *at = options != NULL ? (fm_file *)(uintptr_t)options->at : NULL;
    if (at == NULL)
        return file_find(path, status);
    fm__file_check(at, caller);
    fm__file_hold(at);
    int fd = file_find(path, status);
    fm__file_end(at);
    return fd;
}

int fm__file_open_look(const char *name, fm_file **file,
                       const fm_file_options *options, struct stat *status)
{
    int rc = fm__checkpoint(fm__current, "fm_file_open");
    if (rc < 0)
        return rc;
    struct fm__sys_path path = fm__file_path(name, options);
    if (path.flags & O_PATH)
        return -EINVAL;
    int fd = fm__file_find_at(&path, options, status, "fm_file_open");
    if (fd < 0)
        return fd;
    rc = fm__file_new(fd, path.flags, file);
    if (rc < 0)
        fm__sys_close(fd);
    return rc;
}

int fm__file_open(const char *name, fm_file **file,
                  const fm_file_options *options)
{
    return fm__file_open_look(name, file, options, NULL);
}

int fm_file_adopt(int fd, fm_file **file)
{
    fm__task_self("fm_file_adopt");
    int flags = fm__sys_status(fd);
    if (flags < 0)
        return flags;
    int rc = flags & O_PATH ? -EBADF : fm__file_new(fd, flags, file);
    if (rc == 0)
        fm__hold(FM__HELD_DESCRIPTORS, 1);
    return rc;
}

int fm_file_fd(const fm_file *file)
{
    return file->fd;
}

/* ---- The end ------------------------------------------------------------- */

/* Those who use it come to an end by themselves. */
static void file_close_cut(struct fm__waiter *waiter, int reason)
{
    (void)waiter;
    (void)reason;
}

struct file_close {
    int fd;
    int result;
};

static int file_close_on_thread(void *arg)
{
    struct file_close *close = arg;
    close->result = fm__sys_close(close->fd);
    return 0;
}

static int file_close_fd(const fm_file *file)
{
    struct file_close close = {.fd = file->fd};
    if (!file->written || fm_thread_run(file_close_on_thread, &close) < 0)
        close.result = fm__sys_close(file->fd);
    return close.result;
}

static const struct fm__wait_kind file_close_kind = {
    .cut = file_close_cut,
    .name = "file close",
};

int fm_file_close(fm_file *file)
{
    fm__charge(fm__current, "fm_file_close");
    if (file == NULL)
        return 0;
    fm__file_check(file, "fm_file_close");
    if (file->streams > 0)
        fm__die("fm_file_close: a stream of this file is still open");
    file->closing = true;
    if (file->users > 0) {
        struct fm__waiter waiter = {.kind = &file_close_kind};
        file->closer = &waiter;
        fm__park(&waiter);
    }
    fm__list_remove(&file->guest.link);
    int rc = file_close_fd(file);
    fm__memory_free(file);
    return rc;
}
