/*
 * file_move.c - bytes into a file and out of it
 *
 * What is read is first asked for as far as it is in memory, by preadv2(2) with
 * RWF_NOWAIT. The rest is the kernel's to fetch where the loop has io_uring and
 * the file's system says what is in memory; else a thread's, and so is all that
 * is large or written. Why that is so, with figures: docs/design/files.md.
 */
#include "io/file_record.h"
#include "io/vector.h"
#include "task/operation.h"

#include <errno.h>
#include <fermata/thread.h>
#include <sys/stat.h>

/* ---- The parts ----------------------------------------------------------- */

static void file_move_skip_empty(struct fm__file_move *move)
{
    while (move->count > 0 && move->parts->iov_len == move->skip) {
        move->parts++;
        move->count--;
        move->skip = 0;
    }
}

/* What comes next of the first part, at most a piece. */
static struct iovec file_move_part(const struct fm__file_move *move)
{
    size_t size = move->parts->iov_len - move->skip;
    return (struct iovec){(char *)move->parts->iov_base + move->skip,
                          size < FM__FILE_PIECE ? size : FM__FILE_PIECE};
}

/* How many whole parts are a piece at most; 0: the first is too large, or some
 * of it has been moved. */
static size_t file_move_whole(const struct fm__file_move *move)
{
    size_t count = 0, size = 0;
    while (move->skip == 0 && count < move->count &&
           move->parts[count].iov_len <= FM__FILE_PIECE - size)
        size += move->parts[count++].iov_len;
    return count;
}

static void file_move_on(struct fm__file_move *move, size_t count)
{
    move->moved += (ssize_t)count;
    move->left -= count;
    if (move->at >= 0)
        move->at += (int64_t)count;
    while (count > 0) {
        size_t rest = move->parts->iov_len - move->skip;
        size_t step = count < rest ? count : rest;
        move->skip += step;
        count -= step;
        file_move_skip_empty(move);
    }
}

/* The answer to an attempt. */
static ssize_t file_move_told(struct fm__file_move *move, ssize_t rc)
{
    move->ended = rc == 0;
    if (rc > 0)
        file_move_on(move, (size_t)rc);
    return rc;
}

/* ---- Ways ---------------------------------------------------------------- */

static ssize_t file_move_once(struct fm__file_move *move, bool now)
{
    file_move_skip_empty(move);
    size_t count = file_move_whole(move);
    const struct iovec *parts = move->parts;
    struct iovec one;
    if (count == 0) {
        one = file_move_part(move);
        parts = &one;
        count = 1;
    }
    if (move->writes)
        return file_move_told(
            move, fm__sys_writev_at(move->fd, parts, count, move->at));
    return file_move_told(
        move, now ? fm__sys_readv_now(move->fd, parts, count, move->at)
                  : fm__sys_readv_at(move->fd, parts, count, move->at));
}

ssize_t fm__file_move_piece(struct fm__file_move *move)
{
    ssize_t before = move->moved, rc = 1;
    while (rc > 0 && move->left > 0 && move->moved - before < FM__FILE_PIECE)
        rc = file_move_once(move, false);
    return rc;
}

struct file_move_call {
    struct fm__file_move *move;
    ssize_t result;
};

static int file_move_on_thread(void *arg)
{
    struct file_move_call *call = arg;
    call->result = fm__file_move_piece(call->move);
    return 0;
}

static ssize_t file_move_by_thread(struct fm__file_move *move)
{
    struct file_move_call call = {.move = move};
    int rc = fm_thread_run(file_move_on_thread, &call);
    return rc < 0 ? rc : call.result;
}

static ssize_t file_move_by_kernel(struct fm__file_move *move)
{
    file_move_skip_empty(move);
    struct iovec part = file_move_part(move);
    struct fm__operation read = {.op = {.kind = FM__OP_READ_AT,
                                        .fd = move->fd,
                                        .buf = part.iov_base,
                                        .size = part.iov_len,
                                        .offset = move->at}};
    ssize_t rc = fm__operate(&read);
    return rc == -EOPNOTSUPP ? rc : file_move_told(move, rc);
}

/* Linux 5.9 and 5.10 may say so of what is not in memory (preadv2(2)). A file
 * system that is asked here has the size at hand. */
static bool file_move_has_ended(const struct fm__file_move *move)
{
    struct stat status;
    return fm__sys_stat_fd(move->fd, &status) == 0 &&
           status.st_size <= move->at;
}

/* -EAGAIN: it has to be fetched, and the kernel can do that beside the loop;
 * -EOPNOTSUPP: it is for a thread. */
static ssize_t file_move_at_once(fm_file *file, struct fm__file_move *move)
{
    if (file->blind || move->writes)
        return -EOPNOTSUPP;
    if (file->direct)
        return -EAGAIN;
    if (move->left > FM__FILE_AT_ONCE)
        return -EOPNOTSUPP;
    ssize_t rc = file_move_once(move, true);
    file->blind = rc == -EOPNOTSUPP || rc == -ENOSYS;
    bool unsure = rc == 0 && !file_move_has_ended(move);
    return rc == -ENOSYS || unsure ? -EOPNOTSUPP : rc;
}

static ssize_t file_move_step(fm_file *file, struct fm__file_move *move)
{
    ssize_t rc = file_move_at_once(file, move);
    if (rc == -EAGAIN)
        rc = file->loop->backend->reads_files ? file_move_by_kernel(move)
                                              : -EOPNOTSUPP;
    return rc == -EOPNOTSUPP ? file_move_by_thread(move) : rc;
}

ssize_t fm__file_carry(fm_file *file, struct fm__file_move *move,
                       const char *caller)
{
    ssize_t rc = 1;
    file->written |= move->writes;
    move->fd = file->fd;
    while (rc > 0 && move->left > 0) {
        rc = file_move_step(file, move);
        if (rc > 0 && move->left > 0) {
            int cut = fm__checkpoint(fm__current, caller);
            rc = cut < 0 ? cut : rc;
        }
    }
    return move->moved > 0 || rc > 0 ? move->moved : rc;
}

/* ---- Verbs --------------------------------------------------------------- */

/* The move's parts, count, at and writes are set. */
static ssize_t file_move_begun(fm_file *file, struct fm__file_move *move,
                               const char *caller)
{
    ssize_t size = fm__vector_size(move->parts, move->count);
    if (size < 0 || move->at < 0)
        return -EINVAL;
    move->left = (size_t)size;
    return fm__file_carry(file, move, caller);
}

static ssize_t file_move_at(fm_file *file, struct fm__file_move *move,
                            const char *caller)
{
    ssize_t rc = fm__file_begin(file, caller);
    if (rc < 0)
        return rc;
    rc = file_move_begun(file, move, caller);
    fm__file_end(file);
    return rc;
}

/* At the position. */
static ssize_t file_move_in_turn(fm_file *file, struct fm__file_move *move,
                                 const char *caller)
{
    ssize_t rc = fm__file_begin(file, caller);
    if (rc < 0)
        return rc;
    rc = fm__file_turn(file);
    if (rc == 0) {
        move->at = file->position;
        rc = file_move_begun(file, move, caller);
        if (rc > 0 && !(move->writes && file->append))
            file->position += rc;
        fm__file_turn_end(file);
    }
    fm__file_end(file);
    return rc;
}

static struct iovec file_move_lent(const void *buf, size_t size)
{
    return (struct iovec){(void *)(uintptr_t)buf, size};
}

ssize_t fm_file_read_at(fm_file *file, void *buf, size_t size, int64_t offset)
{
    const struct iovec part = {buf, size};
    struct fm__file_move move = {.parts = &part, .count = 1, .at = offset};
    return file_move_at(file, &move, "fm_file_read_at");
}

ssize_t fm_file_write_at(fm_file *file, const void *buf, size_t size,
                         int64_t offset)
{
    const struct iovec part = file_move_lent(buf, size);
    struct fm__file_move move = {
        .parts = &part, .count = 1, .at = offset, .writes = true};
    return file_move_at(file, &move, "fm_file_write_at");
}

ssize_t fm_file_read_vector_at(fm_file *file, const struct iovec *parts,
                               size_t count, int64_t offset)
{
    struct fm__file_move move = {.parts = parts, .count = count, .at = offset};
    return file_move_at(file, &move, "fm_file_read_vector_at");
}

ssize_t fm_file_write_vector_at(fm_file *file, const struct iovec *parts,
                                size_t count, int64_t offset)
{
    struct fm__file_move move = {
        .parts = parts, .count = count, .at = offset, .writes = true};
    return file_move_at(file, &move, "fm_file_write_vector_at");
}

ssize_t fm_file_read(fm_file *file, void *buf, size_t size)
{
    const struct iovec part = {buf, size};
    struct fm__file_move move = {.parts = &part, .count = 1};
    return file_move_in_turn(file, &move, "fm_file_read");
}

ssize_t fm_file_write(fm_file *file, const void *buf, size_t size)
{
    const struct iovec part = file_move_lent(buf, size);
    struct fm__file_move move = {.parts = &part, .count = 1, .writes = true};
    return file_move_in_turn(file, &move, "fm_file_write");
}
