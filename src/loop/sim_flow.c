/*
 * sim_flow.c - bytes between two ends
 *
 * As pipe(7), tcp(7) and poll(2) have it: what was written before the writer
 * went away can still be read; who writes to nobody hears EPIPE, on a socket
 * perhaps ECONNRESET; writes to a pipe of up to PIPE_BUF bytes are atomic.
 */
#include "base/memory.h"
#include "loop/sim_world.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>

static struct fm__sim_flow *sim_flow_new(struct fm__sim_end *reader,
                                         struct fm__sim_end *writer)
{
    struct fm__sim_flow *flow = fm__memory_new(sizeof *flow);
    if (flow == NULL)
        return NULL;
    flow->reader = reader;
    flow->writer = writer;
    return flow;
}

int fm__sim_join(struct fm__sim_end *a, struct fm__sim_end *b, bool both)
{
    struct fm__sim_flow *there = sim_flow_new(a, b);
    struct fm__sim_flow *back = both ? sim_flow_new(b, a) : NULL;
    if (there == NULL || (both && back == NULL)) {
        fm__memory_free(there);
        fm__memory_free(back);
        return -ENOMEM;
    }
    a->in = b->out = there;
    b->in = a->out = back;
    return 0;
}

/* One side has let go. */
static void sim_flow_left(struct fm__sim_world *world,
                          struct fm__sim_flow *flow)
{
    struct fm__sim_end *left =
        flow->reader != NULL ? flow->reader : flow->writer;
    if (left != NULL)
        fm__sim_wake(world, left);
    else
        fm__memory_free(flow);
}

void fm__sim_finish(struct fm__sim_world *world, struct fm__sim_end *end)
{
    struct fm__sim_flow *out = end->out;
    if (out == NULL)
        return;
    end->out = NULL;
    out->writer = NULL;
    sim_flow_left(world, out);
    fm__sim_wake(world, end);
}

/* A reset overtakes bytes that are on their way. */
static void sim_flow_lose(struct fm__sim_world *world,
                          struct fm__sim_flow *flow)
{
    if (!world->options.whole && fm__sim_chance(world, 1, 2))
        flow->count = (size_t)(fm__sim_random(world) % (flow->count + 1));
}

void fm__sim_cut(struct fm__sim_world *world, struct fm__sim_end *end,
                 bool reset)
{
    struct fm__sim_flow *in = end->in, *out = end->out;
    end->in = end->out = NULL;
    if (out != NULL) {
        out->reset = reset || (in != NULL && in->count > 0);
        if (reset)
            sim_flow_lose(world, out);
        out->writer = NULL;
        sim_flow_left(world, out);
    }
    if (in != NULL) {
        in->reader = NULL;
        sim_flow_left(world, in);
    }
    if (end->kind == FM__SIM_STREAM)
        end->kind = FM__SIM_BROKEN;
}

/* What an end without a flow in that direction answers. */
static ssize_t sim_flow_missing(const struct fm__sim_end *end, ssize_t broken)
{
    switch (end->kind) {
    case FM__SIM_PIPE:
        return -EBADF;
    case FM__SIM_STREAM: /* one that has finished */
    case FM__SIM_BROKEN:
        return broken;
    default:
        return -ENOTCONN;
    }
}

/* How much is moved of what could be. */
static size_t sim_some(struct fm__sim_world *world, size_t count)
{
    if (world->options.whole || count < 2 || fm__sim_chance(world, 3, 4))
        return count;
    return 1 + (size_t)(fm__sim_random(world) % (count - 1));
}

static void sim_flow_take(struct fm__sim_flow *flow, unsigned char *to,
                          size_t count)
{
    size_t first = sizeof flow->bytes - flow->start;
    first = first < count ? first : count;
    memcpy(to, flow->bytes + flow->start, first);
    memcpy(to + first, flow->bytes, count - first);
    flow->start = (flow->start + count) % sizeof flow->bytes;
    flow->count -= count;
}

static void sim_flow_put(struct fm__sim_flow *flow, const unsigned char *from,
                         size_t count)
{
    size_t end = (flow->start + flow->count) % sizeof flow->bytes;
    size_t first = sizeof flow->bytes - end;
    first = first < count ? first : count;
    memcpy(flow->bytes + end, from, first);
    memcpy(flow->bytes, from + first, count - first);
    flow->count += count;
}

/* No bytes are left: more may come, or the connection has ended. */
static ssize_t sim_flow_ended(struct fm__sim_flow *flow)
{
    if (flow->writer != NULL)
        return -EAGAIN;
    bool reset = flow->reset;
    flow->reset = false;
    return reset ? -ECONNRESET : 0;
}

ssize_t fm__sim_read(struct fm__sim_world *world, struct fm__sim_end *end,
                     struct fm__op *op)
{
    struct fm__sim_flow *flow = end->in;
    if (flow == NULL)
        return sim_flow_missing(end, 0);
    if (flow->count == 0)
        return sim_flow_ended(flow);
    size_t count = op->size < flow->count ? op->size : flow->count;
    count = sim_some(world, count);
    sim_flow_take(flow, op->buf, count);
    if (flow->writer != NULL)
        fm__sim_wake(world, flow->writer);
    return (ssize_t)count;
}

ssize_t fm__sim_receive(struct fm__loop *loop, struct fm__sim_end *end,
                        struct fm__op *op)
{
    struct fm__sim_world *world = loop->world;
    struct fm__op read = {.size = FM__BUFFER_SIZE};
    if (end->in == NULL || end->in->count == 0)
        return fm__sim_read(world, end, &read);
    struct fm__buffer *buffer = fm__buffer_take(&loop->buffers);
    if (buffer == NULL && loop->buffers.lent == 0)
        return -ENOMEM;
    if (buffer == NULL) {
        if (fm__list_empty(&end->hungry))
            fm__list_push(&world->hungry, &end->hungry);
        return -EAGAIN;
    }
    read.buf = buffer->bytes;
    ssize_t rc = fm__sim_read(world, end, &read);
    buffer->end = (uint32_t)rc;
    op->buffer = buffer;
    return rc;
}

/* A plain write is one of a single part. */
static size_t sim_parts(const struct fm__op *op, struct iovec *single,
                        const struct iovec **parts)
{
    *single = (struct iovec){.iov_base = op->buf, .iov_len = op->size};
    bool many = op->kind == FM__OP_WRITEV;
    *parts = many ? op->buf : single;
    return many ? op->size : 1;
}

static size_t sim_wish(const struct fm__op *op)
{
    struct iovec single;
    const struct iovec *parts;
    size_t sum = 0, count = sim_parts(op, &single, &parts);
    for (size_t i = 0; i < count; i++)
        sum += parts[i].iov_len;
    return sum;
}

static void sim_flow_gather(struct fm__sim_flow *flow, const struct fm__op *op,
                            size_t left)
{
    struct iovec single;
    const struct iovec *parts;
    size_t count = sim_parts(op, &single, &parts);
    for (size_t i = 0; i < count && left > 0; i++) {
        size_t size = parts[i].iov_len < left ? parts[i].iov_len : left;
        if (size > 0) /* it may have no bytes, and be nowhere */
            sim_flow_put(flow, parts[i].iov_base, size);
        left -= size;
    }
}

ssize_t fm__sim_write(struct fm__sim_world *world, struct fm__sim_end *end,
                      struct fm__op *op)
{
    struct fm__sim_flow *flow = end->out;
    bool pipe = end->kind == FM__SIM_PIPE;
    if (flow == NULL)
        return sim_flow_missing(end, -EPIPE);
    if (flow->reader == NULL)
        return pipe || fm__sim_chance(world, 1, 2) ? -EPIPE : -ECONNRESET;
    size_t wish = sim_wish(op), room = sizeof flow->bytes - flow->count;
    bool atomic = pipe && wish <= PIPE_BUF;
    if (room == 0 || (atomic && room < wish))
        return -EAGAIN;
    size_t count = wish < room ? wish : room;
    count = atomic ? count : sim_some(world, count);
    sim_flow_gather(flow, op, count);
    fm__sim_wake(world, flow->reader);
    return (ssize_t)count;
}

static uint32_t sim_pipe_events(const struct fm__sim_end *end)
{
    const struct fm__sim_flow *in = end->in, *out = end->out;
    uint32_t events = 0;
    if (in != NULL && in->count > 0)
        events |= EPOLLIN;
    if (in != NULL && in->writer == NULL)
        events |= EPOLLHUP;
    if (out != NULL && (out->count < sizeof out->bytes || out->reader == NULL))
        events |= EPOLLOUT;
    if (out != NULL && out->reader == NULL)
        events |= EPOLLERR;
    return events;
}

static uint32_t sim_stream_events(const struct fm__sim_end *end)
{
    const struct fm__sim_flow *in = end->in, *out = end->out;
    bool unheard = out == NULL || out->reader == NULL;
    uint32_t events = 0;
    if (in->count > 0 || in->writer == NULL)
        events |= EPOLLIN;
    if (in->writer == NULL && unheard)
        events |= EPOLLHUP;
    if (unheard || out->count < sizeof out->bytes)
        events |= EPOLLOUT;
    return events;
}

static uint32_t sim_box_events(const struct fm__sim_box *box)
{
    bool wrong = box->error < 0 || box->refused_count > 0;
    uint32_t events = EPOLLOUT;
    if (box->inbox_count > 0)
        events |= EPOLLIN;
    return wrong ? events | EPOLLIN | EPOLLERR : events;
}

static uint32_t sim_end_events(const struct fm__sim_end *end)
{
    switch (end->kind) {
    case FM__SIM_NEW:
        return EPOLLOUT | EPOLLHUP;
    case FM__SIM_BROKEN:
        return EPOLLIN | EPOLLOUT | EPOLLHUP;
    case FM__SIM_LISTENER:
        return end->backlog_count > 0 ? EPOLLIN : 0;
    case FM__SIM_PIPE:
        return sim_pipe_events(end);
    case FM__SIM_DATAGRAM:
        return sim_box_events(end->box);
    default:
        return sim_stream_events(end);
    }
}

ssize_t fm__sim_poll(const struct fm__sim_end *end, const struct fm__op *op)
{
    uint32_t asked = op->events | EPOLLERR | EPOLLHUP;
    uint32_t events = sim_end_events(end) & asked;
    return events != 0 ? (ssize_t)events : -EAGAIN;
}
