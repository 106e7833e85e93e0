/*
 * entries.c - entries of a directory, by the batch or all of them in order
 *
 * A small directory is read whole by one call on a thread. The kind of an
 * entry of which the file system does not tell is looked up while we are
 * there.
 */
#include "io/entries.h"

#include "base/memory.h"
#include "base/sys_path.h"

#include <errno.h>
#include <fermata/directory.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENTRIES_BATCH = 32768, /* bytes that are read at once */
    ENTRIES_RECORD = 280   /* that one takes, at most */
};

static bool entries_is_dots(const struct dirent64 *entry)
{
    const char *name = entry->d_name;
    return name[0] == '.' &&
           (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static void entries_look(struct dirent64 *entry, int fd)
{
    struct stat found;
    const struct fm__sys_place place = {fd, entry->d_name};
    if (fm__sys_stat_at(place, &found, AT_SYMLINK_NOFOLLOW) == 0)
        entry->d_type = (unsigned char)IFTODT(found.st_mode);
}

/* Moves what is new down over "." and "..", and completes it. */
static void entries_tidy(struct fm__entries *entries, size_t size, int fd)
{
    char *to = entries->bytes + entries->end;
    const char *from = to, *end = to + size;
    while (from < end) {
        struct dirent64 *entry = (struct dirent64 *)(void *)to;
        size_t length = ((const struct dirent64 *)(const void *)from)->d_reclen;
        memmove(to, from, length);
        from += length;
        entries->cookie = entry->d_off;
        if (entries_is_dots(entry))
            continue;
        if (entry->d_type == DT_UNKNOWN)
            entries_look(entry, fd);
        to += length;
    }
    entries->end = (size_t)(to - entries->bytes);
}

/* Behind those that are there, as far as there is room. */
static int entries_fill(struct fm__entries *entries, int fd, size_t size)
{
    while (!entries->whole && size - entries->end >= ENTRIES_RECORD) {
        ssize_t rc = fm__sys_entries(fd, entries->bytes + entries->end,
                                     size - entries->end);
        if (rc == -ENOENT) /* it was removed */
            rc = 0;
        if (rc < 0)
            return (int)rc;
        entries->whole = rc == 0;
        entries_tidy(entries, (size_t)rc, fd);
    }
    return 0;
}

/* Many directories may be open at once, most of them with a few names. */
static void entries_shrink(struct fm__entries *entries)
{
    if (entries->end == 0) {
        fm__entries_fini(entries);
        return;
    }
    char *bytes = fm__memory_resize(entries->bytes, entries->end);
    if (bytes != NULL)
        entries->bytes = bytes;
}

int fm__entries_read(struct fm__entries *entries, int fd)
{
    char *bytes = fm__memory_resize(entries->bytes, ENTRIES_BATCH);
    if (bytes == NULL)
        return -ENOMEM;
    entries->bytes = bytes;
    entries->at = entries->end = 0;
    int rc = entries_fill(entries, fd, ENTRIES_BATCH);
    bool some = entries->end > 0; /* an error comes again */
    entries_shrink(entries);
    return some ? 0 : rc;
}

/* ---- Sorted -------------------------------------------------------------- */

static int entries_read_all(struct fm__entries *entries, int fd)
{
    size_t size = 0;
    int rc = 0;
    while (rc == 0 && !entries->whole) {
        size = size == 0 ? ENTRIES_BATCH : size * 2;
        char *bytes = fm__memory_resize(entries->bytes, size);
        if (bytes == NULL)
            return -ENOMEM;
        entries->bytes = bytes;
        rc = entries_fill(entries, fd, size);
        if (entries->end / ENTRIES_RECORD > FM_DIRECTORY_SORTED)
            rc = -E2BIG;
    }
    return rc;
}

static size_t entries_count(const struct fm__entries *entries)
{
    struct fm__entries each = *entries;
    size_t count = 0;
    for (; fm__entries_peek(&each) != NULL; fm__entries_take(&each))
        count++;
    return count;
}

static int entries_compare(const void *left, const void *right)
{
    const struct dirent64 *const *one = left, *const *other = right;
    return strcmp((*one)->d_name, (*other)->d_name);
}

/* The records in the order of the pointers, into memory of their own. */
static void entries_gather(const struct dirent64 *const *order, size_t count,
                           char *bytes)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes, order[i], order[i]->d_reclen);
        bytes += order[i]->d_reclen;
    }
}

static int entries_sort(struct fm__entries *entries)
{
    size_t count = entries_count(entries), i = 0;
    if (count > FM_DIRECTORY_SORTED)
        return -E2BIG;
    const struct dirent64 **order =
        fm__memory_resize(NULL, (count + 1) * sizeof *order);
    char *sorted = fm__memory_resize(NULL, entries->end + 1);
    if (order == NULL || sorted == NULL) {
        fm__memory_free(order);
        fm__memory_free(sorted);
        return -ENOMEM;
    }
    struct fm__entries each = *entries;
    for (; i < count; fm__entries_take(&each))
        order[i++] = fm__entries_peek(&each);
    qsort(order, count, sizeof *order, entries_compare);
    entries_gather(order, count, sorted);
    fm__memory_free(order);
    fm__memory_free(entries->bytes);
    entries->bytes = sorted;
    return 0;
}

int fm__entries_read_sorted(struct fm__entries *entries, int fd)
{
    fm__entries_fini(entries);
    int rc = entries_read_all(entries, fd);
    if (rc == 0)
        rc = entries_sort(entries);
    if (rc < 0)
        fm__entries_fini(entries);
    return rc;
}

void fm__entries_fini(struct fm__entries *entries)
{
    fm__memory_free(entries->bytes);
    entries->bytes = NULL;
    entries->at = entries->end = 0;
}
