/*
 * descent.h - down into the directories of a tree, and up again
 *
 * What walks through a tree and what removes one go the same way. Each
 * directory is opened from the one above it, by its name there, so nothing
 * that happens to the path above leads it elsewhere.
 *
 * What is not inline may wait for a disk.
 */
#ifndef FM_IO_DESCENT_H
#define FM_IO_DESCENT_H

#include "base/sys_path.h"
#include "io/entries.h"

#include <errno.h>

#define FM__DESCENT_OPEN 32 /* directories that are open at once */

struct fm__level {
    struct fm__entries entries;
    int fd;         /* -1: has been closed, and is found again from below */
    bool again;     /* it was, so the next entries have to be looked for */
    unsigned tries; /* with what is being removed in it */
    size_t length;  /* of its path, in a walk */
    dev_t device;
    ino_t number;
};

struct fm__descent {
    struct fm__level *levels;
    size_t count;
    size_t size;
    bool sorted;
    bool follow; /* links: then all are open, as ".." need not lead back */
};

FM__INLINE struct fm__level *fm__descent_top(const struct fm__descent *descent)
{
    return &descent->levels[descent->count - 1];
}

/* There was no directory to enter; or one that it is in. */
FM__INLINE bool fm__descent_missed(int rc)
{
    return rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP;
}

/* Enters a directory, and reads its first entries. flags: O_NOFOLLOW or 0. 0,
 * or -errno and it is where it was. The caller has looked at the depth. */
int fm__descent_enter(struct fm__descent *descent, struct fm__sys_place place,
                      int flags);

/* More entries of the directory that it is in. */
int fm__descent_more(struct fm__descent *descent);

/* Whether the way up needs no call that waits. */
FM__INLINE bool fm__descent_may_leave(const struct fm__descent *descent)
{
    return descent->count < 2 || descent->levels[descent->count - 2].fd >= 0;
}

/* Up; 0 or -errno: -ESTALE where the directory above is another one now. */
int fm__descent_leave(struct fm__descent *descent);

/* Closes all; waits for nothing. */
void fm__descent_fini(struct fm__descent *descent);

#endif
