/*
 * tail.h - the lines of a log that others write, also when it is rotated
 *
 *     fm_tail *tail;
 *     char line[4096];
 *     ssize_t size;
 *     int rc = fm_tail_open("access.log", &tail);
 *     if (rc == 0) {
 *         while ((size = fm_tail_line(tail, line, sizeof line)) >= 0 ||
 *                size == -EMSGSIZE)                   // a line that is longer
 *             if (size >= 0)
 *                 rc = handle(line);
 *         fm_tail_close(tail);
 *     }
 *
 * As tail -F does, but nothing of a file that was renamed is missed, and who
 * keeps the place goes on there after a crash, wherever the file is by then.
 */
#ifndef FERMATA_TAIL_H
#define FERMATA_TAIL_H

#include <fermata/api.h>
#include <fermata/stream.h>
#include <stdbool.h>
#include <sys/types.h>

/* Bytes of a line, at most. An array of that size is for the heap: a task's
 * stack is no larger, unless told otherwise. */
#define FM_TAIL_LINE 65536

/* A log that is read; of one loop. One that a program leaves open is reported
 * and closed when its loop ends. */
typedef struct fm_tail fm_tail;

/*
 * Where one line has ended and the next one begins; plain numbers, to be kept
 * in a file or a database. All zero is the beginning of the log.
 *
 *   device  of the file, whatever it is called by now
 *   inode   of it there
 *   offset  bytes from its beginning
 *   mark    of the bytes in front of that: another file that has got the same
 *           inode, or one that was emptied and written anew, has others there
 */
typedef struct fm_tail_place {
    uint64_t device;
    uint64_t inode;
    int64_t offset;
    uint64_t mark;
} fm_tail_place;

/*
 * Options; zero is the default.
 *
 *   from    where to begin, or NULL: the beginning of the log; borrowed by the
 *           call alone. What has been renamed since is looked for beside the
 *           log and read to its end; when it is gone the log is read from its
 *           beginning, and a file that is not what it was from its own
 *   stop    at the end of the log, in place of waiting for more
 *   stream  to read that in place of a log, such as fm_stdin's: to its end, and
 *           its place stays what it is; borrowed until fm_tail_close
 */
typedef struct fm_tail_options {
    const fm_tail_place *from;
    bool stop;
    fm_stream *stream;
} fm_tail_options;

/*
 *     FM_SUSPENDS int fm_tail_open(const char *path, fm_tail **tail, ...);
 *
 * Begins to read a log, which need not be there yet; path is NULL for a stream.
 * A log is rotated in one of two ways. Renamed: the file gets a name that goes
 * on, "log.1" of "log", which becomes "log.2" the next time, or one with a
 * date, "log-20261130"; and a new one is made. It is read until something is in
 * the new one, because whoever writes may go on in the old one until then, and
 * to the end that it has then; however many there have been meanwhile. Emptied:
 * the same file begins anew; what nobody has read by then is gone, and so is a
 * line of which a part was read. A third argument, a `const fm_tail_options *`,
 * is optional.
 *
 * The directory is watched by inotify(7): a log that is a link to a file of
 * another directory, or of a name that does not begin with its own, or that
 * another machine writes to, is read as far as it is, and what comes then is
 * not noticed.
 *
 * Returns 0, and *tail is the caller's, to be closed; or, with *tail as it was:
 * -ECANCELED or -ETIMEDOUT when cut; -ENOENT, -EACCES, -ENOTDIR where there is
 * no directory for it; -EINVAL for a path that ends in no name, -ENAMETOOLONG;
 * -EMFILE, -ENOSPC as fm_path_watch_open and fm_path_watch_add; -ENOMEM; and in
 * the simulator, whose tasks wait for nothing outside, -EOPNOTSUPP but for
 * `stop`.
 */
#define fm_tail_open(...) FM__TAIL_OPEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The next line, into the caller's buf, without its "\n" or "\r\n" and with a
 * NUL behind it. Waits until its end is there: a part of a line is none, unless
 * it is the last of a file that was renamed, or of a log that is to be read to
 * its end. One task at a time: a second one aborts with a sentence.
 *
 * Returns the length, at most size - 1; -EMSGSIZE for a line that is longer, or
 * longer than FM_TAIL_LINE: it is passed over, and the next call has the next
 * one; -FM_EEOF with `stop` or of a stream, when there is no more; -ECANCELED
 * or -ETIMEDOUT when cut, and nothing is lost; -ENOENT when the directory was
 * removed, or with `stop` where there is no log; -ENOMEM, -EAGAIN when a thread
 * is needed and none can be started; what open(2) and read(2) say: -EACCES,
 * -EISDIR, -ESPIPE for what is no file, -EIO, ...; or of a stream what fm_read
 * says.
 */
FM_API FM_SUSPENDS ssize_t fm_tail_line(fm_tail *tail, char *buf, size_t size);

/* Where the last line has ended that fm_tail_line returned, or passed over. */
FM_API void fm_tail_tell(const fm_tail *tail, fm_tail_place *place);

/* Ends it; NULL is nothing. No task may be reading it. */
FM_API FM_SETTLES void fm_tail_close(fm_tail *tail);

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int fm__tail_open(const char *path, fm_tail **tail,
                                     const fm_tail_options *options);

#ifdef __cplusplus
}
#endif

#define FM__TAIL_OPEN(path, tail, ...)                                         \
    fm__tail_open((path), (tail), FM__OPTIONS(fm_tail_options, __VA_ARGS__))

#endif
