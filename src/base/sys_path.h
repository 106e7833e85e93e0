/*
 * sys_path.h - the door's calls on paths, directories, and what watches them
 *
 * All may wait for a disk, or for a server that is gone: they are for threads
 * that may wait. They keep the rules of sys.h.
 */
#ifndef FM_BASE_SYS_PATH_H
#define FM_BASE_SYS_PATH_H

#include "base/sys.h"

#include <fcntl.h>

/* A path, seen from a directory's descriptor or from AT_FDCWD. */
struct fm__sys_place {
    int at;
    const char *path;
};

FM__INLINE struct fm__sys_place fm__sys_here(const char *path)
{
    return (struct fm__sys_place){AT_FDCWD, path};
}

/* A descriptor that is closed on exec. */
int fm__sys_open_at(struct fm__sys_place place, int flags, unsigned mode);
/* flags: AT_SYMLINK_NOFOLLOW */
int fm__sys_stat_at(struct fm__sys_place place, struct stat *found, int flags);
/* As the process would be let do it: R_OK, ... */
int fm__sys_access(const char *path, int mode);
/* flags: RENAME_NOREPLACE, RENAME_EXCHANGE */
int fm__sys_rename_at(struct fm__sys_place from, struct fm__sys_place to,
                      unsigned flags);
/* flags: AT_REMOVEDIR */
int fm__sys_unlink_at(struct fm__sys_place place, int flags);
int fm__sys_make_directory(struct fm__sys_place place, unsigned mode);
int fm__sys_link_at(struct fm__sys_place from, struct fm__sys_place to);
int fm__sys_symlink(const char *target, const char *path);
/* How many bytes, without a NUL; as many as size are perhaps not all. */
ssize_t fm__sys_read_link(const char *path, char *buf, size_t size);
/* real: PATH_MAX bytes. */
int fm__sys_real_path(const char *path, char *real);
/* Of the last access and change, as in utimensat(2). */
int fm__sys_times(const char *path, const struct timespec times[2]);

/* All of a file becomes that of another, which shares its blocks. */
int fm__sys_clone(int to, int from);
/* From one file to the same place of another, by the kernel. */
ssize_t fm__sys_copy_range(int to, int from, int64_t at, size_t size);

/* Entries of a directory as in getdents64(2); 0: there are no more. */
ssize_t fm__sys_entries(int fd, void *buf, size_t size);

int fm__sys_inotify(void);
int fm__sys_inotify_add(int fd, const char *path, uint32_t events);
int fm__sys_inotify_remove(int fd, int id);

/* A number that nobody can guess; counts as no call. */
FM_API uint64_t fm__sys_chance(void);

#endif
