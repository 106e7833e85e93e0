/*
 * file_record.h - what a file is, and how bytes get into it and out of it
 *
 * Invariant: the descriptor is closed, and the record freed, only when nobody
 * uses it: `users` counts calls of tasks, and streams until their last write
 * has returned. It is the loop's thread alone that reads and writes the
 * record; a thread of the pool has the descriptor and a move.
 */
#ifndef FM_IO_FILE_RECORD_H
#define FM_IO_FILE_RECORD_H

#include "base/sys.h"
#include "loop/worker.h"
#include "task/record.h"

#include <fermata/file.h>

enum {
    FM__FILE_AT_ONCE = 65536, /* bytes that are copied by the loop's thread */
    FM__FILE_PIECE = 4194304  /* that are moved between two cancel points */
};

struct fm_file {
    struct fm__loop *loop;
    int fd;
    bool blind;   /* nobody knows what of it is in memory (RWF_NOWAIT) */
    bool direct;  /* O_DIRECT: a read waits for the disk, always */
    bool append;  /* O_APPEND */
    bool written; /* its close may have something to wait for */
    bool turned;  /* a task uses the position */
    bool closing;
    unsigned users;
    unsigned streams; /* that are open */
    int64_t position;
    struct fm__list turns; /* of tasks, for the position */
    struct fm__waiter *closer;
    struct fm__guest guest;
};

/* Bytes on their way. While a thread has it, it is the thread's. */
struct fm__file_move {
    int fd;
    bool writes;
    bool ended; /* the file did, or nothing more is taken */
    const struct iovec *parts;
    size_t count;
    size_t skip; /* bytes of the first part that have been moved */
    size_t left; /* in all */
    int64_t at;  /* or -1: where the descriptor is */
    ssize_t moved;
};

/* Aborts with a sentence outside of a task, and where the file is another
 * loop's or being closed. */
void fm__file_check(const fm_file *file, const char *caller);

/* What each call begins with: a cancel point, and the above. 0, and the file
 * is used until fm__file_end; or why it is refused. */
int fm__file_begin(fm_file *file, const char *caller);
void fm__file_end(fm_file *file);

/* One more who uses it, who need not be a task. */
void fm__file_hold(fm_file *file);

/* The turn for the position: 0, or why the wait was cut. */
int fm__file_turn(fm_file *file);
void fm__file_turn_end(fm_file *file);

/* A record of a descriptor, by how it was opened: 0, -ESPIPE or what else
 * fm__file_place says, -ENOMEM. */
int fm__file_new(int fd, int flags, fm_file **out);

/* Whether a descriptor has a position: 0 or more, or -errno. */
FM__INLINE int64_t fm__file_place(int fd)
{
    return fm__sys_seek(fd, 0, SEEK_CUR);
}

/* What the options say; options may be NULL. */
struct fm__sys_path fm__file_path(const char *name,
                                  const fm_file_options *options);

/* Opens it while others run: a descriptor that has a position, or -errno. */
int fm__file_find(const struct fm__sys_path *path);
/* The same, with the directory that the options name in use meanwhile, and what
 * fstat(2) says of it in *status, unless that is NULL. */
int fm__file_find_at(const struct fm__sys_path *path,
                     const fm_file_options *options, struct stat *status,
                     const char *caller);

/* fm_file_open, and fm_file_stat if status is not NULL, as one call. */
FM_API int fm__file_open_look(const char *name, fm_file **file,
                              const fm_file_options *options,
                              struct stat *status);

/* All of a move by a task, which has begun: as fm_file_read_at. The move's
 * parts, count, left and at are the caller's to set. */
ssize_t fm__file_carry(fm_file *file, struct fm__file_move *move,
                       const char *caller);

/* A piece of it, or all up to an error or the end; on any thread. The last
 * count, or -errno. */
ssize_t fm__file_move_piece(struct fm__file_move *move);

/* A stream of a descriptor that other processes share, at the position that
 * they share too: 0 or -ENOMEM. The descriptor stays theirs. */
int fm__file_stream_shared(int fd, fm_stream **stream);

#endif
