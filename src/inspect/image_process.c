/*
 * image_process.c - the memory of a process that runs, perhaps of this one
 *
 * It is read many pieces at a time. The kernel stops at the first that is not
 * there, so that one ends a call, and the next begins behind it.
 */
#include "inspect/image_kind.h"

#include "base/memory.h"
#include "base/sys.h"
#include "base/sys_memory.h"
#include "base/sys_path.h"
#include "base/sys_thread.h"
#include "inspect/image_lines.h"
#include "inspect/image_pages.h"
#include "inspect/image_slow.h"
#include "inspect/image_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROCESS_PIECES = 256
};

struct process {
    struct fm__image image;
    int place; /* its folder in /proc: it ends with the process, and is no
                * other's who gets the number */
    bool ended;
    bool slow;
    struct fm__slow other;
    struct fm__pages pages;
    struct fm__sockets sockets;
    struct iovec to[PROCESS_PIECES];
    struct iovec from[PROCESS_PIECES];
};

static struct process *image_process_of(struct fm__image *image)
{
    return FM__CONTAINER(image, struct process, image);
}

/* ---- Memory -------------------------------------------------------------- */

/* Where the address makes no sense, at 0: there is nothing either. */
static size_t image_process_ask(struct process *process,
                                const struct fm__extent *extents, size_t count)
{
    size_t n = count < PROCESS_PIECES ? count : PROCESS_PIECES;
    for (size_t i = 0; i < n; i++) {
        uint64_t from = extents[i].address;
        size_t size = extents[i].size;
        if (from > UINTPTR_MAX - size)
            from = 0;
        process->to[i] = (struct iovec){extents[i].buf, size};
        process->from[i] = (struct iovec){(void *)(uintptr_t)from, size};
    }
    return n;
}

/* How many have been asked for, with the one that was not there. */
static size_t image_process_tell(struct fm__extent *extents, size_t count,
                                 size_t bytes)
{
    for (size_t i = 0; i < count; i++) {
        struct fm__extent *extent = &extents[i];
        extent->got = bytes < extent->size ? bytes : extent->size;
        bytes -= extent->got;
        if (extent->got < extent->size)
            return i + 1;
    }
    return count;
}

static ssize_t image_process_read(struct process *process, size_t count)
{
    ssize_t size = fm__sys_read_memory(process->image.pid, process->to,
                                       process->from, count);
    return size == -EFAULT ? 0 : size;
}

static int image_process_gather(struct fm__image *image,
                                struct fm__extent *extents, size_t count)
{
    struct process *process = image_process_of(image);
    if (process->ended)
        return -ESRCH;
    while (!process->slow && count > 0) {
        size_t asked = image_process_ask(process, extents, count);
        ssize_t size = image_process_read(process, asked);
        if (size == -EPERM || size == -ENOSYS) {
            int rc = fm__slow_open(&process->other, image->pid);
            if (rc < 0)
                return rc;
            process->slow = true;
            break;
        }
        if (size < 0)
            return (int)size;
        size_t done = image_process_tell(extents, asked, (size_t)size);
        extents += done;
        count -= done;
    }
    fm__slow_gather(&process->other, extents, count);
    return 0;
}

/* ---- Files that are mapped ----------------------------------------------- */

/* "start-end flags offset device inode path": the start of what begins with
 * the first byte of a file; 0: it is none. */
static uint64_t image_process_file(char *line)
{
    uint64_t start = strtoull(fm__lines_word(&line), NULL, 16);
    bool readable = *fm__lines_word(&line) == 'r';
    uint64_t offset = strtoull(fm__lines_word(&line), NULL, 16);
    fm__lines_word(&line);
    uint64_t inode = strtoull(fm__lines_word(&line), NULL, 10);
    return readable && offset == 0 && inode != 0 ? start : 0;
}

static int image_process_each(struct fm__image *image, struct fm__lines *lines)
{
    char *line;
    int rc;
    bool any = false;
    while ((rc = fm__lines_next(lines, &line)) > 0) {
        any = true;
        uint64_t start = image_process_file(line);
        rc = start != 0 ? fm__note_try(image, start) : 0;
        if (rc != 0)
            return rc;
    }
    return rc == 0 && !any ? -ESRCH : rc;
}

/* As everybody calls it, by an emulator too, who answers for it. */
static int image_process_files(struct fm__image *image)
{
    char path[FM__LINES_PATH];
    struct fm__lines *lines;
    int rc = fm__lines_open(&lines, fm__lines_path(path, image->pid, "maps"));
    if (rc < 0)
        return rc == -EACCES ? -EPERM : rc == -ENOENT ? -ESRCH : rc;
    rc = image_process_each(image, lines);
    fm__lines_close(lines);
    return rc;
}

/* ---- What else is known of it -------------------------------------------- */

static void image_process_socket(struct fm__image *image, int fd,
                                 const char **local, const char **peer)
{
    fm__sockets_find(&image_process_of(image)->sockets, fd, local, peer);
}

static size_t image_process_depth(struct fm__image *image, uint64_t bottom,
                                  uint64_t top)
{
    return fm__pages_depth(&image_process_of(image)->pages, bottom, top);
}

static void image_process_program(struct fm__image *image)
{
    char path[FM__LINES_PATH];
    fm__lines_path(path, image->pid, "exe");
    ssize_t size =
        fm__sys_read_link(path, image->program, sizeof image->program - 1);
    image->program[size > 0 ? size : 0] = '\0';
    fm__image_clean(image->program);
}

/* The number may be another one's by now, or the process another program, of
 * whose memory what was opened before has nothing. */
static void image_process_refresh(struct fm__image *image)
{
    struct process *process = image_process_of(image);
    struct stat found;
    const struct fm__sys_place maps = {process->place, "maps"};
    int rc = process->place >= 0 ? fm__sys_stat_at(maps, &found, 0) : 0;
    process->ended = rc == -ESRCH || rc == -ENOENT;
    fm__slow_close(&process->other);
    process->slow = false;
    fm__pages_fini(&process->pages);
    fm__sockets_forget(&process->sockets);
    image_process_program(image);
}

static void image_process_close(struct fm__image *image)
{
    struct process *process = image_process_of(image);
    if (process->place >= 0)
        fm__sys_close(process->place);
    fm__slow_close(&process->other);
    fm__pages_fini(&process->pages);
    fm__sockets_forget(&process->sockets);
    fm__memory_free(process);
}

static const struct fm__image_kind image_process_kind = {
    .gather = image_process_gather,
    .files = image_process_files,
    .socket = image_process_socket,
    .depth = image_process_depth,
    .refresh = image_process_refresh,
    .close = image_process_close,
};

static int image_process_start(struct process *process, int pid)
{
    char path[FM__LINES_PATH];
    process->image =
        (struct fm__image){.kind = &image_process_kind, .pid = pid};
    process->other = (struct fm__slow){{-1, -1}};
    fm__pages_init(&process->pages, pid);
    fm__sockets_init(&process->sockets, pid);
    process->place = fm__sys_open_at(
        fm__sys_here(fm__lines_path(path, pid, "")), O_PATH | O_DIRECTORY, 0);
    process->image.settled = pid == fm__thread_process();
    if (process->image.settled) /* also where there is no /proc */
        process->image.root = (uint64_t)(uintptr_t)&fm__root;
    else if (process->place < 0)
        return process->place == -ENOENT ? -ESRCH : process->place;
    image_process_program(&process->image);
    return 0;
}

int fm__image_open(struct fm__image **image, int pid)
{
    struct process *process = pid > 0 ? fm__memory_new(sizeof *process) : NULL;
    struct fm__root root;
    uint64_t address;
    if (process == NULL)
        return pid > 0 ? -ENOMEM : -ESRCH;
    int rc = image_process_start(process, pid);
    if (rc == 0)
        rc = fm__image_root(&process->image, &address, &root);
    if (rc < 0)
        image_process_close(&process->image);
    else
        *image = &process->image;
    return rc;
}
