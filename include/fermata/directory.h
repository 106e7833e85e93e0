/*
 * directory.h - the entries of a directory, and of all that lie below it
 *
 *     fm_walk *walk;
 *     fm_walk_entry entry;
 *     int rc = fm_walk_open("src", &walk);
 *     if (rc < 0)
 *         return rc;
 *     while ((rc = fm_walk_next(walk, &entry)) > 0)
 *         printf("%s\n", entry.path);
 *     fm_walk_close(walk);
 *
 * They are read on a thread of the loop's pool, many at a time.
 */
#ifndef FERMATA_DIRECTORY_H
#define FERMATA_DIRECTORY_H

#include <fermata/api.h>
#include <fermata/file.h>
#include <fermata/path.h>

/* Entries of one directory that are sorted, at most. */
#define FM_DIRECTORY_SORTED 1000000

/* A directory that is being read. */
typedef struct fm_directory fm_directory;

/* A directory that is being walked through. */
typedef struct fm_walk fm_walk;

/*
 * An entry of a directory.
 *
 *   name    borrowed until the next call on the directory
 *   kind    S_IFREG, S_IFDIR, S_IFLNK, ... of inode(7); 0 where it is gone
 *           already
 *   number  of the inode
 */
typedef struct fm_directory_entry {
    const char *name;
    mode_t kind;
    ino_t number;
} fm_directory_entry;

/*
 * An entry of a walk; what it points to is borrowed until the next call on the
 * walk.
 *
 *   path   beginning with the path that was given to fm_walk_open, and a slash
 *          where that has none at its end; deep down it may be longer than
 *          FM_PATH_SIZE, and then no call takes it
 *   name   its last part
 *   kind   as in fm_directory_entry; S_IFLNK also of a link that is entered
 *   depth  1: in that directory itself
 */
typedef struct fm_walk_entry {
    const char *path;
    const char *name;
    mode_t kind;
    ino_t number;
    unsigned depth;
} fm_walk_entry;

/*
 * Options of fm_walk_open; zero is the default.
 *
 *   depth   entries deeper than this are not looked for; 0: FM_TREE_DEPTH
 *   sorted  those of each directory come in the order of their names' bytes,
 *           which takes all of them in memory
 *   follow  links to directories are entered like directories, except into
 *           one that the walk is in
 */
typedef struct fm_walk_options {
    unsigned depth;
    bool sorted;
    bool follow;
} fm_walk_options;

/*
 *     FM_SUSPENDS int fm_walk_open(const char *path, fm_walk **walk, ...);
 *
 * Begins to walk through the directory at the path. A link there is followed.
 * A third argument, a `const fm_walk_options *`, is optional.
 *
 * Returns 0, and *walk is the caller's, to be closed; or, with *walk as it
 * was: -ECANCELED or -ETIMEDOUT when cut; -ENOENT, -ENOTDIR, -EACCES, -EMFILE,
 * -ENOMEM, or what else open(2) says.
 */
#define fm_walk_open(...) FM__WALK_OPEN(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_directory_open(const char *path,
 *                                       fm_directory **directory, ...);
 *
 * Opens a directory to read its entries. A third argument, a `const
 * fm_file_options *`, is optional; its .at and .beneath say where the path
 * begins and may lead.
 *
 * Returns 0, and *directory is the caller's, to be closed; or, with *directory
 * as it was: -ECANCELED or -ETIMEDOUT when cut; -ENOENT, -ENOTDIR, -EACCES,
 * -EMFILE, -ENOMEM, or what else fm_file_open says.
 */
#define fm_directory_open(...) FM__DIRECTORY_OPEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Gives the next entry, never "." or "..", in no order. What is made or
 * removed meanwhile may be among them or not. One task at a time.
 *
 * Returns 1; 0 at the end, also of a directory that was removed; -ECANCELED or
 * -ETIMEDOUT when cut, and no entry is lost; -ENOMEM, or what else
 * getdents64(2) says.
 */
FM_API FM_SUSPENDS int fm_directory_next(fm_directory *directory,
                                         fm_directory_entry *entry);

/* Closes it; NULL is nothing. No task may be in a call on it. */
FM_API void fm_directory_close(fm_directory *directory);

/*
 * Gives the next entry: a directory first, then what is in it. Links are
 * entries and are not entered, unless the options say so. What has vanished
 * when the walk comes to it is skipped. At most 32 descriptors are open;
 * with .follow it is one for each directory that the walk is in. One task at a
 * time.
 *
 * Returns 1; 0 at the end; -ECANCELED or -ETIMEDOUT when cut, and no entry is
 * lost. -EACCES, -EMFILE, -ENOMEM, or what else the system says of the
 * directory that was to be read: entry->path is its path, and the next call
 * goes on past it; so it does after -ELOOP, of one that lies FM_TREE_DEPTH
 * deep, and -E2BIG, of one with more than FM_DIRECTORY_SORTED entries to be
 * sorted. After -EMFILE or -ENOMEM on the way back from it the next call tries
 * again, and after -EAGAIN, where no thread could be started. -ESTALE: it was
 * moved out of the tree meanwhile; there is no way back, and each further call
 * says so.
 */
FM_API FM_SUSPENDS int fm_walk_next(fm_walk *walk, fm_walk_entry *entry);

/* The directory that was given last is not entered. */
FM_API void fm_walk_skip(fm_walk *walk);

/* Ends it; NULL is nothing. No task may be in a call on it. */
FM_API void fm_walk_close(fm_walk *walk);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__directory_open(const char *path,
                                          fm_directory **directory,
                                          const fm_file_options *options);
FM_API FM_SUSPENDS int fm__walk_open(const char *path, fm_walk **walk,
                                     const fm_walk_options *options);

#ifdef __cplusplus
}
#endif

#define FM__DIRECTORY_OPEN(path, directory, ...)                               \
    fm__directory_open((path), (directory),                                    \
                       FM__OPTIONS(fm_file_options, __VA_ARGS__))
#define FM__WALK_OPEN(path, walk, ...)                                         \
    fm__walk_open((path), (walk), FM__OPTIONS(fm_walk_options, __VA_ARGS__))

#endif
