/*
 * pair.c - two streams joined in memory
 *
 * A way carries the bytes of one direction. Invariant: its reader waits only
 * while no byte is there and more may come, its writer only while it is full
 * and somebody may read. Who waits is told by whoever ends that, so a pair is
 * no operation of the loop's and is seen when nothing can happen any more.
 */
#include <fermata/pipe.h>

#include "base/memory.h"
#include "io/stream_record.h"

#include <errno.h>
#include <string.h>

struct pair_way {
    struct fm__waiter *reader; /* NULL: nobody waits for bytes */
    struct fm__op *hearing;    /* a watch that does; or NULL */
    struct fm__list writers;   /* the operation that waits for room */
    bool finished;             /* no more will be written */
    bool reset;                /* and the end is an ECONNRESET */
    bool unheard;              /* nobody will read any more */
    size_t start;
    size_t count;
    char bytes[FM_STREAM_PAIR_SIZE];
};

struct pair_end {
    struct pair *pair;
    struct pair_way *in;
    struct pair_way *out;
    bool resets; /* its close is a reset */
};

struct pair {
    struct pair_end ends[2];
    unsigned open; /* ends */
    struct pair_way ways[2];
};

/* What the reader of a way waits with. */
struct pair_wait {
    struct fm__waiter waiter;
    struct pair_way *way;
};

static struct pair_end *pair_end(const fm_stream *stream)
{
    return stream->carrier;
}

static void pair_complete(struct fm__op *op, ssize_t result)
{
    fm__list_remove(&op->link);
    op->state = FM__OP_DONE;
    op->result = result;
    op->done(op);
}

/* ---- Reading ------------------------------------------------------------ */

static void pair_wake_reader(struct pair_way *way)
{
    struct fm__waiter *reader = way->reader;
    struct fm__op *hearing = way->hearing;
    way->reader = NULL;
    way->hearing = NULL;
    if (hearing != NULL)
        pair_complete(hearing, -EAGAIN); /* it may ask again */
    if (reader != NULL)
        fm__wake(reader, 0);
}

static void pair_cut_reader(struct fm__waiter *waiter, int reason)
{
    FM__CONTAINER(waiter, struct pair_wait, waiter)->way->reader = NULL;
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind pair_read_kind = {
    .cut = pair_cut_reader,
    .name = "pair read",
};

/* Until there are bytes, or an end: 0, or why it was cut. */
static int pair_wait(struct pair_way *way)
{
    struct fm__task *self = fm__current;
    struct pair_wait wait = {.waiter = {.kind = &pair_read_kind}, .way = way};
    if (way->count > 0 || way->finished)
        return 0;
    int rc = self->cut ? fm__cut_reason(self) : 0;
    if (rc < 0)
        return rc;
    way->reader = &wait.waiter;
    return fm__park(&wait.waiter);
}

static void pair_take(struct pair_way *way, char *to, size_t count)
{
    size_t first = sizeof way->bytes - way->start;
    first = first < count ? first : count;
    memcpy(to, way->bytes + way->start, first);
    memcpy(to + first, way->bytes, count - first);
    way->count -= count;
    way->start = way->count > 0 ? (way->start + count) % sizeof way->bytes : 0;
}

/* Room for what a lent buffer holds: one, or where they are wanting the
 * stream's store, whose bytes are then there. NULL: no memory. */
static char *pair_room(fm_stream *stream, struct fm__op *op, size_t count)
{
    struct fm__buffers *buffers = &stream->loop->buffers;
    op->buffer = fm__buffers_scarce(buffers) ? NULL : fm__buffer_take(buffers);
    if (op->buffer != NULL) {
        op->buffer->end = (uint32_t)count;
        return op->buffer->bytes;
    }
    stream->store = fm__memory_resize(NULL, count);
    if (stream->store != NULL)
        stream->store_size = stream->store_end = count;
    return stream->store;
}

/* What there is, without waiting. */
static ssize_t pair_read_now(fm_stream *stream, struct fm__op *op)
{
    struct pair_way *way = pair_end(stream)->in;
    bool lent = op->kind == FM__OP_RECEIVE;
    if (way->count == 0)
        return way->reset ? -ECONNRESET : 0;
    size_t most = lent ? FM__BUFFER_SIZE : op->size;
    size_t count = way->count < most ? way->count : most;
    char *to = lent ? pair_room(stream, op, count) : op->buf;
    if (to == NULL)
        return -ENOMEM;
    pair_take(way, to, count);
    return (ssize_t)count;
}

static ssize_t pair_read(fm_stream *stream, struct fm__op *op)
{
    int rc = pair_wait(pair_end(stream)->in);
    return rc < 0 ? rc : pair_read_now(stream, op);
}

/* ---- Writing ------------------------------------------------------------ */

static size_t pair_put_some(struct pair_way *way, const char *from, size_t size)
{
    size_t put = 0;
    while (put < size && way->count < sizeof way->bytes) {
        size_t end = (way->start + way->count) % sizeof way->bytes;
        size_t room =
            end < way->start ? way->start - end : sizeof way->bytes - end;
        size_t count = size - put < room ? size - put : room;
        memcpy(way->bytes + end, from + put, count);
        way->count += count;
        put += count;
    }
    return put;
}

/* One attempt: how much was taken, or -EAGAIN, or why nothing will be. */
static ssize_t pair_put(struct pair_way *way, const struct fm__op *op)
{
    const struct iovec single = {op->buf, op->size};
    bool many = op->kind == FM__OP_WRITEV;
    const struct iovec *parts = many ? op->buf : &single;
    size_t sum = 0, count = many ? op->size : 1;
    if (way->unheard)
        return way->reset ? -ECONNRESET : -EPIPE;
    if (way->count == sizeof way->bytes)
        return -EAGAIN;
    for (size_t i = 0; i < count; i++)
        sum += pair_put_some(way, parts[i].iov_base, parts[i].iov_len);
    pair_wake_reader(way);
    return (ssize_t)sum;
}

/* There is room, or nobody reads any more. */
static void pair_wake_writer(struct pair_way *way)
{
    if (fm__list_empty(&way->writers))
        return;
    struct fm__op *op = FM__CONTAINER(way->writers.next, struct fm__op, link);
    pair_complete(op, pair_put(way, op));
}

/* True: something is there, or the end. */
static bool pair_hear(fm_stream *stream, struct fm__op *op)
{
    struct pair_way *way = pair_end(stream)->in;
    bool scarce = fm__buffers_scarce(&stream->loop->buffers);
    bool done = way->count > 0 || way->finished;
    op->state = done ? FM__OP_DONE : FM__OP_PENDING;
    op->result = -ENOMEM;
    if (!done)
        way->hearing = op;
    else if (!scarce || way->count == 0)
        op->result = pair_read_now(stream, op);
    if (op->result > 0)
        pair_wake_writer(way);
    return done;
}

static bool pair_submit(fm_stream *stream, struct fm__op *op)
{
    struct pair_way *way = pair_end(stream)->out;
    fm__list_init(&op->link);
    if (op->kind == FM__OP_RECEIVE)
        return pair_hear(stream, op);
    op->result = pair_put(way, op);
    bool done = op->result != -EAGAIN;
    op->state = done ? FM__OP_DONE : FM__OP_PENDING;
    if (!done)
        fm__list_push(&way->writers, &op->link);
    return done;
}

static void pair_cancel(fm_stream *stream, struct fm__op *op)
{
    if (op->kind == FM__OP_RECEIVE)
        pair_end(stream)->in->hearing = NULL;
    pair_complete(op, -ECANCELED);
}

static void pair_written(struct fm__op *op)
{
    fm__wake(&FM__CONTAINER(op, struct fm__operation, op)->waiter, 0);
}

static void pair_cut_writer(struct fm__waiter *waiter, int reason)
{
    struct fm__operation *self =
        FM__CONTAINER(waiter, struct fm__operation, waiter);
    fm__list_remove(&self->op.link);
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind pair_write_kind = {
    .cut = pair_cut_writer,
    .name = "pair write",
};

static ssize_t pair_write(fm_stream *stream, struct fm__operation *operation)
{
    struct fm__task *self = fm__current;
    if (pair_submit(stream, &operation->op))
        return operation->op.result;
    int rc = self->cut ? fm__cut_reason(self) : 0;
    if (rc < 0) {
        fm__list_remove(&operation->op.link);
        return rc;
    }
    operation->op.done = pair_written;
    operation->waiter.kind = &pair_write_kind;
    rc = fm__park(&operation->waiter);
    return rc < 0 ? rc : operation->op.result;
}

static ssize_t pair_operate(fm_stream *stream, struct fm__operation *operation)
{
    struct fm__op *op = &operation->op;
    if (op->kind != FM__OP_READ && op->kind != FM__OP_RECEIVE)
        return pair_write(stream, operation);
    ssize_t count = pair_read(stream, op);
    if (count > 0)
        pair_wake_writer(pair_end(stream)->in);
    return count;
}

/* ---- The ends ----------------------------------------------------------- */

static int pair_shutdown(fm_stream *stream)
{
    struct pair_way *out = pair_end(stream)->out;
    out->finished = true;
    pair_wake_reader(out);
    return 0;
}

static void pair_linger(fm_stream *stream)
{
    pair_end(stream)->resets = true;
}

/* Bytes that nobody has read are lost: their writer is to know. */
static void pair_close(fm_stream *stream)
{
    struct pair_end *end = pair_end(stream);
    struct pair *pair = end->pair;
    struct pair_way *in = end->in, *out = end->out;
    out->reset = end->resets || in->count > 0;
    out->count = end->resets ? 0 : out->count;
    in->reset = end->resets;
    in->unheard = true;
    pair_shutdown(stream);
    pair_wake_writer(in);
    if (--pair->open == 0)
        fm__memory_free(pair);
}

static const struct fm__transport pair_transport = {
    .operate = pair_operate,
    .submit = pair_submit,
    .cancel = pair_cancel,
    .hears = true,
    .shutdown = pair_shutdown,
    .linger = pair_linger,
    .close = pair_close,
};

static void pair_join(struct pair *pair, fm_stream *const streams[2])
{
    pair->open = 2;
    for (int i = 0; i < 2; i++) {
        pair->ends[i] = (struct pair_end){
            .pair = pair, .in = &pair->ways[i], .out = &pair->ways[!i]};
        fm__list_init(&pair->ways[i].writers);
        streams[i]->transport = &pair_transport;
        streams[i]->carrier = &pair->ends[i];
        streams[i]->carried = true;
    }
}

int fm__stream_pair(fm_stream *ends[2], const fm_stream_options *options)
{
    struct fm__loop *loop = &fm__task_self("fm_stream_pair")->home->loop;
    fm_stream *streams[2];
    struct pair *pair = fm__memory_new(sizeof *pair);
    if (pair == NULL)
        return -ENOMEM;
    int rc = fm__stream_new(loop, -1, options, &streams[0]);
    if (rc < 0)
        goto free_pair;
    rc = fm__stream_new(loop, -1, options, &streams[1]);
    if (rc < 0)
        goto free_first;
    pair_join(pair, streams);
    ends[0] = streams[0];
    ends[1] = streams[1];
    return 0;

free_first:
    fm__list_remove(&streams[0]->guest.link);
    fm__memory_free(streams[0]);
free_pair:
    fm__memory_free(pair);
    return rc;
}
