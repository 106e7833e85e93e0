/*
 * sendfile.c - a part of a file, into a stream
 *
 * The beginning is read and written, so that a small file leaves with what was
 * written before it: what is in memory at once, the rest by a thread. Much more
 * goes from the page cache to the socket by sendfile(2), which may read the
 * disk and so runs on a thread, piece by piece. What sendfile(2) refuses, for
 * whatever reason, is read and written too, which also finds out whether the
 * file or the stream was the reason.
 *
 * The stream is held from the first piece to the last.
 */
#include <fermata/thread.h>

#include "base/memory.h"
#include "base/sys.h"
#include "io/stream_record.h"

#include <errno.h>

enum {
    SENDFILE_PIECE = 262144, /* that is sent by one call */
    SENDFILE_COPY = 65536    /* that is read and written */
};

struct sendfile {
    fm_stream *stream;
    int fd;
    int64_t at;
    size_t left;
    size_t sent;
    bool able;   /* sendfile(2) may do */
    bool direct; /* and does */
    char *bytes; /* SENDFILE_COPY, or NULL */
};

/* What a thread does: none of it is touched meanwhile by the task. */
struct sendfile_call {
    int from;
    int to;      /* -1: into the bytes */
    char *bytes; /* or NULL */
    int64_t at;
    size_t size;
    ssize_t result;
};

static int sendfile_on_thread(void *arg)
{
    struct sendfile_call *call = arg;
    call->result =
        call->bytes != NULL
            ? fm__sys_read_at(call->from, call->bytes, call->size, call->at)
            : fm__sys_sendfile(call->to, call->from, call->at, call->size);
    return 0;
}

static size_t sendfile_size(const struct sendfile *file, size_t most)
{
    return file->left < most ? file->left : most;
}

static void sendfile_moved(struct sendfile *file, size_t count)
{
    file->at += (int64_t)count;
    file->left -= count;
    file->sent += count;
}

/* In memory or not: above 0, 0 at the end of the file, or -errno. */
static ssize_t sendfile_read(const struct sendfile *file)
{
    size_t size = sendfile_size(file, SENDFILE_COPY);
    ssize_t rc = fm__sys_read_now(file->fd, file->bytes, size, file->at);
    if (rc != -EAGAIN && rc != -EOPNOTSUPP && rc != -ENOSYS)
        return rc;
    struct sendfile_call call = {
        .from = file->fd, .bytes = file->bytes, .at = file->at, .size = size};
    int run = fm_thread_run(sendfile_on_thread, &call);
    return run < 0 ? run : call.result;
}

static ssize_t sendfile_copy(struct sendfile *file)
{
    if (file->bytes == NULL)
        file->bytes = fm__memory_new(sendfile_size(file, SENDFILE_COPY));
    if (file->bytes == NULL)
        return -ENOMEM;
    ssize_t rc = sendfile_read(file);
    if (rc > 0)
        rc = fm__stream_write_held(file->stream, file->bytes, (size_t)rc);
    if (rc > 0)
        sendfile_moved(file, (size_t)rc);
    file->direct =
        file->able && rc == SENDFILE_COPY && file->left > SENDFILE_COPY;
    return rc;
}

/* Until the kernel takes more. */
static ssize_t sendfile_wait(const fm_stream *stream)
{
    struct fm__operation wait = {
        .op = {.kind = FM__OP_POLL, .fd = stream->fd, .events = EPOLLOUT}};
    return fm__operate(&wait);
}

static ssize_t sendfile_directly(struct sendfile *file)
{
    struct sendfile_call call = {
        .from = file->fd,
        .to = file->stream->fd,
        .at = file->at,
        .size = sendfile_size(file, SENDFILE_PIECE),
        .result = -EIO,
    };
    ssize_t rc = fm__stream_drain(file->stream, 0);
    if (rc == 0)
        rc = fm_thread_run(sendfile_on_thread, &call);
    if (rc < 0)
        return rc;
    if (call.result == -EAGAIN)
        return sendfile_wait(file->stream);
    if (call.result < 0) {
        file->able = file->direct = false;
        return 1;
    }
    sendfile_moved(file, (size_t)call.result);
    return call.result;
}

/* Above 0: on with it; 0: the file ends; or -errno. */
static ssize_t sendfile_piece(struct sendfile *file)
{
    return file->direct ? sendfile_directly(file) : sendfile_copy(file);
}

/* Not as it is to a descriptor of the kernel's: through a filter, in memory, or
 * in the simulator. */
static bool sendfile_is_elsewhere(const fm_stream *stream)
{
    return stream->filter != NULL || stream->carried ||
           stream->loop->backend == &fm__sim;
}

static ssize_t sendfile_held(struct sendfile *file)
{
    ssize_t rc =
        file->stream->shut ? -EPIPE : fm__stream_write_error(file->stream);
    if (rc == 0)
        rc = 1;
    while (rc > 0 && file->left > 0) {
        rc = sendfile_piece(file);
        if (rc > 0 && file->left > 0) {
            int cut = fm__checkpoint(fm__current, "fm_sendfile");
            rc = cut < 0 ? cut : rc;
        }
    }
    fm__memory_free(file->bytes);
    bool cut = rc == -ECANCELED || rc == -ETIMEDOUT;
    if (rc < 0 && !(cut && file->sent > 0))
        return rc;
    return (ssize_t)file->sent;
}

ssize_t fm_sendfile(fm_stream *stream, int fd, int64_t *offset, size_t size)
{
    ssize_t rc = fm__checkpoint(fm__current, "fm_sendfile");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    fm__stream_check(stream, "fm_sendfile");
    struct sendfile file = {
        .stream = stream,
        .fd = fd,
        .at = offset != NULL ? *offset : 0,
        .left = size,
    };
    if (file.at < 0)
        return -EINVAL;
    rc = fm__stream_hold(stream);
    if (rc < 0)
        return rc;
    file.able = !sendfile_is_elsewhere(stream); /* it may have waited for TLS */
    rc = sendfile_held(&file);
    fm__stream_release(stream);
    if (offset != NULL)
        *offset = file.at;
    return rc;
}
