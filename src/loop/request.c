/*
 * request.c - operations that users of the public loop start
 *
 * Invariant: `loop` is set from the start until `done` is called. Then the
 * link is in the list of requests in flight, or in that of what is due.
 */
#include "base/die.h"
#include "loop/floor.h"

#include <errno.h>

struct request {
    fm_op_kind kind;
    int fd;
    void *buf;
    size_t size;
    void (*done)(fm_op *op);
    void *arg;
    ssize_t result;
    fm_buffer *buffer;
    struct fm__due due;
    struct fm__loop *loop;
    struct fm__op op;
};

_Static_assert(sizeof(struct request) <= sizeof(fm_op), "grow the record");
_Static_assert(offsetof(struct request, due) == offsetof(fm_op, reserved),
               "the same fields in front");

static struct request *request_of(fm_op *record)
{
    return (struct request *)(void *)record;
}

static void request_finish(struct fm__due *due)
{
    struct request *request = FM__CONTAINER(due, struct request, due);
    struct fm__buffer *buffer = request->op.buffer;
    request->result = request->op.result;
    if (request->kind == FM_OP_RECEIVE && request->result > 0) {
        request->buffer = buffer;
        request->buf = buffer->bytes + buffer->start;
    }
    request->loop = NULL;
    request->done((fm_op *)(void *)request);
}

static void request_done(struct fm__op *op)
{
    struct request *request = FM__CONTAINER(op, struct request, op);
    fm__list_remove(&request->due.link);
    fm__callbacks_due(request->loop, &request->due);
}

static enum fm__op_kind request_kind(fm_op_kind kind)
{
    static const enum fm__op_kind kinds[] = {
        [FM_OP_READ] = FM__OP_READ,     [FM_OP_RECEIVE] = FM__OP_RECEIVE,
        [FM_OP_WRITE] = FM__OP_WRITE,   [FM_OP_WRITEV] = FM__OP_WRITEV,
        [FM_OP_ACCEPT] = FM__OP_ACCEPT, [FM_OP_CONNECT] = FM__OP_CONNECT,
    };
    if (kind < FM_OP_READ || (size_t)kind >= FM__COUNT(kinds))
        fm__die("fm_op_start: no operation is called %d", (int)kind);
    return kinds[kind];
}

static bool request_submit(struct fm__loop *loop, struct request *request)
{
    struct fm__op *op = &request->op;
    if (loop->callbacks.closing) {
        op->result = -ECANCELED;
        return true;
    }
    return fm__op_submit(loop, op);
}

void fm_op_start(fm_loop *loop, fm_op *record)
{
    struct request *request = request_of(record);
    fm__loop_check(loop, "fm_op_start");
    if (request->loop != NULL)
        fm__die("fm_op_start: the operation is in flight already");
    request->loop = loop;
    request->due.run = request_finish;
    request->op = (struct fm__op){
        .kind = request_kind(request->kind),
        .fd = request->fd,
        .buf = request->buf,
        .size = request->size,
        .done = request_done,
    };
    if (request_submit(loop, request))
        fm__callbacks_due(loop, &request->due);
    else
        fm__list_push(&loop->callbacks.requests, &request->due.link);
}

void fm_op_cancel(fm_op *record)
{
    struct request *request = request_of(record);
    if (request->loop == NULL)
        return;
    fm__loop_check(request->loop, "fm_op_cancel");
    fm__op_cancel(request->loop, &request->op);
}

void fm_buffer_put(fm_loop *loop, fm_buffer *buffer)
{
    if (buffer == NULL)
        return;
    fm__loop_check(loop, "fm_buffer_put");
    fm__buffer_give(&loop->buffers, buffer);
}

void fm__requests_cancel(struct fm__loop *loop)
{
    struct fm__list *requests = &loop->callbacks.requests;
    struct fm__list *link = requests->next;
    for (; link != requests; link = link->next) {
        struct fm__due *due = FM__CONTAINER(link, struct fm__due, link);
        struct request *request = FM__CONTAINER(due, struct request, due);
        fm__op_cancel(loop, &request->op);
    }
}
