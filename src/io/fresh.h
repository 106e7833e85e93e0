/*
 * fresh.h - a file that is written beside a path, and then takes its place
 *
 * All of it is for threads that may wait. What is FM_API is for the libraries
 * beside this one.
 */
#ifndef FM_IO_FRESH_H
#define FM_IO_FRESH_H

#include "io/place.h"

#define FM__FRESH_PIECE 8388608 /* bytes that one call on a thread moves */

struct fm__fresh {
    struct fm__place place;
    int fd;        /* or -1 */
    bool named;    /* it lies in the directory, and has to go */
    bool sync;     /* it has to be on the disk */
    bool keep;     /* what is at the path stays */
    mode_t mode;   /* with S_IFREG: that it is given at last; 0: its own */
    char name[32]; /* in place.parent */
};

/* Unless it has a mode: that of the file that will be replaced. 0 or -errno:
 * -EISDIR. */
FM_API int fm__fresh_look(struct fm__fresh *fresh, const char *path);

/* A new empty file, for its owner alone where `mode` is set. `sync` and `keep`
 * and `mode` are the caller's. 0, or -errno and nothing is there. */
FM_API int fm__fresh_open(struct fm__fresh *fresh, const char *path);

/* Some bytes of it: how many, above 0, or -errno. */
FM_API ssize_t fm__fresh_write(const struct fm__fresh *fresh, const void *buf,
                               size_t size, int64_t at);

/* It takes its place. 0, or -errno; closed it has to be in either case. */
FM_API int fm__fresh_commit(struct fm__fresh *fresh);

/* Gone, unless it has taken its place. Harmless twice. */
FM_API void fm__fresh_close(struct fm__fresh *fresh);

/* A name that nobody can guess: prefix and 16 digits. */
void fm__fresh_name(char *name, size_t size, const char *prefix);

/* How often such a name is made where it is taken. */
#define FM__FRESH_TRIES 100

#endif
