/*
 * image_pages.c - which pages of a process are there, as proc_pid_pagemap(5)
 * has it
 */
#include "inspect/image_pages.h"

#include "base/sys.h"
#include "base/sys_path.h"
#include "inspect/image_lines.h"

#include <errno.h>

#define PAGES_PRESENT ((uint64_t)1 << 63)
#define PAGES_SWAPPED ((uint64_t)1 << 62)
#define PAGES_GUARD ((uint64_t)1 << 58) /* which are said to be swapped */

enum {
    PAGES_UNOPENED = -1,
    PAGES_UNKNOWN = -2
};

void fm__pages_init(struct fm__pages *pages, int pid)
{
    pages->pid = pid;
    pages->fd = PAGES_UNOPENED;
    pages->count = 0;
}

void fm__pages_fini(struct fm__pages *pages)
{
    if (pages->fd >= 0)
        fm__sys_close(pages->fd);
    fm__pages_init(pages, pages->pid);
}

static int image_pages_open(struct fm__pages *pages)
{
    char path[FM__LINES_PATH];
    if (pages->fd != PAGES_UNOPENED)
        return pages->fd;
    fm__lines_path(path, pages->pid, "pagemap");
    int rc = fm__sys_open_at(fm__sys_here(path), O_RDONLY, 0);
    pages->fd = rc < 0 ? PAGES_UNKNOWN : rc;
    return rc;
}

/* NULL: nobody knows. */
static const uint64_t *image_pages_entry(struct fm__pages *pages, uint64_t page)
{
    if (page - pages->first < pages->count)
        return &pages->entries[page - pages->first];
    pages->first = page - page % FM__PAGES_WINDOW;
    pages->count = 0;
    ssize_t size =
        fm__sys_read_at(pages->fd, pages->entries, sizeof pages->entries,
                        (int64_t)(pages->first * sizeof *pages->entries));
    if (size > 0)
        pages->count = (size_t)size / sizeof *pages->entries;
    if (page - pages->first < pages->count)
        return &pages->entries[page - pages->first];
    return NULL;
}

static bool image_pages_there(uint64_t entry)
{
    return (entry & (PAGES_PRESENT | PAGES_SWAPPED)) != 0 &&
           (entry & PAGES_GUARD) == 0;
}

size_t fm__pages_depth(struct fm__pages *pages, uint64_t bottom, uint64_t top)
{
    uint64_t size = fm__sys_page();
    if (image_pages_open(pages) < 0)
        return 0;
    for (uint64_t page = bottom / size; page * size < top; page++) {
        const uint64_t *entry = image_pages_entry(pages, page);
        if (entry == NULL)
            return 0;
        if (image_pages_there(*entry))
            return (size_t)(top -
                            (page * size > bottom ? page * size : bottom));
    }
    return 0;
}
