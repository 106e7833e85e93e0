/*
 * entries.h - some entries of a directory, in memory
 *
 * They are the kernel's records of getdents64(2), one after the other, without
 * "." and "..". What reads is for threads that may wait.
 */
#ifndef FM_IO_ENTRIES_H
#define FM_IO_ENTRIES_H

#include "base/compiler.h"

#include <dirent.h>

struct fm__entries {
    char *bytes; /* or NULL */
    size_t at;   /* of the next one */
    size_t end;
    int64_t cookie; /* where those begin that come after these */
    bool whole;     /* none does */
};

/* The next one, or NULL: these are used up. */
FM__INLINE const struct dirent64 *
fm__entries_peek(const struct fm__entries *entries)
{
    return entries->at < entries->end
               ? (const struct dirent64 *)(const void *)(entries->bytes +
                                                         entries->at)
               : NULL;
}

FM__INLINE void fm__entries_take(struct fm__entries *entries)
{
    entries->at += fm__entries_peek(entries)->d_reclen;
}

/* More of them, in place of those that are used up; none where `whole` is set
 * then. 0 or -errno. */
int fm__entries_read(struct fm__entries *entries, int fd);

/* All of them, in the order of their names' bytes; -E2BIG where they are more
 * than FM_DIRECTORY_SORTED. */
int fm__entries_read_sorted(struct fm__entries *entries, int fd);

void fm__entries_fini(struct fm__entries *entries);

#endif
