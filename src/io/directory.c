/*
 * directory.c - the entries of a directory, by the batch
 */
#include <fermata/directory.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys_path.h"
#include "io/entries.h"
#include "io/file_record.h"

#include <errno.h>
#include <fermata/thread.h>

struct fm_directory {
    struct fm__loop *loop;
    struct fm__guest guest;
    struct fm__entries entries;
    int fd;
    bool busy; /* a task is in a call */
};

static void directory_check(const fm_directory *directory, const char *caller)
{
    if (directory->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: the directory belongs to another loop", caller);
    if (directory->busy)
        fm__die("%s: another task is reading this directory", caller);
}

static void directory_end(fm_directory *directory)
{
    fm__list_remove(&directory->guest.link);
    fm__entries_fini(&directory->entries);
    fm__sys_close(directory->fd);
    fm__memory_free(directory);
}

/* The loop ends before the directory. */
static void directory_leave(struct fm__guest *guest)
{
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a directory was still open when its loop ended");
    directory_end(FM__CONTAINER(guest, fm_directory, guest));
}

int fm__directory_open(const char *name, fm_directory **out,
                       const fm_file_options *options)
{
    int rc = fm__checkpoint(fm__current, "fm_directory_open");
    if (rc < 0)
        return rc;
    struct fm__sys_path path = fm__file_path(name, options);
    path.flags = O_RDONLY | O_DIRECTORY;
    fm_directory *directory = fm__memory_new(sizeof *directory);
    if (directory == NULL)
        return -ENOMEM;
    directory->fd = fm__file_find_at(&path, options, NULL, "fm_directory_open");
    if (directory->fd < 0) {
        rc = directory->fd;
        fm__memory_free(directory);
        return rc;
    }
    directory->loop = &fm__current->home->loop;
    directory->guest.leave = directory_leave;
    fm__loop_guest(directory->loop, &directory->guest);
    *out = directory;
    return 0;
}

static int directory_read(void *arg)
{
    fm_directory *directory = arg;
    return fm__entries_read(&directory->entries, directory->fd);
}

static void directory_give(fm_directory *directory, fm_directory_entry *entry)
{
    const struct dirent64 *next = fm__entries_peek(&directory->entries);
    *entry = (fm_directory_entry){.name = next->d_name,
                                  .kind = DTTOIF((mode_t)next->d_type),
                                  .number = next->d_ino};
    fm__entries_take(&directory->entries);
}

int fm_directory_next(fm_directory *directory, fm_directory_entry *entry)
{
    int rc = fm__checkpoint(fm__current, "fm_directory_next");
    if (rc < 0)
        return rc;
    directory_check(directory, "fm_directory_next");
    struct fm__entries *entries = &directory->entries;
    while (fm__entries_peek(entries) == NULL && !entries->whole) {
        directory->busy = true;
        rc = fm_thread_run(directory_read, directory);
        directory->busy = false;
        if (rc < 0)
            return rc;
    }
    if (fm__entries_peek(entries) == NULL)
        return 0;
    directory_give(directory, entry);
    return 1;
}

void fm_directory_close(fm_directory *directory)
{
    if (directory == NULL)
        return;
    directory_check(directory, "fm_directory_close");
    directory_end(directory);
}
