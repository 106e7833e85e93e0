/*
 * file.h - files, without a task that waits for a disk in everybody's way
 *
 *     fm_file *file;
 *     int rc = fm_file_open("log", &file);
 *     if (rc == 0) {
 *         ssize_t n = fm_file_read_at(file, buf, sizeof buf, 4096);
 *         fm_file_close(file);
 *     }
 *
 * What is in memory is read at once; what is not is read by the kernel while
 * others run (io_uring), or by a thread of the loop's pool, which does all the
 * rest. What has begun there is waited for: a cut shows at the next call.
 */
#ifndef FERMATA_FILE_H
#define FERMATA_FILE_H

#include <fermata/api.h>
#include <fermata/stream.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

struct stat; /* of <sys/stat.h> */

/* A file that is open, of one loop. It has a position, as in C: a regular
 * file, a block device, a directory to begin paths in. One that a program
 * leaves open is reported and closed when its loop ends. */
typedef struct fm_file fm_file;

/*
 * Options of what opens a file; zero is the default.
 *
 *   flags    of open(2): O_RDONLY, O_RDWR | O_CREAT, ...; what is opened is
 *            never passed on to programs (O_CLOEXEC), and O_PATH is refused
 *   mode     of a file that is made: 0 is 0666, less the umask
 *   at       a directory (O_DIRECTORY) that a relative path begins in, in
 *            place of the working directory; borrowed
 *   beneath  for paths from outside: whatever ".." or links they have, the
 *            file is found under where they begin, or not at all (openat2(2),
 *            RESOLVE_BENEATH, Linux 5.6; where that is missing, a path with a
 *            link or with ".." is refused)
 */
typedef struct fm_file_options {
    int flags;
    unsigned mode;
    const fm_file *at;
    bool beneath;
} fm_file_options;

/*
 *     FM_SUSPENDS int fm_file_open(const char *path, fm_file **file, ...);
 *
 * Opens a file. Never waits for somebody at the other end: what has no
 * position, like a FIFO, a socket or a terminal, is refused (see
 * fm_stream_adopt). A third argument, a `const fm_file_options *`, is
 * optional.
 *
 * Returns 0, and *file is the caller's, to be closed; -ECANCELED or
 * -ETIMEDOUT when cut, then nothing is left open; -ESPIPE or -ENXIO for what
 * has no position; -EXDEV, or without openat2(2) -ELOOP or -ENOTDIR, for what
 * is not beneath; -EINVAL for O_PATH; -EAGAIN where another program holds a
 * lease of it (fcntl(2)) or no thread could be started; -ENOMEM; or what else
 * open(2) says: -ENOENT, -EACCES, -EEXIST, -EISDIR, -EROFS, -EMFILE, ...
 */
#define fm_file_open(...) FM__FILE_OPEN(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS ssize_t fm_file_load(const char *path, void **bytes,
 *                                      size_t limit, ...);
 *
 * Reads a whole file, of `limit` bytes at most. A fourth argument, a `const
 * fm_file_options *`, is optional; its flags are added to O_RDONLY.
 *
 * Returns the number of bytes, and *bytes is memory of the caller's, to be
 * given back by fm_file_free, with a NUL behind them; or, with *bytes as it
 * was, -EFBIG when there are more than limit; -ENOMEM; or as fm_file_open and
 * fm_file_read_at.
 */
#define fm_file_load(...) FM__FILE_LOAD(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_file_save(const char *path, const void *bytes,
 *                                  size_t size, ...);
 *
 * Makes a file of these bytes, which are borrowed. What was there before is
 * gone, also where it fails half-way. Nothing is synced. A fourth argument, a
 * `const fm_file_options *`, is optional; its flags take the place of O_CREAT
 * | O_TRUNC, and O_WRONLY is added.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut before it has begun; -ENOSPC,
 * -EDQUOT, -EFBIG, -EIO, or what else write(2) and close(2) say; or as
 * fm_file_open.
 */
#define fm_file_save(...) FM__FILE_SAVE(__VA_ARGS__, NULL, )

/*
 *     int fm_file_stream(fm_file *file, fm_stream **stream, ...);
 *
 * Makes a stream of a file: it reads from the file's position on, and writes
 * from there on; the two do not disturb each other, and the position itself
 * stays. What is written leaves with the turn, on a thread. The file is
 * borrowed, and must stay open as long as the stream. A third argument, a
 * `const fm_stream_options *`, is optional; options of sockets are skipped.
 *
 * Returns 0, and *stream is the caller's, to be closed before the file; or
 * -ENOMEM, with *stream as it was.
 */
#define fm_file_stream(...) FM__FILE_STREAM(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a file of a descriptor, which is taken: closed with the file. Its
 * flags stay as they are. The file's position begins at the descriptor's,
 * which is not used any more.
 *
 * Returns 0, and *file is the caller's, to be closed; or, with the descriptor
 * still the caller's, -EBADF, -ESPIPE for what has no position, -ENOMEM.
 */
FM_API int fm_file_adopt(int fd, fm_file **file);

/*
 * Closes; the file is gone, whatever is returned, and a cut does not hinder
 * it. Waits for calls that other tasks have made; whoever calls from then on,
 * and whoever closes before a stream of it, aborts with a sentence. One that
 * was written to is closed on a thread. NULL is 0.
 *
 * Returns 0, or what close(2) says of writes that have failed since: -EIO,
 * -ENOSPC, -EDQUOT.
 */
FM_API FM_SETTLES int fm_file_close(fm_file *file);

/*
 * The descriptor, borrowed: for fm_sendfile, to lock it, ...; never to be
 * closed. Its own position is not the file's.
 *
 * Returns its number.
 */
FM_API int fm_file_fd(const fm_file *file);

/*
 * Reads `size` bytes from `offset` on, into the caller's buf. Any number of
 * tasks may read and write at once.
 *
 * Returns the number of bytes: `size`, or fewer where the file ends before,
 * where it was cut or an error came after some; 0 at the end and beyond. Else
 * -ECANCELED or -ETIMEDOUT when cut; -EINVAL for a negative offset, -EBADF
 * when it was opened for writing alone, -EISDIR, -EIO, or what else read(2)
 * says; -ENOMEM; -EAGAIN when a thread is needed and none can be started.
 */
FM_API FM_SUSPENDS ssize_t fm_file_read_at(fm_file *file, void *buf,
                                           size_t size, int64_t offset);

/*
 * Writes all of buf at `offset`, or with O_APPEND at the file's end. buf is
 * borrowed. What is between the end and an offset beyond it reads as zeros.
 *
 * Returns `size`, or fewer where it was cut or an error came after some. Else
 * -ECANCELED or -ETIMEDOUT when cut; -EINVAL for a negative offset, -EBADF
 * when it was opened for reading alone, -ENOSPC, -EDQUOT, -EFBIG, -EIO, or
 * what else write(2) says; -ENOMEM; -EAGAIN as above.
 */
FM_API FM_SUSPENDS ssize_t fm_file_write_at(fm_file *file, const void *buf,
                                            size_t size, int64_t offset);

/*
 * Reads into several buffers, of which each is filled before the next. The
 * parts are borrowed.
 *
 * Returns as fm_file_read_at; -EINVAL also for more parts than
 * FM_VECTOR_MOST or more bytes than SSIZE_MAX.
 */
FM_API FM_SUSPENDS ssize_t fm_file_read_vector_at(fm_file *file,
                                                  const struct iovec *parts,
                                                  size_t count, int64_t offset);

/*
 * Writes several buffers, one behind the other; with others writing there too
 * they may be mixed. The parts are borrowed.
 *
 * Returns as fm_file_write_at; -EINVAL also for more parts than
 * FM_VECTOR_MOST or more bytes than SSIZE_MAX.
 */
FM_API FM_SUSPENDS ssize_t fm_file_write_vector_at(fm_file *file,
                                                   const struct iovec *parts,
                                                   size_t count,
                                                   int64_t offset);

/*
 * Reads from the file's position, which moves by what is returned. Tasks that
 * use the position take turns, in the order of asking.
 *
 * Returns as fm_file_read_at.
 */
FM_API FM_SUSPENDS ssize_t fm_file_read(fm_file *file, void *buf, size_t size);

/*
 * Writes at the file's position, which moves by what is returned; with
 * O_APPEND at the file's end, and the position stays.
 *
 * Returns as fm_file_write_at.
 */
FM_API FM_SUSPENDS ssize_t fm_file_write(fm_file *file, const void *buf,
                                         size_t size);

/*
 * Moves the position. It goes to an offset (SEEK_SET), by one (SEEK_CUR), to
 * one from the file's end (SEEK_END), or to the next data or hole from an
 * offset on (SEEK_DATA, SEEK_HOLE, of lseek(2)). It may lie beyond the end.
 *
 * Returns the new position; -ECANCELED or -ETIMEDOUT when cut; -EINVAL for
 * one before the beginning or an unknown whence, -EOVERFLOW, -ENXIO where
 * there is no more data; -ENOMEM, -EAGAIN. Then it stays.
 */
FM_API FM_SUSPENDS int64_t fm_file_seek(fm_file *file, int64_t offset,
                                        int whence);

/*
 * The position; never suspends.
 *
 * Returns it: 0 or more.
 */
FM_API int64_t fm_file_tell(const fm_file *file);

/*
 * Waits until the disk has what was written: all of it, or with `data` only
 * what is needed to read it again, and not when it was changed (fdatasync(2)).
 * A new file is safe only when its directory was synced too.
 *
 * Returns 0, -ECANCELED or -ETIMEDOUT when cut, -EIO, -ENOSPC, -EDQUOT, -EROFS,
 * -EINVAL for what cannot be synced; -ENOMEM, -EAGAIN.
 */
FM_API FM_SUSPENDS int fm_file_sync(fm_file *file, bool data);

/*
 * What the system knows of it: size, mode, times, ... of stat(2), into the
 * caller's memory.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -ENOMEM, -EAGAIN, or what else
 * fstat(2) says.
 */
FM_API FM_SUSPENDS int fm_file_stat(fm_file *file, struct stat *status);

/*
 * Makes the file `size` bytes long: what is beyond is gone, what is new reads
 * as zeros.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EINVAL for a negative size or
 * a file that is not open for writing, -EFBIG, -EIO, -ENOMEM, -EAGAIN, or what
 * else ftruncate(2) says.
 */
FM_API FM_SUSPENDS int fm_file_truncate(fm_file *file, int64_t size);

/*
 * Makes sure that there is room for these bytes, so that no write of them is
 * -ENOSPC. A file that ends before them becomes longer; what is new reads as
 * zeros.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut; -EINVAL for a negative offset
 * or a size of 0 or less; -EBADF when it is not open for writing, -ENOSPC,
 * -EFBIG, -EOPNOTSUPP where the file's system has no such thing; -ENOMEM,
 * -EAGAIN, or what else fallocate(2) says.
 */
FM_API FM_SUSPENDS int fm_file_allocate(fm_file *file, int64_t offset,
                                        int64_t size);

/* Gives back what fm_file_load has made; NULL is nothing. */
FM_API void fm_file_free(void *bytes);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__file_open(const char *path, fm_file **file,
                                     const fm_file_options *options);
FM_API FM_SUSPENDS ssize_t fm__file_load(const char *path, void **bytes,
                                         size_t limit,
                                         const fm_file_options *options);
FM_API FM_SUSPENDS int fm__file_save(const char *path, const void *bytes,
                                     size_t size,
                                     const fm_file_options *options);
FM_API int fm__file_stream(fm_file *file, fm_stream **stream,
                           const fm_stream_options *options);

#ifdef __cplusplus
}
#endif

#define FM__FILE_OPEN(path, file, ...)                                         \
    fm__file_open((path), (file), FM__OPTIONS(fm_file_options, __VA_ARGS__))
#define FM__FILE_LOAD(path, bytes, limit, ...)                                 \
    fm__file_load((path), (bytes), (limit),                                    \
                  FM__OPTIONS(fm_file_options, __VA_ARGS__))
#define FM__FILE_SAVE(path, bytes, size, ...)                                  \
    fm__file_save((path), (bytes), (size),                                     \
                  FM__OPTIONS(fm_file_options, __VA_ARGS__))
#define FM__FILE_STREAM(file, stream, ...)                                     \
    fm__file_stream((file), (stream),                                          \
                    FM__OPTIONS(fm_stream_options, __VA_ARGS__))

#endif
