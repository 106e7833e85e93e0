/*
 * file_stream.c - a file as a stream
 *
 * Reads are those of the task that reads the stream. A write at the end of a
 * turn is a call on a thread, whose move lies in the carrier; what a stream
 * still writes when it ends keeps the carrier, and the file, until the thread
 * is done.
 */
#include "base/fault.h"
#include "base/memory.h"
#include "io/file_record.h"
#include "io/stream_record.h"

#include <errno.h>

struct file_stream {
    fm_stream *stream;
    fm_file *file;
    fm_file shared; /* of a descriptor that is not ours: `file` */
    int64_t reads;  /* from there; or -1: where the descriptor is */
    int64_t writes;
    bool left;         /* the stream is not open any more */
    struct fm__op *op; /* that a thread does */
    struct iovec part;
    struct fm__file_move move;
    struct fm__call call;
};

static struct file_stream *file_stream_of(const fm_stream *stream)
{
    return stream->carrier;
}

/* Of a WRITE or a WRITEV. */
static struct fm__file_move file_stream_move(const struct file_stream *self,
                                             const struct fm__op *op,
                                             struct iovec *part)
{
    struct fm__file_move move = {
        .fd = self->file->fd,
        .writes = true,
        .parts = part,
        .count = 1,
        .at = self->writes,
    };
    *part = (struct iovec){op->buf, op->size};
    if (op->kind == FM__OP_WRITEV) {
        move.parts = op->buf;
        move.count = op->size;
    }
    for (size_t i = 0; i < move.count; i++)
        move.left += move.parts[i].iov_len;
    return move;
}

/* Of a write: what is told of it; a file that takes nothing, and says no more,
 * would be asked for ever. */
static ssize_t file_stream_wrote(struct file_stream *self, ssize_t rc)
{
    if (rc > 0 && self->writes >= 0)
        self->writes += rc;
    return rc == 0 ? -EIO : rc;
}

/* ---- By a task ----------------------------------------------------------- */

static ssize_t file_stream_read(struct file_stream *self, void *buf,
                                size_t size)
{
    const struct iovec part = {buf, size};
    struct fm__file_move move = {
        .parts = &part, .count = 1, .left = size, .at = self->reads};
    ssize_t rc = fm__file_carry(self->file, &move, "fm_read");
    if (rc > 0 && self->reads >= 0)
        self->reads += rc;
    return rc;
}

/* Into memory that becomes the stream's store. */
static ssize_t file_stream_receive(fm_stream *stream)
{
    char *store = fm__memory_resize(NULL, FM__BUFFER_SIZE);
    if (store == NULL)
        return -ENOMEM;
    ssize_t count =
        file_stream_read(file_stream_of(stream), store, FM__BUFFER_SIZE);
    if (count <= 0) {
        fm__memory_free(store);
        return count;
    }
    stream->store = store;
    stream->store_size = FM__BUFFER_SIZE;
    stream->store_end = (size_t)count;
    return count;
}

static ssize_t file_stream_operate(fm_stream *stream,
                                   struct fm__operation *operation)
{
    struct file_stream *self = file_stream_of(stream);
    struct fm__op *op = &operation->op;
    if (op->kind == FM__OP_RECEIVE)
        return file_stream_receive(stream);
    if (op->kind == FM__OP_READ)
        return file_stream_read(self, op->buf, op->size);
    struct iovec part;
    struct fm__file_move move = file_stream_move(self, op, &part);
    ssize_t rc = fm__file_carry(self->file, &move, "fm_write");
    return file_stream_wrote(self, rc);
}

/* ---- At the end of a turn ------------------------------------------------ */

static int file_stream_on_thread(void *arg)
{
    struct fm__file_move *move = arg;
    ssize_t rc = fm__file_move_piece(move);
    return move->moved > 0 ? 0 : (int)rc;
}

/* The stream may be gone then. */
static void file_stream_end(struct file_stream *self, ssize_t result)
{
    struct fm__op *op = self->op;
    op->state = FM__OP_DONE;
    op->result = result;
    op->done(op);
}

static void file_stream_done(struct fm__call *call)
{
    struct file_stream *self = FM__CONTAINER(call, struct file_stream, call);
    ssize_t moved = self->move.moved;
    ssize_t rc = moved > 0 ? moved : call->result;
    file_stream_end(self, file_stream_wrote(self, rc));
}

static bool file_stream_submit(fm_stream *stream, struct fm__op *op)
{
    struct file_stream *self = file_stream_of(stream);
    self->op = op;
    self->move = file_stream_move(self, op, &self->part);
    self->call = (struct fm__call){.fn = file_stream_on_thread,
                                   .arg = &self->move,
                                   .done = file_stream_done};
    self->file->written = true;
    op->state = FM__OP_PENDING;
    int rc = fm__worker_call(stream->loop, &self->call);
    if (rc == 0)
        return false;
    op->state = FM__OP_DONE;
    op->result = rc;
    return true;
}

/* The stream ends. What runs is waited for, by whoever needs it. */
static void file_stream_cancel(fm_stream *stream, struct fm__op *op)
{
    struct file_stream *self = file_stream_of(stream);
    (void)op;
    self->file->streams--;
    self->left = true;
    if (fm__worker_withdraw(&self->call))
        file_stream_end(self, -ECANCELED);
    else
        fm__worker_linger(&self->call);
}

static int file_stream_shutdown(fm_stream *stream)
{
    (void)stream;
    return 0;
}

static void file_stream_linger(fm_stream *stream)
{
    (void)stream;
}

static void file_stream_close(fm_stream *stream)
{
    struct file_stream *self = file_stream_of(stream);
    self->file->streams -= !self->left;
    if (self->file != &self->shared)
        fm__file_end(self->file);
    fm__memory_free(self);
}

static const struct fm__transport file_stream_transport = {
    .operate = file_stream_operate,
    .submit = file_stream_submit,
    .cancel = file_stream_cancel,
    .shutdown = file_stream_shutdown,
    .linger = file_stream_linger,
    .close = file_stream_close,
};

/* ---- Beginnings ---------------------------------------------------------- */

/* The carrier's file is to be set. On the simulator the system's descriptor
 * would be one of another world. */
static int file_stream_new(struct fm__loop *loop, int fd,
                           const fm_stream_options *options,
                           struct file_stream **out)
{
    fm_stream_options rest =
        options != NULL ? *options : (fm_stream_options){0};
    struct file_stream *self = fm__memory_new(sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    rest.descriptors = 0;
    int rc = fm__worker_prepare(loop);
    if (rc == 0)
        rc = fm__stream_new(loop, loop->backend->files ? fd : -1, &rest,
                            &self->stream);
    if (rc < 0) {
        fm__memory_free(self);
        return rc;
    }
    self->stream->transport = &file_stream_transport;
    self->stream->carrier = self;
    self->stream->carried = true;
    *out = self;
    return 0;
}

int fm__file_stream_shared(int fd, fm_stream **stream)
{
    struct fm__loop *loop = &fm__current->home->loop;
    struct file_stream *self;
    int rc = file_stream_new(loop, fd, NULL, &self);
    if (rc < 0)
        return rc;
    self->shared = (fm_file){
        .loop = loop, .fd = fd, .blind = true, .streams = 1, .position = -1};
    self->file = &self->shared;
    self->reads = self->writes = -1;
    *stream = self->stream;
    return 0;
}

int fm__file_stream(fm_file *file, fm_stream **stream,
                    const fm_stream_options *options)
{
    struct file_stream *self;
    fm__file_check(file, "fm_file_stream");
    int rc = file_stream_new(file->loop, file->fd, options, &self);
    if (rc < 0)
        return rc;
    self->file = file;
    self->reads = self->writes = file->position;
    file->streams++;
    fm__file_hold(file);
    *stream = self->stream;
    return 0;
}
