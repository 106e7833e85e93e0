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

void fm__sim_cut(struct fm__sim_world *world, struct fm__sim_end *end,
                 bool reset)
{
    struct fm__sim_flow *in = end->in, *out = end->out;
    end->in = end->out = NULL;
    if (out != NULL) {
        out->reset = reset || (in != NULL && in->count > 0);
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

ssize_t fm__sim_write(struct fm__sim_world *world, struct fm__sim_end *end,
                      struct fm__op *op)
{
    struct fm__sim_flow *flow = end->out;
    bool pipe = end->kind == FM__SIM_PIPE;
    if (flow == NULL)
        return sim_flow_missing(end, -EPIPE);
    if (flow->reader == NULL)
        return pipe || fm__sim_chance(world, 1, 2) ? -EPIPE : -ECONNRESET;
    bool atomic = pipe && op->size <= PIPE_BUF;
    size_t room = sizeof flow->bytes - flow->count;
    if (room == 0 || (atomic && room < op->size))
        return -EAGAIN;
    size_t count = op->size < room ? op->size : room;
    count = atomic ? count : sim_some(world, count);
    sim_flow_put(flow, op->buf, count);
    fm__sim_wake(world, flow->reader);
    return (ssize_t)count;
}

static uint32_t sim_flow_events(const struct fm__sim_end *end)
{
    const struct fm__sim_flow *in = end->in, *out = end->out;
    bool pipe = end->kind == FM__SIM_PIPE;
    uint32_t events = 0;
    if (in != NULL && (in->count > 0 || (in->writer == NULL && !pipe)))
        events |= EPOLLIN;
    if (in != NULL && in->writer == NULL && (pipe || out->reader == NULL))
        events |= EPOLLHUP;
    if (out != NULL && (out->count < sizeof out->bytes || out->reader == NULL))
        events |= EPOLLOUT;
    if (pipe && out != NULL && out->reader == NULL)
        events |= EPOLLERR;
    return events;
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
    default:
        return sim_flow_events(end);
    }
}

ssize_t fm__sim_poll(const struct fm__sim_end *end, const struct fm__op *op)
{
    uint32_t asked = op->events | EPOLLERR | EPOLLHUP;
    uint32_t events = sim_end_events(end) & asked;
    return events != 0 ? (ssize_t)events : -EAGAIN;
}
