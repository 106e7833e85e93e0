/*
 * path.h - what lies at a path: look at it, move it, copy it, replace it
 *
 *     rc = fm_path_replace("settings.json", text, size);
 *     rc = fm_path_copy("today.db", "backup/today.db");
 *     rc = fm_path_remove_tree("build");
 *
 * Each call runs on a thread of the loop's pool, so a disk that is slow stops
 * the calling task and no other. A path is a string of bytes as the system has
 * it: borrowed until the call returns, at most FM_PATH_SIZE with its NUL.
 * Cut while the system works, a call returns what came of it, and the cut
 * shows at the next; a cut that it returns means that nothing was done, or
 * what it says.
 */
#ifndef FERMATA_PATH_H
#define FERMATA_PATH_H

#include <fermata/api.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct stat; /* of <sys/stat.h> */

/* Bytes of a path with its NUL, at most: the system's PATH_MAX. */
#define FM_PATH_SIZE 4096

/* How many directories may lie in each other below a tree that is removed or
 * walked, and how many bytes the name of an entry has with its NUL. */
#define FM_TREE_DEPTH 65536
#define FM_ENTRY_SIZE 256

/*
 * Options of fm_path_rename; zero is the default.
 *
 *   keep      what is at the new path stays: -EEXIST
 *   exchange  the two change places, and both have to be there (Linux 3.15;
 *             -EINVAL where the file system has no such thing)
 */
typedef struct fm_rename_options {
    bool keep;
    bool exchange;
} fm_rename_options;

/*
 * Options of fm_path_mkdir; zero is the default.
 *
 *   mode     permissions, of which the umask takes away; 0: 0777
 *   parents  the directories above are made too where they are missing, with
 *            0777; and it is no error that there is such a directory
 */
typedef struct fm_mkdir_options {
    mode_t mode;
    bool parents;
} fm_mkdir_options;

/*
 * Options of fm_path_copy; zero is the default.
 *
 *   keep  what is at the new path stays: -EEXIST
 *   sync  it is on the disk when the call returns
 */
typedef struct fm_copy_options {
    bool keep;
    bool sync;
} fm_copy_options;

/*
 * Options of fm_path_replace; zero is the default.
 *
 *   mode     permissions; 0: those of the file that is replaced, and of a new
 *            one 0666, of which the umask takes away
 *   keep     what is at the path stays: -EEXIST
 *   no_sync  the system may write it to the disk when it likes: who crashes
 *            may find the file empty
 */
typedef struct fm_replace_options {
    mode_t mode;
    bool keep;
    bool no_sync;
} fm_replace_options;

/*
 *     FM_SUSPENDS int fm_path_rename(const char *from, const char *to, ...);
 *
 * Gives what is at `from` the new path, as rename(2) does: what was there is
 * replaced in one step. A third argument, a `const fm_rename_options *`, is
 * optional.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EINVAL for both options at
 * once; -EXDEV when the paths are of two file systems, which takes a copy;
 * -EEXIST, -ENOENT, or what else rename(2) says.
 */
#define fm_path_rename(...) FM__PATH_RENAME(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_path_mkdir(const char *path, ...);
 *
 * Makes a directory. A second argument, a `const fm_mkdir_options *`, is
 * optional.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EEXIST when there is
 * something, with .parents if it is no directory; or what else mkdir(2) says.
 * Parents that were made stay.
 */
#define fm_path_mkdir(...) FM__PATH_MKDIR(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_path_copy(const char *from, const char *to, ...);
 *
 * Copies a file, with its permissions (0777 of them) and its holes. Where the
 * file system can, the copy shares the blocks of the original (FICLONE) or the
 * kernel copies (copy_file_range(2)); else it is read and written. The copy
 * grows under a name of its own, ".fermata-" and 16 digits, in the directory
 * of `to`, and takes its place when it is whole: at `to` there is never half a
 * copy. A link at `from` is followed, one at `to` is replaced. A third
 * argument, a `const fm_copy_options *`, is optional.
 *
 * It is cut between pieces of 8 MiB; then, and after any failure, what is at
 * `to` is as it was and what was copied is gone. Only where the directory's
 * name could not be brought to the disk (.sync), the copy is in its place.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EISDIR for a directory, and
 * -EINVAL for what else is no regular file; -EEXIST, -ENOSPC, or what else the
 * system says.
 */
#define fm_path_copy(...) FM__PATH_COPY(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_path_replace(const char *path, const void *bytes,
 *                                     size_t size, ...);
 *
 * Makes the bytes, which are borrowed, the whole of the file at the path: who
 * opens it, also after a crash, finds the old file or the new one, and all of
 * it. They are written to a new file beside it, named as by fm_path_copy,
 * which goes to the disk, takes its place, and then its directory goes to the
 * disk. The new file is the caller's; a link is replaced itself. A fourth
 * argument, a `const fm_replace_options *`, is optional.
 *
 * It is cut between pieces of 8 MiB; then, and after any failure, the old file
 * is as it was and the new one is gone. Only where the directory could not be
 * brought to the disk, the new file is in its place.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EISDIR for a directory;
 * -EEXIST, -ENOSPC, -EROFS, or what else the system says.
 */
#define fm_path_replace(...) FM__PATH_REPLACE(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Tells of what is at the path, in the caller's *found as stat(2) has it; a
 * link is followed.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -ENOENT, or what else stat(2)
 * says; then *found means nothing.
 */
FM_API FM_SUSPENDS int fm_path_stat(const char *path, struct stat *found);

/* The same of a link itself (lstat(2)). Returns as fm_path_stat. */
FM_API FM_SUSPENDS int fm_path_stat_link(const char *path, struct stat *found);

/*
 * Whether something is at the path; a link to nothing is nothing.
 *
 * Returns 1 or 0; -ECANCELED or -ETIMEDOUT when cut; -EACCES where it cannot be
 * known, or what else stat(2) says.
 */
FM_API FM_SUSPENDS int fm_path_exists(const char *path);

/*
 * Whether the process may do something: mode is R_OK, W_OK and X_OK of
 * <unistd.h>, by the rights that it has now (AT_EACCESS of faccessat(2)). What
 * it may do a moment later nobody knows: to try is better.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EACCES, -EROFS, -ENOENT, or
 * what else faccessat(2) says.
 */
FM_API FM_SUSPENDS int fm_path_access(const char *path, int mode);

/*
 * Removes a name; the file goes with its last one.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EISDIR for a directory;
 * -ENOENT, or what else unlink(2) says.
 */
FM_API FM_SUSPENDS int fm_path_unlink(const char *path);

/*
 * Removes an empty directory.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -ENOTEMPTY, -ENOTDIR, -ENOENT,
 * or what else rmdir(2) says.
 */
FM_API FM_SUSPENDS int fm_path_rmdir(const char *path);

/*
 * Gives a file one more name; a link at `from` is not followed.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EEXIST, -EXDEV, -EPERM, or
 * what else link(2) says.
 */
FM_API FM_SUSPENDS int fm_path_link(const char *from, const char *to);

/*
 * Makes a symbolic link at the path that says `target`, whatever that is.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EEXIST, or what else
 * symlink(2) says.
 */
FM_API FM_SUSPENDS int fm_path_symlink(const char *target, const char *path);

/*
 * Puts what a symbolic link says into the caller's buf, with a NUL.
 *
 * Returns its length without the NUL; -ECANCELED or -ETIMEDOUT when cut;
 * -ENAMETOOLONG when size bytes are too few, and buf then means nothing;
 * -EINVAL for what is no link; or what else readlink(2) says.
 */
FM_API FM_SUSPENDS ssize_t fm_path_readlink(const char *path, char *buf,
                                            size_t size);

/*
 * Puts the absolute path without links, "." and ".." into the caller's real:
 * what is at its end has to be there.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -ENOENT, -ELOOP,
 * -ENAMETOOLONG, or what else realpath(3) says; then real means nothing.
 */
FM_API FM_SUSPENDS int fm_path_real(const char *path, char real[FM_PATH_SIZE]);

/*
 * Sets the permissions (07777); a link is followed.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EPERM, or what else chmod(2)
 * says.
 */
FM_API FM_SUSPENDS int fm_path_chmod(const char *path, mode_t mode);

/*
 * Sets the times of the last access, times[0], and the last change, times[1],
 * which are borrowed; UTIME_NOW and UTIME_OMIT are known. NULL: both are now.
 * A link is followed.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EPERM, or what else
 * utimensat(2) says.
 */
FM_API FM_SUSPENDS int fm_path_utimes(const char *path,
                                      const struct timespec times[2]);

/*
 * Removes what is at the path, and if it is a directory everything in it. A
 * link is removed and never followed, also one that takes a directory's place
 * meanwhile: each directory is opened from the one above, and entered by its
 * descriptor alone. A directory that was moved away while it was being emptied
 * stops it. At most 32 descriptors are open.
 *
 * It is cut between pieces of a thousand names. Then, and at the first
 * failure, what was removed stays so.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -ENOENT when nothing is there;
 * -EINVAL for a path that ends with "." or "..", or is "/"; -ESTALE when it
 * was moved meanwhile; -ENOTEMPTY when others fill it faster; -ELOOP for more
 * than FM_TREE_DEPTH directories in each other; -EACCES, -EBUSY for a mount,
 * -ENOMEM, or what else the system says.
 */
FM_API FM_SUSPENDS int fm_path_remove_tree(const char *path);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__path_rename(const char *from, const char *to,
                                       const fm_rename_options *options);
FM_API FM_SUSPENDS int fm__path_mkdir(const char *path,
                                      const fm_mkdir_options *options);
FM_API FM_SUSPENDS int fm__path_copy(const char *from, const char *to,
                                     const fm_copy_options *options);
FM_API FM_SUSPENDS int fm__path_replace(const char *path, const void *bytes,
                                        size_t size,
                                        const fm_replace_options *options);

#ifdef __cplusplus
}
#endif

#define FM__PATH_RENAME(from, to, ...)                                         \
    fm__path_rename((from), (to), FM__OPTIONS(fm_rename_options, __VA_ARGS__))
#define FM__PATH_MKDIR(path, ...)                                              \
    fm__path_mkdir((path), FM__OPTIONS(fm_mkdir_options, __VA_ARGS__))
#define FM__PATH_COPY(from, to, ...)                                           \
    fm__path_copy((from), (to), FM__OPTIONS(fm_copy_options, __VA_ARGS__))
#define FM__PATH_REPLACE(path, bytes, size, ...)                               \
    fm__path_replace((path), (bytes), (size),                                  \
                     FM__OPTIONS(fm_replace_options, __VA_ARGS__))

#endif
