/*
 * rotation.h - the files that a log was, and which of them comes after which
 *
 * The log's own name is the newest file's. Older ones have names that go on
 * behind that: ".1", ".2", ... from the newest to the oldest, or dates, whose
 * order is that of their bytes.
 */
#ifndef FM_IO_ROTATION_H
#define FM_IO_ROTATION_H

#include "base/compiler.h"

#include <fermata/tail.h>

enum {
    FM__ROTATION_SEEN = 64 /* bytes in front of a place that are its mark */
};

enum {
    FM__ROTATION_NONE,  /* there is none so far */
    FM__ROTATION_FOUND, /* it is open */
    FM__ROTATION_MOVED, /* the names have changed meanwhile: look again */
    FM__ROTATION_EMPTY  /* it is the log, and nothing is in it so far */
};

/* What is looked for, and what was found. */
struct fm__rotation {
    const char *path;
    const fm_tail_place *place; /* in the file that is known */
    bool next;                  /* the one after it is wanted, else itself */
    bool filled;                /* and then a log with nothing in it is none */
    int fd;
    uint64_t device; /* of what was found */
    uint64_t inode;
    bool empty;  /* nothing is in it */
    bool same;   /* it is what the place is in */
    size_t kept; /* then: so many bytes in front of it */
    char seen[FM__ROTATION_SEEN];
};

uint64_t fm__rotation_mark(const char *bytes, size_t size);

/* On a thread, of a struct fm__rotation: what came of it, or -errno. */
int fm__rotation_find(void *arg);

#endif
