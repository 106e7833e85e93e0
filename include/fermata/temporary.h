/*
 * temporary.h - files and directories that are there for a while
 *
 *     fm_file *file;
 *     int rc = fm_temporary_file(NULL, &file);
 *
 *     char path[FM_PATH_SIZE];
 *     rc = fm_temporary_directory(NULL, path);
 *     // ... files in it ...
 *     rc = fm_path_remove_tree(path);
 *
 * They are their owner's alone, and nobody can guess what they are called.
 */
#ifndef FERMATA_TEMPORARY_H
#define FERMATA_TEMPORARY_H

#include <fermata/api.h>
#include <fermata/file.h>
#include <fermata/path.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens a new file without a name in the directory `parent`, which is
 * borrowed, to read and to write: it is gone when it is closed, whatever
 * becomes of the program. NULL: in $TMPDIR, or else in /tmp. Where the file
 * system knows no such thing (O_TMPFILE, Linux 3.11) it has a name for a
 * moment.
 *
 * Returns 0, and *file is the caller's, to be closed; or, with *file as it was
 * and nothing left: -ECANCELED or -ETIMEDOUT when cut; -ENOENT, -EACCES,
 * -EROFS, -ENOSPC, -EMFILE, -ENOMEM, or what else open(2) says.
 */
FM_API FM_SUSPENDS int fm_temporary_file(const char *parent, fm_file **file);

/*
 * Makes a directory in `parent`, which is borrowed: "fermata-" and 16 digits.
 * NULL: in $TMPDIR, or else in /tmp. Its path is put into the caller's path. It
 * is the caller's to remove.
 *
 * Returns 0; or, with nothing made and path as it was: -ECANCELED or
 * -ETIMEDOUT when cut; -ENAMETOOLONG, or what else mkdir(2) says.
 */
FM_API FM_SUSPENDS int fm_temporary_directory(const char *parent,
                                              char path[FM_PATH_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
