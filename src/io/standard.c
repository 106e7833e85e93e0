/*
 * standard.c - streams of descriptors that other processes share
 *
 * O_NONBLOCK is no property of a descriptor but of what it was opened as, and
 * so of everybody who has inherited it (open(2), "Open file descriptions").
 * Invariant: it is never set here on what was not opened here. A pipe or a
 * terminal is opened again. Of what cannot be, it is asked first whether it is
 * ready, and then as much is moved as does not block: PIPE_BUF bytes (pipe(7)).
 * A file is a stream as any file, see file_stream.c, where the descriptor is.
 */
#include <fermata/standard.h>

#include "base/fault.h"
#include "base/memory.h"
#include "base/sys.h"
#include "io/file_record.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/thread.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum standard_kind {
    STANDARD_FILE,
    STANDARD_BLIND,  /* in a world without descriptors: it just blocks */
    STANDARD_SOCKET, /* can be asked not to wait, call by call */
    STANDARD_OTHER
};

struct standard {
    fm_stream *stream;
    int fd; /* 0, 1 or 2 */
    enum standard_kind kind;
    struct fm__op poll; /* while `sending` waits */
};

static struct standard *standard_of(const fm_stream *stream)
{
    return stream->carrier;
}

static int standard_wait(const struct standard *self, uint32_t events)
{
    struct fm__operation poll = {
        .op = {.kind = FM__OP_POLL, .fd = self->fd, .events = events}};
    ssize_t ready = fm__operate(&poll);
    return ready < 0 ? (int)ready : 0;
}

/* ---- Reading ------------------------------------------------------------ */

struct standard_read {
    int fd;
    char *buf;
    size_t size;
};

/* Somebody else may have made it non-blocking. */
static int standard_read_blindly(void *arg)
{
    const struct standard_read *read = arg;
    ssize_t count;
    while ((count = fm__sys_read(read->fd, read->buf, read->size)) == -EAGAIN)
        fm__sys_poll(read->fd, EPOLLIN, -1);
    return (int)count;
}

static ssize_t standard_read_ready(const struct standard *self, char *buf,
                                   size_t size)
{
    ssize_t count = -EAGAIN;
    while (count == -EAGAIN) {
        int rc = standard_wait(self, EPOLLIN);
        if (rc < 0)
            return rc;
        count = self->kind == STANDARD_SOCKET
                    ? fm__sys_recv_now(self->fd, buf, size)
                    : fm__sys_read(self->fd, buf, size);
    }
    return count;
}

static ssize_t standard_read(const struct standard *self, char *buf,
                             size_t size)
{
    struct standard_read read = {self->fd, buf,
                                 size < INT_MAX ? size : INT_MAX};
    return self->kind == STANDARD_BLIND
               ? fm_thread_run(standard_read_blindly, &read)
               : standard_read_ready(self, buf, size);
}

/* Into memory that becomes the stream's store. */
static ssize_t standard_receive(fm_stream *stream)
{
    char *store = fm__memory_resize(NULL, FM__BUFFER_SIZE);
    if (store == NULL)
        return -ENOMEM;
    ssize_t count = standard_read(standard_of(stream), store, FM__BUFFER_SIZE);
    if (count <= 0) {
        fm__memory_free(store);
        return count;
    }
    stream->store = store;
    stream->store_size = FM__BUFFER_SIZE;
    stream->store_end = (size_t)count;
    return count;
}

/* ---- Writing ------------------------------------------------------------ */

/* One attempt with the first bytes of the operation. */
static ssize_t standard_write(const struct standard *self,
                              const struct fm__op *op)
{
    struct fm__loop *loop = self->stream->loop;
    struct iovec part = {op->buf, op->size};
    if (op->kind == FM__OP_WRITEV)
        part = *(const struct iovec *)op->buf;
    if (self->kind == STANDARD_SOCKET)
        return fm__sys_send_now(self->fd, part.iov_base, part.iov_len);
    if (self->kind == STANDARD_BLIND)
        return fm__sys_write(self->fd, part.iov_base, part.iov_len);
    int ready = loop->backend->events(loop, self->fd, EPOLLOUT);
    if (ready <= 0)
        return ready < 0 ? ready : -EAGAIN;
    if (part.iov_len > PIPE_BUF)
        part.iov_len = PIPE_BUF;
    return fm__sys_write(self->fd, part.iov_base, part.iov_len);
}

static ssize_t standard_operate(fm_stream *stream,
                                struct fm__operation *operation)
{
    const struct standard *self = standard_of(stream);
    struct fm__op *op = &operation->op;
    if (op->kind == FM__OP_RECEIVE)
        return standard_receive(stream);
    if (op->kind == FM__OP_READ)
        return standard_read(self, op->buf, op->size);
    ssize_t count;
    while ((count = standard_write(self, op)) == -EAGAIN) {
        int rc = standard_wait(self, EPOLLOUT);
        if (rc < 0)
            return rc;
    }
    return count;
}

/* Ready, it has moved no byte: the stream sends the same again. */
static void standard_polled(struct fm__op *poll)
{
    struct standard *self = FM__CONTAINER(poll, struct standard, poll);
    struct fm__op *op = &self->stream->sending;
    op->state = FM__OP_DONE;
    op->result = poll->result < 0 ? poll->result : 0;
    op->done(op);
}

static bool standard_submit(fm_stream *stream, struct fm__op *op)
{
    struct standard *self = standard_of(stream);
    op->result = standard_write(self, op);
    while (op->result == -EAGAIN) {
        self->poll = (struct fm__op){.kind = FM__OP_POLL,
                                     .fd = self->fd,
                                     .events = EPOLLOUT,
                                     .done = standard_polled};
        op->state = FM__OP_PENDING;
        if (!fm__op_submit(stream->loop, &self->poll))
            return false;
        op->result = self->poll.result < 0 ? self->poll.result
                                           : standard_write(self, op);
    }
    op->state = FM__OP_DONE;
    return true;
}

static void standard_cancel(fm_stream *stream, struct fm__op *op)
{
    (void)op;
    fm__op_cancel(stream->loop, &standard_of(stream)->poll);
}

/* The descriptor is the process's. */
static int standard_shutdown(fm_stream *stream)
{
    (void)stream;
    return 0;
}

static void standard_linger(fm_stream *stream)
{
    (void)stream;
}

static void standard_close(fm_stream *stream)
{
    fm__memory_free(standard_of(stream));
}

static const struct fm__transport standard_transport = {
    .operate = standard_operate,
    .submit = standard_submit,
    .cancel = standard_cancel,
    .shutdown = standard_shutdown,
    .linger = standard_linger,
    .close = standard_close,
};

/* ---- Their beginning ---------------------------------------------------- */

/* A stream of the loop's own descriptor, which was opened again. */
static int standard_new_own(struct fm__loop *loop, int fd, fm_stream **stream)
{
    int rc = loop->backend->adopt(loop, fd);
    if (rc < 0) {
        fm__sys_close(fd);
        return rc;
    }
    fm__release(FM__HELD_DESCRIPTORS, 1); /* that was counted twice */
    rc = fm__stream_new(loop, fd, NULL, stream);
    if (rc < 0)
        fm__loop_close_fd(loop, fd);
    return rc;
}

static int standard_new_shared(struct fm__loop *loop, int fd,
                               enum standard_kind kind, fm_stream **out)
{
    struct standard *self = fm__memory_new(sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    fm_stream *stream;
    int rc =
        fm__stream_new(loop, loop->backend->files ? fd : -1, NULL, &stream);
    if (rc < 0) {
        fm__memory_free(self);
        return rc;
    }
    *self = (struct standard){.stream = stream, .fd = fd, .kind = kind};
    stream->transport = &standard_transport;
    stream->carrier = self;
    stream->carried = true;
    *out = stream;
    return 0;
}

static enum standard_kind standard_kind(const struct fm__loop *loop, int mode)
{
    if (S_ISREG(mode) || S_ISBLK(mode))
        return STANDARD_FILE;
    if (!loop->backend->files)
        return STANDARD_BLIND;
    return S_ISSOCK(mode) ? STANDARD_SOCKET : STANDARD_OTHER;
}

static int standard_new(int fd, const char *caller, fm_stream **stream)
{
    struct fm__loop *loop = &fm__task_self(caller)->home->loop;
    int mode = fm__sys_kind(fd);
    if (mode <= 0) /* 0: a loop's own, made where nothing was open */
        return mode < 0 ? mode : -EBADF;
    enum standard_kind kind = standard_kind(loop, mode);
    if (kind == STANDARD_FILE)
        return fm__file_stream_shared(fd, stream);
    int own = kind == STANDARD_OTHER ? fm__sys_reopen(fd, fd != STDIN_FILENO)
                                     : -ENXIO;
    if (own == -EMFILE || own == -ENFILE || own == -ENOMEM)
        return own;
    return own < 0 ? standard_new_shared(loop, fd, kind, stream)
                   : standard_new_own(loop, own, stream);
}

int fm_stdin(fm_stream **stream)
{
    return standard_new(STDIN_FILENO, "fm_stdin", stream);
}

int fm_stdout(fm_stream **stream)
{
    return standard_new(STDOUT_FILENO, "fm_stdout", stream);
}

int fm_stderr(fm_stream **stream)
{
    return standard_new(STDERR_FILENO, "fm_stderr", stream);
}
